// How many connections there can be beside the files of the stores.
//
// A store that gets no descriptor for a new file stops for good, so `serve` keeps
// some for the stores, and connections get what is left.
//
//   ASSIGN_OR_RETURN(const uint64_t limit, RaiseDescriptorLimit());
//   RETURN_IF_ERROR(FitConnections(
//       {.limit = limit, .open = OpenDescriptors(), .reserve = 128, .monitor = 32}, &options));
//
// Threads: before others start.
#ifndef DAILYFEED_TOOLS_CLI_DESCRIPTORS_H_
#define DAILYFEED_TOOLS_CLI_DESCRIPTORS_H_

#include <cstdint>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "adapters/http/server/server.h"

namespace dailyfeed::cli {

// Raises the process's soft limit of file descriptors to the hard one and returns it.
absl::StatusOr<uint64_t> RaiseDescriptorLimit();

// Descriptors that the process has open.
uint64_t OpenDescriptors();

struct DescriptorBudget {
  uint64_t limit = 0;    // of the process
  uint64_t open = 0;     // already
  uint64_t reserve = 0;  // kept for the stores
  uint64_t monitor = 0;  // kept for connections to the monitor
};

// Lowers connections_max and refusals_at_once_max to what `budget` leaves.
// FAILED_PRECONDITION, in words for an operator: it leaves too little to serve
// anybody; `options` are then unchanged.
absl::Status FitConnections(const DescriptorBudget& budget, http::ServerOptions* options);

}  // namespace dailyfeed::cli

#endif  // DAILYFEED_TOOLS_CLI_DESCRIPTORS_H_

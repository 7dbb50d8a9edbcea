// What a store says of its read models, without running them: for who looks
// into a directory while no server has it.
//
//   ASSIGN_OR_RETURN(const auto generations, ReadStoredGenerations(*store));
//   for (const StoredGeneration& generation : generations) ...
//
// Threads: a pure function of what it reads.
#ifndef DAILYFEED_PROJECTIONS_RUNTIME_STORED_GENERATIONS_H_
#define DAILYFEED_PROJECTIONS_RUNTIME_STORED_GENERATIONS_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "core/ports/store.h"
#include "projections/runtime/runtime.h"

namespace dailyfeed {

struct StoredGeneration {
  std::string projection;
  uint64_t generation = 0;
  uint32_t version = 0;
  std::string_view state;  // "building", "ready", "live", "previous"
  Position checkpoint = 0;
  std::vector<ParkedKey> parked;
};

// By projection and generation. FAILED_PRECONDITION: the store has another
// format. DATA_LOSS: a row of the runtime is not readable or contradicts another.
absl::StatusOr<std::vector<StoredGeneration>> ReadStoredGenerations(const StoreReader& store);

}  // namespace dailyfeed

#endif  // DAILYFEED_PROJECTIONS_RUNTIME_STORED_GENERATIONS_H_

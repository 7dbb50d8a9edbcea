// `dailyfeed serve` as a process of its own, for what can only be measured from
// outside: how long it takes from its start to its first answer.
//
//   ASSIGN_OR_RETURN(absl::Duration ready, TimeToReady(directory, log_file));
#ifndef DAILYFEED_TOOLS_BENCH_SERVE_PROCESS_H_
#define DAILYFEED_TOOLS_BENCH_SERVE_PROCESS_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace dailyfeed::bench {

// Starts this program again as `serve` on the directory, waits until /readyz
// answers 200, and kills it with SIGKILL. From the start to the answer.
// `log_file` takes what it prints; its end is part of the error when the process
// ends before.
absl::StatusOr<absl::Duration> TimeToReady(const std::string& directory,
                                           const std::string& log_file);

}  // namespace dailyfeed::bench

#endif  // DAILYFEED_TOOLS_BENCH_SERVE_PROCESS_H_

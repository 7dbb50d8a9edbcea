// Samples where the process spends its CPU time.
#ifndef DAILYFEED_ADAPTERS_MONITOR_CPU_PROFILE_H_
#define DAILYFEED_ADAPTERS_MONITOR_CPU_PROFILE_H_

#include <functional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace dailyfeed::monitor {

inline constexpr int kCpuProfileHz = 99;  // of CPU time, over all threads

// Calls `wait` while the whole process is sampled, then returns folded stacks,
// one a line with how often it was seen, outermost frame first, as flame graph
// tools read them:
//   start_thread;Run;Commit;rocksdb::DBImpl::Write 37
// FAILED_PRECONDITION while another one runs: SIGPROF belongs to one.
absl::StatusOr<std::string> CollectCpuProfile(const std::function<void()>& wait);

// The heap profile of jemalloc in its own format (for jeprof). UNIMPLEMENTED
// says what to do to get one.
absl::StatusOr<std::string> CollectHeapProfile();

}  // namespace dailyfeed::monitor

#endif  // DAILYFEED_ADAPTERS_MONITOR_CPU_PROFILE_H_

// Stages of a benchmark as processes of their own: a stage that builds data
// leaves no memory, threads or caches behind for the stage that measures.
//
//   ASSIGN_OR_RETURN(Figures built, RunInChild([&](Figures& figures) {
//     figures["events"] = 11e6;
//     return absl::OkStatus();
//   }));
//
// Only while the calling process has a single thread: the child is a fork.
#ifndef DAILYFEED_TOOLS_BENCH_CHILD_H_
#define DAILYFEED_TOOLS_BENCH_CHILD_H_

#include <sys/types.h>

#include <functional>
#include <map>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "tools/bench/histogram.h"

namespace dailyfeed::bench {

// What a stage found out, by name.
using Figures = std::map<std::string, double>;
using Stage = std::function<absl::Status(Figures& figures)>;

// Percentiles as three figures, and back.
void KeepPercentiles(const std::string& name, const Histogram& latency, Figures& figures);
Percentiles TakePercentiles(const std::string& name, Figures& figures);

// Runs the stage to its end and returns its figures or its error. ABORTED when
// the process died.
absl::StatusOr<Figures> RunInChild(const Stage& stage);

// Runs the stage until it calls `ready`, then kills it with SIGKILL `delay_ms`
// later, in the middle of whatever it does.
absl::StatusOr<Figures> RunInChildAndKill(
    const std::function<absl::Status(Figures& figures, const std::function<void()>& ready)>& stage,
    int delay_ms);

// Waits until this process has hardly used the processor for a second: what was
// built is compacted, and does not take part in what is measured. UNAVAILABLE
// when that takes more than five minutes.
absl::Status WaitUntilQuiet();

// Most memory this process had resident since ResetPeakMemory, in bytes.
uint64_t PeakMemoryBytes();
void ResetPeakMemory();

}  // namespace dailyfeed::bench

#endif  // DAILYFEED_TOOLS_BENCH_CHILD_H_

// A case of bench fanout: at how many followers writing a post into the
// readers' windows stops to pay (docs/decisions/0007-merge-on-read.md).
#ifndef DAILYFEED_TOOLS_BENCH_FANOUT_WINDOWS_H_
#define DAILYFEED_TOOLS_BENCH_FANOUT_WINDOWS_H_

#include <string>

#include "absl/status/status.h"
#include "tools/bench/bench.h"

namespace dailyfeed::bench {

// First pages of members who come again, and posting while they have windows,
// at several thresholds, each beside feeds that are only merged, in turns. The
// data go below `directory`. Only while the calling process has a single thread.
absl::Status MeasureWindows(const std::string& directory, const BenchOptions& options,
                            BenchReporter& reporter);

}  // namespace dailyfeed::bench

#endif  // DAILYFEED_TOOLS_BENCH_FANOUT_WINDOWS_H_

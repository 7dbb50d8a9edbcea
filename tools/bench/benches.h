// The benchmarks, one function and one .cc file each.
#ifndef DAILYFEED_TOOLS_BENCH_BENCHES_H_
#define DAILYFEED_TOOLS_BENCH_BENCHES_H_

#include <vector>

#include "tools/bench/bench.h"

namespace dailyfeed::bench {

absl::Status RunAppend(const BenchOptions& options, BenchReporter& reporter);
absl::Status RunAuth(const BenchOptions& options, BenchReporter& reporter);
absl::Status RunFanout(const BenchOptions& options, BenchReporter& reporter);
absl::Status RunFeed(const BenchOptions& options, BenchReporter& reporter);
absl::Status RunFollow(const BenchOptions& options, BenchReporter& reporter);
absl::Status RunHttp(const BenchOptions& options, BenchReporter& reporter);
absl::Status RunImage(const BenchOptions& options, BenchReporter& reporter);
absl::Status RunRanking(const BenchOptions& options, BenchReporter& reporter);
absl::Status RunRecover(const BenchOptions& options, BenchReporter& reporter);
absl::Status RunSearch(const BenchOptions& options, BenchReporter& reporter);

// The table of all of them: what `dailyfeed bench` offers.
const std::vector<Bench>& AllBenches();

}  // namespace dailyfeed::bench

#endif  // DAILYFEED_TOOLS_BENCH_BENCHES_H_

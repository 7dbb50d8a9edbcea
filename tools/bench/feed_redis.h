// The Redis part of bench feed. Internal.
#ifndef DAILYFEED_TOOLS_BENCH_FEED_REDIS_H_
#define DAILYFEED_TOOLS_BENCH_FEED_REDIS_H_

#include <string>

#include "absl/status/status.h"
#include "adapters/embedded/dailyfeed.h"
#include "tools/bench/bench.h"

namespace dailyfeed::bench {

// Reports first pages of `feed`, whose members are 1..members, beside Redis.
// Without Debian's redis-server it says so and reports nothing. `directory`
// exists and is for the files of Redis.
absl::Status CompareWithRedis(Dailyfeed& feed, const std::string& directory, uint64_t members,
                              const BenchOptions& options, BenchReporter& reporter);

}  // namespace dailyfeed::bench

#endif  // DAILYFEED_TOOLS_BENCH_FEED_REDIS_H_

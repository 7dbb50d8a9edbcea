// The table of every benchmark: what `dailyfeed bench` offers.
#ifndef DAILYFEED_TOOLS_BENCH_REGISTRY_H_
#define DAILYFEED_TOOLS_BENCH_REGISTRY_H_

#include <vector>

#include "tools/bench/bench.h"

namespace dailyfeed::bench {

const std::vector<Bench>& AllBenches();

}  // namespace dailyfeed::bench

#endif  // DAILYFEED_TOOLS_BENCH_REGISTRY_H_

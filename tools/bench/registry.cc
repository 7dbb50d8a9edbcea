#include "tools/bench/registry.h"

namespace dailyfeed::bench {

const std::vector<Bench>& AllBenches() {
  static const std::vector<Bench> benches = {};
  return benches;
}

}  // namespace dailyfeed::bench

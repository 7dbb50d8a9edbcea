// Benchmarks of the `dailyfeed bench` command.
//
// A benchmark measures dailyfeed beside a raw limit or a peer, in turns within
// one run, and reports the two as a ratio: absolute times mean little on a
// machine that others share. Nothing it reports is a constant or a stored
// figure.
//
//   absl::Status RunAppend(const BenchOptions& options, BenchReporter& reporter);
#ifndef DAILYFEED_TOOLS_BENCH_BENCH_H_
#define DAILYFEED_TOOLS_BENCH_BENCH_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"

namespace dailyfeed::bench {

struct BenchOptions {
  bool quick = false;          // a smaller run, under a minute
  std::string work_directory;  // an empty directory for data; the bench cleans up
  uint64_t seed = 1;
  uint64_t posts = 0;  // of bench search; 0: its own number
};

struct Percentiles {
  double p50_us = 0;
  double p99_us = 0;
  double p999_us = 0;
};

// One line of the report.
struct Measurement {
  std::string bench;
  std::string name;  // printed as `case`
  double value = 0;
  std::string unit;
  std::string peer;       // what it is compared with
  double peer_value = 0;  // measured in turns with `value`
  std::string goal;       // as a text; empty: none, for information
  bool met = true;
  std::optional<Percentiles> percentiles;

  // 0 without a peer.
  double ratio() const { return peer.empty() ? 0 : value / peer_value; }
};

class BenchReporter {
 public:
  virtual ~BenchReporter() = default;
  virtual void Report(const Measurement& measurement) = 0;
  // What is going on, for a person who waits; never part of the figures.
  virtual void Progress(std::string_view text) = 0;
};

struct Bench {
  std::string_view name;
  std::string_view summary;  // one line
  absl::Status (*run)(const BenchOptions& options, BenchReporter& reporter);
};

// Measurements as JSON lines on stdout, progress on stderr; with `json` false
// the lines are for people.
struct PrintOptions {
  bool json = false;
};
// Runs one of `benches` by name. NOT_FOUND lists those that exist.
absl::Status RunBench(const std::vector<Bench>& benches, std::string_view name,
                      const BenchOptions& options, const PrintOptions& print);

}  // namespace dailyfeed::bench

#endif  // DAILYFEED_TOOLS_BENCH_BENCH_H_

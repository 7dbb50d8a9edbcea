#include "tools/bench/bench.h"

#include <fmt/format.h>

#include <cmath>
#include <cstdio>
#include <filesystem>
#include <system_error>

#include "core/base/status_macros.h"
#include "core/base/text.h"

namespace dailyfeed::bench {
namespace {

std::string Quote(std::string_view text) {
  std::string quoted;
  AppendJsonQuoted(text, &quoted);
  return quoted;
}

std::string Number(double value) {
  return std::isfinite(value) ? fmt::format("{:.6g}", value) : "null";
}

std::string JsonLine(const Measurement& m) {
  std::string line = fmt::format(
      R"({{"bench":{},"case":{},"value":{},"unit":{},"peer":{},"peer_value":{},"ratio":{},"goal":{},"met":{})",
      Quote(m.bench), Quote(m.name), Number(m.value), Quote(m.unit), Quote(m.peer),
      Number(m.peer_value), Number(m.ratio()), Quote(m.goal), m.met);
  if (m.percentiles) {
    line += fmt::format(R"(,"p50_us":{},"p99_us":{},"p999_us":{})", Number(m.percentiles->p50_us),
                        Number(m.percentiles->p99_us), Number(m.percentiles->p999_us));
  }
  return line + "}";
}

std::string HumanLine(const Measurement& m) {
  std::string line =
      fmt::format("{:<8} {:<34} {:>12} {:<14}", m.bench, m.name, Number(m.value), m.unit);
  if (!m.peer.empty()) {
    line += fmt::format(" | {}: {} | ratio {:.3g}", m.peer, Number(m.peer_value), m.ratio());
  }
  if (m.percentiles) {
    line += fmt::format(" | p50 {:.1f} us, p99 {:.1f} us, p99.9 {:.1f} us", m.percentiles->p50_us,
                        m.percentiles->p99_us, m.percentiles->p999_us);
  }
  if (!m.goal.empty()) line += fmt::format(" | goal {}: {}", m.goal, m.met ? "met" : "MISSED");
  return line;
}

class PrintingReporter final : public BenchReporter {
 public:
  explicit PrintingReporter(PrintOptions options) : options_(options) {}
  void Report(const Measurement& measurement) override {
    // Whoever ends the program asks whether all of it could be written.
    const std::string line = options_.json ? JsonLine(measurement) : HumanLine(measurement);
    std::fputs((line + "\n").c_str(), stdout);
    std::fflush(stdout);
  }
  void Progress(std::string_view text) override { fmt::print(stderr, "bench: {}\n", text); }

 private:
  const PrintOptions options_;
};

std::string KnownNames(const std::vector<Bench>& benches) {
  std::string names;
  for (const Bench& bench : benches) {
    names += fmt::format("\n  {:<10} {}", bench.name, bench.summary);
  }
  return names;
}

}  // namespace

absl::Status RunBench(const std::vector<Bench>& benches, std::string_view name,
                      const BenchOptions& options, const PrintOptions& print) {
  for (const Bench& bench : benches) {
    if (bench.name != name) continue;
    std::error_code error;
    std::filesystem::create_directories(options.work_directory, error);
    if (error) {
      return absl::FailedPreconditionError(
          fmt::format("cannot make {}: {}", options.work_directory, error.message()));
    }
    PrintingReporter reporter(print);
    return bench.run(options, reporter);
  }
  return absl::NotFoundError(
      fmt::format("there is no benchmark \"{}\"; there are:{}", name, KnownNames(benches)));
}

}  // namespace dailyfeed::bench

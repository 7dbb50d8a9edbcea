#include "tools/bench/bench.h"

#include <fmt/format.h>

#include <cstdio>
#include <string>
#include <vector>

#include "absl/flags/flag.h"
#include "core/base/status_macros.h"
#include "tools/bench/benches.h"
#include "tools/cli/common_flags.h"
#include "tools/cli/standard_output.h"
#include "tools/cli/subcommands.h"
#include "tools/cli/work_directory.h"

ABSL_FLAG(bool, quick, false, "A smaller run, under a minute.");
ABSL_FLAG(
    std::string, work_dir, "",
    "Where the benchmark keeps its data while it runs; default: a new directory under TMPDIR.");
ABSL_FLAG(uint64_t, bench_seed, 1, "Makes the same data again.");
ABSL_FLAG(uint64_t, posts, 0, "Posts of bench search; 0: a million, or 100,000 with --quick.");

namespace dailyfeed::cli {
namespace {

std::string NamesOf(const std::vector<bench::Bench>& benches) {
  std::string names;
  for (const bench::Bench& bench : benches) {
    names += fmt::format("{}{}", names.empty() ? "" : ", ", bench.name);
  }
  return names;
}

absl::Status RunNamed(const std::vector<std::string>& arguments) {
  const std::vector<bench::Bench>& benches = bench::AllBenches();
  if (arguments.empty()) {
    return absl::InvalidArgumentError(fmt::format("Which one? There are: {}.", NamesOf(benches)));
  }
  ASSIGN_OR_RETURN(const WorkDirectory work,
                   WorkDirectory::Make(absl::GetFlag(FLAGS_work_dir), "dailyfeed-bench"));
  const bench::BenchOptions options = {.quick = absl::GetFlag(FLAGS_quick),
                                       .work_directory = work.path(),
                                       .seed = absl::GetFlag(FLAGS_bench_seed),
                                       .posts = absl::GetFlag(FLAGS_posts)};
  const std::string warning = SlowBuildWarning();
  if (!warning.empty() && absl::GetFlag(FLAGS_json)) fmt::print(stderr, "{}\n", warning);
  if (!warning.empty() && !absl::GetFlag(FLAGS_json)) PrintText(warning + "\n");
  const absl::Status status =
      bench::RunBench(benches, arguments[0], options, {.json = absl::GetFlag(FLAGS_json)});
  if (status.code() == absl::StatusCode::kNotFound) {
    return absl::InvalidArgumentError(status.message());
  }
  return status;
}

int Run(const std::vector<std::string>& arguments) {
  const absl::Status status = RunNamed(arguments);
  return status.ok() ? kExitOk : Fail("bench", status);
}

}  // namespace

Subcommand BenchSubcommand() {
  static const auto* const kText = [] {
    auto* text = new std::string(
        "Measures dailyfeed beside a raw limit or a peer, in turns within one run. Needs a quiet\n"
        "machine and an optimized build, as tools/dailyfeed runs it.\n"
        "\n");
    for (const bench::Bench& bench : bench::AllBenches()) {
      *text += fmt::format("  {:<10} {}\n", bench.name, bench.summary);
    }
    *text +=
        "\n"
        "  tools/dailyfeed bench append\n"
        "  tools/dailyfeed bench feed --quick --json | jq .\n";
    return text;
  }();
  return {
      .name = "bench",
      .summary = "measure, beside a raw limit or a peer",
      .synopsis = "NAME [--json] [--quick] [--work-dir=DIR]",
      .text = *kText,
      .flags = {"json", "quick", "work-dir", "bench-seed", "posts"},
      .arguments_max = 1,
      .run = &Run,
  };
}

}  // namespace dailyfeed::cli

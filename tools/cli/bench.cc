#include "tools/bench/bench.h"

#include <fmt/format.h>
#include <stdlib.h>

#include <cstdio>
#include <filesystem>
#include <string>
#include <vector>

#include "absl/flags/flag.h"
#include "core/base/status_macros.h"
#include "tools/bench/benches.h"
#include "tools/cli/common_flags.h"
#include "tools/cli/standard_output.h"
#include "tools/cli/subcommands.h"

ABSL_FLAG(bool, quick, false, "A smaller run, under a minute.");
ABSL_FLAG(
    std::string, work_dir, "",
    "Where the benchmark keeps its data while it runs; default: a new directory under TMPDIR.");
ABSL_FLAG(uint64_t, bench_seed, 1, "Makes the same data again.");

namespace dailyfeed::cli {
namespace {

namespace fs = std::filesystem;

// A directory of the benchmark's own, removed at the end.
class WorkDirectory {
 public:
  static absl::StatusOr<WorkDirectory> Make(const std::string& parent) {
    std::error_code error;
    fs::path base = parent.empty() ? fs::temp_directory_path(error) : fs::path(parent);
    if (error) base = ".";
    fs::create_directories(base, error);
    std::string path = (base / "dailyfeed-bench-XXXXXX").string();
    if (mkdtemp(path.data()) == nullptr) {
      return absl::FailedPreconditionError(
          fmt::format("cannot make a directory in {}", base.string()));
    }
    return WorkDirectory(path);
  }
  ~WorkDirectory() {
    std::error_code ignored;
    if (!path_.empty()) fs::remove_all(path_, ignored);
  }
  WorkDirectory(WorkDirectory&& other) noexcept : path_(std::exchange(other.path_, "")) {}
  WorkDirectory& operator=(WorkDirectory&&) = delete;

  const std::string& path() const { return path_; }

 private:
  explicit WorkDirectory(std::string path) : path_(std::move(path)) {}
  std::string path_;
};

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
  ASSIGN_OR_RETURN(const WorkDirectory work, WorkDirectory::Make(absl::GetFlag(FLAGS_work_dir)));
  const bench::BenchOptions options = {.quick = absl::GetFlag(FLAGS_quick),
                                       .work_directory = work.path(),
                                       .seed = absl::GetFlag(FLAGS_bench_seed)};
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
        "machine and an optimized build (bazel build --config=opt //tools:dailyfeed).\n"
        "\n");
    for (const bench::Bench& bench : bench::AllBenches()) {
      *text += fmt::format("  {:<10} {}\n", bench.name, bench.summary);
    }
    *text +=
        "\n"
        "  dailyfeed bench append\n"
        "  dailyfeed bench feed --quick --json | jq .\n";
    return text;
  }();
  return {
      .name = "bench",
      .summary = "measure, beside a raw limit or a peer",
      .synopsis = "NAME [--json] [--quick] [--work-dir=DIR]",
      .text = *kText,
      .flags = {"json", "quick", "work-dir", "bench-seed"},
      .arguments_max = 1,
      .run = &Run,
  };
}

}  // namespace dailyfeed::cli

#include "tools/seed/seed.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <string>
#include <vector>

#include "absl/flags/flag.h"
#include "core/base/status_macros.h"
#include "tools/cli/common_flags.h"
#include "tools/cli/sample_data.h"
#include "tools/cli/subcommands.h"

ABSL_FLAG(uint64_t, sample_seed, 20251015, "Another number makes another community.");

namespace dailyfeed::cli {
namespace {

absl::Status Seed() {
  ASSIGN_OR_RETURN(const std::string directory, RequiredDataDirectory());
  Options options;
  options.data_directory = directory;
  options.time_zone = absl::GetFlag(FLAGS_time_zone);
  ASSIGN_OR_RETURN(const auto feed, Dailyfeed::Open(options));
  RETURN_IF_ERROR(AddSampleData(*feed, absl::GetFlag(FLAGS_sample_seed)));
  feed->Close();
  return absl::OkStatus();
}

int Run(const std::vector<std::string>&) {
  const absl::Status status = Seed();
  return status.ok() ? kExitOk : Fail("seed", status);
}

}  // namespace

std::string SampleLoginsPath(const std::string& data_directory) {
  return (std::filesystem::path(data_directory) / "sample-logins.json").string();
}

absl::Status AddSampleData(Dailyfeed& feed, uint64_t sample_seed) {
  const bool terminal = isatty(STDERR_FILENO) == 1;
  const auto show = [terminal](int percent) {
    if (terminal) {
      fmt::print(stderr, "\rsample data: {}%", percent);
    } else if (percent % 25 == 0) {
      fmt::print(stderr, "sample data: {}%\n", percent);
    }
  };
  const auto result = seed::SeedSampleData(feed, {.seed = sample_seed}, show);
  if (terminal) fmt::print(stderr, "\r");
  RETURN_IF_ERROR(result.status());
  RETURN_IF_ERROR(seed::WriteSampleLogins(SampleLoginsPath(feed.options().data_directory)));
  fmt::print(stderr, "sample data: {} members, {} posts, {} comments, {} events\n", result->members,
             result->posts, result->comments, result->head);
  return absl::OkStatus();
}

Subcommand SeedSubcommand() {
  return {
      .name = "seed",
      .summary = "fill an empty directory with a sample community",
      .synopsis = "--data-dir=DIR [--sample-seed=N]",
      .text =
          "Fifty members who follow each other unevenly, hundreds of Korean and English posts,\n"
          "comments and likes of the last two weeks: made by commands, like everything else.\n"
          "The logins are written to DIR/sample-logins.json. Refused when DIR has events.\n"
          "\n"
          "  dailyfeed seed --data-dir=feed\n",
      .flags = {"data-dir", "sample-seed", "time-zone"},
      .run = &Run,
  };
}

}  // namespace dailyfeed::cli

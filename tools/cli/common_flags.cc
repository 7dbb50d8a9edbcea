#include "tools/cli/common_flags.h"

#include <fmt/format.h>

#include <cstdio>
#include <filesystem>

#include "absl/flags/flag.h"
#include "core/base/status_macros.h"
#include "tools/cli/subcommand.h"

ABSL_FLAG(std::string, data_dir, "", "The directory that holds everything.");
ABSL_FLAG(std::string, time_zone, "Asia/Seoul",
          "The zone of shown times and of days; a directory keeps its own.");
ABSL_FLAG(std::string, pictures_dir, "",
          "The directory of pictures, when it is not pictures in the data directory.");
ABSL_FLAG(bool, json, false, "Print JSON, one object a line.");

namespace dailyfeed::cli {
namespace {

namespace fs = std::filesystem;

constexpr char kLogFolder[] = "log";

std::string MessageOf(const absl::Status& status) {
  return std::string(status.message().data(), status.message().size());
}

}  // namespace

absl::StatusOr<std::string> RequiredDataDirectory() {
  std::string directory = absl::GetFlag(FLAGS_data_dir);
  if (directory.empty()) return absl::InvalidArgumentError("--data-dir=DIR is missing.");
  return directory;
}

absl::Status CheckIsDataDirectory(const std::string& directory) {
  std::error_code error;
  if (!fs::exists(directory, error)) {
    return absl::FailedPreconditionError(fmt::format("there is no directory {}", directory));
  }
  if (!fs::is_directory(directory, error)) {
    return absl::FailedPreconditionError(fmt::format("{} is not a directory", directory));
  }
  if (!fs::is_directory(fs::path(directory) / kLogFolder, error)) {
    return absl::FailedPreconditionError(fmt::format(
        "{} is not a data directory of dailyfeed: it has no {}/ in it", directory, kLogFolder));
  }
  return absl::OkStatus();
}

int Fail(std::string_view subcommand, const absl::Status& status) {
  const std::string message = MessageOf(status);
  if (status.code() == absl::StatusCode::kInvalidArgument) {
    fmt::print(stderr, "dailyfeed {}: {}\nSee: dailyfeed {} --help\n", subcommand, message,
               subcommand);
    return kExitUsage;
  }
  fmt::print(stderr, "dailyfeed {}: {}\n", subcommand, message);
  return kExitFailed;
}

}  // namespace dailyfeed::cli

#include "tools/cli/work_directory.h"

#include <fmt/format.h>
#include <stdlib.h>

#include <filesystem>
#include <system_error>

#include "absl/status/status.h"

namespace dailyfeed::cli {

namespace fs = std::filesystem;

absl::StatusOr<WorkDirectory> WorkDirectory::Make(const std::string& parent,
                                                  std::string_view name) {
  std::error_code error;
  fs::path base = parent.empty() ? fs::temp_directory_path(error) : fs::path(parent);
  if (error) base = ".";
  fs::create_directories(base, error);
  std::string path = (base / fmt::format("{}-XXXXXX", name)).string();
  if (mkdtemp(path.data()) == nullptr) {
    return absl::FailedPreconditionError(
        fmt::format("cannot make a directory in {}", base.string()));
  }
  return WorkDirectory(path);
}

WorkDirectory::~WorkDirectory() {
  std::error_code ignored;
  if (!path_.empty()) fs::remove_all(path_, ignored);
}

}  // namespace dailyfeed::cli

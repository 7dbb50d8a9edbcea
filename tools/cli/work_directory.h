// A directory of a subcommand's own for the time that it runs.
//
//   ASSIGN_OR_RETURN(const WorkDirectory work, WorkDirectory::Make("", "dailyfeed-bench"));
//   work.path();   // TMPDIR/dailyfeed-bench-a8Xk2f
//
// Threads: one.
#ifndef DAILYFEED_TOOLS_CLI_WORK_DIRECTORY_H_
#define DAILYFEED_TOOLS_CLI_WORK_DIRECTORY_H_

#include <string>
#include <string_view>
#include <utility>

#include "absl/status/statusor.h"

namespace dailyfeed::cli {

class WorkDirectory {
 public:
  // A new directory in `parent`, which is made when missing; empty: in TMPDIR.
  // FAILED_PRECONDITION when that is impossible.
  static absl::StatusOr<WorkDirectory> Make(const std::string& parent, std::string_view name);
  // Removes the directory and all that is in it.
  ~WorkDirectory();
  WorkDirectory(WorkDirectory&& other) noexcept : path_(std::exchange(other.path_, "")) {}
  WorkDirectory& operator=(WorkDirectory&&) = delete;

  const std::string& path() const { return path_; }

 private:
  explicit WorkDirectory(std::string path) : path_(std::move(path)) {}
  std::string path_;
};

}  // namespace dailyfeed::cli

#endif  // DAILYFEED_TOOLS_CLI_WORK_DIRECTORY_H_

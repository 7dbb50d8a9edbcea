#include "adapters/embedded/data_directory.h"

#include <errno.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <iterator>
#include <string_view>
#include <system_error>
#include <utility>

#include "adapters/files/files.h"
#include "core/base/status_macros.h"

namespace dailyfeed {
namespace {

constexpr mode_t kFileMode = 0600;

bool Exists(const std::string& path) {
  struct stat info;
  return ::stat(path.c_str(), &info) == 0;
}

absl::Status EnsureDirectory(const std::string& path) {
  const absl::Status made = MakeDirectory(path);
  if (absl::IsNotFound(made)) {
    return absl::NotFoundError(
        fmt::format("cannot make the data directory {}: its parent does not exist", path));
  }
  RETURN_IF_ERROR(made);
  struct stat info;
  if (::stat(path.c_str(), &info) != 0) return FileError(errno, "read", path);
  if (!S_ISDIR(info.st_mode)) {
    return absl::InvalidArgumentError(fmt::format("{} is not a directory", path));
  }
  if (::access(path.c_str(), R_OK | W_OK | X_OK) != 0) return FileError(errno, "write in", path);
  return absl::OkStatus();
}

// A directory of somebody else is not filled: data_directory was meant to be
// another one. What a file system puts into its root is nobody's.
absl::Status CheckIsOurs(const std::string& path) {
  static constexpr std::string_view kOurs[] = {"log", "views", "secrets", "pictures", "LOCK"};
  std::error_code error;
  std::string stranger;
  for (std::filesystem::directory_iterator it(path, error), end; !error && it != end;
       it.increment(error)) {
    const std::string name = it->path().filename().string();
    if (std::find(std::begin(kOurs), std::end(kOurs), name) != std::end(kOurs)) {
      return absl::OkStatus();
    }
    if (name != "lost+found") stranger = name;
  }
  if (error) return FileError(error.value(), "read", path);
  if (stranger.empty()) return absl::OkStatus();
  return absl::FailedPreconditionError(
      fmt::format("{} is not a data directory of dailyfeed and not empty: it has {} in it, and "
                  "neither log/ nor LOCK",
                  path, stranger));
}

std::string ParentOf(const std::string& path) {
  const std::string parent = std::filesystem::path(path + "/.").parent_path().parent_path();
  return parent.empty() ? "." : parent;
}

std::string WhoHolds(int lock_file) {
  std::array<char, 32> text{};
  const ssize_t size = ::pread(lock_file, text.data(), text.size() - 1, 0);
  if (size <= 0) return "another process";
  std::string_view pid(text.data(), static_cast<size_t>(size));
  pid = pid.substr(0, pid.find('\n'));
  return fmt::format("another process ({})", pid);
}

// Says in the file who has it: for people, nothing depends on it.
void SignLock(int lock_file) {
  const std::string pid = fmt::format("{}\n", ::getpid());
  if (::ftruncate(lock_file, 0) != 0) return;
  const ssize_t written = ::pwrite(lock_file, pid.data(), pid.size(), 0);
  static_cast<void>(written);
}

}  // namespace

absl::StatusOr<std::unique_ptr<DataDirectory>> DataDirectory::Open(const std::string& path) {
  if (path.empty()) return absl::InvalidArgumentError("data_directory is empty");
  RETURN_IF_ERROR(EnsureDirectory(path));
  RETURN_IF_ERROR(CheckIsOurs(path));
  const std::string lock_path = path + "/LOCK";
  const int lock_file = ::open(lock_path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, kFileMode);
  if (lock_file < 0) return FileError(errno, "open", lock_path);
  if (::flock(lock_file, LOCK_EX | LOCK_NB) != 0) {
    const int error = errno;
    const std::string holder = WhoHolds(lock_file);
    ::close(lock_file);
    if (error != EWOULDBLOCK) return FileError(error, "lock", lock_path);
    return absl::FailedPreconditionError(
        fmt::format("the data directory {} is in use by {}", path, holder));
  }
  SignLock(lock_file);
  std::unique_ptr<DataDirectory> directory(new DataDirectory(path, lock_file));
  if (Exists(directory->secrets()) && !Exists(directory->log())) {
    return absl::DataLossError(
        fmt::format("the data directory {} has secrets/ but no log/: the log is lost", path));
  }
  for (const std::string& part : {directory->log(), directory->views(), directory->secrets()}) {
    RETURN_IF_ERROR(EnsureDirectory(part));
  }
  RETURN_IF_ERROR(SyncDirectory(path));
  RETURN_IF_ERROR(SyncDirectory(ParentOf(path)));
  return directory;
}

DataDirectory::~DataDirectory() { ::close(lock_file_); }

}  // namespace dailyfeed

#include "adapters/embedded/data_directory.h"

#include <errno.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <iterator>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "adapters/files/files.h"
#include "core/base/status_macros.h"

namespace dailyfeed {
namespace {

constexpr mode_t kOthersMayDo = 0077;
constexpr std::string_view kLock = "LOCK";
constexpr std::string_view kRestoring = "RESTORING";

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
  static constexpr std::string_view kOurs[] = {"log",      "views", "secrets",
                                               "pictures", kLock,   kRestoring};
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

// The secrets are kept from others by this directory alone: the files in it may
// be readable to everybody.
absl::Status CheckIsPrivate(const std::string& secrets) {
  struct stat info;
  if (::stat(secrets.c_str(), &info) != 0) return FileError(errno, "read", secrets);
  if (info.st_uid != ::geteuid()) {
    return absl::FailedPreconditionError(
        fmt::format("{} belongs to user {}, and this process runs as user {}; run it as that user, "
                    "or: chown -R "
                    "{} {}",
                    secrets, info.st_uid, ::geteuid(), ::geteuid(), secrets));
  }
  if ((info.st_mode & kOthersMayDo) != 0) {
    return absl::FailedPreconditionError(
        fmt::format("others may read the keys and passwords in {} (mode {:04o}); run: chmod -R "
                    "go-rwx {}",
                    secrets, info.st_mode & 07777, secrets));
  }
  return absl::OkStatus();
}

std::string Within(const std::string& path, std::string_view name) {
  return fmt::format("{}/{}", path, name);
}

}  // namespace

absl::StatusOr<std::unique_ptr<DataDirectoryLock>> DataDirectoryLock::Take(
    const std::string& path) {
  if (path.empty()) return absl::InvalidArgumentError("data_directory is empty");
  RETURN_IF_ERROR(EnsureDirectory(path));
  RETURN_IF_ERROR(CheckIsOurs(path));
  const std::string lock_path = Within(path, kLock);
  ASSIGN_OR_RETURN(FileDescriptor lock_file, OpenFile(lock_path, O_RDWR | O_CREAT));
  const absl::Status locked = LockFile(lock_file, lock_path);
  if (absl::IsFailedPrecondition(locked)) {
    return absl::FailedPreconditionError(
        fmt::format("the data directory {} is in use by {}", path, WhoHolds(lock_file.number())));
  }
  RETURN_IF_ERROR(locked);
  SignLock(lock_file.number());
  return std::unique_ptr<DataDirectoryLock>(new DataDirectoryLock(std::move(lock_file)));
}

absl::StatusOr<std::unique_ptr<RestoringDirectory>> RestoringDirectory::Begin(
    const std::string& path) {
  ASSIGN_OR_RETURN(auto lock, DataDirectoryLock::Take(path));
  std::error_code error;
  std::vector<std::filesystem::path> left;
  const bool interrupted = Exists(Within(path, kRestoring));
  for (std::filesystem::directory_iterator it(path, error), end; !error && it != end;
       it.increment(error)) {
    const std::string name = it->path().filename().string();
    if (name == kLock || name == kRestoring || name == "lost+found") continue;
    if (!interrupted) {
      return absl::FailedPreconditionError(
          fmt::format("{} is not empty: it has {} in it; a backup is restored into a directory of "
                      "its own",
                      path, name));
    }
    left.push_back(it->path());
  }
  if (error) return FileError(error.value(), "read", path);
  const std::string marker = Within(path, kRestoring);
  RETURN_IF_ERROR(OpenFile(marker, O_WRONLY | O_CREAT).status());
  RETURN_IF_ERROR(SyncDirectory(path));
  for (const std::filesystem::path& each : left) {
    std::filesystem::remove_all(each, error);
    if (error) return FileError(error.value(), "remove", each.string());
  }
  return std::unique_ptr<RestoringDirectory>(new RestoringDirectory(path, std::move(lock)));
}

absl::Status RestoringDirectory::End() {
  RETURN_IF_ERROR(SyncDirectory(path_));
  const std::string marker = Within(path_, kRestoring);
  RETURN_IF_ERROR(RemoveFile(marker));
  RETURN_IF_ERROR(SyncDirectory(path_));
  return SyncDirectory(ParentOf(path_));
}

absl::StatusOr<std::unique_ptr<DataDirectory>> DataDirectory::Open(const std::string& path) {
  ASSIGN_OR_RETURN(auto lock, DataDirectoryLock::Take(path));
  std::unique_ptr<DataDirectory> directory(new DataDirectory(path, std::move(lock)));
  if (Exists(Within(path, kRestoring))) {
    return absl::FailedPreconditionError(
        fmt::format("a restore into {} was interrupted; start `dailyfeed restore` again", path));
  }
  if (Exists(directory->secrets()) && !Exists(directory->log())) {
    return absl::DataLossError(
        fmt::format("the data directory {} has secrets/ but no log/: the log is lost", path));
  }
  for (const std::string& part : {directory->log(), directory->views(), directory->secrets()}) {
    RETURN_IF_ERROR(EnsureDirectory(part));
  }
  RETURN_IF_ERROR(CheckIsPrivate(directory->secrets()));
  RETURN_IF_ERROR(SyncDirectory(path));
  RETURN_IF_ERROR(SyncDirectory(ParentOf(path)));
  return directory;
}

}  // namespace dailyfeed

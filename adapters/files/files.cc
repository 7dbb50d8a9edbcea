#include "adapters/files/files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <memory>
#include <system_error>

#include "core/base/status_macros.h"

namespace dailyfeed {
namespace {

constexpr mode_t kDirectoryMode = 0700;
constexpr size_t kReadBytes = 4096;
constexpr mode_t kFileMode = 0600;

struct CloseDirectory {
  void operator()(DIR* directory) const { ::closedir(directory); }
};

}  // namespace

absl::Status FileError(int error, std::string_view doing, const std::string& path) {
  const std::string message =
      fmt::format("cannot {} {}: {}", doing, path, std::generic_category().message(error));
  switch (error) {
    case EACCES:
    case EPERM:
    case EROFS:
      return absl::PermissionDeniedError(message);
    case ENOENT:
      return absl::NotFoundError(message);
    case ENOTDIR:
    case ENAMETOOLONG:
    case ELOOP:
      return absl::InvalidArgumentError(message);
    case ENOSPC:
    case EDQUOT:
      return absl::ResourceExhaustedError(message);
    default:
      return absl::UnavailableError(message);
  }
}

FileDescriptor& FileDescriptor::operator=(FileDescriptor&& other) noexcept {
  std::swap(number_, other.number_);
  return *this;
}

void FileDescriptor::Close() {
  if (const int number = std::exchange(number_, -1); number >= 0) ::close(number);
}

absl::StatusOr<FileDescriptor> OpenFile(const std::string& path, int flags) {
  FileDescriptor file(::open(path.c_str(), flags | O_CLOEXEC, kFileMode));
  if (!file.is_open()) return FileError(errno, "open", path);
  return file;
}

absl::StatusOr<std::string> ReadFile(const std::string& path) {
  ASSIGN_OR_RETURN(const FileDescriptor file, OpenFile(path, O_RDONLY));
  struct stat info;
  if (::fstat(file.number(), &info) != 0) return FileError(errno, "read", path);
  std::string bytes;
  for (size_t size = 0;;) {
    // A pipe has no size, and a file may grow: the end is where nothing comes any more.
    bytes.resize(std::max(size + kReadBytes, static_cast<size_t>(info.st_size) + 1));
    const ssize_t got = ::read(file.number(), bytes.data() + size, bytes.size() - size);
    if (got < 0 && errno != EINTR) return FileError(errno, "read", path);
    if (got > 0) size += static_cast<size_t>(got);
    if (got == 0) {
      bytes.resize(size);
      return bytes;
    }
  }
}

absl::Status WriteAll(const FileDescriptor& file, std::string_view bytes, const std::string& path) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(file.number(), bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return FileError(errno, "write", path);
    bytes.remove_prefix(static_cast<size_t>(written));
  }
  return absl::OkStatus();
}

absl::Status LockFile(const FileDescriptor& file, const std::string& path) {
  if (::flock(file.number(), LOCK_EX | LOCK_NB) == 0) return absl::OkStatus();
  if (errno != EWOULDBLOCK) return FileError(errno, "lock", path);
  return absl::FailedPreconditionError(fmt::format("{} is in use", path));
}

absl::Status MakeDirectory(const std::string& path) {
  if (::mkdir(path.c_str(), kDirectoryMode) == 0 || errno == EEXIST) return absl::OkStatus();
  return FileError(errno, "make the directory", path);
}

absl::StatusOr<std::vector<std::string>> NamesIn(const std::string& path) {
  const std::unique_ptr<DIR, CloseDirectory> directory(::opendir(path.c_str()));
  if (directory == nullptr) return FileError(errno, "list", path);
  std::vector<std::string> names;
  for (;;) {
    errno = 0;
    const dirent* const entry = ::readdir(directory.get());
    if (entry == nullptr) break;
    if (const std::string_view name = entry->d_name; name != "." && name != "..") {
      names.emplace_back(name);
    }
  }
  if (errno != 0) return FileError(errno, "list", path);
  return names;
}

absl::Status SyncDirectory(const std::string& path) {
  ASSIGN_OR_RETURN(const FileDescriptor directory, OpenFile(path, O_RDONLY | O_DIRECTORY));
  return ::fsync(directory.number()) == 0 ? absl::OkStatus() : FileError(errno, "sync", path);
}

absl::Status RemoveFile(const std::string& path) {
  if (::unlink(path.c_str()) == 0 || errno == ENOENT) return absl::OkStatus();
  return FileError(errno, "remove", path);
}

}  // namespace dailyfeed

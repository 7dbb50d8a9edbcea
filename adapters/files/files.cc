#include "adapters/files/files.h"

#include <errno.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <system_error>

namespace dailyfeed {
namespace {

constexpr mode_t kDirectoryMode = 0700;

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

absl::Status MakeDirectory(const std::string& path) {
  if (::mkdir(path.c_str(), kDirectoryMode) == 0 || errno == EEXIST) return absl::OkStatus();
  return FileError(errno, "make the directory", path);
}

absl::Status SyncDirectory(const std::string& path) {
  const int directory = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (directory < 0) return FileError(errno, "open", path);
  const int synced = ::fsync(directory);
  const int error = errno;
  ::close(directory);
  return synced == 0 ? absl::OkStatus() : FileError(error, "sync", path);
}

}  // namespace dailyfeed

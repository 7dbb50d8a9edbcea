#include "adapters/embedded/disk_reserve.h"

#include <errno.h>
#include <sys/statvfs.h>

#include <algorithm>
#include <limits>
#include <utility>

#include "adapters/files/files.h"
#include "core/domain/errors.h"

namespace dailyfeed {
namespace {

// Uploads are the first to be refused: a picture takes more room than a thousand posts.
constexpr uint64_t kUploadsNeedReserves = 2;
constexpr uint64_t kUnknown = std::numeric_limits<uint64_t>::max();

absl::StatusOr<uint64_t> AskSystem(const std::string& directory) {
  struct statvfs space;
  if (::statvfs(directory.c_str(), &space) != 0) {
    return FileError(errno, "ask for the room in", directory);
  }
  return uint64_t{space.f_bavail} * space.f_frsize;
}

absl::Status Refusal() {
  return MakeErrorAs(absl::StatusCode::kResourceExhausted, ErrorCode::kServiceUnavailable,
                     "the disk is nearly full");
}

}  // namespace

DiskReserve::DiskReserve(DiskOptions options, std::string data_directory,
                         std::string pictures_directory)
    : options_(std::move(options)),
      data_directory_(std::move(data_directory)),
      pictures_directory_(std::move(pictures_directory)),
      free_bytes_(kUnknown),
      pictures_free_bytes_(kUnknown) {
  Look();
}

void DiskReserve::Look() {
  const auto look = [this](const std::string& directory, std::atomic<uint64_t>* bytes) {
    const absl::StatusOr<uint64_t> free =
        options_.free_bytes ? options_.free_bytes(directory) : AskSystem(directory);
    if (free.ok()) bytes->store(*free, std::memory_order_relaxed);
  };
  look(data_directory_, &free_bytes_);
  look(pictures_directory_, &pictures_free_bytes_);
}

absl::Status DiskReserve::CheckUpload() const {
  const uint64_t free =
      std::min(free_bytes(), pictures_free_bytes_.load(std::memory_order_relaxed));
  return free < kUploadsNeedReserves * options_.reserve_bytes ? Refusal() : absl::OkStatus();
}

absl::Status DiskReserve::CheckCommand() const {
  return free_bytes() < options_.reserve_bytes ? Refusal() : absl::OkStatus();
}

}  // namespace dailyfeed

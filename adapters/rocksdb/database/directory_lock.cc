#include "adapters/rocksdb/database/directory_lock.h"

#include <fmt/format.h>
#include <rocksdb/env.h>
#include <unistd.h>

#include "adapters/rocksdb/database/rocks_status.h"

namespace dailyfeed {
namespace {

std::string LockPath(const std::string& directory) { return directory + "/LOCK"; }
std::string OwnerPath(const std::string& directory) { return directory + "/OWNER"; }

// RocksDB's environments answer a lock that is held with an IOError that only
// its text tells apart from a failing disk.
bool IsHeld(const rocksdb::Status& status) {
  const std::string text = status.ToString();
  return text.find("lock hold by current process") != std::string::npos ||
         (text.find("While lock file") != std::string::npos &&
          text.find("Resource temporarily unavailable") != std::string::npos);
}

absl::Status HeldError(rocksdb::Env* env, const std::string& directory) {
  std::string owner;
  if (!rocksdb::ReadFileToString(env, OwnerPath(directory), &owner).ok()) owner.clear();
  while (!owner.empty() && owner.back() == '\n') owner.pop_back();
  return absl::FailedPreconditionError(
      fmt::format("{} is in use by another dailyfeed process{}; one process at a time may open it",
                  directory, owner.empty() ? "" : fmt::format(" ({})", owner)));
}

}  // namespace

absl::StatusOr<std::unique_ptr<DirectoryLock>> DirectoryLock::Acquire(
    rocksdb::Env* env, const std::string& directory) {
  rocksdb::FileLock* lock = nullptr;
  const rocksdb::Status locked = env->LockFile(LockPath(directory), &lock);
  if (!locked.ok()) {
    if (IsHeld(locked)) return HeldError(env, directory);
    return FromRocks(locked, fmt::format("cannot lock {}", directory));
  }
  auto holder = std::unique_ptr<DirectoryLock>(new DirectoryLock(env, lock));
  const rocksdb::Status written = rocksdb::WriteStringToFile(
      env, fmt::format("pid {}\n", getpid()), OwnerPath(directory), /*should_sync=*/false);
  if (!written.ok()) return FromRocks(written, fmt::format("cannot lock {}", directory));
  return holder;
}

DirectoryLock::~DirectoryLock() { env_->UnlockFile(lock_).PermitUncheckedError(); }

}  // namespace dailyfeed

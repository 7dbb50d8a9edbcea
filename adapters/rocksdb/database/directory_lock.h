// One process, one directory.
//
//   ASSIGN_OR_RETURN(auto lock, DirectoryLock::Acquire(env, "/var/lib/feed/log"));
//
// The lock is an advisory lock on the file LOCK and goes with the process,
// however it ends. A second file, OWNER, names the process that has it: not
// LOCK itself, because a process that opens and closes a file loses its own
// POSIX locks on it.
#ifndef DAILYFEED_ADAPTERS_ROCKSDB_DATABASE_DIRECTORY_LOCK_H_
#define DAILYFEED_ADAPTERS_ROCKSDB_DATABASE_DIRECTORY_LOCK_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"

namespace rocksdb {
class Env;
class FileLock;
}  // namespace rocksdb

namespace dailyfeed {

class DirectoryLock {
 public:
  // `directory` must exist; `env` is not owned. FAILED_PRECONDITION, naming
  // the directory and the process that has it, when it is taken: by another
  // process or by this one.
  static absl::StatusOr<std::unique_ptr<DirectoryLock>> Acquire(rocksdb::Env* env,
                                                                const std::string& directory);
  ~DirectoryLock();
  DirectoryLock(const DirectoryLock&) = delete;
  DirectoryLock& operator=(const DirectoryLock&) = delete;

 private:
  DirectoryLock(rocksdb::Env* env, rocksdb::FileLock* lock) : env_(env), lock_(lock) {}

  rocksdb::Env* env_;
  rocksdb::FileLock* lock_;
};

}  // namespace dailyfeed

#endif  // DAILYFEED_ADAPTERS_ROCKSDB_DATABASE_DIRECTORY_LOCK_H_

// The directory of one dailyfeed: made when missing, locked while in use.
//
//   log/      the truth
//   views/    read models; may be deleted, they are rebuilt from the log
//   secrets/  passwords, sessions and keys; must not be lost
//   pictures/ files that the log names by their content; must not be lost
//   LOCK      held by the process that has the directory open
//   RESTORING there while a backup is copied into the directory
//
//   ASSIGN_OR_RETURN(const auto directory, DataDirectory::Open("/var/lib/feed"));
//   OpenLog(directory->log());
#ifndef DAILYFEED_ADAPTERS_EMBEDDED_DATA_DIRECTORY_H_
#define DAILYFEED_ADAPTERS_EMBEDDED_DATA_DIRECTORY_H_

#include <memory>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "adapters/files/files.h"

namespace dailyfeed {

// The lock of a data directory; given back at the end.
class DataDirectoryLock {
 public:
  // Makes `path` itself (not its parents) for its owner only. Errors as of
  // DataDirectory::Open.
  static absl::StatusOr<std::unique_ptr<DataDirectoryLock>> Take(const std::string& path);

 private:
  explicit DataDirectoryLock(FileDescriptor file) : file_(std::move(file)) {}

  const FileDescriptor file_;
};

// A data directory that a backup is being copied into. Nobody can open it
// before End has returned, also when this process dies.
class RestoringDirectory {
 public:
  // Removes what an interrupted restore left. FAILED_PRECONDITION: there are
  // other files in the directory, or another process has it.
  static absl::StatusOr<std::unique_ptr<RestoringDirectory>> Begin(const std::string& path);
  // The copy is complete and on the disk.
  absl::Status End();

 private:
  RestoringDirectory(std::string path, std::unique_ptr<DataDirectoryLock> lock)
      : path_(std::move(path)), lock_(std::move(lock)) {}

  const std::string path_;
  const std::unique_ptr<DataDirectoryLock> lock_;
};

class DataDirectory {
 public:
  // Makes what is missing of `path` itself (not of its parents), readable by
  // the owner only, and takes the lock. Errors, each naming the path:
  //   INVALID_ARGUMENT     no path, or it is not a directory
  //   NOT_FOUND            its parent does not exist
  //   PERMISSION_DENIED    may not be read or written
  //   FAILED_PRECONDITION  another process has it open; it has entries and none
  //                        of those above, so it is somebody else's; a restore
  //                        was interrupted; or others than the owner may read
  //                        the secrets
  //   DATA_LOSS            it has secrets but no log
  static absl::StatusOr<std::unique_ptr<DataDirectory>> Open(const std::string& path);
  std::string log() const { return path_ + "/log"; }
  std::string views() const { return path_ + "/views"; }
  std::string secrets() const { return path_ + "/secrets"; }
  // Not made here: a setting may name another directory for pictures.
  std::string pictures() const { return path_ + "/pictures"; }

 private:
  DataDirectory(std::string path, std::unique_ptr<DataDirectoryLock> lock)
      : path_(std::move(path)), lock_(std::move(lock)) {}

  const std::string path_;
  const std::unique_ptr<DataDirectoryLock> lock_;
};

}  // namespace dailyfeed

#endif  // DAILYFEED_ADAPTERS_EMBEDDED_DATA_DIRECTORY_H_

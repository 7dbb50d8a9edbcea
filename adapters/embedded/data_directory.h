// The directory of one dailyfeed: made when missing, locked while in use.
//
//   log/      the truth
//   views/    read models; may be deleted, they are rebuilt from the log
//   secrets/  passwords, sessions and keys; must not be lost
//   pictures/ files that the log names by their content; must not be lost
//   LOCK      held by the process that has the directory open
#ifndef DAILYFEED_ADAPTERS_EMBEDDED_DATA_DIRECTORY_H_
#define DAILYFEED_ADAPTERS_EMBEDDED_DATA_DIRECTORY_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"

namespace dailyfeed {

class DataDirectory {
 public:
  // Makes what is missing of `path` itself (not of its parents), readable by
  // the owner only, and takes the lock. Errors, each naming the path:
  //   INVALID_ARGUMENT     no path, or it is not a directory
  //   NOT_FOUND            its parent does not exist
  //   PERMISSION_DENIED    may not be read or written
  //   FAILED_PRECONDITION  another process has it open; or it has entries and
  //                        none of those above, so it is somebody else's
  //   DATA_LOSS            it has secrets but no log
  static absl::StatusOr<std::unique_ptr<DataDirectory>> Open(const std::string& path);
  // Gives the lock back.
  ~DataDirectory();
  DataDirectory(const DataDirectory&) = delete;
  DataDirectory& operator=(const DataDirectory&) = delete;

  std::string log() const { return path_ + "/log"; }
  std::string views() const { return path_ + "/views"; }
  std::string secrets() const { return path_ + "/secrets"; }
  // Made by whoever keeps pictures: they may lie elsewhere.
  std::string pictures() const { return path_ + "/pictures"; }

 private:
  DataDirectory(std::string path, int lock_file) : path_(std::move(path)), lock_file_(lock_file) {}

  const std::string path_;
  const int lock_file_;
};

}  // namespace dailyfeed

#endif  // DAILYFEED_ADAPTERS_EMBEDDED_DATA_DIRECTORY_H_

// A backup of a data directory that is open and written to, and a data
// directory made of a backup.
//
//   absl::StatusOr<BackupReport> backup = feed->Backup({.to = "/safe/20261121"});
//   ...
//   absl::StatusOr<BackupReport> restored =
//       Restore({.from = "/safe/20261121", .data_directory = "/var/lib/feed"});
//
// The log is copied first, then the pictures, then the secrets. So every picture
// that the copied log names has its files, unless it was deleted meanwhile, and
// the secrets are never older than the log: what the log lacks is made up for
// when the restored directory is opened (restored_log.h).
//
//   20261121/BACKUP     what the backup consists of; written last
//   20261121/log/       20261121/pictures/       20261121/secrets/
//
// Threads: from any; one backup of a feed at a time.
#ifndef DAILYFEED_ADAPTERS_EMBEDDED_BACKUP_H_
#define DAILYFEED_ADAPTERS_EMBEDDED_BACKUP_H_

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "core/domain/types.h"

namespace dailyfeed {

struct BackupOptions {
  // Made with all that is in it, or not at all. Its parent exists; it does not,
  // or is empty.
  std::string to;
  // Where the secrets go instead of `to`. A backup that is there is replaced as
  // a whole: of secrets there is one copy, the newest. Empty: secrets in `to`.
  std::string secrets_to;
  // Asked between files; false ends the backup with CANCELLED. May be empty.
  std::function<bool()> wanted;
  // Called before each step: where tests kill the process. May be empty.
  std::function<void(std::string_view step)> on_step;
};

struct BackupPart {
  std::string name;  // "log", "pictures", "secrets"
  uint64_t files = 0;
  uint64_t bytes = 0;
};

struct BackupReport {
  Position head = 0;  // the log has the events up to here, and perhaps a few more
  std::vector<BackupPart> parts;
};

// Where the parts of an open feed come from.
struct BackupSources {
  Position head = 0;
  std::string pictures;  // a directory
  // Make a copy in an empty directory, complete and on the disk when they return.
  std::function<absl::Status(const std::string& directory)> copy_log;
  std::function<absl::Status(const std::string& directory)> copy_secrets;
};

// FAILED_PRECONDITION: `to` has files, `secrets_to` has files that are no
// backup, or another backup writes there. The errors of FileError.
absl::StatusOr<BackupReport> WriteBackup(const BackupSources& sources,
                                         const BackupOptions& options);

struct RestoreOptions {
  std::string from;
  std::string secrets_from;  // empty: the secrets in `from`
  // Missing, or empty. It may be a mount point.
  std::string data_directory;
  std::function<void(std::string_view step)> on_step;  // as of BackupOptions
};

// Copies the backup; the directory can be opened when this returns, and is
// refused by DataDirectory::Open until then. NOT_FOUND or DATA_LOSS: there is no
// backup, or it is not whole. FAILED_PRECONDITION: the directory has files, a
// server has it open, or the secrets are older than the log.
absl::StatusOr<BackupReport> Restore(const RestoreOptions& options);

}  // namespace dailyfeed

#endif  // DAILYFEED_ADAPTERS_EMBEDDED_BACKUP_H_

// How much of RocksDB's MANIFEST is known to be on disk, in a file GUARD
// beside the database.
//
// The MANIFEST says which tables make up the database. RocksDB takes a record
// that is cut off at its end for one that was being written in a crash, and
// goes on without it: with tables missing whose write-ahead log is long gone,
// in the middle of what was acknowledged. So after every change that RocksDB
// has synced, this notes the size; a MANIFEST that is not sound up to there is
// damaged. Like HEAD, the note is not synced: it may be old, never too new.
#ifndef DAILYFEED_ADAPTERS_ROCKSDB_WAL_MANIFEST_GUARD_H_
#define DAILYFEED_ADAPTERS_ROCKSDB_WAL_MANIFEST_GUARD_H_

#include <rocksdb/listener.h>

#include <memory>
#include <mutex>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "adapters/rocksdb/database/fail_stop.h"
#include "adapters/rocksdb/wal/watermark_file.h"

namespace dailyfeed {

class ManifestGuard final : public rocksdb::EventListener {
 public:
  // Before the database is opened: DATA_LOSS when its MANIFEST is not what was
  // noted. NOT_FOUND when there is no GUARD.
  static absl::Status Check(rocksdb::Env* env, const std::string& directory,
                            const std::string& database_path);

  // Makes GUARD in `directory` for a database in `database_path` that nobody
  // has open, a copy say. The caller syncs the directory.
  static absl::Status WriteFor(rocksdb::Env* env, const std::string& directory,
                               const std::string& database_path);

  // A note that cannot be written trips `fail_stop`.
  ManifestGuard(rocksdb::Env* env, const std::string& directory,
                std::shared_ptr<FailStop> fail_stop);

  // When the database is open: makes GUARD if it is missing, and notes.
  absl::Status Start(rocksdb::DB* db);

  void OnFlushCompleted(rocksdb::DB* db, const rocksdb::FlushJobInfo&) override { Follow(db); }
  void OnCompactionCompleted(rocksdb::DB* db, const rocksdb::CompactionJobInfo&) override {
    Follow(db);
  }

 private:
  void Follow(rocksdb::DB* db);
  absl::Status Note(rocksdb::DB* db);

  rocksdb::Env* const env_;
  const std::string directory_;
  const std::shared_ptr<FailStop> fail_stop_;
  std::mutex mutex_;
  std::unique_ptr<WatermarkFile> file_;  // null before Start
};

}  // namespace dailyfeed

#endif  // DAILYFEED_ADAPTERS_ROCKSDB_WAL_MANIFEST_GUARD_H_

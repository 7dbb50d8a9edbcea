// What the log and the store share about their files: directories that are on
// disk when they say so, and a RocksDB with its column families.
#ifndef DAILYFEED_ADAPTERS_ROCKSDB_DATABASE_ROCKS_FILES_H_
#define DAILYFEED_ADAPTERS_ROCKSDB_DATABASE_ROCKS_FILES_H_

#include <rocksdb/db.h>
#include <rocksdb/wal_filter.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace dailyfeed {

inline rocksdb::Slice AsSlice(std::string_view bytes) { return {bytes.data(), bytes.size()}; }
inline std::string_view AsView(const rocksdb::Slice& bytes) { return {bytes.data(), bytes.size()}; }

// Creates `path` and what is missing above it, and syncs each parent.
absl::Status EnsureDirectory(rocksdb::Env* env, const std::string& path);
absl::Status SyncDirectory(rocksdb::Env* env, const std::string& path);
absl::StatusOr<bool> FileExists(rocksdb::Env* env, const std::string& path);

// Creates `path` like EnsureDirectory. FAILED_PRECONDITION when it has files.
absl::Status EnsureEmptyDirectory(rocksdb::Env* env, const std::string& path);

// Where the RocksDB of a log or store lies in its directory.
inline std::string DatabasePath(const std::string& directory) { return directory + "/rocksdb"; }

// An open RocksDB; closes it when it goes.
struct OpenDatabase {
  std::vector<rocksdb::ColumnFamilyHandle*> families;  // in the order asked for
  std::unique_ptr<rocksdb::WalFilter> replay;          // what its options point to; may be null
  std::unique_ptr<rocksdb::DB> db;

  OpenDatabase() = default;
  OpenDatabase(const OpenDatabase&) = delete;
  OpenDatabase& operator=(const OpenDatabase&) = delete;
  ~OpenDatabase();
};

// `replay`: what looks at each record of the write-ahead log; nullptr: nothing.
absl::StatusOr<std::unique_ptr<OpenDatabase>> OpenDatabaseFiles(
    const rocksdb::DBOptions& options, const std::string& path,
    const std::vector<rocksdb::ColumnFamilyDescriptor>& families, bool read_only,
    std::unique_ptr<rocksdb::WalFilter> replay);

// Makes an openable copy of the database as of this moment in `path`, which
// must not exist: hard links to its tables, copies of the rest, all on disk
// when this returns. Nobody may write to the database meanwhile: RocksDB copies
// the write-ahead log without stopping writes, and such a copy can have a hole.
absl::Status CheckpointDatabase(rocksdb::DB* db, const std::string& path);

// The bytes of all tables on disk, as RocksDB counts them.
uint64_t TableBytes(rocksdb::DB* db);

// The tables that a database keeps open, from the process's limit of
// descriptors now: a sixteenth of it, from 30 to 1,024.
int OpenTablesMax();
// The descriptors a database uses besides: write-ahead log, MANIFEST, locks,
// watermarks, directories, what a flush and a compaction write.
inline constexpr int kDescriptorsBesideTables = 24;

// Settings that hold for every database of this project.
rocksdb::DBOptions CommonDatabaseOptions(rocksdb::Env* env);

// The database's files without the file that names the others: something took
// CURRENT away. DATA_LOSS then; false when there is no database, true when
// there is one.
absl::StatusOr<bool> DatabaseExists(rocksdb::Env* env, const std::string& path);

}  // namespace dailyfeed

#endif  // DAILYFEED_ADAPTERS_ROCKSDB_DATABASE_ROCKS_FILES_H_

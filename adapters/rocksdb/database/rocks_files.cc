#include "adapters/rocksdb/database/rocks_files.h"

#include <fmt/format.h>
#include <rocksdb/env.h>
#include <rocksdb/utilities/checkpoint.h>
#include <sys/resource.h>

#include <algorithm>
#include <limits>
#include <string_view>
#include <utility>

#include "adapters/rocksdb/database/rocks_status.h"
#include "core/base/status_macros.h"

namespace dailyfeed {
namespace {

constexpr size_t kInfoLogBytes = 1u << 20;
constexpr size_t kInfoLogFiles = 4;
// One flush and one compaction at a time for all databases of the process,
// which share RocksDB's two threads: the machines this runs on have few cores,
// and commands need them.
constexpr int kBackgroundJobs = 2;
constexpr uint64_t kBytesPerSync = 1u << 20;
constexpr uint64_t kOpenTablesShare = 16;
constexpr uint64_t kOpenTablesLeast = 30;  // RocksDB takes ten for itself
constexpr uint64_t kOpenTablesMost = 1024;

std::string ParentOf(const std::string& path) {
  const size_t slash = path.find_last_of('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

}  // namespace

absl::StatusOr<bool> FileExists(rocksdb::Env* env, const std::string& path) {
  const rocksdb::Status exists = env->FileExists(path);
  if (exists.ok()) return true;
  if (exists.IsNotFound()) return false;
  return FromRocks(exists, fmt::format("cannot look for {}", path));
}

absl::Status SyncDirectory(rocksdb::Env* env, const std::string& path) {
  std::unique_ptr<rocksdb::Directory> directory;
  rocksdb::Status status = env->NewDirectory(path, &directory);
  if (status.ok()) status = directory->Fsync();
  return FromRocks(status, fmt::format("cannot sync the directory {}", path));
}

absl::Status EnsureDirectory(rocksdb::Env* env, const std::string& path) {
  ASSIGN_OR_RETURN(const bool exists, FileExists(env, path));
  if (exists) return absl::OkStatus();
  const std::string parent = ParentOf(path);
  RETURN_IF_ERROR(EnsureDirectory(env, parent));
  RETURN_IF_ERROR(FromRocks(env->CreateDirIfMissing(path), fmt::format("cannot create {}", path)));
  return SyncDirectory(env, parent);
}

absl::Status EnsureEmptyDirectory(rocksdb::Env* env, const std::string& path) {
  RETURN_IF_ERROR(EnsureDirectory(env, path));
  std::vector<std::string> names;
  RETURN_IF_ERROR(FromRocks(env->GetChildren(path, &names), fmt::format("cannot list {}", path)));
  std::erase_if(names, [](const std::string& name) { return name == "." || name == ".."; });
  if (names.empty()) return absl::OkStatus();
  return absl::FailedPreconditionError(
      fmt::format("{} is not empty: it has {}", path, names.front()));
}

OpenDatabase::~OpenDatabase() {
  if (db == nullptr) return;
  for (rocksdb::ColumnFamilyHandle* family : families) {
    db->DestroyColumnFamilyHandle(family).PermitUncheckedError();
  }
  db->Close().PermitUncheckedError();
}

absl::StatusOr<std::unique_ptr<OpenDatabase>> OpenDatabaseFiles(
    const rocksdb::DBOptions& options, const std::string& path,
    const std::vector<rocksdb::ColumnFamilyDescriptor>& families, bool read_only,
    std::unique_ptr<rocksdb::WalFilter> replay) {
  auto opened = std::make_unique<OpenDatabase>();
  opened->replay = std::move(replay);
  rocksdb::DBOptions filtered = options;
  filtered.wal_filter = opened->replay.get();
  rocksdb::DB* db = nullptr;
  const rocksdb::Status status =
      read_only ? rocksdb::DB::OpenForReadOnly(filtered, path, families, &opened->families, &db)
                : rocksdb::DB::Open(filtered, path, families, &opened->families, &db);
  if (!status.ok()) return FromRocks(status, fmt::format("cannot open {}", path));
  opened->db.reset(db);
  return opened;
}

absl::Status CheckpointDatabase(rocksdb::DB* db, const std::string& path) {
  rocksdb::Checkpoint* created = nullptr;
  rocksdb::Status status = rocksdb::Checkpoint::Create(db, &created);
  const std::unique_ptr<rocksdb::Checkpoint> checkpoint(created);
  constexpr uint64_t kNeverFlush = std::numeric_limits<uint64_t>::max();
  if (status.ok()) status = checkpoint->CreateCheckpoint(path, kNeverFlush);
  return FromRocks(status, fmt::format("copying the database to {}", path));
}

uint64_t TableBytes(rocksdb::DB* db) {
  uint64_t bytes = 0;
  return db->GetAggregatedIntProperty(rocksdb::DB::Properties::kTotalSstFilesSize, &bytes) ? bytes
                                                                                           : 0;
}

int OpenTablesMax() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return static_cast<int>(kOpenTablesLeast);
  return static_cast<int>(
      std::clamp<uint64_t>(limit.rlim_cur / kOpenTablesShare, kOpenTablesLeast, kOpenTablesMost));
}

rocksdb::DBOptions CommonDatabaseOptions(rocksdb::Env* env) {
  rocksdb::DBOptions options;
  options.env = env;
  // A torn record at the end of the write-ahead log is a write that was never
  // acknowledged. The stricter modes would refuse it, the laxer would go on
  // behind it.
  options.wal_recovery_mode = rocksdb::WALRecoveryMode::kPointInTimeRecovery;
  options.track_and_verify_wals_in_manifest = true;
  options.paranoid_checks = true;
  // One thread writes.
  options.allow_concurrent_memtable_write = false;
  options.enable_write_thread_adaptive_yield = false;
  options.avoid_unnecessary_blocking_io = true;
  options.max_background_jobs = kBackgroundJobs;
  options.max_open_files = OpenTablesMax();
  // A long file of a flush or compaction goes to the disk in small steps, so
  // that the sync of an append does not wait behind all of it.
  options.bytes_per_sync = kBytesPerSync;
  options.max_bgerror_resume_count = 0;
  options.stats_dump_period_sec = 0;
  options.stats_persist_period_sec = 0;
  options.skip_stats_update_on_db_open = true;
  options.info_log_level = rocksdb::InfoLogLevel::WARN_LEVEL;
  options.max_log_file_size = kInfoLogBytes;
  options.keep_log_file_num = kInfoLogFiles;
  return options;
}

absl::StatusOr<bool> DatabaseExists(rocksdb::Env* env, const std::string& path) {
  ASSIGN_OR_RETURN(const bool directory, FileExists(env, path));
  if (!directory) return false;
  ASSIGN_OR_RETURN(const bool current, FileExists(env, path + "/CURRENT"));
  if (current) return true;
  std::vector<std::string> names;
  const rocksdb::Status listed = env->GetChildren(path, &names);
  if (!listed.ok()) return FromRocks(listed, fmt::format("cannot list {}", path));
  for (const std::string_view name : names) {
    if (name.ends_with(".sst") || name.ends_with(".log")) {
      return absl::DataLossError(fmt::format(
          "{0}/CURRENT is missing although {0} holds data ({1}); nothing was changed", path, name));
    }
  }
  return false;
}

}  // namespace dailyfeed

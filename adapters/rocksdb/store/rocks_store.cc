#include "adapters/rocksdb/store/rocks_store.h"

#include <fmt/format.h>
#include <rocksdb/cache.h>
#include <rocksdb/db.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/table.h>
#include <rocksdb/write_batch.h>

#include <mutex>
#include <shared_mutex>
#include <string_view>
#include <utility>

#include "adapters/rocksdb/database/bytes.h"
#include "adapters/rocksdb/database/directory_lock.h"
#include "adapters/rocksdb/database/fail_stop.h"
#include "adapters/rocksdb/database/rocks_files.h"
#include "adapters/rocksdb/database/rocks_status.h"
#include "adapters/rocksdb/memtable/ordered_memtable.h"
#include "adapters/rocksdb/wal/gapless_replay.h"
#include "adapters/rocksdb/wal/manifest_guard.h"
#include "adapters/rocksdb/wal/wal_env.h"
#include "core/base/check.h"
#include "core/base/status_macros.h"

namespace dailyfeed {
namespace {

constexpr double kBloomBitsPerKey = 10;
constexpr double kMemtableBloomRatio = 0.02;
constexpr size_t kBlockBytes = 4u << 10;
constexpr int kCacheShardBits = 5;
constexpr int kMemtablesMax = 3;
constexpr size_t kMemtablesPerWal = 2;
constexpr uint32_t kStoreFormatVersion = 1;
constexpr char kMetaFamily[] = "meta";
constexpr char kFormatKey[] = "format";
enum StoreFamily : size_t { kRows, kMeta };

class RocksIterator final : public StoreIterator {
 public:
  RocksIterator(rocksdb::DB* db, rocksdb::ColumnFamilyHandle* family,
                const rocksdb::Snapshot* snapshot, const KeyRange& range)
      : range_(range), lower_(range_.lower), upper_(range_.upper) {
    rocksdb::ReadOptions options;
    options.snapshot = snapshot;
    if (!range_.lower.empty()) options.iterate_lower_bound = &lower_;
    if (!range_.upper.empty()) options.iterate_upper_bound = &upper_;
    iterator_.reset(db->NewIterator(options, family));
    iterator_->SeekToFirst();
  }

  bool Valid() const override { return iterator_->Valid(); }
  void SeekToFirst() override { iterator_->SeekToFirst(); }
  void SeekToLast() override { iterator_->SeekToLast(); }
  void Seek(std::string_view key) override { iterator_->Seek(AsSlice(key)); }
  void SeekForPrev(std::string_view key) override { iterator_->SeekForPrev(AsSlice(key)); }
  void Next() override { iterator_->Next(); }
  void Prev() override { iterator_->Prev(); }
  std::string_view key() const override { return AsView(iterator_->key()); }
  std::string_view value() const override { return AsView(iterator_->value()); }
  absl::Status status() const override {
    return FromRocks(iterator_->status(), "walking over the store");
  }

 private:
  const KeyRange range_;
  const rocksdb::Slice lower_;  // into range_; RocksDB keeps pointers to these
  const rocksdb::Slice upper_;
  std::unique_ptr<rocksdb::Iterator> iterator_;
};

absl::StatusOr<bool> GetAt(rocksdb::DB* db, rocksdb::ColumnFamilyHandle* family,
                           const rocksdb::Snapshot* snapshot, std::string_view key,
                           std::string* value) {
  rocksdb::ReadOptions options;
  options.snapshot = snapshot;
  rocksdb::PinnableSlice found;
  const rocksdb::Status status = db->Get(options, family, AsSlice(key), &found);
  if (status.IsNotFound()) return false;
  if (!status.ok()) return FromRocks(status, "reading from the store");
  value->assign(found.data(), found.size());
  return true;
}

absl::StatusOr<std::vector<StoreReader::Found>> MultiGetAt(rocksdb::DB* db,
                                                           rocksdb::ColumnFamilyHandle* family,
                                                           const rocksdb::Snapshot* snapshot,
                                                           const std::vector<std::string>& keys) {
  rocksdb::ReadOptions options;
  options.snapshot = snapshot;
  const std::vector<rocksdb::Slice> slices(keys.begin(), keys.end());
  std::vector<rocksdb::PinnableSlice> values(keys.size());
  std::vector<rocksdb::Status> statuses(keys.size());
  db->MultiGet(options, family, keys.size(), slices.data(), values.data(), statuses.data());
  std::vector<StoreReader::Found> found(keys.size());
  for (size_t i = 0; i < keys.size(); ++i) {
    if (statuses[i].IsNotFound()) continue;
    if (!statuses[i].ok()) return FromRocks(statuses[i], "reading from the store");
    found[i].found = true;
    found[i].value.assign(values[i].data(), values[i].size());
  }
  return found;
}

class RocksSnapshot final : public StoreSnapshot {
 public:
  RocksSnapshot(rocksdb::DB* db, rocksdb::ColumnFamilyHandle* family)
      : db_(db), family_(family), snapshot_(db->GetSnapshot()) {}
  ~RocksSnapshot() override { db_->ReleaseSnapshot(snapshot_); }

  absl::StatusOr<bool> Get(std::string_view key, std::string* value) const override {
    return GetAt(db_, family_, snapshot_, key, value);
  }
  absl::StatusOr<std::vector<Found>> MultiGet(const std::vector<std::string>& keys) const override {
    return MultiGetAt(db_, family_, snapshot_, keys);
  }
  std::unique_ptr<StoreIterator> NewIterator(const KeyRange& range) const override {
    return std::make_unique<RocksIterator>(db_, family_, snapshot_, range);
  }

 private:
  rocksdb::DB* const db_;
  rocksdb::ColumnFamilyHandle* const family_;
  const rocksdb::Snapshot* const snapshot_;
};

struct StoreParts {
  std::string directory;
  bool read_only = false;
  bool sync_every_write = false;
  bool write_ahead_log = true;
  rocksdb::Env* env = nullptr;
  std::unique_ptr<DirectoryLock> lock;
  std::shared_ptr<FailStop> fail_stop;
  std::unique_ptr<WalEnv> wal_env;
  std::unique_ptr<OpenDatabase> database;
};

class RocksStoreImpl final : public RocksStore {
 public:
  explicit RocksStoreImpl(StoreParts parts) : parts_(std::move(parts)) {}

  absl::StatusOr<bool> Get(std::string_view key, std::string* value) const override {
    return GetAt(db(), rows(), nullptr, key, value);
  }
  absl::StatusOr<std::vector<Found>> MultiGet(const std::vector<std::string>& keys) const override {
    return MultiGetAt(db(), rows(), nullptr, keys);
  }
  std::unique_ptr<StoreIterator> NewIterator(const KeyRange& range) const override {
    return std::make_unique<RocksIterator>(db(), rows(), nullptr, range);
  }
  std::unique_ptr<StoreSnapshot> NewSnapshot() const override {
    return std::make_unique<RocksSnapshot>(db(), rows());
  }

  absl::Status Write(StoreBatch batch) override {
    RETURN_IF_ERROR(Writable());
    if (batch.empty()) return absl::OkStatus();
    rocksdb::WriteBatch changes;
    for (const StoreBatch::Change& change : batch.changes()) {
      RETURN_IF_ERROR(Add(change, &changes));
    }
    rocksdb::WriteOptions options;
    options.sync = parts_.sync_every_write;
    options.disableWAL = !parts_.write_ahead_log;
    std::shared_lock<std::shared_mutex> writing(checkpoint_mutex_);
    return Checked(db()->Write(options, &changes));
  }

  absl::Status Sync() override {
    RETURN_IF_ERROR(Writable());
    return parts_.write_ahead_log ? Checked(db()->SyncWAL()) : Flush();
  }

  absl::Status WriteStatus() const override { return Writable(); }

  absl::Status CheckpointTo(const std::string& directory) override {
    RETURN_IF_ERROR(Writable());
    const std::string database_path = DatabasePath(directory);
    RETURN_IF_ERROR(EnsureEmptyDirectory(parts_.env, directory));
    // Leaves little of the write-ahead log to copy while writes wait.
    RETURN_IF_ERROR(Flush());
    {
      std::unique_lock<std::shared_mutex> no_writes(checkpoint_mutex_);
      if (!parts_.write_ahead_log) RETURN_IF_ERROR(Flush());
      RETURN_IF_ERROR(CheckpointDatabase(db(), database_path));
    }
    RETURN_IF_ERROR(ManifestGuard::WriteFor(parts_.env, directory, database_path));
    return SyncDirectory(parts_.env, directory);
  }

  uint64_t StorageBytes() const override { return TableBytes(db()) + parts_.wal_env->WalBytes(); }

  uint64_t LastWrite() const override { return db()->GetLatestSequenceNumber(); }

  absl::Status EraseTraces(const std::vector<KeyRange>& ranges, uint64_t last_write) override {
    RETURN_IF_ERROR(Writable());
    // 0 when there is no snapshot.
    uint64_t oldest = 0;
    if (db()->GetIntProperty(rocksdb::DB::Properties::kOldestSnapshotSequence, &oldest) &&
        oldest > 0 && oldest < last_write) {
      return absl::UnavailableError("a snapshot of the store keeps former values");
    }
    // Every family: a write-ahead log is kept for the sake of the last of them.
    RETURN_IF_ERROR(Flush());
    rocksdb::CompactRangeOptions compaction;
    compaction.exclusive_manual_compaction = false;
    compaction.bottommost_level_compaction = rocksdb::BottommostLevelCompaction::kForceOptimized;
    for (const KeyRange& range : ranges) {
      const rocksdb::Slice first = AsSlice(range.lower), last = AsSlice(range.upper);
      RETURN_IF_ERROR(FromRocks(
          db()->CompactRange(compaction, rows(), &first, range.upper.empty() ? nullptr : &last),
          "rewriting files of the store"));
    }
    // What the files were replaced by is there; this removes them now and not
    // when RocksDB comes round to it.
    RETURN_IF_ERROR(FromRocks(db()->DisableFileDeletions(), "removing files of the store"));
    return FromRocks(db()->EnableFileDeletions(/*force=*/false), "removing files of the store");
  }

 private:
  absl::Status Add(const StoreBatch::Change& change, rocksdb::WriteBatch* changes) const {
    rocksdb::Status added;
    switch (change.kind) {
      case StoreBatch::Kind::kPut:
        added = changes->Put(rows(), AsSlice(change.key), AsSlice(change.value));
        break;
      case StoreBatch::Kind::kDelete:
        added = changes->Delete(rows(), AsSlice(change.key));
        break;
      case StoreBatch::Kind::kDeleteRange:
        if (change.key >= change.value) break;  // an empty range
        added = changes->DeleteRange(rows(), AsSlice(change.key), AsSlice(change.value));
        break;
    }
    if (added.ok()) return absl::OkStatus();
    return absl::InvalidArgumentError(
        fmt::format("a change cannot be stored: {}", added.ToString()));
  }

  absl::Status Writable() const {
    if (parts_.read_only) {
      return absl::FailedPreconditionError(
          fmt::format("the store in {} is open for reading only", parts_.directory));
    }
    return parts_.fail_stop->status();
  }

  absl::Status Flush() {
    return Checked(db()->Flush(rocksdb::FlushOptions(), parts_.database->families));
  }

  // The first write that fails is the last.
  absl::Status Checked(const rocksdb::Status& status) {
    if (status.ok()) return absl::OkStatus();
    return parts_.fail_stop->Trip(FromRocksWrite(status, "the write to the store"));
  }

  rocksdb::DB* db() const { return parts_.database->db.get(); }
  rocksdb::ColumnFamilyHandle* rows() const { return parts_.database->families[kRows]; }

  StoreParts parts_;
  // Shared by writes; exclusive while the files are copied.
  std::shared_mutex checkpoint_mutex_;
};

std::vector<rocksdb::ColumnFamilyDescriptor> StoreFamilies(const RocksStoreOptions& options) {
  rocksdb::BlockBasedTableOptions table;
  table.block_cache = rocksdb::NewLRUCache(options.block_cache_bytes, kCacheShardBits);
  table.block_size = kBlockBytes;
  table.format_version = 5;
  table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(kBloomBitsPerKey));
  table.data_block_index_type =
      rocksdb::BlockBasedTableOptions::DataBlockIndexType::kDataBlockBinaryAndHash;
  // Index and filters count against the cache, so that memory is bounded, and
  // stay there, so that a look-up does not search for them.
  table.cache_index_and_filter_blocks = true;
  table.metadata_cache_options.unpartitioned_pinning = rocksdb::PinningTier::kAll;
  rocksdb::ColumnFamilyOptions rows;
  rows.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
  rows.memtable_factory = NewOrderedMemtableFactory();
  rows.write_buffer_size = options.memtable_bytes;
  rows.max_write_buffer_number = kMemtablesMax;
  rows.memtable_prefix_bloom_size_ratio = kMemtableBloomRatio;
  rows.memtable_whole_key_filtering = true;
  // What was just flushed is soon compacted: compressing it twice is half the
  // cost of a flush.
  rows.compression_per_level = {rocksdb::kNoCompression, rocksdb::kLZ4Compression};
  rows.level_compaction_dynamic_level_bytes = true;
  return {{rocksdb::kDefaultColumnFamilyName, rows}, {kMetaFamily, {}}};
}

// Checks the version of the format; writes it into a new store.
absl::Status CheckFormat(const StoreParts& parts) {
  rocksdb::DB* const db = parts.database->db.get();
  rocksdb::ColumnFamilyHandle* const meta = parts.database->families[kMeta];
  std::string format;
  const rocksdb::Status found = db->Get(rocksdb::ReadOptions(), meta, kFormatKey, &format);
  if (found.IsNotFound() && !parts.read_only) {
    AppendLittle<uint32_t>(kStoreFormatVersion, &format);
    rocksdb::WriteOptions synced;
    synced.sync = true;
    return FromRocksWrite(db->Put(synced, meta, kFormatKey, format), "creating the store");
  }
  if (!found.ok()) return FromRocks(found, "reading the store's format");
  if (format.size() < sizeof(uint32_t)) {
    return absl::DataLossError(
        fmt::format("the format row of the store in {} is damaged", parts.directory));
  }
  const auto version = LoadLittle<uint32_t>(format.data());
  if (version == kStoreFormatVersion) return absl::OkStatus();
  return absl::FailedPreconditionError(
      fmt::format("the store in {} has version {} of its format; this program knows version {}",
                  parts.directory, version, kStoreFormatVersion));
}

}  // namespace

uint64_t DescriptorsWanted(int databases) {
  return static_cast<uint64_t>(databases) *
         static_cast<uint64_t>(OpenTablesMax() + kDescriptorsBesideTables);
}

absl::StatusOr<std::unique_ptr<RocksStore>> OpenRocksStore(const std::string& directory,
                                                           const RocksStoreOptions& options) {
  if (directory.empty()) return absl::InvalidArgumentError("the store's directory has no name");
  if (options.sync_every_write && !options.write_ahead_log) {
    return absl::InvalidArgumentError("a store without write-ahead log cannot sync every write");
  }
  rocksdb::Env* const env = options.env != nullptr ? options.env : rocksdb::Env::Default();
  const std::string database_path = DatabasePath(directory);
  StoreParts parts;
  parts.env = env;
  parts.directory = directory;
  parts.read_only = options.read_only;
  parts.sync_every_write = options.sync_every_write;
  parts.write_ahead_log = options.write_ahead_log;
  parts.fail_stop = std::make_shared<FailStop>();
  if (!options.read_only) RETURN_IF_ERROR(EnsureDirectory(env, database_path));
  ASSIGN_OR_RETURN(const bool exists, DatabaseExists(env, database_path));
  if (!exists && options.read_only) {
    return absl::NotFoundError(fmt::format("there is no store in {}", directory));
  }
  ASSIGN_OR_RETURN(parts.lock, DirectoryLock::Acquire(env, directory));
  parts.wal_env = std::make_unique<WalEnv>(env, database_path, /*ahead_bytes=*/0);
  rocksdb::DBOptions database = CommonDatabaseOptions(parts.wal_env.get());
  database.create_if_missing = true;
  database.create_missing_column_families = true;
  const auto guard = std::make_shared<ManifestGuard>(env, directory, parts.fail_stop);
  if (exists) {
    const absl::Status guarded = ManifestGuard::Check(env, directory, database_path);
    if (!guarded.ok() && !absl::IsNotFound(guarded)) return guarded;
  }
  database.listeners = {parts.fail_stop, guard};
  std::unique_ptr<GaplessReplay> replay;
  if (!options.sync_every_write) {  // else nothing is written behind what is not on disk
    ASSIGN_OR_RETURN(replay, GaplessReplay::ForOpening(env, database_path));
  }
  database.max_total_wal_size = options.memtable_bytes * kMemtablesPerWal;
  ASSIGN_OR_RETURN(parts.database,
                   OpenDatabaseFiles(database, database_path, StoreFamilies(options),
                                     options.read_only, std::move(replay)));
  if (!options.read_only) RETURN_IF_ERROR(guard->Start(parts.database->db.get()));
  RETURN_IF_ERROR(CheckFormat(parts));
  return std::make_unique<RocksStoreImpl>(std::move(parts));
}

}  // namespace dailyfeed

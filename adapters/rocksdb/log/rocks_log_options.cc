#include "adapters/rocksdb/log/rocks_log_options.h"

#include <rocksdb/cache.h>
#include <rocksdb/compaction_filter.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/table.h>

#include <string>
#include <utility>

#include "adapters/rocksdb/memtable/hash_memtable.h"
#include "adapters/rocksdb/memtable/ordered_memtable.h"

namespace dailyfeed {
namespace {

constexpr double kBloomBitsPerKey = 10;
constexpr size_t kEventBlockBytes = 16u << 10;
constexpr size_t kRowBlockBytes = 4u << 10;
constexpr size_t kSmallMemtableBytes = 4u << 20;
constexpr int kCacheShardBits = 4;
constexpr int kMemtablesMax = 4;
// An append must not wait for compaction as long as the disk keeps up at all.
constexpr int kSlowdownFiles = 40;
constexpr int kStopFiles = 64;
constexpr uint64_t kSecondsADay = 24 * 60 * 60;

// Drops idempotency records that expired at `until` or before.
class ExpiredRecords final : public rocksdb::CompactionFilter {
 public:
  explicit ExpiredRecords(TimestampNs until) : until_(until) {}
  const char* Name() const override { return "dailyfeed.ExpiredRecords"; }
  bool Filter(int, const rocksdb::Slice& key, const rocksdb::Slice& value, std::string*,
              bool*) const override {
    if (AsView(key) == kBatchNumberKey || value.size() < kIdempotencyHeaderBytes) return false;
    return LoadLittle<int64_t>(value.data()) <= until_;
  }

 private:
  const TimestampNs until_;
};

class ExpiredRecordsFactory final : public rocksdb::CompactionFilterFactory {
 public:
  explicit ExpiredRecordsFactory(std::shared_ptr<ExpiryClock> clock) : clock_(std::move(clock)) {}
  const char* Name() const override { return "dailyfeed.ExpiredRecordsFactory"; }
  std::unique_ptr<rocksdb::CompactionFilter> CreateCompactionFilter(
      const rocksdb::CompactionFilter::Context&) override {
    return std::make_unique<ExpiredRecords>(clock_->DropUntil());
  }

 private:
  const std::shared_ptr<ExpiryClock> clock_;
};

rocksdb::BlockBasedTableOptions TableOptions(const std::shared_ptr<rocksdb::Cache>& cache,
                                             size_t block_bytes, bool looked_up) {
  rocksdb::BlockBasedTableOptions table;
  table.block_cache = cache;
  table.block_size = block_bytes;
  table.format_version = 5;
  // Index and filters count against the cache, so that memory is bounded, and
  // stay there, so that a look-up does not search for them.
  table.cache_index_and_filter_blocks = true;
  table.metadata_cache_options.unpartitioned_pinning = rocksdb::PinningTier::kAll;
  if (looked_up) {
    table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(kBloomBitsPerKey));
    table.data_block_index_type =
        rocksdb::BlockBasedTableOptions::DataBlockIndexType::kDataBlockBinaryAndHash;
  }
  return table;
}

}  // namespace

rocksdb::DBOptions LogDatabaseOptions(rocksdb::Env* env, const RocksLogOptions& options,
                                      std::shared_ptr<FailStop> fail_stop) {
  rocksdb::DBOptions database = CommonDatabaseOptions(env);
  database.max_total_wal_size = options.wal_bytes_max;
  database.listeners.push_back(std::move(fail_stop));
  return database;
}

std::vector<rocksdb::ColumnFamilyDescriptor> LogFamilies(
    const RocksLogOptions& options, std::shared_ptr<ExpiryClock> expiry_clock) {
  const auto cache = rocksdb::NewLRUCache(options.block_cache_bytes, kCacheShardBits);
  const auto family = [&](size_t memtable_bytes, size_t block_bytes, bool looked_up) {
    rocksdb::ColumnFamilyOptions settings;
    settings.write_buffer_size = memtable_bytes;
    settings.max_write_buffer_number = kMemtablesMax;
    // What was just flushed is soon compacted: compressing it twice is half the
    // cost of a flush.
    settings.compression_per_level = {rocksdb::kNoCompression, rocksdb::kLZ4Compression};
    settings.level0_slowdown_writes_trigger = kSlowdownFiles;
    settings.level0_stop_writes_trigger = kStopFiles;
    settings.level_compaction_dynamic_level_bytes = true;
    settings.table_factory.reset(
        rocksdb::NewBlockBasedTableFactory(TableOptions(cache, block_bytes, looked_up)));
    settings.memtable_factory =
        looked_up ? NewHashMemtableFactory(memtable_bytes) : NewOrderedMemtableFactory();
    return settings;
  };
  const size_t large = options.event_memtable_bytes;
  rocksdb::ColumnFamilyOptions idempotency = family(large, kRowBlockBytes, true);
  idempotency.compaction_filter_factory =
      std::make_shared<ExpiredRecordsFactory>(std::move(expiry_clock));
  // Files nobody writes to any more are compacted for the filter's sake.
  idempotency.periodic_compaction_seconds = kSecondsADay;

  std::vector<rocksdb::ColumnFamilyDescriptor> families(kLogFamilyCount);
  families[kMeta] = {kMetaFamily, family(kSmallMemtableBytes, kRowBlockBytes, false)};
  families[kEvents] = {kEventsFamily, family(large, kEventBlockBytes, false)};
  families[kStreams] = {kStreamsFamily, family(large, kRowBlockBytes, true)};
  families[kDecision] = {kDecisionFamily, family(large, kRowBlockBytes, true)};
  families[kIdempotency] = {kIdempotencyFamily, std::move(idempotency)};
  families[kDays] = {kDaysFamily, family(kSmallMemtableBytes, kRowBlockBytes, false)};
  families.push_back(
      {rocksdb::kDefaultColumnFamilyName, family(kSmallMemtableBytes, kRowBlockBytes, false)});
  return families;
}

}  // namespace dailyfeed

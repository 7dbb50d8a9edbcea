#include "tools/bench/raw_rocksdb.h"

#include <rocksdb/db.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/table.h>

#include <atomic>
#include <thread>

#include "absl/time/clock.h"

namespace dailyfeed::bench {
namespace {

absl::Status ToAbsl(const rocksdb::Status& status) {
  return status.ok() ? absl::OkStatus() : absl::InternalError(status.ToString());
}

std::string RowKey(char table, uint64_t row) {
  std::string key(9, table);
  for (int i = 0; i < 8; ++i) key[1 + i] = static_cast<char>(row >> (56 - 8 * i));
  return key;
}

class RawRocksDbImpl final : public RawRocksDb {
 public:
  explicit RawRocksDbImpl(std::unique_ptr<rocksdb::DB> db) : db_(std::move(db)) {}

  absl::StatusOr<Puts> SyncedPuts(int threads, size_t value_bytes,
                                  absl::Duration duration) override {
    const std::string value(value_bytes, 'v');
    std::atomic<bool> failed = false;
    std::vector<Histogram> latencies(static_cast<size_t>(threads));
    std::vector<std::thread> workers;
    const absl::Time start = absl::Now();
    const absl::Time end = start + duration;
    for (int t = 0; t < threads; ++t) {
      workers.emplace_back([&, t] {
        rocksdb::WriteOptions options;
        options.sync = true;
        for (absl::Time before = absl::Now(); before < end && !failed;) {
          const uint64_t row = next_row_.fetch_add(1, std::memory_order_relaxed);
          if (!db_->Put(options, RowKey('p', row), value).ok()) failed = true;
          const absl::Time after = absl::Now();
          latencies[static_cast<size_t>(t)].Record(
              static_cast<uint64_t>(absl::ToInt64Nanoseconds(after - before)));
          before = after;
        }
      });
    }
    for (std::thread& worker : workers) worker.join();
    if (failed) return absl::InternalError("a raw put failed");
    Puts puts;
    for (const Histogram& latency : latencies) puts.latency.Merge(latency);
    puts.per_second =
        static_cast<double>(puts.latency.count()) / absl::ToDoubleSeconds(absl::Now() - start);
    return puts;
  }

  absl::Status Deliver(uint64_t post, const std::vector<uint64_t>& receivers) override {
    rocksdb::WriteBatch batch;
    const std::string place = RowKey('t', post) + RowKey('p', post);
    for (const uint64_t receiver : receivers) batch.Put(RowKey('f', receiver) + place, "");
    return ToAbsl(db_->Write(rocksdb::WriteOptions(), &batch));
  }

  absl::Status Fill(char table, uint64_t rows, size_t value_bytes) override {
    constexpr uint64_t kRowsPerWrite = 1000;
    std::string value(value_bytes, 'v');
    for (uint64_t row = 0; row < rows;) {
      rocksdb::WriteBatch batch;
      for (uint64_t i = 0; i < kRowsPerWrite && row < rows; ++i, ++row) {
        // Not all alike, so that compression works as on real rows.
        for (size_t at = 0; at + 8 < value.size(); at += 24)
          value[at] = static_cast<char>(row * 31 + at);
        batch.Put(RowKey(table, row), value);
      }
      if (auto s = db_->Write(rocksdb::WriteOptions(), &batch); !s.ok()) return ToAbsl(s);
    }
    return ToAbsl(db_->Flush(rocksdb::FlushOptions()));
  }

  absl::StatusOr<size_t> MultiGet(const std::vector<Key>& keys) override {
    std::vector<std::string> bytes;
    bytes.reserve(keys.size());
    for (const Key& key : keys) bytes.push_back(RowKey(key.table, key.row));
    const std::vector<rocksdb::Slice> slices(bytes.begin(), bytes.end());
    std::vector<rocksdb::PinnableSlice> values(keys.size());
    std::vector<rocksdb::Status> statuses(keys.size());
    db_->MultiGet(rocksdb::ReadOptions(), db_->DefaultColumnFamily(), keys.size(), slices.data(),
                  values.data(), statuses.data());
    size_t found = 0;
    for (const rocksdb::Status& status : statuses) {
      if (!status.ok() && !status.IsNotFound()) return ToAbsl(status);
      found += status.ok() ? 1 : 0;
    }
    return found;
  }

 private:
  std::unique_ptr<rocksdb::DB> db_;
  std::atomic<uint64_t> next_row_ = 0;
};

}  // namespace

absl::StatusOr<std::unique_ptr<RawRocksDb>> RawRocksDb::Create(const std::string& directory) {
  rocksdb::Options options;
  options.create_if_missing = true;
  options.error_if_exists = true;
  rocksdb::BlockBasedTableOptions table;
  table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(10));
  table.block_cache = rocksdb::NewLRUCache(256u << 20);
  options.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
  rocksdb::DB* db = nullptr;
  if (auto s = rocksdb::DB::Open(options, directory, &db); !s.ok()) return ToAbsl(s);
  return std::make_unique<RawRocksDbImpl>(std::unique_ptr<rocksdb::DB>(db));
}

absl::StatusOr<absl::Duration> TimeRawOpen(const std::string& directory) {
  const absl::Time start = absl::Now();
  std::vector<std::string> names;
  if (auto s = rocksdb::DB::ListColumnFamilies(rocksdb::DBOptions(), directory, &names); !s.ok()) {
    return ToAbsl(s);
  }
  std::vector<rocksdb::ColumnFamilyDescriptor> families;
  for (const std::string& name : names) {
    families.emplace_back(name, rocksdb::ColumnFamilyOptions());
  }
  std::vector<rocksdb::ColumnFamilyHandle*> handles;
  rocksdb::DB* raw = nullptr;
  if (auto s = rocksdb::DB::Open(rocksdb::DBOptions(), directory, families, &handles, &raw);
      !s.ok()) {
    return ToAbsl(s);
  }
  const absl::Duration elapsed = absl::Now() - start;
  std::unique_ptr<rocksdb::DB> db(raw);
  for (rocksdb::ColumnFamilyHandle* handle : handles) db->DestroyColumnFamilyHandle(handle);
  return elapsed;
}

}  // namespace dailyfeed::bench

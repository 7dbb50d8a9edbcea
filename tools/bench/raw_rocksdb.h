// RocksDB without dailyfeed: the raw limit that benchmarks compare with.
#ifndef DAILYFEED_TOOLS_BENCH_RAW_ROCKSDB_H_
#define DAILYFEED_TOOLS_BENCH_RAW_ROCKSDB_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "tools/bench/histogram.h"

namespace dailyfeed::bench {

class RawRocksDb {
 public:
  // A new database; `directory` must not exist.
  static absl::StatusOr<std::unique_ptr<RawRocksDb>> Create(const std::string& directory);
  virtual ~RawRocksDb() = default;

  // Synced single puts of `value_bytes` from `threads` threads for `duration`.
  struct Puts {
    double per_second = 0;
    Histogram latency;
  };
  virtual absl::StatusOr<Puts> SyncedPuts(int threads, size_t value_bytes,
                                          absl::Duration duration) = 0;

  // One unsynced batch: an empty row for each receiver, as a fan-out on write
  // would write it (receiver, time, post).
  virtual absl::Status Deliver(uint64_t post, const std::vector<uint64_t>& receivers) = 0;

  // Unsynced rows of a table, keyed by table and number, for MultiGet.
  virtual absl::Status Fill(char table, uint64_t rows, size_t value_bytes) = 0;
  struct Key {
    char table;
    uint64_t row;
  };
  // Reads all keys with one MultiGet; how many were found.
  virtual absl::StatusOr<size_t> MultiGet(const std::vector<Key>& keys) = 0;
};

// How long RocksDB itself takes to open `directory` with all column families.
absl::StatusOr<absl::Duration> TimeRawOpen(const std::string& directory);

}  // namespace dailyfeed::bench

#endif  // DAILYFEED_TOOLS_BENCH_RAW_ROCKSDB_H_

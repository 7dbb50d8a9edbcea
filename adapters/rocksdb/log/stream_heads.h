// Where the streams used lately end, bounded.
//
// Two maps: what is used goes into the young one; when that is full it becomes
// the old one and the old one is dropped. A value lives at least as long as
// `capacity`/2 others take to come by.
//
// Threads: from any.
#ifndef DAILYFEED_ADAPTERS_ROCKSDB_LOG_STREAM_HEADS_H_
#define DAILYFEED_ADAPTERS_ROCKSDB_LOG_STREAM_HEADS_H_

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "adapters/rocksdb/log/log_format.h"
#include "core/domain/types.h"

namespace dailyfeed {

class StreamHeads {
 public:
  using Map = absl::flat_hash_map<StreamId, StreamEnd>;

  explicit StreamHeads(size_t capacity) : half_(capacity / 2) {}

  // `era` is what Learn wants to hear when the answer is nullopt.
  std::optional<StreamEnd> Find(const StreamId& stream, uint64_t* era) {
    std::lock_guard<std::mutex> lock(mutex_);
    *era = era_;
    if (auto found = young_.find(stream); found != young_.end()) return found->second;
    const auto found = old_.find(stream);
    if (found == old_.end()) return std::nullopt;
    const StreamEnd end = found->second;
    Insert(stream, end);
    return end;
  }

  // What was read from the disk after Find; dropped when an append came in
  // between, because it may be older than that.
  void Learn(const StreamId& stream, StreamEnd end, uint64_t era) {
    std::lock_guard<std::mutex> lock(mutex_);
    if (era == era_) Insert(stream, end);
  }

  // What an append has made of them.
  void Advance(const Map& ends) {
    std::lock_guard<std::mutex> lock(mutex_);
    ++era_;
    for (const auto& [stream, end] : ends) Insert(stream, end);
  }

 private:
  void Insert(const StreamId& stream, StreamEnd end) {
    if (young_.size() >= half_) {
      old_ = std::move(young_);
      young_.clear();
      young_.reserve(half_);
    }
    young_.insert_or_assign(stream, end);
  }

  const size_t half_;
  std::mutex mutex_;
  uint64_t era_ = 0;
  Map young_;
  Map old_;
};

}  // namespace dailyfeed

#endif  // DAILYFEED_ADAPTERS_ROCKSDB_LOG_STREAM_HEADS_H_

// Rows of segments in memory, ready to be read: what a query reads again and again.
//
//   SegmentCache cache(64 << 20);
//   std::shared_ptr<const SegmentRowData> row = cache.Find(key);
//   if (row == nullptr) row = cache.Put(key, std::move(data));
//
// A row of a segment never changes, so nothing is ever out of date. Bounded in bytes;
// what was not used lately goes first (CLOCK).
//
// Threads: any.
#ifndef DAILYFEED_PROJECTIONS_SEARCH_INDEX_SEGMENT_CACHE_H_
#define DAILYFEED_PROJECTIONS_SEARCH_INDEX_SEGMENT_CACHE_H_

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "core/domain/types.h"
#include "projections/search/index/gram.h"
#include "projections/search/index/ordinal_set.h"

namespace dailyfeed::search {

struct SegmentRowData {
  // Of a page: where every eighth posting list begins, and the gram before it.
  struct Place {
    Gram before = 0;
    uint32_t offset = 0;
  };
  std::string bytes;
  std::vector<Place> places;
  // Of a row of ordinals, and of one of creation times: it has no bytes then.
  OrdinalSet ordinals;
  std::vector<TimestampNs> created;  // by ordinal in the row; kNoTime: no document
};
inline constexpr TimestampNs kNoTime = std::numeric_limits<TimestampNs>::min();

class SegmentCache {
 public:
  explicit SegmentCache(size_t bytes_max) : shard_bytes_max_(bytes_max / kShards) {}

  // nullptr: it is not there.
  std::shared_ptr<const SegmentRowData> Find(uint64_t key);
  // Gives the row back; the one that is there already, if another thread was first.
  std::shared_ptr<const SegmentRowData> Put(uint64_t key, SegmentRowData row);
  size_t bytes() const { return bytes_; }

 private:
  static constexpr size_t kShards = 16;
  struct Entry {
    uint64_t key = 0;
    std::shared_ptr<const SegmentRowData> row;
    size_t bytes = 0;
    bool used = false;
  };
  struct Shard {
    std::mutex mutex;
    std::list<Entry> entries;  // in the order of the hand
    absl::flat_hash_map<uint64_t, std::list<Entry>::iterator> places;
    size_t bytes = 0;
  };
  Shard& ShardOf(uint64_t key) { return shards_[(key * 0x9e3779b97f4a7c15u) >> 60]; }
  void MakeRoom(Shard& shard);

  const size_t shard_bytes_max_;
  std::array<Shard, kShards> shards_;
  std::atomic<size_t> bytes_{0};
};

}  // namespace dailyfeed::search

#endif  // DAILYFEED_PROJECTIONS_SEARCH_INDEX_SEGMENT_CACHE_H_

#include "projections/search/index/segment_cache.h"

#include <utility>

namespace dailyfeed::search {
namespace {

constexpr size_t kEntryBytes = 160;  // of the list, the map and the allocator

}  // namespace

std::shared_ptr<const SegmentRowData> SegmentCache::Find(uint64_t key) {
  Shard& shard = ShardOf(key);
  std::lock_guard<std::mutex> lock(shard.mutex);
  const auto found = shard.places.find(key);
  if (found == shard.places.end()) return nullptr;
  found->second->used = true;
  return found->second->row;
}

std::shared_ptr<const SegmentRowData> SegmentCache::Put(uint64_t key, SegmentRowData row) {
  const size_t bytes = kEntryBytes + sizeof(SegmentRowData) + row.bytes.capacity() +
                       row.places.capacity() * sizeof(SegmentRowData::Place) +
                       row.ordinals.memory_bytes() + row.created.capacity() * sizeof(TimestampNs);
  auto kept = std::make_shared<const SegmentRowData>(std::move(row));
  if (bytes > shard_bytes_max_) return kept;
  Shard& shard = ShardOf(key);
  std::lock_guard<std::mutex> lock(shard.mutex);
  const auto found = shard.places.find(key);
  if (found != shard.places.end()) return found->second->row;
  shard.entries.push_back({.key = key, .row = kept, .bytes = bytes});
  shard.places[key] = std::prev(shard.entries.end());
  shard.bytes += bytes;
  bytes_ += bytes;
  MakeRoom(shard);
  return kept;
}

// A row that was used since the hand passed gets another round.
void SegmentCache::MakeRoom(Shard& shard) {
  while (shard.bytes > shard_bytes_max_) {
    Entry& oldest = shard.entries.front();
    if (oldest.used) {
      oldest.used = false;
      shard.entries.splice(shard.entries.end(), shard.entries, shard.entries.begin());
      continue;
    }
    shard.bytes -= oldest.bytes;
    bytes_ -= oldest.bytes;
    shard.places.erase(oldest.key);
    shard.entries.pop_front();
  }
}

}  // namespace dailyfeed::search

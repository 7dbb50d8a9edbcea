// A bounded map in memory in front of the rows of a read model, many threads
// at a time.
//
// Coherence. The runtime writes rows to the store, then tells the caches what
// changed (Update, Erase, Clear), then acknowledges. A reader that misses gets
// a ticket *before* it reads the store; Insert takes it back and drops the
// value when anything with the same ticket number changed in between, because
// the value may be older than the change. So a read that starts after an
// acknowledgement never sees what was before.
//
//   Cache<Card>::Ticket ticket;
//   if (!cache.Find(id, &ticket, [&](const Card& card) { use(card); })) {
//     ASSIGN_OR_RETURN(Card card, ReadFromStore(id));
//     use(card);
//     cache.Insert(id, std::move(card), ticket);
//   }
//
// Bounded by bytes: `Value::Bytes()` says what a value holds outside itself,
// the rest is added here. The entries that were not used for longest go first
// (CLOCK). Sharded by key, a mutex each; nothing is done under a lock but what
// the callbacks do, which must be short and must not use the cache.
//
// Threads: everything from any thread.
#ifndef DAILYFEED_PROJECTIONS_CACHE_CACHE_H_
#define DAILYFEED_PROJECTIONS_CACHE_CACHE_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <mutex>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"

namespace dailyfeed {

template <typename Value>
class Cache {
 public:
  // Taken at a miss, before the store is read.
  struct Ticket {
    uint64_t changes = 0;
  };

  struct Stats {
    uint64_t hits = 0;
    uint64_t misses = 0;
    uint64_t bytes = 0;
    uint64_t entries = 0;
  };

  // What an entry costs beside Value::Bytes(): its slot, its place in the
  // index at the usual load, the allocator's share.
  static constexpr size_t kEntryBytes = sizeof(Value) + 64;

  explicit Cache(size_t bytes_max) : shard_bytes_max_(bytes_max / kShards) {}
  Cache(const Cache&) = delete;
  Cache& operator=(const Cache&) = delete;

  // Calls use(const Value&) under the lock and returns true; or fills `ticket`.
  template <typename Use>
  bool Find(uint64_t key, Ticket* ticket, Use&& use) {
    const uint64_t hash = Mix(key);
    Shard& shard = ShardOf(hash);
    std::lock_guard<std::mutex> lock(shard.mutex);
    auto found = shard.index.find(key);
    if (found == shard.index.end()) {
      ++shard.misses;
      ticket->changes = shard.changes[StripeOf(hash)];
      return false;
    }
    ++shard.hits;
    Slot& slot = shard.slots[found->second];
    slot.used = true;
    use(static_cast<const Value&>(slot.value));
    return true;
  }

  // Keeps `value` unless something changed since `ticket` was given. A value
  // that is there already stays: it is as new, and may have been updated.
  void Insert(uint64_t key, Value value, const Ticket& ticket) {
    const uint64_t hash = Mix(key);
    Shard& shard = ShardOf(hash);
    const size_t bytes = kEntryBytes + value.Bytes();
    if (bytes > shard_bytes_max_) return;
    std::lock_guard<std::mutex> lock(shard.mutex);
    if (ticket.changes != shard.changes[StripeOf(hash)]) return;
    auto [place, inserted] = shard.index.try_emplace(key, 0);
    if (!inserted) return;
    place->second = shard.TakeSlot();
    Slot& slot = shard.slots[place->second];
    // Not yet used: a value that is asked for once goes before one that was
    // asked for again.
    slot = {.key = key, .bytes = bytes, .value = std::move(value), .live = true};
    shard.bytes += bytes;
    if (shard.bytes > shard_bytes_max_) shard.Evict(shard_bytes_max_, place->second);
  }

  // The rows under `key` changed. change(Value&) brings a cached value up to
  // date and returns true, or returns false to have it dropped.
  template <typename Change>
  void Update(uint64_t key, Change&& change) {
    const uint64_t hash = Mix(key);
    Shard& shard = ShardOf(hash);
    std::lock_guard<std::mutex> lock(shard.mutex);
    ++shard.changes[StripeOf(hash)];
    auto found = shard.index.find(key);
    if (found == shard.index.end()) return;
    const uint32_t at = found->second;
    Slot& slot = shard.slots[at];
    if (!change(slot.value)) {
      shard.Drop(at);
      return;
    }
    const size_t bytes = kEntryBytes + slot.value.Bytes();
    shard.bytes = shard.bytes - slot.bytes + bytes;
    slot.bytes = bytes;
    if (shard.bytes > shard_bytes_max_) shard.Evict(shard_bytes_max_, at);
  }

  void Erase(uint64_t key) {
    Update(key, [](Value&) { return false; });
  }

  // Everything may have changed.
  void Clear() {
    for (Shard& shard : shards_) {
      std::lock_guard<std::mutex> lock(shard.mutex);
      for (uint64_t& changes : shard.changes) ++changes;
      shard.index.clear();
      shard.slots.clear();
      shard.free.clear();
      shard.bytes = 0;
      shard.hand = 0;
    }
  }

  Stats stats() const {
    Stats sum;
    for (const Shard& shard : shards_) {
      std::lock_guard<std::mutex> lock(shard.mutex);
      sum.hits += shard.hits;
      sum.misses += shard.misses;
      sum.bytes += shard.bytes;
      sum.entries += shard.index.size();
    }
    return sum;
  }

 private:
  static constexpr size_t kShards = 64;
  static constexpr size_t kStripes = 64;  // of each shard: keys that share a change counter

  struct Slot {
    uint64_t key = 0;
    size_t bytes = 0;
    Value value;
    bool live = false;
    bool used = false;
  };

  struct Shard {
    mutable std::mutex mutex;
    absl::flat_hash_map<uint64_t, uint32_t> index;
    std::deque<Slot> slots;  // does not move and does not double
    std::vector<uint32_t> free;
    std::array<uint64_t, kStripes> changes{};
    size_t bytes = 0;
    size_t hand = 0;
    uint64_t hits = 0;
    uint64_t misses = 0;

    uint32_t TakeSlot() {
      if (free.empty()) {
        slots.emplace_back();
        return static_cast<uint32_t>(slots.size() - 1);
      }
      const uint32_t at = free.back();
      free.pop_back();
      return at;
    }

    void Drop(uint32_t at) {
      bytes -= slots[at].bytes;
      index.erase(slots[at].key);
      slots[at] = Slot{};
      free.push_back(at);
    }

    // Drops entries until the rest fits; `keep` goes last.
    void Evict(size_t bytes_max, uint32_t keep) {
      while (bytes > bytes_max && index.size() > 1) {
        const auto at = static_cast<uint32_t>(hand);
        hand = hand + 1 == slots.size() ? 0 : hand + 1;
        Slot& slot = slots[at];
        if (!slot.live || at == keep) continue;
        if (std::exchange(slot.used, false)) continue;
        Drop(at);
      }
      if (bytes > bytes_max) Drop(keep);
    }
  };

  // Ids are small consecutive numbers; the finalizer of MurmurHash3 spreads
  // them over shards and stripes.
  static uint64_t Mix(uint64_t key) {
    key ^= key >> 33;
    key *= 0xff51afd7ed558ccdULL;
    key ^= key >> 33;
    key *= 0xc4ceb9fe1a85ec53ULL;
    return key ^ key >> 33;
  }
  Shard& ShardOf(uint64_t hash) { return shards_[hash % kShards]; }
  static size_t StripeOf(uint64_t hash) { return hash / kShards % kStripes; }

  const size_t shard_bytes_max_;
  std::array<Shard, kShards> shards_;
};

}  // namespace dailyfeed

#endif  // DAILYFEED_PROJECTIONS_CACHE_CACHE_H_

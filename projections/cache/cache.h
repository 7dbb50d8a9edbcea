// A bounded map in memory in front of the rows of a read model, many threads
// at a time.
//
// Coherence. Readers come with the moment of the view they have pinned
// (projections/runtime/read_view.h). The runtime announces every event to the
// caches (Update, Erase, Put, Clear) before it publishes a view that has it, so a
// cache is never behind a view, but it may be ahead of one. An entry therefore
// remembers the position of the event that changed it last: it is an answer for
// the views from there on, and no answer for an older view. A value that was
// read from a view enters the cache only while no newer event has changed its
// key. So however many caches a query asks, all answers are of its view.
//
//   const Moment at = MomentOf(view, members);
//   if (!cache.Find(id, at, [&](const Card& card) { use(card); })) {
//     ASSIGN_OR_RETURN(Card card, ReadFrom(view));
//     use(card);
//     cache.Insert(id, std::move(card), at);
//   }
//
// LoadThrough does this for many keys at once.
//
// Bounded by bytes: `Value::Bytes()` says what a value holds outside itself,
// the rest is added here. The entries that were not used for longest go first
// (CLOCK). Sharded by key, a mutex each; only the callbacks run under a lock:
// they must be short and must not use the cache.
//
// Threads: everything from any thread; Update, Erase, Put and Clear from one
// thread at a time.
#ifndef DAILYFEED_PROJECTIONS_CACHE_CACHE_H_
#define DAILYFEED_PROJECTIONS_CACHE_CACHE_H_

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "core/base/status_macros.h"
#include "core/domain/types.h"
#include "projections/cache/heap_bytes.h"
#include "projections/cache/moment.h"

namespace dailyfeed {

struct CacheCounts {
  uint64_t hits = 0;
  uint64_t misses = 0;
  uint64_t bytes = 0;
  uint64_t entries = 0;
};

template <typename Value>
class Cache {
 private:
  // The entries of a shard stand in a ring; the hand of the clock goes round it.
  struct Node {
    uint64_t key = 0;
    size_t bytes = 0;
    Position since = 0;  // the answer for views from here on
    Node* before = nullptr;
    Node* behind = nullptr;
    bool used = false;
    Value value;
  };

 public:
  // What an entry costs beside Value::Bytes(). The slots of the index are counted
  // with the shard: there are more of them than entries.
  static constexpr size_t kEntryBytes = BlockBytes(sizeof(Node));
  static constexpr size_t kIndexSlotBytes = sizeof(std::pair<uint64_t, void*>) + 1;

  explicit Cache(size_t bytes_max) : shard_bytes_max_(bytes_max / kShards) {}
  ~Cache() { Clear(0); }
  Cache(const Cache&) = delete;
  Cache& operator=(const Cache&) = delete;

  // Calls use(const Value&) under the lock and returns true; false: there is no
  // answer for this moment.
  template <typename Use>
  bool Find(uint64_t key, const Moment& at, Use&& use) {
    Shard& shard = ShardOf(Mix(key));
    std::lock_guard<std::mutex> lock(shard.mutex);
    const auto found = shard.index.find(key);
    if (found == shard.index.end() || at.epoch < shard.epoch ||
        found->second->since > at.position) {
      ++shard.misses;
      return false;
    }
    ++shard.hits;
    found->second->used = true;
    use(static_cast<const Value&>(found->second->value));
    return true;
  }

  // Keeps `value`, read from the view of `at`, unless something has changed
  // since then. A value that is there already stays: it is as new.
  void Insert(uint64_t key, Value value, const Moment& at) {
    const uint64_t hash = Mix(key);
    Shard& shard = ShardOf(hash);
    std::lock_guard<std::mutex> lock(shard.mutex);
    const Position changed = shard.changed[StripeOf(hash)];
    if (at.epoch < shard.epoch || changed > at.position) return;
    Add(shard, key, std::move(value), changed);
  }

  // The event at `position` has made the rows under `key` what `value` says.
  void Put(uint64_t key, Position position, Value value) {
    const uint64_t hash = Mix(key);
    Shard& shard = ShardOf(hash);
    std::lock_guard<std::mutex> lock(shard.mutex);
    shard.changed[StripeOf(hash)] = position;
    const auto found = shard.index.find(key);
    if (found != shard.index.end()) shard.Drop(found->second);
    Add(shard, key, std::move(value), position);
  }

  // The event at `position` changed the rows under `key`. change(Value&) brings
  // a cached value up to date and returns true, or returns false to have it
  // dropped.
  template <typename Change>
  void Update(uint64_t key, Position position, Change&& change) {
    const uint64_t hash = Mix(key);
    Shard& shard = ShardOf(hash);
    std::lock_guard<std::mutex> lock(shard.mutex);
    shard.changed[StripeOf(hash)] = position;
    const auto found = shard.index.find(key);
    if (found == shard.index.end()) return;
    Node* node = found->second;
    if (!change(node->value)) return shard.Drop(node);
    node->since = position;
    shard.bytes -= node->bytes;
    node->bytes = kEntryBytes + node->value.Bytes();
    shard.bytes += node->bytes;
    shard.Evict(shard_bytes_max_, node);
  }

  void Erase(uint64_t key, Position position) {
    Update(key, position, [](Value&) { return false; });
  }

  // Everything may have changed; `epoch` is that of the views that show it.
  void Clear(uint64_t epoch) {
    for (Shard& shard : shards_) {
      std::lock_guard<std::mutex> lock(shard.mutex);
      shard.epoch = epoch;
      while (shard.hand != nullptr) shard.Drop(shard.hand);
    }
  }

  CacheCounts counts() const {
    CacheCounts sum;
    for (const Shard& shard : shards_) {
      std::lock_guard<std::mutex> lock(shard.mutex);
      sum.hits += shard.hits;
      sum.misses += shard.misses;
      sum.bytes += shard.Held();
      sum.entries += shard.index.size();
    }
    return sum;
  }

 private:
  static constexpr size_t kShards = 64;
  static constexpr size_t kStripes = 64;  // of each shard: keys with one position of change

  struct Shard {
    mutable std::mutex mutex;
    absl::flat_hash_map<uint64_t, Node*> index;
    Node* hand = nullptr;
    uint64_t epoch = 0;
    std::array<Position, kStripes> changed{};
    size_t bytes = 0;
    uint64_t hits = 0;
    uint64_t misses = 0;

    size_t Held() const { return bytes + index.capacity() * kIndexSlotBytes; }

    void Drop(Node* node) {
      bytes -= node->bytes;
      index.erase(node->key);
      // An index that was large once does not stay so.
      if (index.size() < index.capacity() / kLeastPart) index.rehash(0);
      node->before->behind = node->behind;
      node->behind->before = node->before;
      if (hand == node) hand = node->behind == node ? nullptr : node->behind;
      delete node;
    }

    // Drops entries until the rest fits; `keep` goes last.
    void Evict(size_t bytes_max, Node* keep) {
      while (Held() > bytes_max && index.size() > 1) {
        Node* node = hand;
        hand = hand->behind;
        if (node == keep || std::exchange(node->used, false)) continue;
        Drop(node);
      }
      if (Held() > bytes_max) Drop(keep);
    }
  };
  static constexpr size_t kLeastPart = 8;

  // Under the lock of the shard.
  void Add(Shard& shard, uint64_t key, Value value, Position since) {
    const size_t bytes = kEntryBytes + value.Bytes();
    if (bytes + kIndexSlotBytes > shard_bytes_max_) return;
    const auto [at, added] = shard.index.try_emplace(key, nullptr);
    if (!added) return;
    // Not yet used: a value that is asked for once goes before one that was
    // asked for again.
    Node* node = new Node{.key = key, .bytes = bytes, .since = since, .value = std::move(value)};
    at->second = node;
    if (shard.hand == nullptr) shard.hand = node->before = node->behind = node;
    // In front of the hand: it comes here last.
    node->before = shard.hand->before;
    node->behind = shard.hand;
    node->before->behind = node;
    shard.hand->before = node;
    shard.bytes += bytes;
    shard.Evict(shard_bytes_max_, node);
  }

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

// Looks up count keys, reads those that the cache has no answer for, and keeps
// what was read.
//
//   key(i) -> uint64_t: the i-th key.
//   use(i, const Value&): takes the answer; under a lock of the cache or not.
//   read(const std::vector<size_t>& misses) -> StatusOr<vector<optional<Value>>>:
//     from the view of `at`, one for each miss; nullopt: nothing to use or keep.
template <typename Value, typename KeyOf, typename Use, typename Read>
absl::Status LoadThrough(Cache<Value>& cache, const Moment& at, size_t count, KeyOf&& key,
                         Use&& use, Read&& read) {
  std::vector<size_t> misses;
  for (size_t i = 0; i < count; ++i) {
    if (!cache.Find(key(i), at, [&](const Value& value) { use(i, value); })) misses.push_back(i);
  }
  if (misses.empty()) return absl::OkStatus();
  ASSIGN_OR_RETURN(std::vector<std::optional<Value>> values, read(misses));
  for (size_t i = 0; i < misses.size(); ++i) {
    if (!values[i].has_value()) continue;
    use(misses[i], *values[i]);
    cache.Insert(key(misses[i]), *std::move(values[i]), at);
  }
  return absl::OkStatus();
}

// The same for one key. read() -> StatusOr<Value>.
template <typename Value, typename Use, typename Read>
absl::Status LoadOneThrough(Cache<Value>& cache, const Moment& at, uint64_t key, Use&& use,
                            Read&& read) {
  if (cache.Find(key, at, use)) return absl::OkStatus();
  ASSIGN_OR_RETURN(Value value, read());
  use(value);
  cache.Insert(key, std::move(value), at);
  return absl::OkStatus();
}

}  // namespace dailyfeed

#endif  // DAILYFEED_PROJECTIONS_CACHE_CACHE_H_

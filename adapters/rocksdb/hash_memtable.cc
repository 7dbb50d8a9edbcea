#include "adapters/rocksdb/hash_memtable.h"

#include <rocksdb/slice.h>

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <mutex>
#include <new>
#include <string_view>
#include <vector>

#include "absl/hash/hash.h"
#include "adapters/rocksdb/bytes.h"
#include "core/domain/check.h"

namespace dailyfeed {
namespace {

constexpr size_t kBuckets = size_t{1} << 16;
// Behind the user key of an internal key: sequence number and type, packed.
constexpr size_t kPackedBytes = 8;

using rocksdb::Slice;

// An entry. Entries of one user key hang together, newest first, by `older`;
// the newest of each user key of a bucket, by `next`.
struct Node {
  std::atomic<Node*> next{nullptr};
  Node* older = nullptr;

  // The entry in RocksDB's encoding: size and bytes of the internal key, then
  // of the value.
  char* entry() { return reinterpret_cast<char*>(this + 1); }
  const char* entry() const { return reinterpret_cast<const char*>(this + 1); }
};

struct ParsedKey {
  std::string_view user_key;
  uint64_t packed;  // higher is newer
};

ParsedKey ParseInternalKey(const Slice& key) {
  const size_t size = key.size() - kPackedBytes;
  return {{key.data(), size}, LoadLittle<uint64_t>(key.data() + size)};
}

ParsedKey ParseEntry(const char* entry) {
  uint32_t size = 0;  // a varint
  const auto* byte = reinterpret_cast<const uint8_t*>(entry);
  for (int shift = 0;; shift += 7, ++byte) {
    size |= static_cast<uint32_t>(*byte & 0x7f) << shift;
    if (*byte < 0x80) break;
  }
  return ParseInternalKey(Slice(reinterpret_cast<const char*>(byte + 1), size));
}

class HashMemtable final : public rocksdb::MemTableRep {
 public:
  HashMemtable(const KeyComparator& compare, rocksdb::Allocator* allocator)
      : MemTableRep(allocator), compare_(compare), buckets_(kBuckets) {}

  rocksdb::KeyHandle Allocate(const size_t size, char** buffer) override {
    char* raw = nullptr;
    MemTableRep::Allocate(sizeof(Node) + size + alignof(Node), &raw);
    void* aligned = raw;
    size_t space = sizeof(Node) + size + alignof(Node);
    DAILYFEED_CHECK(std::align(alignof(Node), sizeof(Node) + size, aligned, space) != nullptr);
    Node* const node = new (aligned) Node();
    *buffer = node->entry();
    return node;
  }

  void Insert(rocksdb::KeyHandle handle) override {
    Node* const node = static_cast<Node*>(handle);
    const ParsedKey key = ParseEntry(node->entry());
    std::atomic<Node*>& bucket = BucketOf(key.user_key);
    std::atomic<Node*>* link = &bucket;
    Node* newest = link->load(std::memory_order_relaxed);
    while (newest != nullptr && ParseEntry(newest->entry()).user_key != key.user_key) {
      link = &newest->next;
      newest = link->load(std::memory_order_relaxed);
    }
    if (newest == nullptr) {
      node->next.store(bucket.load(std::memory_order_relaxed), std::memory_order_relaxed);
      bucket.store(node, std::memory_order_release);
      return;
    }
    DAILYFEED_CHECK(ParseEntry(newest->entry()).packed < key.packed);
    // A reader that stands on `newest` goes on from there and misses only
    // what is newer than its sequence number.
    node->older = newest;
    node->next.store(newest->next.load(std::memory_order_relaxed), std::memory_order_relaxed);
    link->store(node, std::memory_order_release);
  }

  bool Contains(const char* entry) const override {
    const ParsedKey key = ParseEntry(entry);
    const Node* const node = Find(key);
    return node != nullptr && ParseEntry(node->entry()).packed == key.packed;
  }

  size_t ApproximateMemoryUsage() override { return kBuckets * sizeof(buckets_[0]); }

  // The newest entry of the user key that is not newer than `key`.
  const Node* Find(const ParsedKey& key) const {
    const Node* node = BucketOf(key.user_key).load(std::memory_order_acquire);
    while (node != nullptr && ParseEntry(node->entry()).user_key != key.user_key) {
      node = node->next.load(std::memory_order_acquire);
    }
    while (node != nullptr && ParseEntry(node->entry()).packed > key.packed) node = node->older;
    return node;
  }

  Iterator* GetIterator(rocksdb::Arena* arena) override {
    return Make<SortedIterator>(arena, *this);
  }
  // What a look-up uses: it seeks, and walks over the versions of one key.
  Iterator* GetDynamicPrefixIterator(rocksdb::Arena* arena) override {
    return Make<VersionIterator>(arena, *this);
  }

 private:
  class VersionIterator final : public Iterator {
   public:
    explicit VersionIterator(const HashMemtable& table) : table_(table) {}
    bool Valid() const override { return node_ != nullptr; }
    const char* key() const override { return node_->entry(); }
    void Next() override { node_ = node_->older; }
    void Seek(const Slice& internal_key, const char*) override {
      node_ = table_.Find(ParseInternalKey(internal_key));
    }
    // Only a column family with a prefix extractor asks for these.
    void Prev() override { DAILYFEED_CHECK(false); }
    void SeekForPrev(const Slice&, const char*) override { DAILYFEED_CHECK(false); }
    void SeekToFirst() override { DAILYFEED_CHECK(false); }
    void SeekToLast() override { DAILYFEED_CHECK(false); }

   private:
    const HashMemtable& table_;
    const Node* node_ = nullptr;
  };

  // Everything there is at its first move, sorted.
  class SortedIterator final : public Iterator {
   public:
    explicit SortedIterator(const HashMemtable& table) : table_(table) {}
    bool Valid() const override { return at_ < entries_.size(); }
    const char* key() const override { return entries_[at_].entry; }
    void Next() override { ++at_; }
    void Prev() override { at_ = at_ == 0 ? entries_.size() : at_ - 1; }
    void Seek(const Slice& internal_key, const char*) override { at_ = LowerBound(internal_key); }
    void SeekForPrev(const Slice& internal_key, const char*) override {
      at_ = LowerBound(internal_key);
      if (Valid() && table_.compare_(entries_[at_].entry, internal_key) == 0) return;
      at_ = at_ == 0 ? entries_.size() : at_ - 1;
    }
    void SeekToFirst() override {
      Sort();
      at_ = 0;
    }
    void SeekToLast() override {
      Sort();
      at_ = entries_.empty() ? 0 : entries_.size() - 1;
    }

   private:
    struct Entry {
      uint64_t prefix;  // the first bytes of the user key, as a number
      const char* entry;
    };

    void Sort() {
      if (sorted_) return;
      sorted_ = true;
      for (const std::atomic<Node*>& bucket : table_.buckets_) {
        for (const Node* newest = bucket.load(std::memory_order_acquire); newest != nullptr;
             newest = newest->next.load(std::memory_order_acquire)) {
          for (const Node* node = newest; node != nullptr; node = node->older) {
            entries_.push_back({PrefixOf(node->entry()), node->entry()});
          }
        }
      }
      std::sort(entries_.begin(), entries_.end(), [this](const Entry& a, const Entry& b) {
        if (a.prefix != b.prefix) return a.prefix < b.prefix;
        return table_.compare_(a.entry, b.entry) < 0;
      });
    }

    static uint64_t PrefixOf(const char* entry) {
      const std::string_view key = ParseEntry(entry).user_key;
      char bytes[sizeof(uint64_t)] = {};
      std::memcpy(bytes, key.data(), std::min(key.size(), sizeof(bytes)));
      return LoadBig64(bytes);
    }

    size_t LowerBound(const Slice& internal_key) {
      Sort();
      const auto found = std::partition_point(
          entries_.begin(), entries_.end(),
          [&](const Entry& entry) { return table_.compare_(entry.entry, internal_key) < 0; });
      return static_cast<size_t>(found - entries_.begin());
    }

    const HashMemtable& table_;
    bool sorted_ = false;
    std::vector<Entry> entries_;
    size_t at_ = 0;  // entries_.size(): not valid
  };

  // With an arena, RocksDB ends the iterator's life without freeing it; the
  // arena's type is RocksDB's own, so the few bytes come from here and stay as
  // long as the memtable does.
  template <typename T>
  Iterator* Make(rocksdb::Arena* arena, const HashMemtable& table) {
    if (arena == nullptr) return new T(table);
    std::lock_guard<std::mutex> lock(mutex_);
    iterators_.push_back(std::make_unique<std::byte[]>(sizeof(T)));
    return new (iterators_.back().get()) T(table);
  }

  std::atomic<Node*>& BucketOf(std::string_view user_key) {
    return buckets_[absl::HashOf(user_key) % kBuckets];
  }
  const std::atomic<Node*>& BucketOf(std::string_view user_key) const {
    return buckets_[absl::HashOf(user_key) % kBuckets];
  }

  const KeyComparator& compare_;
  std::vector<std::atomic<Node*>> buckets_;
  std::mutex mutex_;
  std::vector<std::unique_ptr<std::byte[]>> iterators_;
};

class HashMemtableFactory final : public rocksdb::MemTableRepFactory {
 public:
  using rocksdb::MemTableRepFactory::CreateMemTableRep;
  rocksdb::MemTableRep* CreateMemTableRep(const rocksdb::MemTableRep::KeyComparator& compare,
                                          rocksdb::Allocator* allocator,
                                          const rocksdb::SliceTransform*,
                                          rocksdb::Logger*) override {
    return new HashMemtable(compare, allocator);
  }
  const char* Name() const override { return "dailyfeed.HashMemtable"; }
};

}  // namespace

std::shared_ptr<rocksdb::MemTableRepFactory> NewHashMemtableFactory() {
  return std::make_shared<HashMemtableFactory>();
}

}  // namespace dailyfeed

#include "adapters/rocksdb/memtable/hash_memtable.h"

#include <rocksdb/slice.h>

#include <algorithm>
#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <new>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/hash/hash.h"
#include "adapters/rocksdb/database/bytes.h"
#include "adapters/rocksdb/memtable/memtable_entry.h"
#include "core/base/check.h"

namespace dailyfeed {
namespace {

// Memtable bytes for one bucket: about one entry.
constexpr size_t kBytesPerBucket = 64;

using rocksdb::Slice;

// An entry. Entries of one user key hang together, newest first, by `older`;
// the newest of each user key of a bucket, by `next`.
struct Node {
  Node* next = nullptr;  // changes while others read: see Publish and Follow
  Node* older = nullptr;

  // The entry in RocksDB's encoding: size and bytes of the internal key, then
  // of the value.
  char* entry() { return reinterpret_cast<char*>(this + 1); }
  const char* entry() const { return reinterpret_cast<const char*>(this + 1); }
};

class HashMemtable final : public rocksdb::MemTableRep {
 public:
  HashMemtable(const KeyComparator& compare, rocksdb::Allocator* allocator, size_t buckets)
      : MemTableRep(allocator),
        compare_(compare),
        bucket_count_(buckets),
        // Zeroed by the machine, page by page, as they are first used.
        buckets_(static_cast<Node**>(std::calloc(buckets, sizeof(Node*)))) {
    DAILYFEED_CHECK(std::has_single_bit(buckets));
    DAILYFEED_CHECK(buckets_ != nullptr);
  }

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
    Node** const bucket = &BucketOf(key.user_key);
    Node** link = bucket;
    Node* newest = *link;  // this thread is the one that writes
    while (newest != nullptr && ParseEntry(newest->entry()).user_key != key.user_key) {
      link = &newest->next;
      newest = *link;
    }
    if (newest == nullptr) {
      node->next = *bucket;
      Publish(bucket, node);
      return;
    }
    DAILYFEED_CHECK(ParseEntry(newest->entry()).packed < key.packed);
    // A reader that stands on `newest` goes on from there and misses only
    // what is newer than its sequence number.
    node->older = newest;
    node->next = newest->next;
    Publish(link, node);
  }

  bool Contains(const char* entry) const override {
    const ParsedKey key = ParseEntry(entry);
    const Node* const node = Find(key);
    return node != nullptr && ParseEntry(node->entry()).packed == key.packed;
  }

  size_t ApproximateMemoryUsage() override { return bucket_count_ * sizeof(Node*); }

  // The newest entry of the user key that is not newer than `key`.
  const Node* Find(const ParsedKey& key) const {
    const Node* node = Follow(BucketOf(key.user_key));
    while (node != nullptr && ParseEntry(node->entry()).user_key != key.user_key) {
      node = Follow(node->next);
    }
    while (node != nullptr && ParseEntry(node->entry()).packed > key.packed) node = node->older;
    return node;
  }

  Iterator* GetIterator(rocksdb::Arena* arena) override {
    return NewMemtableIterator<SortedIterator>(arena, *this);
  }
  // What a look-up uses: it seeks, and walks over the versions of one key.
  Iterator* GetDynamicPrefixIterator(rocksdb::Arena* arena) override {
    if (arena == nullptr && lookup_memory != nullptr)
      return new (lookup_memory) VersionIterator(*this);
    return NewMemtableIterator<VersionIterator>(arena, *this);
  }
  // RocksDB's look-up asks for such an iterator and never deletes it, and its
  // LookupKey is not ours to read: so the iterator lives here.
  void Get(const rocksdb::LookupKey& key, void* arguments,
           bool (*visit)(void* arguments, const char* entry)) override {
    static_assert(alignof(VersionIterator) <= alignof(std::max_align_t));
    alignas(std::max_align_t) std::byte memory[sizeof(VersionIterator)];
    void* const outer = std::exchange(lookup_memory, memory);
    MemTableRep::Get(key, arguments, visit);
    lookup_memory = outer;
  }

 private:
  class VersionIterator : public Iterator {
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
  class SortedIterator : public Iterator {
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
      for (size_t bucket = 0; bucket < table_.bucket_count_; ++bucket) {
        for (const Node* newest = Follow(table_.buckets_.get()[bucket]); newest != nullptr;
             newest = Follow(newest->next)) {
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

  // Where the iterator of the look-up that this thread does lies; it has
  // nothing to clean up.
  static thread_local void* lookup_memory;

  static void Publish(Node** link, Node* node) {
    std::atomic_ref<Node*>(*link).store(node, std::memory_order_release);
  }
  static const Node* Follow(Node* const& link) {
    return std::atomic_ref<Node*>(const_cast<Node*&>(link)).load(std::memory_order_acquire);
  }

  Node*& BucketOf(std::string_view user_key) const {
    return buckets_.get()[absl::HashOf(user_key) & (bucket_count_ - 1)];
  }

  struct Free {
    void operator()(void* memory) const { std::free(memory); }
  };

  const KeyComparator& compare_;
  const size_t bucket_count_;
  const std::unique_ptr<Node*[], Free> buckets_;
};

thread_local void* HashMemtable::lookup_memory = nullptr;

class HashMemtableFactory final : public rocksdb::MemTableRepFactory {
 public:
  explicit HashMemtableFactory(size_t memtable_bytes)
      : buckets_(std::bit_ceil(std::max<size_t>(memtable_bytes / kBytesPerBucket, 1))) {}
  using rocksdb::MemTableRepFactory::CreateMemTableRep;
  rocksdb::MemTableRep* CreateMemTableRep(const rocksdb::MemTableRep::KeyComparator& compare,
                                          rocksdb::Allocator* allocator,
                                          const rocksdb::SliceTransform*,
                                          rocksdb::Logger*) override {
    return new HashMemtable(compare, allocator, buckets_);
  }
  const char* Name() const override { return "dailyfeed.HashMemtable"; }

 private:
  const size_t buckets_;
};

}  // namespace

std::shared_ptr<rocksdb::MemTableRepFactory> NewHashMemtableFactory(size_t memtable_bytes) {
  return std::make_shared<HashMemtableFactory>(memtable_bytes);
}

}  // namespace dailyfeed

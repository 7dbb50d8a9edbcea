#include "adapters/rocksdb/memtable/hash_memtable.h"

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <vector>

#include "adapters/rocksdb/database/bytes.h"
#include "adapters/rocksdb/memtable/hash_table.h"
#include "adapters/rocksdb/memtable/memtable_base.h"
#include "core/base/check.h"

namespace dailyfeed {
namespace {

// Memtable bytes for one bucket: about one entry.
constexpr size_t kBytesPerBucket = 64;

using rocksdb::Slice;

class HashMemtable final : public MemtableBase {
 public:
  HashMemtable(const KeyComparator& compare, rocksdb::Allocator* allocator, size_t buckets)
      : MemtableBase(allocator), compare_(compare), table_(ArenaMemory(), buckets) {}

  rocksdb::KeyHandle Allocate(const size_t size, char** buffer) override {
    HashTable::Node* const node = table_.NewNode(size);
    *buffer = node->entry();
    return node;
  }
  void Insert(rocksdb::KeyHandle handle) override {
    table_.Insert(static_cast<HashTable::Node*>(handle));
  }
  bool Contains(const char* entry) const override {
    const EntryKey key = ParseEntry(entry);
    const HashTable::Node* const node = table_.Find(key);
    return node != nullptr && ParseEntry(node->entry()) == key;
  }
  size_t ApproximateMemoryUsage() override { return table_.bucket_bytes(); }

  Iterator* GetIterator(rocksdb::Arena* arena) override {
    return NewWalkIterator<SortedIterator>(arena, *this);
  }
  // What a look-up uses: it seeks, and walks over the versions of one key.
  Iterator* GetDynamicPrefixIterator(rocksdb::Arena* arena) override {
    return NewLookupIterator<VersionIterator>(arena, table_);
  }

 private:
  class VersionIterator : public Iterator {
   public:
    explicit VersionIterator(const HashTable& table) : table_(table) {}
    bool Valid() const override { return node_ != nullptr; }
    const char* key() const override { return node_->entry(); }
    void Next() override { node_ = node_->older; }
    void Seek(const Slice& internal_key, const char*) override {
      node_ = table_.Find(ParseInternalKey(AsView(internal_key)));
    }
    // Only a column family with a prefix extractor asks for these.
    void Prev() override { DAILYFEED_CHECK(false); }
    void SeekForPrev(const Slice&, const char*) override { DAILYFEED_CHECK(false); }
    void SeekToFirst() override { DAILYFEED_CHECK(false); }
    void SeekToLast() override { DAILYFEED_CHECK(false); }

   private:
    const HashTable& table_;
    const HashTable::Node* node_ = nullptr;
  };

  // Everything there is when it is positioned, sorted. Positioned again, it has
  // what was inserted meanwhile: RocksDB keeps it when an iterator is refreshed.
  class SortedIterator : public Iterator {
   public:
    explicit SortedIterator(const HashMemtable& memtable) : memtable_(memtable) {}
    bool Valid() const override { return at_ < entries_.size(); }
    const char* key() const override { return entries_[at_].entry; }
    void Next() override { ++at_; }
    void Prev() override { at_ = at_ == 0 ? entries_.size() : at_ - 1; }
    void Seek(const Slice& internal_key, const char*) override { at_ = LowerBound(internal_key); }
    void SeekForPrev(const Slice& internal_key, const char*) override {
      at_ = LowerBound(internal_key);
      if (Valid() && memtable_.compare_(entries_[at_].entry, internal_key) == 0) return;
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
      const uint64_t size = memtable_.table_.size();
      if (entries_.size() >= size) return;
      entries_.clear();
      memtable_.table_.ForEach([this](const char* entry) {
        entries_.push_back({PrefixOf(entry), entry});
      });
      std::sort(entries_.begin(), entries_.end(), [this](const Entry& a, const Entry& b) {
        if (a.prefix != b.prefix) return a.prefix < b.prefix;
        return memtable_.compare_(a.entry, b.entry) < 0;
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
          [&](const Entry& entry) { return memtable_.compare_(entry.entry, internal_key) < 0; });
      return static_cast<size_t>(found - entries_.begin());
    }

    const HashMemtable& memtable_;
    std::vector<Entry> entries_;
    size_t at_ = 0;  // entries_.size(): not valid
  };

  const KeyComparator& compare_;
  HashTable table_;
};

class HashMemtableFactory final : public rocksdb::MemTableRepFactory {
 public:
  explicit HashMemtableFactory(size_t memtable_bytes)
      : buckets_(std::bit_ceil(std::max<size_t>(memtable_bytes / kBytesPerBucket, 1))) {}
  using rocksdb::MemTableRepFactory::CreateMemTableRep;
  rocksdb::MemTableRep* CreateMemTableRep(const rocksdb::MemTableRep::KeyComparator& compare,
                                          rocksdb::Allocator* allocator,
                                          const rocksdb::SliceTransform* prefix_extractor,
                                          rocksdb::Logger*) override {
    CheckColumnFamily(compare, prefix_extractor);
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

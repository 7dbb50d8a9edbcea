#include "adapters/rocksdb/memtable/ordered_memtable.h"

#include <cstddef>

#include "adapters/rocksdb/memtable/memtable_base.h"
#include "adapters/rocksdb/memtable/skip_list.h"

namespace dailyfeed {
namespace {

using rocksdb::Slice;

class OrderedMemtable final : public MemtableBase {
 public:
  explicit OrderedMemtable(rocksdb::Allocator* allocator)
      : MemtableBase(allocator), list_(ArenaMemory()) {}

  rocksdb::KeyHandle Allocate(const size_t size, char** buffer) override {
    SkipList::Node* const node = list_.NewNode(size);
    *buffer = node->entry();
    return node;
  }
  void Insert(rocksdb::KeyHandle handle) override {
    list_.Insert(static_cast<SkipList::Node*>(handle));
  }
  bool Contains(const char* entry) const override {
    const EntryKey key = ParseEntry(entry);
    const SkipList::Node* const node = list_.FirstNotBefore(key);
    return node != nullptr && node->key() == key;
  }
  size_t ApproximateMemoryUsage() override { return 0; }  // all of it is the allocator's

  Iterator* GetIterator(rocksdb::Arena* arena) override {
    return NewLookupIterator<Walk>(arena, list_);
  }

 private:
  class Walk : public Iterator {
   public:
    explicit Walk(const SkipList& list) : list_(list) {}
    bool Valid() const override { return node_ != nullptr; }
    const char* key() const override { return node_->entry(); }
    void Next() override { node_ = node_->Next(0); }
    void Prev() override { node_ = list_.LastBefore(node_->key()); }
    void Seek(const Slice& internal_key, const char*) override {
      node_ = list_.FirstNotBefore(ParseInternalKey(AsView(internal_key)));
    }
    void SeekForPrev(const Slice& internal_key, const char*) override {
      const EntryKey key = ParseInternalKey(AsView(internal_key));
      node_ = list_.FirstNotBefore(key);
      if (node_ == nullptr || node_->key() != key) node_ = list_.LastBefore(key);
    }
    void SeekToFirst() override { node_ = list_.First(); }
    void SeekToLast() override { node_ = list_.Last(); }

   private:
    const SkipList& list_;
    const SkipList::Node* node_ = nullptr;
  };

  SkipList list_;
};

class OrderedMemtableFactory final : public rocksdb::MemTableRepFactory {
 public:
  using rocksdb::MemTableRepFactory::CreateMemTableRep;
  rocksdb::MemTableRep* CreateMemTableRep(const rocksdb::MemTableRep::KeyComparator& compare,
                                          rocksdb::Allocator* allocator,
                                          const rocksdb::SliceTransform* prefix_extractor,
                                          rocksdb::Logger*) override {
    CheckColumnFamily(compare, prefix_extractor);
    return new OrderedMemtable(allocator);
  }
  const char* Name() const override { return "dailyfeed.OrderedMemtable"; }
};

}  // namespace

std::shared_ptr<rocksdb::MemTableRepFactory> NewOrderedMemtableFactory() {
  return std::make_shared<OrderedMemtableFactory>();
}

}  // namespace dailyfeed

// The table of a hash memtable: entries by user key, in no order.
//
//   HashTable table(memory, /*buckets=*/1024);
//   HashTable::Node* node = table.NewNode(bytes);
//   FillIn(node->entry());
//   table.Insert(node);
//
// Threads: one inserts; any number read meanwhile, without a lock.
#ifndef DAILYFEED_ADAPTERS_ROCKSDB_MEMTABLE_HASH_TABLE_H_
#define DAILYFEED_ADAPTERS_ROCKSDB_MEMTABLE_HASH_TABLE_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>

#include "adapters/rocksdb/memtable/entry.h"

namespace dailyfeed {

class HashTable {
 public:
  // An entry. Entries of one user key hang together, newest first, by `older`;
  // the newest of each user key of a bucket, by `next`.
  struct Node {
    Node* next = nullptr;  // changes while others read: see Publish and Follow
    Node* older = nullptr;

    char* entry() { return reinterpret_cast<char*>(this + 1); }
    const char* entry() const { return reinterpret_cast<const char*>(this + 1); }
  };

  // `buckets` is a power of two.
  HashTable(TableMemory memory, size_t buckets);

  // Room for an entry, to be filled in and then inserted.
  Node* NewNode(size_t entry_bytes);
  // The entry must be newer than every other of its user key.
  void Insert(Node* node);

  // The newest entry of the user key that is not newer than `key`; nullptr when
  // there is none.
  const Node* Find(const EntryKey& key) const;

  // Calls `visit(const char* entry)` for every entry.
  template <typename Visit>
  void ForEach(Visit visit) const {
    for (size_t bucket = 0; bucket < bucket_count_; ++bucket) {
      for (const Node* newest = Follow(buckets_[bucket]); newest != nullptr;
           newest = Follow(newest->next)) {
        for (const Node* node = newest; node != nullptr; node = node->older) visit(node->entry());
      }
    }
  }

  // Entries inserted so far. A reader that has seen `n` finds at least so many.
  uint64_t size() const { return size_.load(std::memory_order_acquire); }
  size_t bucket_bytes() const { return bucket_count_ * sizeof(Node*); }

 private:
  static void Publish(Node** link, Node* node) {
    std::atomic_ref<Node*>(*link).store(node, std::memory_order_release);
  }
  static const Node* Follow(Node* const& link) {
    return std::atomic_ref<Node*>(const_cast<Node*&>(link)).load(std::memory_order_acquire);
  }
  Node*& BucketOf(std::string_view user_key) const;

  struct Free {
    void operator()(void* memory) const { std::free(memory); }
  };

  const TableMemory memory_;
  const size_t bucket_count_;
  const std::unique_ptr<Node*[], Free> buckets_;
  std::atomic<uint64_t> size_{0};
};

}  // namespace dailyfeed

#endif  // DAILYFEED_ADAPTERS_ROCKSDB_MEMTABLE_HASH_TABLE_H_

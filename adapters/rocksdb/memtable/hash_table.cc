#include "adapters/rocksdb/memtable/hash_table.h"

#include <bit>
#include <new>
#include <utility>

#include "absl/hash/hash.h"
#include "core/base/check.h"

namespace dailyfeed {

HashTable::HashTable(TableMemory memory, size_t buckets)
    : memory_(std::move(memory)),
      bucket_count_(buckets),
      // Zeroed by the machine, page by page, as they are first used.
      buckets_(static_cast<Node**>(std::calloc(buckets, sizeof(Node*)))) {
  DAILYFEED_CHECK(std::has_single_bit(buckets));
  DAILYFEED_CHECK(buckets_ != nullptr);
}

HashTable::Node* HashTable::NewNode(size_t entry_bytes) {
  return new (AllocateAligned<Node>(memory_, sizeof(Node) + entry_bytes)) Node();
}

void HashTable::Insert(Node* node) {
  const EntryKey key = ParseEntry(node->entry());
  Node** const bucket = &BucketOf(key.user_key);
  Node** link = bucket;
  Node* newest = *link;  // this thread is the one that inserts
  while (newest != nullptr && ParseEntry(newest->entry()).user_key != key.user_key) {
    link = &newest->next;
    newest = *link;
  }
  if (newest == nullptr) {
    node->next = *bucket;
    Publish(bucket, node);
  } else {
    DAILYFEED_CHECK(ParseEntry(newest->entry()).packed < key.packed);
    // A reader that stands on `newest` goes on from there and misses only
    // what is newer than its sequence number.
    node->older = newest;
    node->next = newest->next;
    Publish(link, node);
  }
  size_.store(size_.load(std::memory_order_relaxed) + 1, std::memory_order_release);
}

const HashTable::Node* HashTable::Find(const EntryKey& key) const {
  const Node* node = Follow(BucketOf(key.user_key));
  while (node != nullptr && ParseEntry(node->entry()).user_key != key.user_key) {
    node = Follow(node->next);
  }
  while (node != nullptr && ParseEntry(node->entry()).packed > key.packed) node = node->older;
  return node;
}

HashTable::Node*& HashTable::BucketOf(std::string_view user_key) const {
  return buckets_.get()[absl::HashOf(user_key) & (bucket_count_ - 1)];
}

}  // namespace dailyfeed

// The list of an ordered memtable: a skip list whose nodes carry the beginning
// of their key as two numbers, so that most comparisons read no key.
//
//   SkipList list(memory);
//   SkipList::Node* node = list.NewNode(bytes);
//   FillIn(node->entry());
//   list.Insert(node);
//
// Threads: one inserts; any number read meanwhile, without a lock.
#ifndef DAILYFEED_ADAPTERS_ROCKSDB_MEMTABLE_SKIP_LIST_H_
#define DAILYFEED_ADAPTERS_ROCKSDB_MEMTABLE_SKIP_LIST_H_

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

#include "adapters/rocksdb/memtable/entry.h"

namespace dailyfeed {

class SkipList {
 public:
  // The first bytes of a key. Zeros fill it up, so keys with equal digests need
  // not be equal.
  struct Digest {
    uint64_t high = 0;
    uint64_t low = 0;
  };

  // Behind it stand its links, one for each list that it is in, then the entry.
  struct Node {
    using Link = std::atomic<Node*>;

    Digest digest;
    const char* user_key = nullptr;
    uint32_t user_key_size = 0;
    int height = 0;

    Link* links() { return reinterpret_cast<Link*>(this + 1); }
    const Link* links() const { return reinterpret_cast<const Link*>(this + 1); }
    Node* Next(int level) const { return links()[level].load(std::memory_order_acquire); }
    char* entry() { return reinterpret_cast<char*>(links() + height); }
    const char* entry() const { return reinterpret_cast<const char*>(links() + height); }
    EntryKey key() const {
      return {{user_key, user_key_size}, LoadLittle<uint64_t>(user_key + user_key_size)};
    }
  };

  explicit SkipList(TableMemory memory);

  // Room for an entry, to be filled in and then inserted.
  Node* NewNode(size_t entry_bytes);
  // Cheapest when keys come in order: begins where the last insert was.
  void Insert(Node* node);

  // nullptr: there is no such entry.
  const Node* First() const { return head_->Next(0); }
  const Node* Last() const;
  const Node* FirstNotBefore(const EntryKey& key) const;
  const Node* LastBefore(const EntryKey& key) const;

 private:
  // One node in four is also in the list above: W. Pugh, "Skip lists: a
  // probabilistic alternative to balanced trees", 1990.
  static constexpr int kHeightMax = 12;
  static constexpr uint64_t kBranching = 4;

  struct Target;  // a key with its digest

  Node* NewNodeOfHeight(size_t entry_bytes, int height);
  int RandomHeight();
  void FindPredecessors(const Target& target);
  static bool IsBefore(const Node& node, const Target& target);
  static bool NextIsBefore(const Node& node, int level, const Target& target);
  // The last node before `target`; the head when no entry is.
  const Node* FloorOf(const Target& target) const;

  const TableMemory memory_;
  Node* const head_;
  // Of the thread that inserts.
  std::array<Node*, kHeightMax> before_;
  const Node* last_ = nullptr;
  uint64_t random_ = 0x9e3779b97f4a7c15;
};

}  // namespace dailyfeed

#endif  // DAILYFEED_ADAPTERS_ROCKSDB_MEMTABLE_SKIP_LIST_H_

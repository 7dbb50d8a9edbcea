#include "adapters/rocksdb/memtable/skip_list.h"

#include <algorithm>
#include <new>
#include <string_view>
#include <utility>

namespace dailyfeed {
namespace {

constexpr size_t kDigestBytes = 2 * sizeof(uint64_t);

SkipList::Digest DigestOf(std::string_view key) {
  if (key.size() >= kDigestBytes) {
    return {LoadBig64(key.data()), LoadBig64(key.data() + sizeof(uint64_t))};
  }
  char bytes[kDigestBytes] = {};
  std::copy(key.begin(), key.end(), bytes);
  return {LoadBig64(bytes), LoadBig64(bytes + sizeof(uint64_t))};
}

}  // namespace

struct SkipList::Target {
  explicit Target(const EntryKey& key) : digest(DigestOf(key.user_key)), key(key) {}
  Digest digest;
  EntryKey key;
};

SkipList::SkipList(TableMemory memory)
    : memory_(std::move(memory)), head_(NewNodeOfHeight(0, kHeightMax)) {
  before_.fill(head_);
}

SkipList::Node* SkipList::NewNode(size_t entry_bytes) {
  return NewNodeOfHeight(entry_bytes, RandomHeight());
}

SkipList::Node* SkipList::NewNodeOfHeight(size_t entry_bytes, int height) {
  const size_t bytes =
      sizeof(Node) + static_cast<size_t>(height) * sizeof(Node::Link) + entry_bytes;
  Node* const node = new (AllocateAligned<Node>(memory_, bytes)) Node();
  node->height = height;
  for (int level = 0; level < height; ++level) new (node->links() + level) Node::Link(nullptr);
  return node;
}

// Xorshift of 64 bits, G. Marsaglia, 2003.
int SkipList::RandomHeight() {
  random_ ^= random_ << 13;
  random_ ^= random_ >> 7;
  random_ ^= random_ << 17;
  int height = 1;
  for (uint64_t rest = random_ >> 16; height < kHeightMax && rest % kBranching == 0;
       rest /= kBranching) {
    ++height;
  }
  return height;
}

void SkipList::Insert(Node* node) {
  const Target target(ParseEntry(node->entry()));
  node->digest = target.digest;
  node->user_key = target.key.user_key.data();
  node->user_key_size = static_cast<uint32_t>(target.key.user_key.size());
  FindPredecessors(target);
  for (int level = 0; level < node->height; ++level) {
    Node* const before = before_[level];
    node->links()[level].store(before->Next(level), std::memory_order_relaxed);
    before->links()[level].store(node, std::memory_order_release);
    before_[level] = node;
  }
  last_ = node;
}

// Makes before_ the last nodes before `target` in each list. They are still
// those of the last insert: when `target` comes behind that, only the lists in
// which a node stands between the two need a look.
void SkipList::FindPredecessors(const Target& target) {
  int level = kHeightMax;
  Node* node = head_;
  if (last_ != nullptr && IsBefore(*last_, target)) {
    level = 0;
    while (level < kHeightMax && NextIsBefore(*before_[level], level, target)) ++level;
    if (level == 0) return;
    node = before_[level - 1];
  }
  while (level-- > 0) {
    while (NextIsBefore(*node, level, target)) node = node->Next(level);
    before_[level] = node;
  }
}

bool SkipList::IsBefore(const Node& node, const Target& target) {
  if (node.digest.high != target.digest.high) return node.digest.high < target.digest.high;
  if (node.digest.low != target.digest.low) return node.digest.low < target.digest.low;
  const EntryKey key = node.key();
  const int order = key.user_key.compare(target.key.user_key);
  return order != 0 ? order < 0 : key.packed > target.key.packed;
}

bool SkipList::NextIsBefore(const Node& node, int level, const Target& target) {
  const Node* const next = node.Next(level);
  return next != nullptr && IsBefore(*next, target);
}

const SkipList::Node* SkipList::FloorOf(const Target& target) const {
  const Node* node = head_;
  const Node* not_before = nullptr;
  for (int level = kHeightMax; level-- > 0;) {
    for (const Node* next = node->Next(level); next != not_before; next = node->Next(level)) {
      if (!IsBefore(*next, target)) {
        not_before = next;
        break;
      }
      node = next;
    }
  }
  return node;
}

const SkipList::Node* SkipList::FirstNotBefore(const EntryKey& key) const {
  const Target target(key);
  // Meanwhile the writer may have put nodes in between.
  const Node* node = FloorOf(target)->Next(0);
  while (node != nullptr && IsBefore(*node, target)) node = node->Next(0);
  return node;
}

const SkipList::Node* SkipList::LastBefore(const EntryKey& key) const {
  const Node* const node = FloorOf(Target(key));
  return node == head_ ? nullptr : node;
}

const SkipList::Node* SkipList::Last() const {
  const Node* node = head_;
  for (int level = kHeightMax; level-- > 0;) {
    while (const Node* next = node->Next(level)) node = next;
  }
  return node == head_ ? nullptr : node;
}

}  // namespace dailyfeed

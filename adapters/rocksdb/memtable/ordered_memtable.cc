#include "adapters/rocksdb/memtable/ordered_memtable.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <new>
#include <string_view>
#include <utility>

#include "adapters/rocksdb/memtable/memtable_entry.h"
#include "core/base/check.h"

namespace dailyfeed {
namespace {

using rocksdb::Slice;

// One node in four is also in the list above: W. Pugh, "Skip lists: a
// probabilistic alternative to balanced trees", 1990.
constexpr int kHeightMax = 12;
constexpr uint64_t kBranching = 4;

// The first bytes of a key. Zeros fill it up, so keys with equal digests need
// not be equal.
struct Digest {
  uint64_t high = 0;
  uint64_t low = 0;
};
constexpr size_t kDigestBytes = 2 * sizeof(uint64_t);

Digest DigestOf(std::string_view key) {
  if (key.size() >= kDigestBytes) {
    return {LoadBig64(key.data()), LoadBig64(key.data() + sizeof(uint64_t))};
  }
  char bytes[kDigestBytes] = {};
  std::copy(key.begin(), key.end(), bytes);
  return {LoadBig64(bytes), LoadBig64(bytes + sizeof(uint64_t))};
}

// A key with its digest.
struct Target {
  explicit Target(const ParsedKey& parsed) : digest(DigestOf(parsed.user_key)), key(parsed) {}
  Digest digest;
  ParsedKey key;
};

// Behind it lie its links, one for each list that it is in, then the entry.
struct Node {
  using Link = std::atomic<Node*>;

  Digest digest;
  const char* user_key = nullptr;
  uint32_t user_key_size = 0;
  int height = 0;

  Link* links() { return reinterpret_cast<Link*>(this + 1); }
  const Link* links() const { return reinterpret_cast<const Link*>(this + 1); }
  char* entry() { return reinterpret_cast<char*>(links() + height); }
  const char* entry() const { return reinterpret_cast<const char*>(links() + height); }

  Node* Next(int level) { return links()[level].load(std::memory_order_acquire); }
  const Node* Next(int level) const { return links()[level].load(std::memory_order_acquire); }

  ParsedKey key() const {
    return {{user_key, user_key_size}, LoadLittle<uint64_t>(user_key + user_key_size)};
  }
};

bool IsBefore(const Node& node, const Target& target) {
  if (node.digest.high != target.digest.high) return node.digest.high < target.digest.high;
  if (node.digest.low != target.digest.low) return node.digest.low < target.digest.low;
  const ParsedKey key = node.key();
  const int order = key.user_key.compare(target.key.user_key);
  return order != 0 ? order < 0 : key.packed > target.key.packed;
}

class OrderedMemtable final : public rocksdb::MemTableRep {
 public:
  explicit OrderedMemtable(rocksdb::Allocator* allocator)
      : MemTableRep(allocator), head_(NewNode(0, kHeightMax)) {
    before_.fill(head_);
  }

  rocksdb::KeyHandle Allocate(const size_t size, char** buffer) override {
    Node* const node = NewNode(size, RandomHeight());
    *buffer = node->entry();
    return node;
  }

  void Insert(rocksdb::KeyHandle handle) override {
    Node* const node = static_cast<Node*>(handle);
    const Target target(ParseEntry(node->entry()));
    node->digest = target.digest;
    node->user_key = target.key.user_key.data();
    node->user_key_size = static_cast<uint32_t>(target.key.user_key.size());
    FindPlace(target);
    for (int level = 0; level < node->height; ++level) {
      Node* const before = before_[level];
      node->links()[level].store(before->Next(level), std::memory_order_relaxed);
      before->links()[level].store(node, std::memory_order_release);
      before_[level] = node;
    }
    last_ = node;
  }

  bool Contains(const char* entry) const override {
    const ParsedKey key = ParseEntry(entry);
    const Node* const node = FirstNotBefore(Target(key));
    return node != nullptr && node->key().user_key == key.user_key &&
           node->key().packed == key.packed;
  }

  size_t ApproximateMemoryUsage() override { return 0; }  // all of it is the allocator's

  Iterator* GetIterator(rocksdb::Arena* arena) override {
    if (arena == nullptr && lookup_memory != nullptr) return new (lookup_memory) Walk(*this);
    return NewMemtableIterator<Walk>(arena, *this);
  }
  // RocksDB's look-up asks for an iterator and never deletes it, and its
  // LookupKey is not ours to read: so the iterator lives here.
  void Get(const rocksdb::LookupKey& key, void* arguments,
           bool (*visit)(void* arguments, const char* entry)) override {
    static_assert(alignof(Walk) <= alignof(std::max_align_t));
    alignas(std::max_align_t) std::byte memory[sizeof(Walk)];
    void* const outer = std::exchange(lookup_memory, memory);
    MemTableRep::Get(key, arguments, visit);
    lookup_memory = outer;
  }

 private:
  class Walk : public Iterator {
   public:
    explicit Walk(const OrderedMemtable& table) : table_(table) {}
    bool Valid() const override { return node_ != nullptr; }
    const char* key() const override { return node_->entry(); }
    void Next() override { node_ = node_->Next(0); }
    void Prev() override { node_ = table_.LastBefore(Target(node_->key())); }
    void Seek(const Slice& internal_key, const char*) override {
      node_ = table_.FirstNotBefore(Target(ParseInternalKey(internal_key)));
    }
    void SeekForPrev(const Slice& internal_key, const char*) override {
      const ParsedKey key = ParseInternalKey(internal_key);
      node_ = table_.FirstNotBefore(Target(key));
      if (node_ != nullptr && node_->key().user_key == key.user_key &&
          node_->key().packed == key.packed) {
        return;
      }
      node_ = table_.LastBefore(Target(key));
    }
    void SeekToFirst() override { node_ = table_.head_->Next(0); }
    void SeekToLast() override { node_ = table_.Last(); }

   private:
    const OrderedMemtable& table_;
    const Node* node_ = nullptr;
  };

  Node* NewNode(size_t entry_bytes, int height) {
    const size_t bytes =
        sizeof(Node) + static_cast<size_t>(height) * sizeof(Node::Link) + entry_bytes;
    char* raw = nullptr;
    MemTableRep::Allocate(bytes + alignof(Node), &raw);
    void* aligned = raw;
    size_t space = bytes + alignof(Node);
    DAILYFEED_CHECK(std::align(alignof(Node), bytes, aligned, space) != nullptr);
    Node* const node = new (aligned) Node();
    node->height = height;
    for (int level = 0; level < height; ++level) new (node->links() + level) Node::Link(nullptr);
    return node;
  }

  // Xorshift of 64 bits, G. Marsaglia, 2003.
  int RandomHeight() {
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

  // Makes before_ the last nodes before `target` in each list. They are those
  // of the last insert yet: when the target comes behind it, only the lists in
  // which a node lies between the two need a look.
  void FindPlace(const Target& target) {
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

  static bool NextIsBefore(const Node& node, int level, const Target& target) {
    const Node* const next = node.Next(level);
    return next != nullptr && IsBefore(*next, target);
  }

  // The head: none.
  const Node* FloorOf(const Target& target) const {
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
  const Node* FirstNotBefore(const Target& target) const {
    // Meanwhile the writer may have put nodes in between.
    const Node* node = FloorOf(target)->Next(0);
    while (node != nullptr && IsBefore(*node, target)) node = node->Next(0);
    return node;
  }
  const Node* LastBefore(const Target& target) const {
    const Node* const node = FloorOf(target);
    return node == head_ ? nullptr : node;
  }
  const Node* Last() const {
    const Node* node = head_;
    for (int level = kHeightMax; level-- > 0;) {
      while (const Node* next = node->Next(level)) node = next;
    }
    return node == head_ ? nullptr : node;
  }

  // Where the iterator of the look-up that this thread does lies; it has
  // nothing to clean up.
  static thread_local void* lookup_memory;

  Node* const head_;
  // The writer's.
  std::array<Node*, kHeightMax> before_;
  const Node* last_ = nullptr;
  uint64_t random_ = 0x9e3779b97f4a7c15;
};

thread_local void* OrderedMemtable::lookup_memory = nullptr;

class OrderedMemtableFactory final : public rocksdb::MemTableRepFactory {
 public:
  using rocksdb::MemTableRepFactory::CreateMemTableRep;
  rocksdb::MemTableRep* CreateMemTableRep(const rocksdb::MemTableRep::KeyComparator&,
                                          rocksdb::Allocator* allocator,
                                          const rocksdb::SliceTransform*,
                                          rocksdb::Logger*) override {
    return new OrderedMemtable(allocator);
  }
  const char* Name() const override { return "dailyfeed.OrderedMemtable"; }
};

}  // namespace

std::shared_ptr<rocksdb::MemTableRepFactory> NewOrderedMemtableFactory() {
  return std::make_shared<OrderedMemtableFactory>();
}

}  // namespace dailyfeed

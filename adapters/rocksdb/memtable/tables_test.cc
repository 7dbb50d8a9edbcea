// The tables of our memtables without RocksDB, which is not built with
// ThreadSanitizer and hides what is called from it: here it sees every access.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <thread>
#include <tuple>
#include <vector>

#include "adapters/rocksdb/memtable/hash_table.h"
#include "adapters/rocksdb/memtable/skip_list.h"

namespace dailyfeed {
namespace {

// Memory that goes with the test, at every alignment in turn.
class Memory {
 public:
  char* operator()(size_t bytes) {
    blocks_->push_back(std::make_unique<char[]>(bytes + 8));
    return blocks_->back().get() + blocks_->size() % 8;
  }

 private:
  using Blocks = std::vector<std::unique_ptr<char[]>>;
  std::shared_ptr<Blocks> blocks_ = std::make_shared<Blocks>();
};

struct Key {
  std::string user_key;
  uint64_t packed = 0;
  EntryKey entry_key() const { return {user_key, packed}; }
  // Newer entries of a user key come first.
  bool operator<(const Key& other) const {
    return std::tie(user_key, other.packed) < std::tie(other.user_key, packed);
  }
};

template <typename Table>
void Insert(Table& table, const Key& key) {
  std::string entry(1, static_cast<char>(key.user_key.size() + sizeof(key.packed)));
  entry += key.user_key;
  AppendLittle(key.packed, &entry);
  auto* const node = table.NewNode(entry.size());
  std::copy(entry.begin(), entry.end(), node->entry());
  table.Insert(node);
}

// Keys that differ early, late, only in their length, or in zeros at the end.
// `packed` grows, as RocksDB's sequence numbers do.
std::vector<Key> RandomKeys(uint64_t seed, size_t count, uint64_t user_keys) {
  std::mt19937_64 random(seed);
  static const std::string endings[] = {"", std::string(1, '\0'), std::string(2, '\0'), "a"};
  std::vector<Key> keys;
  for (size_t i = 0; i < count; ++i) {
    const uint64_t number = random() % user_keys;
    keys.push_back({fmt::format("{}{:05}{}", std::string(number % 3 * 10, 'k'), number / 4,
                                endings[number % 4]),
                    i + 1});
  }
  return keys;
}

TEST(SkipListTest, IsASetInOrder) {
  SkipList list{Memory()};
  EXPECT_EQ(list.First(), nullptr);
  EXPECT_EQ(list.Last(), nullptr);
  std::set<Key> model;
  const auto same = [&](const SkipList::Node* node, std::set<Key>::const_iterator expected) {
    if (node == nullptr || expected == model.end()) {
      return node == nullptr && expected == model.end();
    }
    return node->key() == expected->entry_key();
  };
  const auto before = [&](std::set<Key>::const_iterator at) {
    return at == model.begin() ? model.end() : std::prev(at);
  };
  const std::vector<Key> looked_for = RandomKeys(2, 3000, 400);
  std::vector<Key> keys = RandomKeys(1, 3000, 400);
  for (size_t i = 0; i < keys.size(); i += 10) {
    // Half of the batches in order, as the read models write them.
    const auto batch = keys.begin() + static_cast<ptrdiff_t>(i);
    if (i % 20 == 0) std::sort(batch, batch + 10);
    for (auto key = batch; key != batch + 10; ++key) {
      Insert(list, *key);
      model.insert(*key);
    }
    ASSERT_TRUE(same(list.First(), model.begin()));
    ASSERT_TRUE(same(list.Last(), before(model.end())));
    for (size_t look = i; look < i + 10; ++look) {
      const auto expected = model.lower_bound(looked_for[look]);
      ASSERT_TRUE(same(list.FirstNotBefore(looked_for[look].entry_key()), expected));
      ASSERT_TRUE(same(list.LastBefore(looked_for[look].entry_key()), before(expected)));
    }
  }
  const SkipList::Node* node = list.First();
  for (const Key& key : model) {
    ASSERT_NE(node, nullptr);
    ASSERT_EQ(node->key(), key.entry_key());
    node = node->Next(0);
  }
  EXPECT_EQ(node, nullptr);
}

TEST(HashTableTest, FindsTheNewestThatIsNotNewer) {
  HashTable table(Memory(), /*buckets=*/64);
  std::set<Key> model;
  std::mt19937_64 random(3);
  for (const Key& key : RandomKeys(1, 3000, 400)) {
    Insert(table, key);
    model.insert(key);
    const Key looked_for{key.user_key, 1 + random() % (key.packed + 10)};
    const auto expected = model.lower_bound(looked_for);
    const HashTable::Node* const found = table.Find(looked_for.entry_key());
    const bool exists = expected != model.end() && expected->user_key == key.user_key;
    ASSERT_EQ(found != nullptr, exists);
    if (exists) {
      ASSERT_EQ(ParseEntry(found->entry()), expected->entry_key());
    }
  }
  EXPECT_EQ(table.Find({"never there", 1u << 30}), nullptr);
  EXPECT_EQ(table.size(), model.size());
  std::set<Key> all;
  table.ForEach([&](const char* entry) {
    const EntryKey key = ParseEntry(entry);
    all.insert({std::string(key.user_key), key.packed});
  });
  EXPECT_TRUE(
      std::equal(all.begin(), all.end(), model.begin(), model.end(),
                 [](const Key& a, const Key& b) { return a.entry_key() == b.entry_key(); }));
}

// One thread inserts `keys`; `read(random, count)` runs on two others, `count`
// being how many keys were inserted for certain.
template <typename Table, typename Read>
void InsertWhileReading(Table& table, const std::vector<Key>& keys, Read read) {
  std::atomic<size_t> inserted{0};
  std::vector<std::thread> readers;
  for (uint64_t seed = 0; seed < 2; ++seed) {
    readers.emplace_back([&, seed] {
      std::mt19937_64 random(seed);
      for (size_t count = 0; count < keys.size();) {
        count = inserted.load(std::memory_order_acquire);
        read(random, count);
      }
    });
  }
  for (const Key& key : keys) {
    Insert(table, key);
    inserted.fetch_add(1, std::memory_order_release);
  }
  for (std::thread& reader : readers) reader.join();
}

TEST(SkipListTest, ReadersWalkWhileOneInserts) {
  const std::vector<Key> keys = RandomKeys(4, 20'000, 2000);
  SkipList list{Memory()};
  InsertWhileReading(list, keys, [&](std::mt19937_64& random, size_t count) {
    if (count > 0) {
      const Key& key = keys[random() % count];
      const SkipList::Node* const found = list.FirstNotBefore(key.entry_key());
      ASSERT_NE(found, nullptr);
      ASSERT_EQ(found->key(), key.entry_key());
    }
    // From anywhere, over what is inserted at this moment.
    const SkipList::Node* node = list.FirstNotBefore(keys[random() % keys.size()].entry_key());
    for (int step = 0; node != nullptr && step < 30; ++step) {
      const SkipList::Node* const next = node->Next(0);
      if (next == nullptr) break;
      const EntryKey a = node->key(), b = next->key();
      ASSERT_TRUE(a.user_key < b.user_key || (a.user_key == b.user_key && a.packed > b.packed));
      node = next;
    }
    list.LastBefore(keys[random() % keys.size()].entry_key());
    ASSERT_EQ(list.Last() == nullptr, list.First() == nullptr);
  });
}

TEST(HashTableTest, ReadersLookAndWalkWhileOneInserts) {
  const std::vector<Key> keys = RandomKeys(5, 10'000, 1000);
  HashTable table(Memory(), /*buckets=*/256);
  InsertWhileReading(table, keys, [&](std::mt19937_64& random, size_t count) {
    if (count > 0) {
      const Key& key = keys[random() % count];
      const HashTable::Node* const found = table.Find(key.entry_key());
      ASSERT_NE(found, nullptr);
      ASSERT_EQ(ParseEntry(found->entry()), key.entry_key());
    }
    if (random() % 16 != 0) return;
    const uint64_t least = table.size();
    uint64_t seen = 0;
    table.ForEach([&](const char* entry) { seen += ParseEntry(entry).packed > 0; });
    ASSERT_GE(seen, least);
  });
}

}  // namespace
}  // namespace dailyfeed

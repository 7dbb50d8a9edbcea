// What every Store must do, as tests. An implementation's test says
//
//   INSTANTIATE_TEST_SUITE_P(Memory, StoreContract, testing::Values(StoreFactory(
//       [] { return std::make_unique<MemoryStore>(); })));
#ifndef DAILYFEED_CORE_PORTS_CONTRACTS_STORE_CONTRACT_H_
#define DAILYFEED_CORE_PORTS_CONTRACTS_STORE_CONTRACT_H_

#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "core/ports/store.h"

namespace dailyfeed {

// A new, empty store each time.
using StoreFactory = std::function<std::unique_ptr<Store>()>;

class StoreContract : public testing::TestWithParam<StoreFactory> {
 protected:
  using Rows = std::vector<std::pair<std::string, std::string>>;

  void Write(const std::function<void(StoreBatch&)>& fill) {
    StoreBatch batch;
    fill(batch);
    const absl::Status written = store_->Write(std::move(batch));
    ASSERT_TRUE(written.ok()) << written;
  }
  void PutAll(const std::vector<std::string>& keys) {
    Write([&](StoreBatch& batch) {
      for (const std::string& key : keys) batch.Put(key, "v" + key);
    });
  }
  static std::string Get(const StoreReader& reader, std::string_view key) {
    std::string value = "untouched";
    const absl::StatusOr<bool> found = reader.Get(key, &value);
    EXPECT_TRUE(found.ok()) << found.status();
    if (!*found) {
      EXPECT_EQ(value, "untouched");
    }
    return *found ? value : "(none)";
  }
  static Rows Forward(const StoreReader& reader, const KeyRange& range) {
    Rows rows;
    const auto it = reader.NewIterator(range);
    for (; it->Valid(); it->Next()) rows.emplace_back(it->key(), it->value());
    EXPECT_TRUE(it->status().ok()) << it->status();
    return rows;
  }
  static Rows Backward(const StoreReader& reader, const KeyRange& range) {
    Rows rows;
    const auto it = reader.NewIterator(range);
    for (it->SeekToLast(); it->Valid(); it->Prev()) rows.emplace_back(it->key(), it->value());
    EXPECT_TRUE(it->status().ok()) << it->status();
    return rows;
  }

  const std::unique_ptr<Store> store_ = GetParam()();
};

TEST_P(StoreContract, IsEmptyAtFirst) {
  EXPECT_EQ(Get(*store_, "a"), "(none)");
  EXPECT_TRUE(Forward(*store_, {}).empty());
  EXPECT_TRUE(Backward(*store_, {}).empty());
}

TEST_P(StoreContract, WritesOverwritesAndDeletesInOrder) {
  Write([](StoreBatch& batch) {
    batch.Put("a", "1");
    batch.Put("a", "2");
    batch.Put("b", "1");
    batch.Delete("b");
    batch.Delete("never");
    batch.Put("c", "");
  });
  EXPECT_EQ(Get(*store_, "a"), "2");
  EXPECT_EQ(Get(*store_, "b"), "(none)");
  EXPECT_EQ(Get(*store_, "c"), "");
}

TEST_P(StoreContract, KeysAndValuesAreAnyBytes) {
  const std::string key("\0\xff\0k", 4);
  const std::string value("\0\n\xfe", 3);
  Write([&](StoreBatch& batch) { batch.Put(key, value); });
  EXPECT_EQ(Get(*store_, key), value);
  EXPECT_EQ(Get(*store_, std::string_view(key).substr(0, 3)), "(none)");
}

TEST_P(StoreContract, BorrowedRowsAreWritten) {
  const std::string key = "borrowed";
  const std::string value(10000, 'x');
  PutAll({"gone"});
  Write([&](StoreBatch& batch) {
    batch.PutUnowned(key, value);
    batch.DeleteUnowned("gone");
  });
  EXPECT_EQ(Get(*store_, key), value);
  EXPECT_EQ(Get(*store_, "gone"), "(none)");
}

TEST_P(StoreContract, AnEmptyBatchChangesNothing) {
  EXPECT_TRUE(store_->Write(StoreBatch()).ok());
  EXPECT_TRUE(Forward(*store_, {}).empty());
}

TEST_P(StoreContract, DeleteRangeTakesTheFirstAndLeavesTheEnd) {
  PutAll({"a", "b", "c", "d"});
  Write([](StoreBatch& batch) { batch.DeleteRange("b", "d"); });
  EXPECT_EQ(Forward(*store_, {}), (Rows{{"a", "va"}, {"d", "vd"}}));
  Write([](StoreBatch& batch) {
    batch.DeleteRange("d", "d");  // empty: nothing
    batch.DeleteRange("z", "a");  // upside down: nothing
  });
  EXPECT_EQ(Forward(*store_, {}), (Rows{{"a", "va"}, {"d", "vd"}}));
}

TEST_P(StoreContract, AWriteBehindADeleteRangeInOneBatchStays) {
  PutAll({"a", "b"});
  Write([](StoreBatch& batch) {
    batch.DeleteRange("a", "z");
    batch.Put("b", "new");
  });
  EXPECT_EQ(Forward(*store_, {}), (Rows{{"b", "new"}}));
}

TEST_P(StoreContract, MultiGetAnswersInOrderAlsoForRepeatedAndMissingKeys) {
  PutAll({"a", "b"});
  const auto found = store_->MultiGet({"b", "x", "a", "b"});
  ASSERT_TRUE(found.ok()) << found.status();
  ASSERT_EQ(found->size(), 4u);
  EXPECT_EQ((*found)[0].value, "vb");
  EXPECT_FALSE((*found)[1].found);
  EXPECT_EQ((*found)[2].value, "va");
  EXPECT_TRUE((*found)[3].found);
  EXPECT_TRUE(store_->MultiGet({})->empty());
}

TEST_P(StoreContract, MultiGetSeesOneMoment) {
  constexpr int kWrites = 2000;
  const std::vector<std::string> keys = {"a", "m", "z"};
  const auto write = [&](int round) {
    StoreBatch batch;
    for (const std::string& key : keys) batch.Put(key, std::to_string(round));
    return store_->Write(std::move(batch));
  };
  ASSERT_TRUE(write(0).ok());
  std::atomic<bool> done = false;
  std::thread writer([&] {
    for (int round = 1; round <= kWrites; ++round) EXPECT_TRUE(write(round).ok());
    done = true;
  });
  int torn = 0;
  while (!done) {
    const auto found = store_->MultiGet(keys);
    if (!found.ok() || (*found)[0].value != (*found)[1].value ||
        (*found)[1].value != (*found)[2].value) {
      ++torn;
    }
  }
  writer.join();
  EXPECT_EQ(torn, 0);
}

TEST_P(StoreContract, IteratorsStayInTheirRange) {
  PutAll({"a", "b", "c", "d"});
  EXPECT_EQ(Forward(*store_, {.lower = "b", .upper = "d"}), (Rows{{"b", "vb"}, {"c", "vc"}}));
  EXPECT_EQ(Backward(*store_, {.lower = "b", .upper = "d"}), (Rows{{"c", "vc"}, {"b", "vb"}}));
  EXPECT_EQ(Forward(*store_, {.lower = "c", .upper = ""}), (Rows{{"c", "vc"}, {"d", "vd"}}));
  EXPECT_TRUE(Forward(*store_, {.lower = "bb", .upper = "bc"}).empty());
}

TEST_P(StoreContract, SeekFindsTheNextAndSeekForPrevTheOneBefore) {
  PutAll({"a", "c", "e", "g"});
  const auto it = store_->NewIterator({.lower = "b", .upper = "f"});
  ASSERT_TRUE(it->Valid());
  EXPECT_EQ(it->key(), "c");
  it->Seek("d");
  ASSERT_TRUE(it->Valid());
  EXPECT_EQ(it->key(), "e");
  it->SeekForPrev("d");
  ASSERT_TRUE(it->Valid());
  EXPECT_EQ(it->key(), "c");
  it->Seek("c");
  ASSERT_TRUE(it->Valid());
  EXPECT_EQ(it->key(), "c");
  it->SeekForPrev("zz");  // behind the range
  ASSERT_TRUE(it->Valid());
  EXPECT_EQ(it->key(), "e");
  it->Seek("a");  // before the range
  ASSERT_TRUE(it->Valid());
  EXPECT_EQ(it->key(), "c");
  it->Seek("f");
  EXPECT_FALSE(it->Valid());
  it->SeekForPrev("a");
  EXPECT_FALSE(it->Valid());
  it->SeekToFirst();
  ASSERT_TRUE(it->Valid());
  EXPECT_EQ(it->value(), "vc");
}

TEST_P(StoreContract, SnapshotsAndIteratorsSeeOneMoment) {
  PutAll({"a", "b"});
  const auto snapshot = store_->NewSnapshot();
  const auto it = store_->NewIterator({});
  Write([](StoreBatch& batch) {
    batch.Put("a", "later");
    batch.Delete("b");
    batch.Put("c", "later");
  });
  EXPECT_EQ(Get(*snapshot, "a"), "va");
  EXPECT_EQ(Get(*snapshot, "c"), "(none)");
  EXPECT_EQ(Forward(*snapshot, {}), (Rows{{"a", "va"}, {"b", "vb"}}));
  EXPECT_EQ((*snapshot->MultiGet({"b"}))[0].value, "vb");
  EXPECT_EQ(Get(*store_, "a"), "later");
  it->Next();
  ASSERT_TRUE(it->Valid());
  EXPECT_EQ(it->value(), "vb");
}

TEST_P(StoreContract, SyncSucceeds) {
  PutAll({"a"});
  EXPECT_TRUE(store_->Sync().ok());
}

TEST_P(StoreContract, BehavesAsASortedMapUnderRandomWrites) {
  std::mt19937_64 random(20261121);
  const auto key = [&] { return std::string(1, static_cast<char>('a' + random() % 20)); };
  std::map<std::string, std::string> model;
  for (int round = 0; round < 300; ++round) {
    StoreBatch batch;
    for (uint64_t changes = random() % 5; changes > 0; --changes) {
      const std::string at = key();
      switch (random() % 4) {
        case 0:
          batch.Delete(at);
          model.erase(at);
          break;
        case 1: {
          const std::string end = key();
          batch.DeleteRange(at, end);
          if (at < end) model.erase(model.lower_bound(at), model.lower_bound(end));
          break;
        }
        default:
          batch.Put(at, std::to_string(round));
          model[at] = std::to_string(round);
      }
    }
    ASSERT_TRUE(store_->Write(std::move(batch)).ok());
    ASSERT_EQ(Forward(*store_, {}), Rows(model.begin(), model.end())) << "round " << round;
    ASSERT_EQ(Backward(*store_, {}), Rows(model.rbegin(), model.rend())) << "round " << round;
  }
}

}  // namespace dailyfeed

#endif  // DAILYFEED_CORE_PORTS_CONTRACTS_STORE_CONTRACT_H_

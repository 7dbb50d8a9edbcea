// A RocksDB with one of our memtables answers as one with its own.

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <rocksdb/db.h>
#include <rocksdb/slice_transform.h>

#include <atomic>
#include <map>
#include <memory>
#include <random>
#include <thread>
#include <vector>

#include "adapters/rocksdb/memtable/hash_memtable.h"
#include "adapters/rocksdb/memtable/ordered_memtable.h"
#include "adapters/rocksdb/testing/fault_env.h"
#include "adapters/rocksdb/testing/log_history.h"

namespace dailyfeed {
namespace {

enum class Memtable { kRocksDbs, kHash, kOrdered };

class Database {
 public:
  explicit Database(Memtable memtable, size_t bytes = 64u << 10) {
    options_.env = env_.env();
    options_.create_if_missing = true;
    options_.write_buffer_size = bytes;
    options_.allow_concurrent_memtable_write = false;
    if (memtable == Memtable::kHash) {
      options_.memtable_factory = NewHashMemtableFactory(options_.write_buffer_size);
    } else if (memtable == Memtable::kOrdered) {
      options_.memtable_factory = NewOrderedMemtableFactory();
    }
    Open();
  }
  void Open() {
    db_.reset();
    rocksdb::DB* db = nullptr;
    const rocksdb::Status opened = rocksdb::DB::Open(options_, "/db", &db);
    ASSERT_TRUE(opened.ok()) << opened.ToString();
    db_.reset(db);
  }
  rocksdb::DB& operator*() { return *db_; }
  rocksdb::DB* operator->() { return db_.get(); }

 private:
  FaultEnv env_;
  rocksdb::Options options_;
  std::unique_ptr<rocksdb::DB> db_;
};

std::string Get(rocksdb::DB& db, const rocksdb::Snapshot* snapshot, const std::string& key) {
  rocksdb::ReadOptions options;
  options.snapshot = snapshot;
  std::string value;
  const rocksdb::Status status = db.Get(options, key, &value);
  return status.ok() ? value : status.ToString();
}

// Keys that differ early, late, only in their length, or in zeros at the end.
std::string KeyOf(uint64_t number) {
  static const std::string endings[] = {"", std::string(1, '\0'), std::string(2, '\0'), "a"};
  const std::string ending = endings[number % 4];
  const uint64_t group = number / 4;
  if (group % 3 == 0) return fmt::format("k{}{}", group, ending);
  return fmt::format("{}{}{}", std::string(group % 3 == 1 ? 12 : 30, 'k'), group, ending);
}

// A walk that turns around often.
std::string Walk(rocksdb::DB& db, const rocksdb::Snapshot* snapshot, uint64_t seed) {
  std::mt19937_64 random(seed);
  rocksdb::ReadOptions options;
  options.snapshot = snapshot;
  const std::unique_ptr<rocksdb::Iterator> it(db.NewIterator(options));
  std::string seen;
  for (int move = 0; move < 60; ++move) {
    const std::string target = KeyOf(random() % 80);
    switch (it->Valid() ? random() % 6 : 2 + random() % 4) {
      case 0:
        it->Next();
        break;
      case 1:
        it->Prev();
        break;
      case 2:
        it->SeekToFirst();
        break;
      case 3:
        it->SeekToLast();
        break;
      case 4:
        it->Seek(target);
        break;
      default:
        it->SeekForPrev(target);
    }
    seen += it->Valid() ? it->key().ToString() + "=" + it->value().ToString() + "\n" : "end\n";
  }
  return seen + it->status().ToString();
}

class MemtablesTest : public testing::TestWithParam<Memtable> {};
INSTANTIATE_TEST_SUITE_P(All, MemtablesTest, testing::Values(Memtable::kHash, Memtable::kOrdered),
                         [](const auto& param) {
                           return param.param == Memtable::kHash ? "Hash" : "Ordered";
                         });

TEST_P(MemtablesTest, AnswersAsRocksDbsOwnDoes) {
  for (const uint64_t seed : TestSeeds(10)) {
    std::mt19937_64 random(seed);
    Database ours(GetParam());
    Database theirs(Memtable::kRocksDbs);
    const rocksdb::Snapshot* snapshots[2] = {nullptr, nullptr};
    for (int step = 0; step < 400; ++step) {
      rocksdb::WriteBatch batch;
      for (uint64_t n = random() % 8; n > 0; --n) {
        const std::string key = KeyOf(random() % 80);
        if (random() % 4 == 0) {
          ASSERT_TRUE(batch.Delete(key).ok());
        } else {
          ASSERT_TRUE(batch.Put(key, std::string(random() % 400, 'v')).ok());
        }
      }
      ASSERT_TRUE(ours->Write({}, &batch).ok());
      ASSERT_TRUE(theirs->Write({}, &batch).ok());
      if (step % 97 == 50) {
        if (snapshots[0] != nullptr) {
          ours->ReleaseSnapshot(snapshots[0]);
          theirs->ReleaseSnapshot(snapshots[1]);
        }
        snapshots[0] = ours->GetSnapshot();
        snapshots[1] = theirs->GetSnapshot();
      }
      if (step % 131 == 130) {
        for (int i = 0; i < 2; ++i) {
          Database& db = i == 0 ? ours : theirs;
          if (snapshots[i] != nullptr) db->ReleaseSnapshot(snapshots[i]);
          snapshots[i] = nullptr;
          db.Open();
        }
      }
      const std::string key = KeyOf(random() % 80);
      for (const bool old : {false, true}) {
        ASSERT_EQ(Get(*ours, old ? snapshots[0] : nullptr, key),
                  Get(*theirs, old ? snapshots[1] : nullptr, key))
            << RepeatWith("memtables_test", seed);
        if (step % 10 != 0) continue;
        ASSERT_EQ(Walk(*ours, old ? snapshots[0] : nullptr, seed + step),
                  Walk(*theirs, old ? snapshots[1] : nullptr, seed + step))
            << RepeatWith("memtables_test", seed);
      }
    }
    if (snapshots[0] != nullptr) ours->ReleaseSnapshot(snapshots[0]);
    if (snapshots[1] != nullptr) theirs->ReleaseSnapshot(snapshots[1]);
  }
}

// Runs in order, as the read models write them, and keys at random between.
TEST_P(MemtablesTest, ManyKeysInOneMemtable) {
  for (const uint64_t seed : TestSeeds(2)) {
    std::mt19937_64 random(seed);
    Database db(GetParam(), 64u << 20);
    std::map<std::string, std::string> model;
    for (int round = 0; round < 400; ++round) {
      rocksdb::WriteBatch batch;
      uint64_t number = random() % 1'000'000;
      for (int i = 0; i < 40; ++i) {
        number = round % 3 == 0 ? random() % 1'000'000 : number + random() % 500;
        const std::string key = fmt::format("{:020}", number);
        const std::string value = fmt::format("{}/{}", round, i);
        ASSERT_TRUE(batch.Put(key, value).ok());
        model[key] = value;
      }
      ASSERT_TRUE(db->Write({}, &batch).ok());
    }
    const std::unique_ptr<rocksdb::Iterator> it(db->NewIterator({}));
    it->SeekToFirst();
    for (const auto& [key, value] : model) {
      ASSERT_TRUE(it->Valid()) << RepeatWith("memtables_test", seed);
      ASSERT_EQ(it->key().ToString(), key) << RepeatWith("memtables_test", seed);
      ASSERT_EQ(it->value().ToString(), value) << RepeatWith("memtables_test", seed);
      it->Next();
    }
    EXPECT_FALSE(it->Valid());
    for (int look = 0; look < 2000; ++look) {
      const std::string key = fmt::format("{:020}", random() % 1'000'000);
      it->Seek(key);
      const auto expected = model.lower_bound(key);
      ASSERT_EQ(it->Valid(), expected != model.end());
      if (it->Valid()) {
        ASSERT_EQ(it->key().ToString(), expected->first) << RepeatWith("memtables_test", seed);
      }
    }
  }
}

TEST_P(MemtablesTest, ARefreshedIteratorSeesWhatWasWrittenMeanwhile) {
  Database db(GetParam());
  ASSERT_TRUE(db->Put({}, "b", "1").ok());
  const std::unique_ptr<rocksdb::Iterator> it(db->NewIterator({}));
  it->SeekToFirst();
  ASSERT_EQ(it->key().ToString(), "b");
  ASSERT_TRUE(db->Put({}, "a", "2").ok());
  it->SeekToFirst();
  EXPECT_EQ(it->key().ToString(), "b") << "not before it is refreshed";
  ASSERT_TRUE(it->Refresh().ok());
  it->SeekToFirst();
  EXPECT_EQ(it->key().ToString(), "a");
  it->SeekToLast();
  EXPECT_EQ(it->key().ToString(), "b");
}

TEST_P(MemtablesTest, DeletedRangesBoundsAndManyKeysAtOnce) {
  Database db(GetParam());
  for (const char* key : {"a", "b", "c", "d", "e"}) ASSERT_TRUE(db->Put({}, key, key).ok());
  ASSERT_TRUE(db->DeleteRange({}, db->DefaultColumnFamily(), "b", "d").ok());
  const std::vector<rocksdb::Slice> keys{"a", "b", "d", "x"};
  std::vector<std::string> values;
  const std::vector<rocksdb::Status> found = db->MultiGet({}, keys, &values);
  EXPECT_TRUE(found[0].ok() && found[1].IsNotFound() && found[2].ok() && found[3].IsNotFound());
  EXPECT_EQ(values[2], "d");
  rocksdb::ReadOptions bounded;
  const rocksdb::Slice lower("b"), upper("e");
  bounded.iterate_lower_bound = &lower;
  bounded.iterate_upper_bound = &upper;
  const std::unique_ptr<rocksdb::Iterator> it(db->NewIterator(bounded));
  it->SeekToFirst();
  ASSERT_TRUE(it->Valid());
  EXPECT_EQ(it->key().ToString(), "d");
  ASSERT_TRUE(db->Flush({}).ok());  // a flush while it walks
  it->Next();
  EXPECT_FALSE(it->Valid());
  it->SeekToLast();
  ASSERT_TRUE(it->Valid());
  EXPECT_EQ(it->key().ToString(), "d");
}

using MemtablesDeathTest = MemtablesTest;

TEST_P(MemtablesDeathTest, AnotherOrderOrAPrefixExtractorEndsTheProcess) {
  const auto open = [this](auto change) {
    FaultEnv env;
    rocksdb::Options options;
    options.env = env.env();
    options.create_if_missing = true;
    options.allow_concurrent_memtable_write = false;
    options.memtable_factory = GetParam() == Memtable::kHash ? NewHashMemtableFactory(64u << 10)
                                                             : NewOrderedMemtableFactory();
    change(options);
    rocksdb::DB* db = nullptr;
    rocksdb::DB::Open(options, "/db", &db).PermitUncheckedError();
  };
  EXPECT_DEATH(
      open([](rocksdb::Options& o) { o.comparator = rocksdb::ReverseBytewiseComparator(); }), "");
  EXPECT_DEATH(open([](rocksdb::Options& o) {
                 o.prefix_extractor.reset(rocksdb::NewFixedPrefixTransform(1));
               }),
               "");
}
INSTANTIATE_TEST_SUITE_P(All, MemtablesDeathTest,
                         testing::Values(Memtable::kHash, Memtable::kOrdered),
                         [](const auto& param) {
                           return param.param == Memtable::kHash ? "Hash" : "Ordered";
                         });

TEST_P(MemtablesTest, ReadersSeeWholeBatchesWhileOneWrites) {
  Database db(GetParam());
  constexpr int kKeys = 20;
  constexpr int kRounds = 2000;
  std::atomic<bool> done{false};
  std::vector<std::thread> readers;
  for (int reader = 0; reader < 2; ++reader) {
    readers.emplace_back([&, reader] {
      int last = -1;
      while (!done) {
        const rocksdb::Snapshot* const snapshot = db->GetSnapshot();
        const std::string first = Get(*db, snapshot, "key 0");
        const std::string other = Get(*db, snapshot, fmt::format("key {}", 1 + last % (kKeys - 1)));
        db->ReleaseSnapshot(snapshot);
        if (reader == 0 && first.size() < 8) {
          EXPECT_GE(std::stoi(first), last);
          EXPECT_EQ(first, other);
          last = std::stoi(first);
        }
        EXPECT_NE(Walk(*db, nullptr, static_cast<uint64_t>(last)), "");
      }
    });
  }
  for (int round = 0; round < kRounds; ++round) {
    rocksdb::WriteBatch batch;
    for (int key = 0; key < kKeys; ++key) {
      ASSERT_TRUE(batch.Put(fmt::format("key {}", key), std::to_string(round)).ok());
    }
    ASSERT_TRUE(db->Write({}, &batch).ok());
  }
  done = true;
  for (std::thread& reader : readers) reader.join();
  EXPECT_EQ(Get(*db, nullptr, "key 7"), std::to_string(kRounds - 1));
}

}  // namespace
}  // namespace dailyfeed

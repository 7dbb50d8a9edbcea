// A RocksDB with the hash memtable answers as one with RocksDB's own.
#include "adapters/rocksdb/hash_memtable.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <rocksdb/db.h>

#include <atomic>
#include <memory>
#include <random>
#include <thread>
#include <vector>

#include "adapters/rocksdb/fault_env.h"
#include "adapters/rocksdb/log_history.h"

namespace dailyfeed {
namespace {

class Database {
 public:
  explicit Database(bool hash) {
    options_.env = env_.env();
    options_.create_if_missing = true;
    options_.write_buffer_size = 64u << 10;
    options_.allow_concurrent_memtable_write = false;
    if (hash) options_.memtable_factory = NewHashMemtableFactory(options_.write_buffer_size);
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

// A walk that turns around often.
std::string Walk(rocksdb::DB& db, const rocksdb::Snapshot* snapshot, uint64_t seed) {
  std::mt19937_64 random(seed);
  rocksdb::ReadOptions options;
  options.snapshot = snapshot;
  const std::unique_ptr<rocksdb::Iterator> it(db.NewIterator(options));
  std::string seen;
  for (int move = 0; move < 60; ++move) {
    const std::string target = fmt::format("key {}", random() % 60);
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

TEST(HashMemtableTest, AnswersAsTheSkipListDoes) {
  for (const uint64_t seed : TestSeeds(10)) {
    std::mt19937_64 random(seed);
    Database hash(true);
    Database list(false);
    const rocksdb::Snapshot* snapshots[2] = {nullptr, nullptr};
    for (int step = 0; step < 400; ++step) {
      rocksdb::WriteBatch batch;
      for (uint64_t n = random() % 8; n > 0; --n) {
        const std::string key = fmt::format("key {}", random() % 60);
        if (random() % 4 == 0) {
          ASSERT_TRUE(batch.Delete(key).ok());
        } else {
          ASSERT_TRUE(batch.Put(key, std::string(random() % 400, 'v')).ok());
        }
      }
      ASSERT_TRUE(hash->Write({}, &batch).ok());
      ASSERT_TRUE(list->Write({}, &batch).ok());
      if (step % 97 == 50) {
        if (snapshots[0] != nullptr) {
          hash->ReleaseSnapshot(snapshots[0]);
          list->ReleaseSnapshot(snapshots[1]);
        }
        snapshots[0] = hash->GetSnapshot();
        snapshots[1] = list->GetSnapshot();
      }
      if (step % 131 == 130) {
        for (int i = 0; i < 2; ++i) {
          Database& db = i == 0 ? hash : list;
          if (snapshots[i] != nullptr) db->ReleaseSnapshot(snapshots[i]);
          snapshots[i] = nullptr;
          db.Open();
        }
      }
      const std::string key = fmt::format("key {}", random() % 60);
      for (const bool old : {false, true}) {
        ASSERT_EQ(Get(*hash, old ? snapshots[0] : nullptr, key),
                  Get(*list, old ? snapshots[1] : nullptr, key))
            << RepeatWith("hash_memtable_test", seed);
        if (step % 10 != 0) continue;
        ASSERT_EQ(Walk(*hash, old ? snapshots[0] : nullptr, seed + step),
                  Walk(*list, old ? snapshots[1] : nullptr, seed + step))
            << RepeatWith("hash_memtable_test", seed);
      }
    }
    if (snapshots[0] != nullptr) hash->ReleaseSnapshot(snapshots[0]);
    if (snapshots[1] != nullptr) list->ReleaseSnapshot(snapshots[1]);
  }
}

TEST(HashMemtableTest, ReadersSeeWholeBatchesWhileOneWrites) {
  Database db(true);
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

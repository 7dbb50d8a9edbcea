// What the store on RocksDB promises beyond the contract of every store.
#include "adapters/rocksdb/store/rocks_store.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <random>
#include <sstream>

#include "adapters/rocksdb/testing/fault_env.h"
#include "adapters/rocksdb/testing/log_history.h"
#include "core/domain/errors.h"

namespace dailyfeed {
namespace {

constexpr char kDirectory[] = "/data/views";

RocksStoreOptions Options(FaultEnv& env) {
  RocksStoreOptions options;
  options.env = env.env();
  options.memtable_bytes = 64u << 10;
  options.block_cache_bytes = 1u << 20;
  return options;
}

using Rows = std::map<std::string, std::string>;

absl::StatusOr<Rows> AllRows(const Store& store) {
  Rows rows;
  const auto it = store.NewIterator({});
  for (; it->Valid(); it->Next()) rows.emplace(it->key(), it->value());
  if (!it->status().ok()) return it->status();
  return rows;
}

// Random writes, and the rows after each of them.
class Writes {
 public:
  explicit Writes(uint64_t seed, int count) {
    std::mt19937_64 random(seed);
    states_.emplace_back();
    for (int i = 0; i < count; ++i) {
      std::vector<std::pair<std::string, std::string>> changes{{"write", std::to_string(i)}};
      for (uint64_t n = random() % 6; n > 0; --n) {
        changes.emplace_back(fmt::format("row {:03}", random() % 200),
                             random() % 4 == 0 ? "" : std::string(random() % 2000, 'a'));
      }
      Rows rows = states_.back();
      for (const auto& [key, value] : changes) {
        if (value.empty()) {
          rows.erase(key);
        } else {
          rows[key] = value;
        }
      }
      changes_.push_back(std::move(changes));
      states_.push_back(std::move(rows));
    }
  }
  size_t size() const { return changes_.size(); }
  absl::Status Write(Store& store, size_t index) const {
    StoreBatch batch;
    for (const auto& [key, value] : changes_[index]) {
      if (value.empty()) {
        batch.Delete(key);
      } else {
        batch.Put(key, value);
      }
    }
    return store.Write(std::move(batch));
  }
  const Rows& After(size_t count) const { return states_[count]; }
  // How many of the writes make exactly these rows; -1: no number of them.
  int Find(const Rows& rows, size_t least, size_t most) const {
    for (size_t count = least; count <= most; ++count) {
      if (states_[count] == rows) return static_cast<int>(count);
    }
    return -1;
  }

 private:
  std::vector<std::vector<std::pair<std::string, std::string>>> changes_;
  std::vector<Rows> states_;
};

TEST(RocksStoreTest, KeepsEverythingAcrossOpenings) {
  FaultEnv env;
  const Writes writes(1, 40);
  for (size_t i = 0; i < writes.size(); ++i) {
    const auto store = OpenRocksStore(kDirectory, Options(env));
    ASSERT_TRUE(store.ok()) << store.status();
    ASSERT_EQ(*AllRows(**store), writes.After(i));
    ASSERT_TRUE(writes.Write(**store, i).ok());
  }
  RocksStoreOptions read_only = Options(env);
  read_only.read_only = true;
  const auto store = OpenRocksStore(kDirectory, read_only);
  ASSERT_TRUE(store.ok()) << store.status();
  EXPECT_EQ(*AllRows(**store), writes.After(writes.size()));
  EXPECT_EQ(writes.Write(**store, 0).code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ((*store)->Sync().code(), absl::StatusCode::kFailedPrecondition);
}

TEST(RocksStoreTest, ASecondOpenIsRefused) {
  FaultEnv env;
  const auto store = OpenRocksStore(kDirectory, Options(env));
  const auto second = OpenRocksStore(kDirectory, Options(env));
  EXPECT_EQ(second.status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_NE(second.status().message().find("in use by another dailyfeed process"),
            absl::string_view::npos)
      << second.status();
}

TEST(RocksStoreTest, ThereMustBeAStoreToReadOnly) {
  FaultEnv env;
  RocksStoreOptions options = Options(env);
  options.read_only = true;
  EXPECT_EQ(OpenRocksStore(kDirectory, options).status().code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(OpenRocksStore("", options).status().code(), absl::StatusCode::kInvalidArgument);
}

TEST(RocksStoreTest, APowerLossTakesASuffixAndNothingThatWasSynced) {
  for (const uint64_t seed : TestSeeds(20)) {
    std::mt19937_64 random(seed);
    FaultEnv env;
    const Writes writes(seed, 120);
    RocksStoreOptions options = Options(env);
    options.sync_every_write = seed % 4 == 0;
    options.write_ahead_log = seed % 4 != 1;
    size_t done = 0;
    size_t synced = 0;
    while (done < writes.size()) {
      env.disk().ResetCount();
      env.disk().CrashAt(40 + random() % 200, static_cast<FaultDisk::Crash>(random() % 3),
                         random());
      auto store = OpenRocksStore(kDirectory, options);
      if (store.ok()) {
        const auto rows = AllRows(**store);
        if (rows.ok() && !env.disk().crashed()) {
          const int found = writes.Find(*rows, synced, done);
          ASSERT_GE(found, 0) << synced << " of " << done << " writes synced; "
                              << RepeatWith("rocks_store_test", seed);
          done = synced = static_cast<size_t>(found);
        }
        while (done < writes.size() && !env.disk().crashed()) {
          const bool written = writes.Write(**store, done).ok();
          ++done;  // an answer that is an error may still have reached the disk
          if (!written) break;
          if (options.sync_every_write || (random() % 10 == 0 && (*store)->Sync().ok())) {
            synced = done;
          }
        }
      } else {
        ASSERT_TRUE(env.disk().crashed()) << store.status();
      }
      if (!env.disk().crashed()) env.disk().CrashNow(FaultDisk::Crash::kPowerTorn, seed);
      if (store.ok()) store->reset();
      env.disk().Restart();
    }
    env.disk().CrashAt(0, FaultDisk::Crash::kKilled, 0);
    const auto store = OpenRocksStore(kDirectory, options);
    ASSERT_TRUE(store.ok()) << store.status();
    EXPECT_GE(writes.Find(*AllRows(**store), synced, done), 0)
        << RepeatWith("rocks_store_test", seed);
  }
}

#ifdef DAILYFEED_SLOW_TEST
constexpr uint64_t kStride = 1;
#else
constexpr uint64_t kStride = 41;
#endif

TEST(RocksStoreTest, TheNthOperationFailsForEveryN) {
  for (const uint64_t seed : TestSeeds(1)) {
    const Writes writes(seed, 120);
    uint64_t operations = 0;
    for (uint64_t n = 0; n <= operations; n += kStride) {
      for (const bool and_after : {false, true}) {
        const std::string where =
            fmt::format("operation {}; {}", n, RepeatWith("rocks_store_test", seed));
        FaultEnv env;
        size_t written = 0;
        if (n > 0) env.disk().FailAt(n, FaultDisk::Fault::kError, and_after);
        {
          const auto store = OpenRocksStore(kDirectory, Options(env));
          absl::Status status = store.status();
          while (status.ok() && written < writes.size()) {
            status = writes.Write(**store, written);
            written += status.ok();
          }
          if (!status.ok() && store.ok()) {
            EXPECT_EQ(ErrorCodeOf(status), ErrorCode::kServiceUnavailable) << status << where;
            EXPECT_FALSE(writes.Write(**store, written).ok()) << where;
            const auto rows = AllRows(**store);
            if (rows.ok()) {
              ASSERT_EQ(*rows, writes.After(written)) << where;
            }
          }
        }
        if (n == 0) operations = env.disk().operations();
        env.disk().ClearFaults();
        const auto store = OpenRocksStore(kDirectory, Options(env));
        ASSERT_TRUE(store.ok()) << store.status() << where;
        ASSERT_GE(writes.Find(*AllRows(**store), written, std::min(written + 1, writes.size())), 0)
            << where;
      }
    }
    EXPECT_GT(operations, 150u);
  }
}

TEST(RocksStoreTest, AFullDiskRefusesWritesAndReadsGoOn) {
  FaultEnv env;
  const Writes writes(3, 120);
  auto store = OpenRocksStore(kDirectory, Options(env));
  env.disk().SetCapacity(env.disk().used() + 40'000);
  size_t written = 0;
  absl::Status refused;
  while (refused.ok() && written < writes.size()) {
    refused = writes.Write(**store, written);
    written += refused.ok();
  }
  EXPECT_EQ(ErrorCodeOf(refused), ErrorCode::kServiceUnavailable) << refused;
  EXPECT_NE(refused.message().find("disk full"), absl::string_view::npos) << refused;
  EXPECT_EQ(*AllRows(**store), writes.After(written));
  env.disk().SetCapacity(std::nullopt);
  EXPECT_FALSE(writes.Write(**store, written).ok());
  store->reset();
  store = OpenRocksStore(kDirectory, Options(env));
  ASSERT_TRUE(store.ok()) << store.status();
  EXPECT_GE(writes.Find(*AllRows(**store), written, written + 1), 0);
  EXPECT_TRUE(writes.Write(**store, written).ok());
}

TEST(RocksStoreTest, AFlippedBitIsNoticedOrDoesNotMatter) {
  for (const uint64_t seed : TestSeeds(2)) {
    std::mt19937_64 random(seed);
    FaultEnv env;
    const Writes writes(seed, 120);
    for (size_t i = 0; i < writes.size(); i += 40) {
      // Opening brings what was in the write-ahead log into tables.
      const auto store = OpenRocksStore(kDirectory, Options(env));
      for (size_t j = i; j < i + 40; ++j) ASSERT_TRUE(writes.Write(**store, j).ok());
    }
    RocksStoreOptions options = Options(env);
    options.read_only = true;
    for (const std::string& path : env.disk().FileNames()) {
      const std::string sound = *env.disk().Peek(path);
      for (int flip = 0; flip < 6 && !sound.empty(); ++flip) {
        std::string damaged = sound;
        const size_t at = random() % damaged.size();
        damaged[at] = static_cast<char>(damaged[at] ^ (1 << random() % 8));
        env.disk().Poke(path, damaged);
        const auto store = OpenRocksStore(kDirectory, options);
        if (store.ok()) {
          const auto rows = AllRows(**store);
          // The end of the write-ahead log is not guarded by a HEAD: what is
          // lost of the read models is folded again from the log.
          if (rows.ok()) {
            ASSERT_GE(writes.Find(*rows, 0, writes.size()), 0)
                << path << " at byte " << at << "; " << RepeatWith("rocks_store_test", seed);
          }
        }
      }
      env.disk().Poke(path, sound);
    }
  }
}

// ---- What must be forgotten. On the machine's own disk: it is about files.

// Whether any file below `directory` has the text.
bool FilesHave(const std::string& directory, const std::string& text) {
  for (const auto& entry : std::filesystem::recursive_directory_iterator(directory)) {
    if (!entry.is_regular_file()) continue;
    std::stringstream bytes;
    bytes << std::ifstream(entry.path(), std::ios::binary).rdbuf();
    if (bytes.str().find(text) != std::string::npos) return true;
  }
  return false;
}

absl::Status Put(Store& store, const std::string& key, const std::string& value) {
  StoreBatch batch;
  batch.Put(key, value);
  return store.Write(std::move(batch));
}

TEST(RocksStoreTest, ErasedTracesAreInNoFile) {
  const std::string directory = testing::TempDir() + "/erased_traces";
  std::filesystem::remove_all(directory);
  std::filesystem::create_directories(directory);
  const auto opened = OpenRocksStore(directory, {.memtable_bytes = 64u << 10});
  ASSERT_TRUE(opened.ok()) << opened.status();
  Store& store = **opened;
  // Several levels of files with rows around the one that goes.
  for (int round = 0; round < 4; ++round) {
    for (int i = 0; i < 200; ++i) {
      ASSERT_TRUE(Put(store, fmt::format("row {:03}", i), std::string(500, 'a' + round)).ok());
    }
    ASSERT_TRUE(Put(store, "row 100", fmt::format("secret of round {}", round)).ok());
    ASSERT_TRUE(store.EraseTraces({OnlyKey("row 100")}, store.LastWrite()).ok());
  }
  EXPECT_FALSE(FilesHave(directory, "secret of round 2")) << "overwritten, and rewritten since";
  EXPECT_TRUE(FilesHave(directory, "secret of round 3")) << "in a table";
  ASSERT_TRUE(Put(store, "row 100", "secret of the write-ahead log").ok());
  StoreBatch batch;
  batch.Delete("row 100");
  ASSERT_TRUE(store.Write(std::move(batch)).ok());
  EXPECT_TRUE(FilesHave(directory, "secret of the write-ahead log"));
  {
    const auto snapshot = store.NewSnapshot();
    ASSERT_TRUE(Put(store, "row 150", std::string(500, 'd')).ok());
    EXPECT_TRUE(absl::IsUnavailable(store.EraseTraces({OnlyKey("row 100")}, store.LastWrite())));
  }
  // A snapshot that has not seen the row is in nobody's way.
  const uint64_t last_write = store.LastWrite();
  auto newer = store.NewSnapshot();
  ASSERT_TRUE(Put(store, "row 150", std::string(500, 'd')).ok());
  ASSERT_TRUE(store.EraseTraces({OnlyKey("row 100"), OnlyKey("never there")}, last_write).ok());
  EXPECT_FALSE(FilesHave(directory, "secret"));
  const absl::StatusOr<Rows> rows = AllRows(store);
  ASSERT_TRUE(rows.ok());
  EXPECT_EQ(rows->size(), 199u);
  EXPECT_EQ(rows->at("row 199"), std::string(500, 'd'));
  newer.reset();
  // A range that was deleted, as a generation is.
  ASSERT_TRUE(Put(store, "row 100", "secret in a range").ok());
  ASSERT_TRUE(store.EraseTraces({OnlyKey("row 100")}, store.LastWrite()).ok());
  StoreBatch range;
  range.DeleteRange("row 050", "row 150");
  ASSERT_TRUE(store.Write(std::move(range)).ok());
  EXPECT_TRUE(FilesHave(directory, "secret in a range"));
  ASSERT_TRUE(store.EraseTraces({OnlyKey("row 100")}, store.LastWrite()).ok());
  EXPECT_FALSE(FilesHave(directory, "secret"));
  EXPECT_EQ(AllRows(store)->size(), 100u);
}

}  // namespace
}  // namespace dailyfeed

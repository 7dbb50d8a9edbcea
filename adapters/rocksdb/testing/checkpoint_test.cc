// Copies of the log and of the store that are made while somebody writes.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <functional>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include "adapters/rocksdb/log/rocks_event_log.h"
#include "adapters/rocksdb/store/rocks_store.h"
#include "adapters/rocksdb/testing/fault_env.h"
#include "adapters/rocksdb/testing/log_history.h"

namespace dailyfeed {
namespace {

namespace fs = std::filesystem;

#ifdef DAILYFEED_SLOW_TEST
constexpr uint64_t kStride = 1;
constexpr int kSeeds = 10;
#else
constexpr uint64_t kStride = 61;
constexpr int kSeeds = 1;
#endif

// Small enough that a history flushes and changes its write-ahead log files.
RocksLogOptions SmallLog(rocksdb::Env* env) {
  return {.env = env,
          .event_memtable_bytes = 64u << 10,
          .block_cache_bytes = 1u << 20,
          .wal_bytes_max = 48u << 10,
          .wal_ahead_bytes = 32u << 10};
}
RocksStoreOptions SmallStore(rocksdb::Env* env) {
  return {.env = env, .memtable_bytes = 64u << 10, .block_cache_bytes = 1u << 20};
}

// On the machine's own disk, where files have hard links and threads race.
class CheckpointTest : public testing::Test {
 protected:
  CheckpointTest()
      : directory_(fs::path(testing::TempDir()) /
                   testing::UnitTest::GetInstance()->current_test_info()->name()) {
    fs::remove_all(directory_);
    fs::create_directories(directory_);
  }
  std::string Path(std::string_view name) const { return (directory_ / name).string(); }
  std::string Copy(int number) const { return Path(fmt::format("copies/{}", number)); }

  const fs::path directory_;
};

// Calls `copy` with the count of writes that were done before it began while
// `write(i)` runs for i from 0 to `writes` on another thread, spread over it.
void CopyWhileWriting(size_t writes, int copies, const std::function<absl::Status(size_t)>& write,
                      const std::function<void(int number, std::function<size_t()> done)>& copy) {
  std::atomic<size_t> done{0};
  std::thread writer([&] {
    for (size_t i = 0; i < writes; ++i) {
      ASSERT_TRUE(write(i).ok());
      done.store(i + 1);
    }
  });
  for (int number = 0; number < copies; ++number) {
    const size_t start = writes * static_cast<size_t>(number) / static_cast<size_t>(copies);
    while (done.load() < start) std::this_thread::yield();
    copy(number, [&] { return done.load(); });
  }
  writer.join();
}

TEST_F(CheckpointTest, ACopyOfTheLogMadeBesideAppendsHoldsWhatWasAcknowledged) {
  constexpr int kCopies = 8;
  const LogHistory history(/*seed=*/11, /*batches=*/200);
  const auto log = OpenRocksEventLog(Path("log"), SmallLog(nullptr));
  ASSERT_TRUE(log.ok()) << log.status();
  std::vector<std::pair<size_t, size_t>> bounds(kCopies);
  CopyWhileWriting(
      history.size(), kCopies, [&](size_t i) { return (*log)->Append(history.batch(i)); },
      [&](int number, const std::function<size_t()>& done) {
        bounds[static_cast<size_t>(number)].first = done();
        const absl::Status copied = (*log)->CheckpointTo(Copy(number));
        ASSERT_TRUE(copied.ok()) << copied;
        bounds[static_cast<size_t>(number)].second = std::min(done() + 1, history.size());
      });
  for (int number = 0; number < kCopies; ++number) {
    const auto copy = OpenRocksEventLog(Copy(number), SmallLog(nullptr));
    ASSERT_TRUE(copy.ok()) << copy.status();
    const auto [least, most] = bounds[static_cast<size_t>(number)];
    std::string why;
    const int found = history.Find(**copy, least, most, &why);
    ASSERT_GE(found, 0) << least << " to " << most << ": " << why;
    if (static_cast<size_t>(found) == history.size()) continue;
    EXPECT_TRUE((*copy)->Append(history.batch(static_cast<size_t>(found))).ok())
        << "a copy is a log like any other";
  }
  EXPECT_EQ(history.Compare(**log, history.size()), "") << "and the log goes on as it was";
}

absl::Status WriteNumber(Store& store, size_t number) {
  StoreBatch batch;
  batch.Put("last", fmt::format("{}", number));
  batch.Put(fmt::format("row {:06}", number), std::string(700, 'r'));
  return store.Write(std::move(batch));
}

// The number of writes in `store`, which must be the first so many.
size_t NumberOf(const Store& store) {
  size_t rows = 0;
  const auto row = store.NewIterator({.lower = "row "});
  for (; row->Valid(); row->Next(), ++rows) {
    EXPECT_EQ(row->key(), fmt::format("row {:06}", rows));
  }
  std::string last;
  const auto found = store.Get("last", &last);
  EXPECT_TRUE(found.ok()) << found.status();
  EXPECT_EQ(last, rows == 0 ? "" : fmt::format("{}", rows - 1));
  return rows;
}

TEST_F(CheckpointTest, ACopyOfTheStoreMadeBesideWritesHoldsWhatHadReturned) {
  constexpr size_t kWrites = 600;
  for (const bool sync : {false, true}) {
    const std::string name = sync ? "secrets" : "views";
    RocksStoreOptions options = SmallStore(nullptr);
    options.sync_every_write = sync;
    const auto store = OpenRocksStore(Path(name), options);
    ASSERT_TRUE(store.ok()) << store.status();
    CopyWhileWriting(
        kWrites, /*copies=*/6, [&](size_t i) { return WriteNumber(**store, i); },
        [&](int number, const std::function<size_t()>& done) {
          const std::string path = Path(fmt::format("{}-{}", name, number));
          const size_t least = done();
          const absl::Status copied = (*store)->CheckpointTo(path);
          ASSERT_TRUE(copied.ok()) << copied;
          const size_t most = done() + 1;
          const auto copy = OpenRocksStore(path, options);
          ASSERT_TRUE(copy.ok()) << copy.status();
          const size_t rows = NumberOf(**copy);
          EXPECT_GE(rows, least);
          EXPECT_LE(rows, most);
          EXPECT_TRUE(WriteNumber(**copy, rows).ok());
        });
    EXPECT_EQ(NumberOf(**store), kWrites);
  }
}

TEST_F(CheckpointTest, TablesAreLinkedAndTheDirectoryMayBeThereButNotFull) {
  const auto store = OpenRocksStore(Path("store"), SmallStore(nullptr));
  ASSERT_TRUE(store.ok()) << store.status();
  ASSERT_TRUE(WriteNumber(**store, 0).ok());
  fs::create_directories(Path("copy"));
  fs::permissions(Path("copy"), fs::perms::owner_all);
  ASSERT_TRUE((*store)->CheckpointTo(Path("copy")).ok());
  EXPECT_EQ(fs::status(Path("copy")).permissions(), fs::perms::owner_all);
  size_t tables = 0;
  for (const auto& file : fs::directory_iterator(Path("copy/rocksdb"))) {
    if (file.path().extension() != ".sst") continue;
    ++tables;
    EXPECT_EQ(file.hard_link_count(), 2u) << file.path();
  }
  EXPECT_GT(tables, 0u);
  const absl::Status again = (*store)->CheckpointTo(Path("copy"));
  EXPECT_TRUE(absl::IsFailedPrecondition(again)) << again;
  EXPECT_EQ(NumberOf(**OpenRocksStore(Path("copy"), SmallStore(nullptr))), 1u) << "untouched";
}

uint64_t BytesOf(const fs::path& directory) {
  uint64_t bytes = 0;
  for (const auto& file : fs::directory_iterator(directory)) {
    const std::string extension = file.path().extension();
    if (extension != ".sst" && extension != ".log") continue;
    std::error_code deleted;
    const uint64_t size = file.file_size(deleted);
    if (!deleted) bytes += size;
  }
  return bytes;
}

TEST_F(CheckpointTest, StorageBytesAreThoseOfTablesAndWriteAheadLog) {
  const LogHistory history(/*seed=*/12, /*batches=*/60);
  for (int opening = 0; opening < 2; ++opening) {
    const auto log = OpenRocksEventLog(Path("log"), SmallLog(nullptr));
    ASSERT_TRUE(log.ok()) << log.status();
    for (size_t i = 0; i < 30; ++i) {
      ASSERT_TRUE((*log)->Append(history.batch(static_cast<size_t>(opening) * 30 + i)).ok());
    }
    // The files of a copy do not count.
    ASSERT_TRUE((*log)->CheckpointTo(Copy(opening)).ok());
    const auto same = [&] { return (*log)->StorageBytes() == BytesOf(Path("log/rocksdb")); };
    // A compaction may still be about to remove what it has replaced.
    for (int look = 0; look < 100'000 && !same(); ++look) std::this_thread::yield();
    EXPECT_TRUE(same()) << (*log)->StorageBytes() << " and " << BytesOf(Path("log/rocksdb"));
    EXPECT_GT((*log)->StorageBytes(), 0u);
  }
}

// ---- On a disk that fails.

TEST(CheckpointFaultTest, AfterAPowerLossACopyThatWasFinishedIsThere) {
  for (const uint64_t seed : TestSeeds(kSeeds)) {
    const LogHistory history(seed, /*batches=*/12);
    uint64_t operations = 0;
    for (uint64_t n = 0; n <= operations; n += kStride) {
      const std::string where =
          fmt::format("operation {}; {}", n, RepeatWith("checkpoint_test", seed));
      FaultEnv env;
      auto log = OpenRocksEventLog("/log", SmallLog(env.env()));
      ASSERT_TRUE(log.ok()) << log.status();
      for (size_t i = 0; i < history.size(); ++i) {
        ASSERT_TRUE((*log)->Append(history.batch(i)).ok());
      }
      env.disk().ResetCount();
      if (n > 0) env.disk().CrashAt(n, FaultDisk::Crash::kPowerLost, seed);
      const absl::Status copied = (*log)->CheckpointTo("/backups/log");
      if (n == 0) {
        ASSERT_TRUE(copied.ok()) << copied;
        operations = env.disk().operations();
      }
      if (!env.disk().crashed()) env.disk().CrashNow(FaultDisk::Crash::kPowerLost, seed);
      log->reset();
      env.disk().Restart();
      if (copied.ok()) {
        const auto copy = OpenRocksEventLog("/backups/log", SmallLog(env.env()));
        ASSERT_TRUE(copy.ok()) << copy.status() << where;
        EXPECT_EQ(history.Compare(**copy, history.size()), "") << where;
      }
      log = OpenRocksEventLog("/log", SmallLog(env.env()));
      ASSERT_TRUE(log.ok()) << log.status() << where;
      EXPECT_EQ(history.Compare(**log, history.size()), "") << where;
    }
  }
}

TEST(CheckpointFaultTest, ACopyThatFailsSaysSoAndHarmsNothing) {
  constexpr size_t kWrites = 60;
  uint64_t operations = 0;
  for (uint64_t n = 0; n <= operations; n += kStride) {
    FaultEnv env;
    auto store = OpenRocksStore("/store", SmallStore(env.env()));
    ASSERT_TRUE(store.ok()) << store.status();
    for (size_t i = 0; i < kWrites; ++i) ASSERT_TRUE(WriteNumber(**store, i).ok());
    env.disk().ResetCount();
    if (n > 0) env.disk().FailAt(n, FaultDisk::Fault::kNoSpace, /*and_after=*/false);
    const absl::Status copied = (*store)->CheckpointTo("/copy");
    if (n == 0) operations = env.disk().operations();
    env.disk().ClearFaults();
    if (copied.ok()) {
      const auto copy = OpenRocksStore("/copy", SmallStore(env.env()));
      ASSERT_TRUE(copy.ok()) << copy.status() << " operation " << n;
      EXPECT_EQ(NumberOf(**copy), kWrites) << " operation " << n;
    }
    EXPECT_EQ(NumberOf(**store), kWrites) << " operation " << n;
    store->reset();
    store = OpenRocksStore("/store", SmallStore(env.env()));
    ASSERT_TRUE(store.ok()) << store.status() << " operation " << n;
    EXPECT_EQ(NumberOf(**store), kWrites) << " operation " << n;
  }
  EXPECT_GT(operations, 20u);
}

}  // namespace
}  // namespace dailyfeed

// The log when a byte of its files has changed: opening, reading or verifying
// says so, or the byte did not matter. Never a wrong answer.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <random>

#include "adapters/rocksdb/log/rocks_event_log.h"
#include "adapters/rocksdb/testing/fault_env.h"
#include "adapters/rocksdb/testing/log_history.h"

namespace dailyfeed {
namespace {

constexpr char kDirectory[] = "/log";
constexpr size_t kBatches = 50;

RocksLogOptions Options(FaultEnv& env, bool read_only) {
  RocksLogOptions options;
  options.env = env.env();
  options.read_only = read_only;
  options.event_memtable_bytes = 64u << 10;
  options.block_cache_bytes = 1u << 20;
  options.wal_bytes_max = 48u << 10;
  options.wal_ahead_bytes = 32u << 10;
  return options;
}

struct Files {
  std::vector<std::pair<std::string, std::string>> files;

  void CopyTo(FaultDisk& disk) const {
    disk.MakeDirectory("/log");
    disk.MakeDirectory("/log/rocksdb");
    for (const auto& [path, bytes] : files) {
      FaultDisk::Handle file;
      disk.Create(path, &file);
      disk.Append(path, file, bytes);
      disk.Sync(path, file);
    }
    disk.SyncDirectory("/");
    disk.SyncDirectory("/log");
    disk.SyncDirectory("/log/rocksdb");
  }
};

// The files of a log that was killed: tables, and a write-ahead log that is
// not in any of them yet.
Files KilledLog(const LogHistory& history) {
  FaultEnv env;
  std::unique_ptr<EventLog> log;
  for (size_t i = 0; i < kBatches; ++i) {
    // Opening brings what was in the write-ahead log into tables.
    if (i == 0 || i == kBatches / 3 || i == kBatches / 2) {
      log.reset();
      log = OpenRocksEventLog(kDirectory, Options(env, false)).value();
    }
    EXPECT_TRUE(log->Append(history.batch(i)).ok());
  }
  env.disk().CrashNow(FaultDisk::Crash::kKilled, 0);
  log.reset();
  Files files;
  for (const std::string& path : env.disk().FileNames()) {
    files.files.emplace_back(path, *env.disk().Peek(path));
  }
  return files;
}

// Opens the damaged files, reads everything. Empty: an error, or all right.
std::string OpenAndRead(const LogHistory& history, FaultEnv& env, bool read_only, bool* noticed) {
  const auto log = OpenRocksEventLog(kDirectory, Options(env, read_only));
  if (!log.ok()) {
    *noticed = true;
    const bool clear = absl::IsDataLoss(log.status()) || absl::IsFailedPrecondition(log.status()) ||
                       absl::IsUnavailable(log.status());
    return clear ? "" : "unclear: " + log.status().ToString();
  }
  *noticed = !history.Compare(**log, kBatches).empty();
  return history.Compare(**log, kBatches, /*errors_allowed=*/true);
}

#ifdef DAILYFEED_SLOW_TEST
constexpr int kFlips = 3000;
constexpr int kCuts = 100;
#else
constexpr int kFlips = 60;
constexpr int kCuts = 4;
#endif

TEST(LogCorruptionTest, AFlippedBitIsNoticedOrDoesNotMatter) {
  for (const uint64_t seed : TestSeeds(1)) {
    const LogHistory history(seed, kBatches);
    const Files files = KilledLog(history);
    std::mt19937_64 random(seed);
    int noticed_count = 0;
    for (int flip = 0; flip < kFlips; ++flip) {
      const auto& [path, bytes] = files.files[random() % files.files.size()];
      if (bytes.empty()) continue;
      const size_t at = random() % bytes.size();
      std::string damaged = bytes;
      damaged[at] = static_cast<char>(damaged[at] ^ (1 << random() % 8));
      const std::string where = fmt::format("flip {}, {} at byte {}: ", flip, path, at);
      for (const bool read_only : {true, false}) {
        FaultEnv env;
        files.CopyTo(env.disk());
        env.disk().Poke(path, damaged);
        bool noticed = false;
        const std::string wrong = OpenAndRead(history, env, read_only, &noticed);
        ASSERT_EQ(wrong, "") << where << RepeatWith("log_corruption_test", seed);
        noticed_count += noticed;
        if (noticed && read_only) {
          ASSERT_EQ(env.disk().Peek(path), damaged) << where << "a read-only open wrote";
        }
      }
    }
    EXPECT_GT(noticed_count, kFlips / 4);
  }
}

TEST(LogCorruptionTest, ATruncatedFileIsNoticedOrDoesNotMatter) {
  for (const uint64_t seed : TestSeeds(1)) {
    const LogHistory history(seed, kBatches);
    const Files files = KilledLog(history);
    std::mt19937_64 random(seed);
    for (const auto& [path, bytes] : files.files) {
      for (int cut = 0; cut < kCuts; ++cut) {
        if (bytes.empty()) break;
        FaultEnv env;
        files.CopyTo(env.disk());
        env.disk().Poke(path, bytes.substr(0, random() % bytes.size()));
        bool noticed = false;
        const std::string wrong = OpenAndRead(history, env, cut % 2 == 0, &noticed);
        ASSERT_EQ(wrong, "") << path << RepeatWith("log_corruption_test", seed);
      }
    }
  }
}

TEST(LogCorruptionTest, AMissingFileIsNoticedOrDoesNotMatter) {
  for (const uint64_t seed : TestSeeds(2)) {
    const LogHistory history(seed, kBatches);
    const Files files = KilledLog(history);
    int missed_tables = 0;
    for (const auto& [path, bytes] : files.files) {
      for (const bool read_only : {true, false}) {
        FaultEnv env;
        files.CopyTo(env.disk());
        env.disk().Remove(path);
        bool noticed = false;
        const std::string wrong = OpenAndRead(history, env, read_only, &noticed);
        ASSERT_EQ(wrong, "") << path << RepeatWith("log_corruption_test", seed);
        const bool matters =
            path.ends_with("CURRENT") || path.ends_with("HEAD") || path.ends_with("GUARD");
        EXPECT_TRUE(noticed || !matters) << path;
        // Not every table: some were replaced and not deleted yet.
        missed_tables += noticed && path.ends_with(".sst");
      }
    }
    EXPECT_GT(missed_tables, 0);
  }
}

}  // namespace
}  // namespace dailyfeed

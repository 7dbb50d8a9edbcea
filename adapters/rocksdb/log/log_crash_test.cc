// The log after crashes: kill -9 and power loss in the middle of any operation
// on the disk. What is recovered is a beginning of what was committed, without
// holes, and holds everything that was acknowledged.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <random>

#include "adapters/rocksdb/log/rocks_event_log.h"
#include "adapters/rocksdb/testing/fault_env.h"
#include "adapters/rocksdb/testing/log_history.h"

namespace dailyfeed {
namespace {

constexpr char kDirectory[] = "/data/log";
constexpr size_t kBatches = 60;

// Small enough that a history flushes, compacts and changes its log files.
RocksLogOptions SmallOptions(FaultEnv& env) {
  RocksLogOptions options;
  options.env = env.env();
  options.event_memtable_bytes = 64u << 10;
  options.block_cache_bytes = 1u << 20;
  options.wal_bytes_max = 48u << 10;
  options.wal_ahead_bytes = 32u << 10;
  return options;
}

class Crashes {
 public:
  explicit Crashes(uint64_t seed) : random_(seed), history_(seed, kBatches) {}

  // Empty, or what went wrong.
  std::string Run() {
    for (int crash = 0; crash < 6 && appended_ < history_.size(); ++crash) {
      env_.disk().ResetCount();
      // Most crashes hit appends, some the opening.
      const uint64_t operation = 1 + random_() % (crash == 0 ? 120 : 300);
      const auto kind = static_cast<FaultDisk::Crash>(random_() % 3);
      env_.disk().CrashAt(operation, kind, random_());
      const std::string wrong = UntilCrash();
      if (!wrong.empty())
        return fmt::format("crash {} (kind {}) at operation {}: {}", crash, static_cast<int>(kind),
                           operation, wrong);
    }
    return Finish();
  }

 private:
  std::string UntilCrash() {
    auto log = OpenRocksEventLog(kDirectory, SmallOptions(env_));
    if (log.ok()) {
      std::string wrong = Recovered(**log);
      if (!wrong.empty() && !env_.disk().crashed()) return wrong;
      if (wrong.empty()) AppendUntilCrash(**log);
    } else if (!env_.disk().crashed()) {
      return "cannot open: " + log.status().ToString();
    }
    if (!env_.disk().crashed()) env_.disk().CrashNow(FaultDisk::Crash::kKilled, 0);
    if (log.ok()) log->reset();
    env_.disk().Restart();
    return "";
  }

  void AppendUntilCrash(EventLog& log) {
    attempted_ = appended_;
    while (attempted_ < history_.size() && !env_.disk().crashed()) {
      ++attempted_;
      if (!log.Append(history_.batch(attempted_ - 1)).ok()) return;
      appended_ = attempted_;
    }
  }

  // Everything acknowledged, nothing that was never committed.
  std::string Recovered(const EventLog& log) {
    std::string why;
    const int found = history_.Find(log, appended_, std::max(appended_, attempted_), &why);
    if (found < 0) {
      return fmt::format("{} batches acknowledged, {} committed, recovered:\n{}", appended_,
                         attempted_, why);
    }
    appended_ = static_cast<size_t>(found);
    return "";
  }

  std::string Finish() {
    env_.disk().CrashAt(0, FaultDisk::Crash::kKilled, 0);
    auto log = OpenRocksEventLog(kDirectory, SmallOptions(env_));
    if (!log.ok()) return "cannot open at last: " + log.status().ToString();
    const std::string wrong = Recovered(**log);
    if (!wrong.empty()) return wrong;
    for (; appended_ < history_.size(); ++appended_) {
      const absl::Status appended = (*log)->Append(history_.batch(appended_));
      if (!appended.ok()) return "cannot append at last: " + appended.ToString();
    }
    return history_.Compare(**log, history_.size());
  }

  FaultEnv env_;
  std::mt19937_64 random_;
  const LogHistory history_;
  size_t appended_ = 0;   // acknowledged
  size_t attempted_ = 0;  // committed, or on the way
};

#ifdef DAILYFEED_SLOW_TEST
constexpr int kSeeds = 400;
#else
constexpr int kSeeds = 25;
#endif

TEST(LogCrashTest, WhatIsRecoveredIsABeginningWithEverythingAcknowledged) {
  for (const uint64_t seed : TestSeeds(kSeeds)) {
    const std::string wrong = Crashes(seed).Run();
    ASSERT_EQ(wrong, "") << RepeatWith("log_crash_test", seed);
  }
}

}  // namespace
}  // namespace dailyfeed

// The log when its disk fails: the n-th operation for every n, and a disk that
// is full. A clear error, never a wrong answer, and opening again works.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "adapters/rocksdb/log/rocks_event_log.h"
#include "adapters/rocksdb/testing/fault_env.h"
#include "adapters/rocksdb/testing/log_history.h"
#include "core/domain/errors.h"

namespace dailyfeed {
namespace {

constexpr char kDirectory[] = "/data/log";
constexpr size_t kBatches = 40;
constexpr size_t kReopenAt = 25;

RocksLogOptions SmallOptions(FaultEnv& env) {
  RocksLogOptions options;
  options.env = env.env();
  options.event_memtable_bytes = 64u << 10;
  options.block_cache_bytes = 1u << 20;
  options.wal_bytes_max = 48u << 10;
  options.wal_ahead_bytes = 32u << 10;
  return options;
}

// A status that a person can do something with.
bool IsClear(const absl::Status& status) {
  return status.message().size() > 20 && (absl::IsUnavailable(status) || absl::IsDataLoss(status) ||
                                          absl::IsFailedPrecondition(status));
}

// Opens, appends, closes, opens again, appends: the run whose operations fail
// one after another.
class Session {
 public:
  explicit Session(const LogHistory& history) : history_(history) {}
  FaultDisk& disk() { return env_.disk(); }

  // Until something fails. Empty, or what was wrong about how it failed.
  std::string UntilFailure() {
    for (const size_t end : {kReopenAt, kBatches}) {
      auto log = OpenRocksEventLog(kDirectory, SmallOptions(env_));
      if (!log.ok()) return IsClear(log.status()) ? "" : "unclear: " + log.status().ToString();
      while (appended_ < end) {
        attempted_ = appended_ + 1;
        const absl::Status appended = (*log)->Append(history_.batch(appended_));
        if (!appended.ok()) return AfterFailure(**log, appended);
        ++appended_;
      }
    }
    return "";
  }

  // With the disk in order again.
  std::string Reopen() {
    disk().ClearFaults();
    auto log = OpenRocksEventLog(kDirectory, SmallOptions(env_));
    if (!log.ok()) return "cannot open again: " + log.status().ToString();
    std::string why;
    const int found = history_.Find(**log, appended_, std::max(appended_, attempted_), &why);
    if (found < 0) return fmt::format("{} batches acknowledged, recovered:\n{}", appended_, why);
    for (size_t i = static_cast<size_t>(found); i < kBatches; ++i) {
      const absl::Status appended = (*log)->Append(history_.batch(i));
      if (!appended.ok()) return "cannot append again: " + appended.ToString();
    }
    return history_.Compare(**log, kBatches);
  }

 private:
  std::string AfterFailure(EventLog& log, const absl::Status& failure) {
    if (!IsClear(failure)) return "unclear: " + failure.ToString();
    // A read that failed leaves the log as it was; a write stops it for good.
    if (absl::IsUnavailable(failure) && !log.WriteStatus().ok()) {
      if (ErrorCodeOf(failure) != ErrorCode::kServiceUnavailable) return "no symbolic code";
      const absl::Status again = log.Append(history_.batch(appended_));
      if (!absl::IsUnavailable(again)) return "wrote after a failure: " + again.ToString();
    }
    const std::string wrong = history_.Compare(log, appended_, /*errors_allowed=*/true);
    return wrong.empty() ? "" : "a wrong answer after a failure: " + wrong;
  }

  const LogHistory& history_;
  FaultEnv env_;
  size_t appended_ = 0;
  size_t attempted_ = 0;
};

#ifdef DAILYFEED_SLOW_TEST
constexpr uint64_t kStride = 1;
#else
constexpr uint64_t kStride = 37;
#endif

TEST(LogFaultTest, TheNthOperationFailsForEveryN) {
  for (const uint64_t seed : TestSeeds(1)) {
    const LogHistory history(seed, kBatches);
    Session whole(history);
    ASSERT_EQ(whole.UntilFailure(), "");
    const uint64_t operations = whole.disk().operations();
    ASSERT_GT(operations, 500u);
    for (uint64_t n = 1 + seed % kStride; n <= operations; n += kStride) {
      for (const auto fault : {FaultDisk::Fault::kError, FaultDisk::Fault::kNoSpace}) {
        for (const bool and_after : {false, true}) {
          Session run(history);
          run.disk().FailAt(n, fault, and_after);
          std::string wrong = run.UntilFailure();
          if (wrong.empty()) wrong = run.Reopen();
          ASSERT_EQ(wrong, "") << "operation " << n << (and_after ? " and after" : "")
                               << (fault == FaultDisk::Fault::kNoSpace ? ", no space; " : "; ")
                               << RepeatWith("log_fault_test", seed);
        }
      }
    }
  }
}

TEST(LogFaultTest, AFullDiskRefusesWritesAndReadsGoOn) {
  for (const uint64_t seed : TestSeeds(10)) {
    const LogHistory history(seed, kBatches);
    FaultEnv env;
    auto log = OpenRocksEventLog(kDirectory, SmallOptions(env)).value();
    size_t appended = 0;
    for (; appended < kBatches / 2; ++appended) {
      ASSERT_TRUE(log->Append(history.batch(appended)).ok());
    }
    env.disk().SetCapacity(env.disk().used() + 500 * seed);
    absl::Status refused;
    while (refused.ok() && appended < kBatches) {
      refused = log->Append(history.batch(appended));
      if (refused.ok()) ++appended;
    }
    ASSERT_FALSE(refused.ok()) << RepeatWith("log_fault_test", seed);
    EXPECT_TRUE(absl::IsUnavailable(refused)) << refused;
    EXPECT_EQ(ErrorCodeOf(refused), ErrorCode::kServiceUnavailable);
    EXPECT_NE(refused.message().find("disk full"), absl::string_view::npos) << refused;
    EXPECT_NE(refused.message().find("restart"), absl::string_view::npos) << refused;
    EXPECT_EQ(history.Compare(*log, appended), "");
    // Freed space alone does not bring writes back: nobody knows what the disk
    // holds until the log is opened again.
    env.disk().SetCapacity(std::nullopt);
    EXPECT_TRUE(absl::IsUnavailable(log->Append(history.batch(appended))));
    EXPECT_EQ(history.Compare(*log, appended), "");
    log.reset();
    log = OpenRocksEventLog(kDirectory, SmallOptions(env)).value();
    std::string why;
    const int found = history.Find(*log, appended, appended + 1, &why);
    ASSERT_GE(found, 0) << why << RepeatWith("log_fault_test", seed);
    for (size_t i = static_cast<size_t>(found); i < kBatches; ++i) {
      ASSERT_TRUE(log->Append(history.batch(i)).ok());
    }
    EXPECT_EQ(history.Compare(*log, kBatches), "");
  }
}

}  // namespace
}  // namespace dailyfeed

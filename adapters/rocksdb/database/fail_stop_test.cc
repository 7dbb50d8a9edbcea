#include "adapters/rocksdb/database/fail_stop.h"

#include <gtest/gtest.h>
#include <rocksdb/status.h>

#include <string>
#include <thread>
#include <vector>

namespace dailyfeed {
namespace {

TEST(FailStopTest, TheFirstReasonStays) {
  FailStop stop;
  EXPECT_TRUE(stop.status().ok());
  rocksdb::Status fine;
  stop.OnBackgroundError(rocksdb::BackgroundErrorReason::kFlush, &fine);
  EXPECT_TRUE(stop.status().ok());
  rocksdb::Status full = rocksdb::Status::NoSpace("no room");
  stop.OnBackgroundError(rocksdb::BackgroundErrorReason::kFlush, &full);
  const absl::Status why = stop.status();
  EXPECT_TRUE(absl::IsUnavailable(why)) << why;
  EXPECT_NE(why.message().find("disk full"), absl::string_view::npos) << why;
  EXPECT_EQ(stop.Trip(absl::UnavailableError("later")), why);
  EXPECT_EQ(stop.status(), why);
}

TEST(FailStopTest, RocksDbMayNotRecoverByItself) {
  FailStop stop;
  bool recover = true;
  stop.OnErrorRecoveryBegin(rocksdb::BackgroundErrorReason::kFlush, rocksdb::Status::NoSpace(),
                            &recover);
  EXPECT_FALSE(recover);
}

TEST(FailStopTest, ThreadsThatFailAtOnceAgreeOnTheReason) {
  FailStop stop;
  std::vector<absl::Status> reasons(4);
  std::vector<std::thread> threads;
  for (size_t i = 0; i < reasons.size(); ++i) {
    threads.emplace_back([&, i] {
      stop.status().IgnoreError();
      reasons[i] = stop.Trip(absl::UnavailableError(std::to_string(i)));
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (const absl::Status& reason : reasons) EXPECT_EQ(reason, stop.status());
}

}  // namespace
}  // namespace dailyfeed

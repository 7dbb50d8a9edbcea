#include "adapters/rocksdb/log/expiry_clock.h"

#include <gtest/gtest.h>
#include <rocksdb/db.h>

#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "adapters/rocksdb/database/rocks_files.h"
#include "adapters/rocksdb/log/rocks_log_options.h"
#include "adapters/rocksdb/testing/fault_env.h"

namespace dailyfeed {
namespace {

using std::chrono::hours;

constexpr TimestampNs kHour = 3'600'000'000'000;
constexpr TimestampNs kDay = 24 * kHour;
constexpr TimestampNs kNow = 1'795'230'000'000'000'000;

class ExpiryClockTest : public testing::Test {
 protected:
  // At the `hour` of the machine's steady clock.
  void Saw(int hour, TimestampNs now) { clock_.Saw(now, start_ + hours(hour)); }
  TimestampNs DropUntil(int hour) const { return clock_.DropUntil(start_ + hours(hour)); }

  const ExpiryClock::Steady start_ = std::chrono::steady_clock::now();
  ExpiryClock clock_;
};

TEST_F(ExpiryClockTest, NothingIsDroppedBeforeAnybodyNamedATime) { EXPECT_LT(DropUntil(0), 0); }

TEST_F(ExpiryClockTest, RecordsAreKeptADayLongerThanTheyLast) {
  Saw(0, kNow);
  EXPECT_EQ(DropUntil(0), kNow - kDay);
  EXPECT_EQ(DropUntil(5), kNow + 5 * kHour - kDay) << "time goes on without commands";
}

TEST_F(ExpiryClockTest, ACommandWithAClockADayAheadDropsNothing) {
  Saw(0, kNow);
  Saw(1, kNow + kDay);
  EXPECT_EQ(DropUntil(1), kNow + kHour - kDay);
  Saw(2, kNow + 2 * kHour);
  EXPECT_EQ(DropUntil(2), kNow + 2 * kHour - kDay);
}

TEST_F(ExpiryClockTest, AStartWithAClockADayAheadDropsNothingThatLasts) {
  Saw(0, kNow + kDay);
  EXPECT_LE(DropUntil(0), kNow);
  Saw(1, kNow + kHour);  // corrected
  EXPECT_EQ(DropUntil(1), kNow + kHour - kDay);
}

TEST_F(ExpiryClockTest, AClockThatWasBehindIsForgottenAfterTwoDays) {
  Saw(0, 0);  // a machine without a battery
  for (int hour = 1; hour < 47; ++hour) Saw(hour, kNow + hour * kHour);
  EXPECT_LT(DropUntil(46), kDay) << "the day before counts: a time of 1970";
  for (int hour = 47; hour < 50; ++hour) Saw(hour, kNow + hour * kHour);
  EXPECT_EQ(DropUntil(49), kNow + 49 * kHour - kDay);
}

TEST_F(ExpiryClockTest, ManyThreadsMayAskAndTell) {
  std::vector<std::thread> threads;
  for (int thread = 0; thread < 4; ++thread) {
    threads.emplace_back([this] {
      for (int hour = 0; hour < 2000; ++hour) {
        Saw(hour, kNow + hour * kHour);
        EXPECT_LE(DropUntil(hour), kNow + hour * kHour - kDay);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
}

// What compaction does with it: RocksDB on the log's own options.
TEST(ExpiredRecordsTest, CompactionDropsWhatExpiredADayAgoAndNothingElse) {
  FaultEnv env;
  const RocksLogOptions options{.env = env.env()};
  const auto clock = std::make_shared<ExpiryClock>();
  rocksdb::DBOptions database =
      LogDatabaseOptions(env.env(), options, std::make_shared<FailStop>());
  database.create_if_missing = database.create_missing_column_families = true;
  const auto opened =
      OpenDatabaseFiles(database, "/db", LogFamilies(options, clock), /*read_only=*/false, nullptr);
  ASSERT_TRUE(opened.ok()) << opened.status();
  rocksdb::DB& db = *(*opened)->db;
  rocksdb::ColumnFamilyHandle* const records = (*opened)->families[kIdempotency];
  const auto put = [&](const std::string& key, TimestampNs expires) {
    std::string value;
    AppendLittle<int64_t>(expires, &value);
    ASSERT_TRUE(db.Put({}, records, key, value + "answer").ok());
  };
  put("expired a day ago", kNow - kDay - kHour);
  put("just expired", kNow - kHour);
  put("lasts", kNow + kHour);
  ASSERT_TRUE(db.Put({}, records, AsSlice(kBatchNumberKey), AsSlice(NumberValue(1).view())).ok());
  clock->Saw(kNow);
  clock->Saw(kNow + 2 * kDay);
  rocksdb::CompactRangeOptions compaction;
  compaction.bottommost_level_compaction = rocksdb::BottommostLevelCompaction::kForce;
  ASSERT_TRUE(db.CompactRange(compaction, records, nullptr, nullptr).ok());
  std::vector<std::string> left;
  const std::unique_ptr<rocksdb::Iterator> row(db.NewIterator({}, records));
  for (row->SeekToFirst(); row->Valid(); row->Next()) left.push_back(row->key().ToString());
  EXPECT_EQ(left,
            std::vector<std::string>({std::string(kBatchNumberKey), "just expired", "lasts"}));
}

}  // namespace
}  // namespace dailyfeed

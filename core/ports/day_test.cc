#include "core/ports/day.h"

#include "gtest/gtest.h"

namespace dailyfeed {
namespace {

TEST(DayTest, ADayIsThatOfTheZone) {
  const DayZone seoul = DayZone::Load("Asia/Seoul").value();
  const DayZone utc = DayZone::Load("UTC").value();
  const TimestampNs late = 1'764'000'000LL * 1'000'000'000;  // 2025-11-24T16:00:00Z
  EXPECT_EQ(utc.DayOf(late), 20251124);
  EXPECT_EQ(seoul.DayOf(late), 20251125);
  EXPECT_EQ(utc.DayOf(-1), 19691231);
  EXPECT_FALSE(DayZone::Load("Asia/Nowhere").ok());
}

TEST(DayTest, ParsesOnlyRealDays) {
  EXPECT_EQ(ParseDay("20240229"), 20240229);
  EXPECT_EQ(ParseDay("20230229"), 0);
  EXPECT_EQ(ParseDay("2024022"), 0);
  EXPECT_EQ(ParseDay("2024022x"), 0);
  EXPECT_EQ(ParseDay("20241301"), 0);
}

}  // namespace
}  // namespace dailyfeed

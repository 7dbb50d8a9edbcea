#include "adapters/http/wall_clock.h"

#include <gtest/gtest.h>

#include <random>
#include <string>

namespace dailyfeed::http {
namespace {

constexpr TimestampNs kSecond = 1'000'000'000;

absl::TimeZone Zone(const char* name) {
  absl::TimeZone zone;
  EXPECT_TRUE(absl::LoadTimeZone(name, &zone)) << name;
  return zone;
}

std::string Shown(const WallClock& clock, WallClock::Style style, TimestampNs time) {
  char buffer[WallClock::kTextBytesMax];
  return std::string(clock.Format(style, time, buffer));
}

TEST(WallClockTest, ThreeStylesOfTheContract) {
  const WallClock clock(Zone("Asia/Seoul"));
  const TimestampNs time = 1760499296LL * kSecond + 123456789;
  EXPECT_EQ(Shown(clock, WallClock::Style::kSpace, time), "2025-10-15 12:34:56");
  EXPECT_EQ(Shown(clock, WallClock::Style::kLetter, time), "2025-10-15T12:34:56");
  EXPECT_EQ(Shown(clock, WallClock::Style::kLetterMicros, time), "2025-10-15T12:34:56.123456");
  EXPECT_EQ(Shown(clock, WallClock::Style::kLetterMicros, 1760499296LL * kSecond),
            "2025-10-15T12:34:56");
  EXPECT_EQ(Shown(clock, WallClock::Style::kLetterMicros, 1760499296LL * kSecond + 7000),
            "2025-10-15T12:34:56.000007");
  EXPECT_EQ(Shown(clock, WallClock::Style::kLetterMicros, 1760499296LL * kSecond + 999),
            "2025-10-15T12:34:56");
}

// Every zone kind against Abseil: fixed, summer time in both hemispheres, half
// hours, a zone that skipped a day; around jumps and far outside the table.
TEST(WallClockTest, AgreesWithAbseilEverywhere) {
  std::mt19937_64 random(20261121);
  for (const char* name : {"Asia/Seoul", "UTC", "Europe/Berlin", "America/New_York",
                           "Australia/Lord_Howe", "Asia/Kathmandu", "Pacific/Apia"}) {
    const absl::TimeZone zone = Zone(name);
    const WallClock clock(zone);
    auto check = [&](int64_t seconds) {
      const absl::Time time = absl::FromUnixSeconds(seconds);
      EXPECT_EQ(Shown(clock, WallClock::Style::kLetter, seconds * kSecond),
                absl::FormatTime("%Y-%m-%dT%H:%M:%S", time, zone))
          << name << " " << seconds;
    };
    for (int i = 0; i < 3000; ++i) {
      check(static_cast<int64_t>(random() % 9'000'000'000) - 4'500'000'000);
    }
    absl::Time at = absl::FromUnixSeconds(-1'000'000'000);
    absl::TimeZone::CivilTransition transition;
    for (int i = 0; i < 400 && zone.NextTransition(at, &transition); ++i) {
      at = zone.At(transition.to).trans;
      for (int64_t delta : {-7200, -3600, -1, 0, 1, 3599, 7200}) {
        check(absl::ToUnixSeconds(at) + delta);
      }
    }
  }
}

}  // namespace
}  // namespace dailyfeed::http

#include "adapters/http/text/wall_clock.h"

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

std::vector<std::pair<int64_t, int64_t>> Spans(const WallClock& clock, int64_t first,
                                               int64_t last) {
  std::vector<std::pair<int64_t, int64_t>> spans;
  for (const TimeSpan& span : clock.Showing(first, last)) spans.emplace_back(span.begin, span.end);
  return spans;
}

TEST(WallClockTest, KnowsWhenATimeIsShown) {
  using Pairs = std::vector<std::pair<int64_t, int64_t>>;
  const WallClock seoul(Zone("Asia/Seoul"));
  EXPECT_EQ(Spans(seoul, 1760531696, 1760531696), (Pairs{{1760499296, 1760499297}}));
  EXPECT_EQ(Spans(seoul, 2, 1), Pairs());
  // 2025-10-26 in Berlin: 02:00 to 03:00 is shown twice, first as UTC+2.
  const WallClock berlin(Zone("Europe/Berlin"));
  constexpr int64_t kMidnight = 1761436800;  // 2025-10-26T00:00 as if UTC
  constexpr int64_t kHour = 3600;
  EXPECT_EQ(Spans(berlin, kMidnight, kMidnight + 5 * kHour),
            (Pairs{{kMidnight - 2 * kHour, kMidnight + 4 * kHour + 1}}));
  EXPECT_EQ(Spans(berlin, kMidnight, kMidnight + 2 * kHour + 1800),
            (Pairs{{kMidnight - 2 * kHour, kMidnight + 1801},
                   {kMidnight + kHour, kMidnight + kHour + 1801}}));
  EXPECT_EQ(Spans(berlin, kMidnight + 2 * kHour + 1800, kMidnight + 3 * kHour),
            (Pairs{{kMidnight + 1800, kMidnight + kHour},
                   {kMidnight + kHour + 1800, kMidnight + 2 * kHour + 1}}));
}

// Whatever the zone, exactly the seconds whose text lies between two texts.
TEST(WallClockTest, ShowingAgreesWithWhatIsShown) {
  std::mt19937_64 random(11);
  for (const char* name : {"Europe/Berlin", "Asia/Seoul", "America/St_Johns", "UTC"}) {
    const WallClock clock(Zone(name));
    for (int round = 0; round < 300; ++round) {
      // Around the two changes of clocks in Berlin in 2025.
      const int64_t around = (round % 2 == 0 ? 1743296400 : 1761440400) - 7200 +
                             static_cast<int64_t>(random() % 14400);
      const int64_t first = around + static_cast<int64_t>(random() % 14400);
      const int64_t last = first + static_cast<int64_t>(random() % 9000);
      const std::string from =
          Shown(WallClock(Zone("UTC")), WallClock::Style::kSpace, first * kSecond);
      const std::string to =
          Shown(WallClock(Zone("UTC")), WallClock::Style::kSpace, last * kSecond);
      const std::vector<TimeSpan> spans = clock.Showing(first, last);
      for (int64_t second = around - 43200; second < around + 57600; second += 577) {
        const std::string shown = Shown(clock, WallClock::Style::kSpace, second * kSecond);
        bool inside = false;
        for (const TimeSpan& span : spans) inside |= second >= span.begin && second < span.end;
        ASSERT_EQ(inside, from <= shown && shown <= to) << name << " " << shown;
      }
    }
  }
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

TEST(LocalTimeTest, ReadsIsoLocalDateTimes) {
  const struct {
    const char* text;
    int64_t seconds;
    bool has_fraction;
  } rows[] = {
      {"1970-01-01T00:00", 0, false},
      {"1970-01-01T00:00:01", 1, false},
      {"1970-01-01T00:00:01.5", 1, true},
      {"1970-01-01T00:00:01.000000001", 1, true},
      {"1970-01-01T00:00:01.000", 1, false},
      {"1969-12-31T23:59:59", -1, false},
      {"2025-10-15T12:34:56", 1'760'531'696, false},
      {"2024-02-29T00:00", 1'709'164'800, false},
      {"0000-01-01T00:00", -62'167'219'200, false},
      {"9999-12-31T23:59:59.999999999", 253'402'300'799, true},
  };
  for (const auto& row : rows) {
    const std::optional<LocalTime> time = ParseLocalTime(row.text);
    ASSERT_TRUE(time.has_value()) << row.text;
    EXPECT_EQ(time->seconds, row.seconds) << row.text;
    EXPECT_EQ(time->has_fraction, row.has_fraction) << row.text;
  }
}

TEST(LocalTimeTest, RefusesEverythingElse) {
  for (const char* text : {"",
                           "2025",
                           "2025-10-15",
                           "2025-10-15T",
                           "2025-10-15T12",
                           "2025-10-15T12:3",
                           "2025-10-15 12:34",
                           "2025-10-15t12:34",
                           "2025-10-15T12:34Z",
                           "2025-10-15T12:34+09:00",
                           "2025-10-15T12:34:",
                           "2025-10-15T12:34:5",
                           "2025-10-15T12:34:56.",
                           "2025-10-15T12:34.5",
                           "2025-10-15T12:34:56.1234567890",
                           "2025-10-15T12:34:56.1x",
                           "2025-10-15T12:34:56,5",
                           "2025-13-01T00:00",
                           "2025-00-01T00:00",
                           "2025-02-29T00:00",
                           "2025-04-31T00:00",
                           "2025-10-00T00:00",
                           "2025-10-15T24:00",
                           "2025-10-15T12:60",
                           "2025-10-15T12:34:60",
                           "+025-10-15T12:34",
                           "-025-10-15T12:34",
                           " 2025-10-15T12:34",
                           "2025-10-15T12:34 ",
                           "25-10-15T12:34",
                           "12025-10-15T12:34",
                           "2025-1-15T12:34",
                           "2025/10/15T12:34",
                           "２025-10-15T12:34"}) {
    EXPECT_FALSE(ParseLocalTime(text).has_value()) << text;
  }
}

}  // namespace
}  // namespace dailyfeed::http

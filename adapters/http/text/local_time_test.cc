#include "adapters/http/text/local_time.h"

#include <gtest/gtest.h>

namespace dailyfeed::http {
namespace {

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

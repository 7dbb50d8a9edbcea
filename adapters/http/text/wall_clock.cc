#include "adapters/http/text/wall_clock.h"

#include <algorithm>
#include <charconv>

namespace dailyfeed::http {
namespace {

constexpr int64_t kNsPerSecond = 1'000'000'000;
constexpr int64_t kNsPerMicro = 1'000;
constexpr int64_t kSecondsPerDay = 86'400;
constexpr int kFirstYear = 1970;
constexpr int kLastYear = 2100;

int64_t FloorDivide(int64_t a, int64_t b) { return a / b - (a % b < 0 ? 1 : 0); }

struct Civil {
  int64_t year;
  int month, day;
};

// Days since 1970-01-01 to a date of the proleptic Gregorian calendar, with
// years that begin in March, so that the leap day is the last of its year.
Civil CivilFromDays(int64_t days) {
  constexpr int64_t kDaysToMarchOfYearZero = 719'468;
  constexpr int64_t kDaysPerEra = 146'097;  // 400 years
  days += kDaysToMarchOfYearZero;
  const int64_t era = FloorDivide(days, kDaysPerEra);
  const int64_t day_of_era = days - era * kDaysPerEra;
  const int64_t year_of_era =
      (day_of_era - day_of_era / 1'460 + day_of_era / 36'524 - day_of_era / 146'096) / 365;
  const int64_t day_of_year =
      day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const int64_t month_from_march = (5 * day_of_year + 2) / 153;
  const int day = static_cast<int>(day_of_year - (153 * month_from_march + 2) / 5 + 1);
  const int month =
      static_cast<int>(month_from_march < 10 ? month_from_march + 3 : month_from_march - 9);
  return {era * 400 + year_of_era + (month <= 2 ? 1 : 0), month, day};
}

char* TwoDigits(char* out, int64_t value) {
  out[0] = static_cast<char>('0' + value / 10);
  out[1] = static_cast<char>('0' + value % 10);
  return out + 2;
}

char* Year(char* out, int64_t year) {
  if (year >= 0 && year <= 9999) return TwoDigits(TwoDigits(out, year / 100), year % 100);
  return std::to_chars(out, out + 20, year).ptr;
}

}  // namespace

WallClock::WallClock(absl::TimeZone zone) : zone_(zone) {
  absl::Time at = absl::FromCivil(absl::CivilDay(kFirstYear, 1, 1), absl::UTCTimeZone());
  const absl::Time end = absl::FromCivil(absl::CivilDay(kLastYear, 1, 1), absl::UTCTimeZone());
  until_seconds_ = absl::ToUnixSeconds(end);
  while (at < end) {
    periods_.push_back({absl::ToUnixSeconds(at), zone_.At(at).offset});
    absl::TimeZone::CivilTransition transition;
    if (!zone_.NextTransition(at, &transition)) break;
    // The instant of the jump; when the hour repeats, `to` alone names two.
    at = zone_.At(transition.to).trans;
  }
}

int64_t WallClock::OffsetAt(int64_t seconds) const {
  if (seconds >= periods_.front().from_seconds && seconds < until_seconds_) {
    auto after = std::upper_bound(
        periods_.begin(), periods_.end(), seconds,
        [](int64_t value, const Period& period) { return value < period.from_seconds; });
    return std::prev(after)->offset_seconds;
  }
  return zone_.At(absl::FromUnixSeconds(seconds)).offset;
}

std::vector<TimeSpan> WallClock::Showing(int64_t first, int64_t last) const {
  std::vector<TimeSpan> spans;
  if (first > last) return spans;
  for (size_t i = 0; i < periods_.size(); ++i) {
    // The first and the last period go on for ever.
    const Period& period = periods_[i];
    int64_t begin = first - period.offset_seconds;
    int64_t end = last - period.offset_seconds + 1;
    if (i > 0) begin = std::max(begin, period.from_seconds);
    if (i + 1 < periods_.size()) end = std::min(end, periods_[i + 1].from_seconds);
    if (begin >= end) continue;
    if (!spans.empty() && spans.back().end == begin) {
      spans.back().end = end;
    } else {
      spans.push_back({begin, end});
    }
  }
  return spans;
}

std::string_view WallClock::Format(Style style, TimestampNs time, char* buffer) const {
  const int64_t utc_seconds = FloorDivide(time, kNsPerSecond);
  const int64_t micros = (time - utc_seconds * kNsPerSecond) / kNsPerMicro;
  const int64_t seconds = utc_seconds + OffsetAt(utc_seconds);
  const int64_t days = FloorDivide(seconds, kSecondsPerDay);
  const int64_t of_day = seconds - days * kSecondsPerDay;
  const Civil civil = CivilFromDays(days);
  char* out = Year(buffer, civil.year);
  *out++ = '-';
  out = TwoDigits(out, civil.month);
  *out++ = '-';
  out = TwoDigits(out, civil.day);
  *out++ = style == Style::kSpace ? ' ' : 'T';
  out = TwoDigits(out, of_day / 3600);
  *out++ = ':';
  out = TwoDigits(out, of_day / 60 % 60);
  *out++ = ':';
  out = TwoDigits(out, of_day % 60);
  if (style == Style::kLetterMicros && micros != 0) {
    *out++ = '.';
    out = TwoDigits(out, micros / 10'000);
    out = TwoDigits(out, micros / 100 % 100);
    out = TwoDigits(out, micros % 100);
  }
  return {buffer, static_cast<size_t>(out - buffer)};
}

}  // namespace dailyfeed::http

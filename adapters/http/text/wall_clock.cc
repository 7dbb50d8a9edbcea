#include "adapters/http/text/wall_clock.h"

#include <algorithm>
#include <chrono>

#include "absl/time/civil_time.h"

namespace dailyfeed::http {
namespace {

constexpr int64_t kNsPerSecond = 1'000'000'000;
constexpr int64_t kNsPerMicro = 1'000;
constexpr int64_t kSecondsPerDay = 86'400;
constexpr int kFirstYear = 1970;
constexpr int kLastYear = 2100;

int64_t FloorDivide(int64_t a, int64_t b) { return a / b - (a % b < 0 ? 1 : 0); }

char* TwoDigits(char* out, int64_t value) {
  out[0] = static_cast<char>('0' + value / 10);
  out[1] = static_cast<char>('0' + value % 10);
  return out + 2;
}

constexpr size_t kFractionDigitsMax = 9;

// Takes the text apart from its front; after the first thing that does not fit
// `failed` stays set.
class Parts {
 public:
  explicit Parts(std::string_view text) : rest_(text) {}
  int Digits(size_t count) {
    int value = 0;
    for (size_t i = 0; i < count; ++i) {
      if (rest_.empty() || rest_.front() < '0' || rest_.front() > '9') {
        failed_ = true;
        return 0;
      }
      value = value * 10 + (rest_.front() - '0');
      rest_.remove_prefix(1);
    }
    return value;
  }
  bool TakeIf(char c) {
    if (rest_.empty() || rest_.front() != c) return false;
    rest_.remove_prefix(1);
    return true;
  }
  void Take(char c) {
    if (!TakeIf(c)) failed_ = true;
  }
  size_t left() const { return rest_.size(); }
  bool failed() const { return failed_; }

 private:
  std::string_view rest_;
  bool failed_ = false;
};

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
    // The first and the last period have no end.
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
  const std::chrono::year_month_day date{std::chrono::sys_days(std::chrono::days(days))};
  const int year = static_cast<int>(date.year());  // 1677 to 2262, the range of TimestampNs
  char* out = TwoDigits(TwoDigits(buffer, year / 100), year % 100);
  *out++ = '-';
  out = TwoDigits(out, static_cast<unsigned>(date.month()));
  *out++ = '-';
  out = TwoDigits(out, static_cast<unsigned>(date.day()));
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

std::optional<LocalTime> ParseLocalTime(std::string_view text) {
  Parts parts(text);
  const int year = parts.Digits(4);
  parts.Take('-');
  const int month = parts.Digits(2);
  parts.Take('-');
  const int day = parts.Digits(2);
  parts.Take('T');
  const int hour = parts.Digits(2);
  parts.Take(':');
  const int minute = parts.Digits(2);
  int second = 0;
  bool has_fraction = false;
  if (parts.TakeIf(':')) {
    second = parts.Digits(2);
    if (parts.TakeIf('.')) {
      const size_t digits = parts.left();
      if (digits == 0 || digits > kFractionDigitsMax) return std::nullopt;
      has_fraction = parts.Digits(digits) != 0;
    }
  }
  if (parts.failed() || parts.left() > 0) return std::nullopt;
  // Values out of range would be carried over: then it is another time.
  const absl::CivilSecond time(year, month, day, hour, minute, second);
  if (time.month() != month || time.day() != day || time.hour() != hour ||
      time.minute() != minute || time.second() != second) {
    return std::nullopt;
  }
  return LocalTime{.seconds = time - absl::CivilSecond(1970, 1, 1), .has_fraction = has_fraction};
}

}  // namespace dailyfeed::http

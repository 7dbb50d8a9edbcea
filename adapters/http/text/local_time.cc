#include "adapters/http/text/local_time.h"

#include "absl/time/civil_time.h"

namespace dailyfeed::http {
namespace {

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

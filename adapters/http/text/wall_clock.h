// Times as the API shows and reads them: wall-clock values of one zone, without a
// zone designator.
//
//   WallClock clock(zone);
//   char text[WallClock::kTextBytesMax];
//   clock.Format(WallClock::Style::kSpace, body.created_at, text);   // "2025-10-15 12:34:56"
//
// The zone's offsets from 1970 to 2100 are looked up once, so that a format
// costs a binary search over a few entries. Times outside are right too, only
// slower.
//
//   ParseLocalTime("2025-10-15T00:00:00")->seconds   // 1760486400
//
// Immutable; from any thread.
#ifndef DAILYFEED_ADAPTERS_HTTP_TEXT_WALL_CLOCK_H_
#define DAILYFEED_ADAPTERS_HTTP_TEXT_WALL_CLOCK_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "absl/time/time.h"
#include "core/domain/types.h"

namespace dailyfeed::http {

class WallClock {
 public:
  enum class Style {
    kSpace,         // posts: 2025-10-15 12:34:56
    kLetter,        // profiles and summaries: 2025-10-15T12:34:56
    kLetterMicros,  // comments: 2025-10-15T12:34:56.123456, the fraction only when not zero
  };
  static constexpr size_t kTextBytesMax = 40;

  explicit WallClock(absl::TimeZone zone);

  // Writes into `buffer`, which has kTextBytesMax bytes, and returns what was
  // written. Fractions below a microsecond are cut, as seconds are.
  std::string_view Format(Style style, TimestampNs time, char* buffer) const;

  // The seconds that are shown as one from `first` to `last`, both included, as
  // seconds since 1970-01-01T00:00:00 of this clock. Ascending, none empty; more
  // than one where clocks go back and the same time is shown twice. None when
  // `first` is behind `last`.
  std::vector<TimeSpan> Showing(int64_t first, int64_t last) const;

 private:
  struct Period {
    int64_t from_seconds;  // since the epoch, inclusive
    int64_t offset_seconds;
  };
  int64_t OffsetAt(int64_t seconds) const;

  absl::TimeZone zone_;
  std::vector<Period> periods_;  // ascending
  int64_t until_seconds_ = 0;    // the last period ends here
};

// A local date-time of a query.
struct LocalTime {
  int64_t seconds = 0;        // since 1970-01-01T00:00:00 of the same clock
  bool has_fraction = false;  // one that is not zero
};

// yyyy-MM-ddTHH:mm, then optionally :ss, then optionally a '.' and 1 to 9
// digits. nullopt for everything else: other separators, a zone, dates and
// times that do not exist (02-30, 24:00, a second 60).
std::optional<LocalTime> ParseLocalTime(std::string_view text);

}  // namespace dailyfeed::http

#endif  // DAILYFEED_ADAPTERS_HTTP_TEXT_WALL_CLOCK_H_

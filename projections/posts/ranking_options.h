// What the ranked lists are made with. Other values are other rows: the read
// model is built anew when they change.
#ifndef DAILYFEED_PROJECTIONS_POSTS_RANKING_OPTIONS_H_
#define DAILYFEED_PROJECTIONS_POSTS_RANKING_OPTIONS_H_

#include <cstdint>

#include "absl/time/time.h"

namespace dailyfeed {

struct RankingOptions {
  // score = view_weight * views + like_weight * likes
  uint32_t view_weight = 1;
  uint32_t like_weight = 2;
  absl::TimeZone zone = absl::UTCTimeZone();  // of the days that windows are made of
};

// Days since 1970-01-01 of a time in the zone.
inline int64_t DayNumber(const absl::TimeZone& zone, int64_t time_ns) {
  return absl::ToCivilDay(absl::FromUnixNanos(time_ns), zone) - absl::CivilDay(1970, 1, 1);
}

}  // namespace dailyfeed

#endif  // DAILYFEED_PROJECTIONS_POSTS_RANKING_OPTIONS_H_

#include "core/ports/day.h"

#include <fmt/format.h>

namespace dailyfeed {

absl::StatusOr<DayZone> DayZone::Load(std::string_view name) {
  absl::TimeZone zone;
  if (!absl::LoadTimeZone(absl::string_view(name.data(), name.size()), &zone)) {
    return absl::NotFoundError(
        fmt::format("unknown time zone \"{}\" (is the tzdata package installed?)", name));
  }
  return DayZone(zone);
}

Day DayZone::DayOf(TimestampNs time) const {
  const absl::CivilDay day = absl::ToCivilDay(absl::FromUnixNanos(time), zone_);
  return static_cast<Day>(day.year() * 10000 + day.month() * 100 + day.day());
}

Day ParseDay(std::string_view text) {
  if (text.size() != 8) return 0;
  Day day = 0;
  for (char c : text) {
    if (c < '0' || c > '9') return 0;
    day = day * 10 + (c - '0');
  }
  const absl::CivilDay civil(day / 10000, day / 100 % 100, day % 100);
  const Day normalized = static_cast<Day>(civil.year() * 10000 + civil.month() * 100 + civil.day());
  return normalized == day && civil.year() > 0 ? day : 0;
}

}  // namespace dailyfeed

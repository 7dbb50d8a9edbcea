// The local date-times of queries: "2025-10-15T00:00:00".
//
// Pure functions. Threads: from any.
#ifndef DAILYFEED_ADAPTERS_HTTP_TEXT_LOCAL_TIME_H_
#define DAILYFEED_ADAPTERS_HTTP_TEXT_LOCAL_TIME_H_

#include <cstdint>
#include <optional>
#include <string_view>

namespace dailyfeed::http {

struct LocalTime {
  int64_t seconds = 0;        // since 1970-01-01T00:00:00 of the same clock
  bool has_fraction = false;  // one that is not zero
};

// yyyy-MM-ddTHH:mm, then optionally :ss, then optionally a '.' and 1 to 9
// digits. nullopt for everything else: other separators, a zone, dates and
// times that do not exist (02-30, 24:00, a second 60).
std::optional<LocalTime> ParseLocalTime(std::string_view text);

}  // namespace dailyfeed::http

#endif  // DAILYFEED_ADAPTERS_HTTP_TEXT_LOCAL_TIME_H_

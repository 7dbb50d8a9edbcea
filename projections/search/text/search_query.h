// What somebody searches for, parsed: the plain `keyword` and the richer `q`.
//
//   ParseKeyword(" 김치  Stew ")->phrase;   // U"김치 stew"
//
// The two languages are never mixed. A keyword is strict: only folded (N), and
// no character has a meaning.
//
// Pure functions. Threads: from any.
#ifndef DAILYFEED_PROJECTIONS_SEARCH_TEXT_SEARCH_QUERY_H_
#define DAILYFEED_PROJECTIONS_SEARCH_TEXT_SEARCH_QUERY_H_

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace dailyfeed::search {

// In UTF-16 code units of what was typed.
inline constexpr size_t kKeywordUnitsMax = 200;

struct Keyword {
  // Each once, in the order in which they first appear. Never empty.
  std::vector<std::u32string> terms;
  // The whole keyword, without white space at its ends, each run of it inside
  // as one space: what a text holds that has the keyword contiguously.
  std::u32string phrase;
};

// INVALID_ARGUMENT: `keyword` is blank, or longer than kKeywordUnitsMax.
absl::StatusOr<Keyword> ParseKeyword(std::string_view keyword);

}  // namespace dailyfeed::search

#endif  // DAILYFEED_PROJECTIONS_SEARCH_TEXT_SEARCH_QUERY_H_

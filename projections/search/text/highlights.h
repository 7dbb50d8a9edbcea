// Where a text has what somebody searched for, for showing it.
//
//   HighlightsOf("오늘 ＬＵＮＣＨ 😀", {{.text = U"lunch"}});   // {{3, 8}}
//   HighlightsOf("❤️ 하", {{.text = U"하"}});                   // 하 in two letters: {{3,
//   5}}
//
// The text is folded and loosened cluster by cluster, so a highlight is exact in
// the text as it was written: it begins and ends between clusters, and a cluster
// is a character with what composes with it and what is drawn on it (marks,
// selectors, skin tones).
//
// Pure functions. Threads: from any.
#ifndef DAILYFEED_PROJECTIONS_SEARCH_TEXT_HIGHLIGHTS_H_
#define DAILYFEED_PROJECTIONS_SEARCH_TEXT_HIGHLIGHTS_H_

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "absl/types/span.h"
#include "projections/search/text/needle.h"

namespace dailyfeed::search {

inline constexpr size_t kHighlightsMax = 10;

// [from, to) in UTF-16 code units of the content; from < to.
struct Highlight {
  size_t from = 0;
  size_t to = 0;
  bool operator==(const Highlight&) const = default;
};

// The first kHighlightsMax places of the needles, from left to right, the
// longest of those that begin at one place, none of which overlap. A space at
// the ends of a needle must be there but is not shown; a space inside shows the
// whole run of white space. `content` as the author wrote it; needles loosened.
std::vector<Highlight> HighlightsOf(std::string_view content, absl::Span<const Needle> needles);

// Of the parts of a query that are not excluded.
std::vector<Highlight> HighlightsOf(std::string_view content, const SearchQuery& query,
                                    Stems stems);

}  // namespace dailyfeed::search

#endif  // DAILYFEED_PROJECTIONS_SEARCH_TEXT_HIGHLIGHTS_H_

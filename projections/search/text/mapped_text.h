// A text as an index sees it, and where each code point of that came from.
#ifndef DAILYFEED_PROJECTIONS_SEARCH_TEXT_MAPPED_TEXT_H_
#define DAILYFEED_PROJECTIONS_SEARCH_TEXT_MAPPED_TEXT_H_

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace dailyfeed::search {

struct MappedText {
  // A cluster, in UTF-16 code units of the content; of the space of a run of
  // white space, the run.
  struct Origin {
    size_t from = 0;
    size_t to = 0;
  };
  std::u32string spaced;        // Spaced(Loosen(Fold(content)))
  std::vector<Origin> origins;  // one for each code point of it
};

MappedText MapText(std::string_view content);

}  // namespace dailyfeed::search

#endif  // DAILYFEED_PROJECTIONS_SEARCH_TEXT_MAPPED_TEXT_H_

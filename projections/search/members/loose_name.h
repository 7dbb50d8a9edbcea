// A name in the form that a search compares: folded and loosened (search/text/),
// each run of white space one space, none at the ends.
//
//   LooseName(" Ｋim\u3000 Minji");   // "kim minji"
//
// Pure function. Threads: from any.
#ifndef DAILYFEED_PROJECTIONS_SEARCH_MEMBERS_LOOSE_NAME_H_
#define DAILYFEED_PROJECTIONS_SEARCH_MEMBERS_LOOSE_NAME_H_

#include <string>
#include <string_view>

namespace dailyfeed::search {

std::string LooseName(std::string_view name);

}  // namespace dailyfeed::search

#endif  // DAILYFEED_PROJECTIONS_SEARCH_MEMBERS_LOOSE_NAME_H_

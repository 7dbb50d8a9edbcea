// The files of testdata/search as constants. The build writes their sources.
#ifndef DAILYFEED_TOOLS_SEARCH_QUALITY_STORED_FILES_H_
#define DAILYFEED_TOOLS_SEARCH_QUALITY_STORED_FILES_H_

#include <string_view>

namespace dailyfeed::search_quality {

extern const std::string_view kStoredPosts;    // posts.jsonl
extern const std::string_view kStoredQueries;  // queries.jsonl

}  // namespace dailyfeed::search_quality

#endif  // DAILYFEED_TOOLS_SEARCH_QUALITY_STORED_FILES_H_

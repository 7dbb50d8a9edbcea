// What somebody searches for, and what is found. Part of the questions of
// queries.h.
//
//   SearchRequest request = {.text = "김치 찌개", .page = 0, .size = 10};
//   ASSIGN_OR_RETURN(const FoundPosts found, queries.SearchPosts(viewer, request));
//
// Plain values.
#ifndef DAILYFEED_PROJECTIONS_QUERIES_TEXT_SEARCH_H_
#define DAILYFEED_PROJECTIONS_QUERIES_TEXT_SEARCH_H_

#include <cstdint>
#include <string>
#include <vector>

#include "projections/queries/answers.h"
#include "projections/search/text/needle.h"

namespace dailyfeed {

// The two languages of docs/reference/search.md.
enum class SearchLanguage { kKeyword, kQuery };

struct SearchRequest {
  std::string text;
  SearchLanguage language = SearchLanguage::kKeyword;
  bool newest_first = false;  // of kQuery; else the most relevant first
  uint64_t page = 0;
  uint32_t size = 10;
};

template <typename Row>
struct Found : CountedPage<Row> {
  // What may be marked in the rows, of kQuery: needles for HighlightsOf.
  std::vector<search::Needle> needles;
};
using FoundPosts = Found<PostView>;
using FoundComments = Found<CommentView>;

// What the index holds in memory, and what was asked since the start.
struct SearchStats {
  uint64_t loose_documents = 0;  // not in a segment yet: every search scans them
  uint64_t segments = 0;
  uint64_t void_documents = 0;  // edited or deleted since their segment was made
  uint64_t memory_bytes = 0;
  uint64_t searches = 0;
  uint64_t searches_refused = 0;  // too expensive
  uint64_t searches_failed = 0;   // the index is damaged, or the store failed
};

}  // namespace dailyfeed

#endif  // DAILYFEED_PROJECTIONS_QUERIES_TEXT_SEARCH_H_

// Answers a query from the segments and the loose documents of one moment: the
// exact number of hits, and one page of them in order.
//
//   SearchLimits limits;
//   ASSIGN_OR_RETURN(SearchPage page, Search(query, index, rows, {.skip = 20, .take = 10},
//   limits));
//
// A page costs about the same wherever it lies: hits are counted as bits, level by
// level, and only the documents of the page are enumerated.
//
// Threads: any; the views must be of the moment of `rows`.
#ifndef DAILYFEED_PROJECTIONS_SEARCH_INDEX_SEARCH_H_
#define DAILYFEED_PROJECTIONS_SEARCH_INDEX_SEARCH_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "absl/status/statusor.h"
#include "projections/runtime/projection.h"
#include "projections/search/index/loose_set.h"
#include "projections/search/index/segment_cache.h"
#include "projections/search/index/segment_set.h"
#include "projections/search/index/text_query.h"

namespace dailyfeed::search {

// One index at one moment.
struct IndexView {
  std::shared_ptr<const SegmentView> segments;
  LooseView loose;
};

struct SearchWindow {
  uint64_t skip = 0;
  uint32_t take = 10;
};

// What one query may use.
struct SearchLimits {
  // Posting lists and documents that one query may look at, over all segments.
  uint64_t work_max = UINT64_MAX;
  SegmentCache* cache = nullptr;  // not owned; nullptr: none
};

struct SearchPage {
  uint64_t total = 0;
  std::vector<uint64_t> ids;
  uint64_t work = 0;  // as SearchLimits counts it
};

// RESOURCE_EXHAUSTED beyond the limits; DATA_LOSS names a damaged segment.
absl::StatusOr<SearchPage> Search(const TextQuery& query, const IndexView& index,
                                  const ProjectionReader& rows, const SearchWindow& window,
                                  const SearchLimits& limits = {});

}  // namespace dailyfeed::search

#endif  // DAILYFEED_PROJECTIONS_SEARCH_INDEX_SEARCH_H_

// Ids of what a search finds, as of a pinned view.
//
//   TextSearcher texts(runtime, options.search, zone, &member_cards);
//   ASSIGN_OR_RETURN(auto hits, texts.Find(view, search::IndexTag::kPosts, request));
//
// Owns the search projection and its memory. Threads: Find and stats from any.
#ifndef DAILYFEED_PROJECTIONS_QUERIES_TEXT_SEARCHER_H_
#define DAILYFEED_PROJECTIONS_QUERIES_TEXT_SEARCHER_H_

#include <atomic>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "projections/queries/member_cards.h"
#include "projections/queries/text_search.h"
#include "projections/runtime/runtime.h"
#include "projections/search/index/segment_cache.h"
#include "projections/search/query_plan.h"
#include "projections/search/search_memory.h"
#include "projections/search/search_projection.h"

namespace dailyfeed {

class TextSearcher {
 public:
  struct Hits {
    uint64_t total = 0;
    std::vector<ListKey> keys;  // of the page; ids only
    std::vector<search::Needle> needles;
  };

  // Registers with `runtime`, before its start. `members` is not owned.
  TextSearcher(Runtime* runtime, const SearchOptions& options, absl::TimeZone zone,
               MemberCards* members);

  // INVALID_ARGUMENT: the request cannot be understood (see ParseKeyword and ParseQuery).
  // kServiceUnavailable: it costs more than SearchOptions::query_work_max. DATA_LOSS
  // names a damaged segment.
  absl::StatusOr<Hits> Find(const ReadView& at, search::IndexTag index,
                            const SearchRequest& request) const;

  ProjectionId projection() const { return id_; }
  SearchStats stats() const;

 private:
  absl::StatusOr<Hits> FindQuery(const ReadView& at, search::IndexTag index,
                                 const SearchRequest& request) const;
  absl::StatusOr<search::QueryPlan> Plan(const ReadView& at, const search::SearchQuery& typed,
                                         const search::PlanOptions& options) const;
  absl::StatusOr<Hits> Run(const ReadView& at, search::IndexTag index,
                           const search::TextQuery& query, const SearchRequest& request) const;

  const SearchOptions options_;
  const absl::TimeZone zone_;
  MemberCards* const members_;
  search::SearchProjection projection_;
  search::SearchMemory memory_;
  mutable search::SegmentCache cache_;
  const ProjectionId id_;
  mutable std::atomic<uint64_t> searches_{0};
  mutable std::atomic<uint64_t> refused_{0};
  mutable std::atomic<uint64_t> failed_{0};
};

}  // namespace dailyfeed

#endif  // DAILYFEED_PROJECTIONS_QUERIES_TEXT_SEARCHER_H_

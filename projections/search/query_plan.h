// From what somebody typed to what the index looks for.
//
//   ASSIGN_OR_RETURN(const SearchQuery typed, ParseQuery("김치찌개까지 #점심 from:kim"));
//   const QueryPlan plan = PlanQuery(typed, {.zone = seoul, .member_of = ...});
//   Search(plan.query, ...);       // nothing found and plan.has_more_loosened? PlanQuery again
//
// A word of Hangul also counts with a space at one place inside of it, and without
// one particle at its end (text/particles.h). A tag also counts with one particle
// behind it. The form that was typed comes before these.
//
// Pure. Threads: any.
#ifndef DAILYFEED_PROJECTIONS_SEARCH_QUERY_PLAN_H_
#define DAILYFEED_PROJECTIONS_SEARCH_QUERY_PLAN_H_

#include <string>
#include <string_view>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/time/time.h"
#include "core/domain/types.h"
#include "projections/search/index/text_query.h"
#include "projections/search/text/needle.h"
#include "projections/search/text/search_query.h"

namespace dailyfeed::search {

// A longer word of Hangul is looked for as it was typed: nobody writes one.
inline constexpr size_t kSplitSyllablesMax = 16;

struct QueryPlan {
  TextQuery query;
  // What to mark in a text that was found.
  std::vector<Needle> needles;
  // Particles that also are the end of many words were left alone: if the query finds
  // nothing, a plan with them may.
  bool has_more_particles = false;
};

struct PlanOptions {
  absl::TimeZone zone;
  bool newest_first = false;
  // Looks through the ambiguous particles too.
  bool all_particles = false;
};

// `member_of`: the live member with a handle in lower case; 0: nobody has it.
QueryPlan PlanQuery(const SearchQuery& typed, const PlanOptions& options,
                    absl::FunctionRef<MemberId(std::string_view handle)> member_of);

}  // namespace dailyfeed::search

#endif  // DAILYFEED_PROJECTIONS_SEARCH_QUERY_PLAN_H_

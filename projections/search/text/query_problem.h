// How the parsers refuse: an English message for logs and hosts, and a payload
// that says the same in parts, which QueryProblemOf (search_query.h) reads.
// Pure functions. Threads: from any.
#ifndef DAILYFEED_PROJECTIONS_SEARCH_TEXT_QUERY_PROBLEM_H_
#define DAILYFEED_PROJECTIONS_SEARCH_TEXT_QUERY_PROBLEM_H_

#include <cstddef>
#include <string_view>

#include "absl/status/status.h"
#include "projections/search/text/search_query.h"

namespace dailyfeed::search {

// INVALID_ARGUMENT. `part` counts from 1 and `typed` is that part; 0 and
// nothing for the whole.
absl::Status ProblemStatus(QueryProblem::Kind kind, size_t part = 0,
                           std::u32string_view typed = {});

}  // namespace dailyfeed::search

#endif  // DAILYFEED_PROJECTIONS_SEARCH_TEXT_QUERY_PROBLEM_H_

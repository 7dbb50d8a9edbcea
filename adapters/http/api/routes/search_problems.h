// Why a search was refused, in a sentence for people: what is wrong with the text
// they typed, and with which part of it.
//
//   ProblemSentence(*QueryProblemOf(status), Language::kEnglish);
//   // "Part 2 (name:x) has a name that is not known"
//
// Pure function. Threads: from any.
#ifndef DAILYFEED_ADAPTERS_HTTP_API_ROUTES_SEARCH_PROBLEMS_H_
#define DAILYFEED_ADAPTERS_HTTP_API_ROUTES_SEARCH_PROBLEMS_H_

#include <string>

#include "adapters/http/text/headers.h"
#include "projections/search/text/search_query.h"

namespace dailyfeed::http {

std::string ProblemSentence(const search::QueryProblem& problem, Language language);

}  // namespace dailyfeed::http

#endif  // DAILYFEED_ADAPTERS_HTTP_API_ROUTES_SEARCH_PROBLEMS_H_

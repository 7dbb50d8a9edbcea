// What `dailyfeed search-quality` measures and prints.
//
//   ASSIGN_OR_RETURN(const std::vector<Figures> figures, Measure(judgements, engines));
//   TextOf(figures);    // one table, then a line for each goal
//   JsonOf(figures);    // one JSON object a line
//
// Threads: one.
#ifndef DAILYFEED_TOOLS_SEARCH_QUALITY_REPORT_H_
#define DAILYFEED_TOOLS_SEARCH_QUALITY_REPORT_H_

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "tools/search_quality/engine.h"
#include "tools/search_quality/judgements.h"

namespace dailyfeed::search_quality {

// Of one engine and one kind of query: means over the queries.
//
// Precision and recall of `keyword` compare the hits with those of a scan that
// does what the contract says. Those of `q` compare the hits with the posts
// that have a grade. nDCG@10 uses the grades for both.
struct Figures {
  std::string engine;
  bool is_peer = false;
  QueryKind kind = QueryKind::kKeyword;
  double precision = 0;
  double recall = 0;
  double ndcg = 0;
  std::map<std::string, double> ndcg_of;  // by the id of the query
};

// Asks every engine every query. Two lines for each engine, in their order.
absl::StatusOr<std::vector<Figures>> Measure(const Judgements& judgements,
                                             const std::vector<std::unique_ptr<Engine>>& engines);

// A goal of the search, and whether the figures reach it.
struct Goal {
  std::string what;
  double value = 0;
  double needed = 0;
  bool met() const { return value >= needed - 1e-9; }
};
// Without an engine of ours there are none; without a peer, those without one.
std::vector<Goal> GoalsOf(const std::vector<Figures>& figures);

std::string TextOf(const std::vector<Figures>& figures);
std::string JsonOf(const std::vector<Figures>& figures);

}  // namespace dailyfeed::search_quality

#endif  // DAILYFEED_TOOLS_SEARCH_QUALITY_REPORT_H_

// How good an answer is: precision, recall and nDCG.
//
//   const Grades grades = {{7, 3}, {9, 1}};       // post 7 is what was wanted
//   Ndcg({9, 7}, grades, 10);                     // 0.71: post 7 came second
//   RatesOf({9, 8}, {7, 9});                      // precision 0.5, recall 0.5
//
// Pure functions. Threads: from any.
#ifndef DAILYFEED_TOOLS_SEARCH_QUALITY_METRICS_H_
#define DAILYFEED_TOOLS_SEARCH_QUALITY_METRICS_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <vector>

namespace dailyfeed::search_quality {

// The id of a post, as testdata/search/posts.jsonl numbers them.
using JudgedId = uint64_t;

// 1 to 3; a post that is not there has grade 0.
using Grades = std::map<JudgedId, int>;

// What a post of this grade is worth: 2^grade - 1, so 0, 1, 3 or 7.
double Gain(int grade);

// The normalized discounted cumulative gain of the first `depth` posts of an
// answer, from 0 to 1. The gain of the post at rank r (from 1) is divided by
// log2(r + 1); the sum is divided by that of the best possible answer. A post
// that appears twice counts once, at its first rank. 1 when no post has a gain.
double Ndcg(const std::vector<JudgedId>& answer, const Grades& grades, size_t depth);

struct Rates {
  double precision = 0;  // of the posts in the answer, those that are wanted
  double recall = 0;     // of the posts that are wanted, those in the answer
};

// The order of the answer does not matter. An empty answer has precision 1 when
// nothing is wanted, else 0. The recall is 1 when nothing is wanted.
Rates RatesOf(const std::vector<JudgedId>& answer, const std::set<JudgedId>& wanted);

}  // namespace dailyfeed::search_quality

#endif  // DAILYFEED_TOOLS_SEARCH_QUALITY_METRICS_H_

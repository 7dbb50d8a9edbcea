#include "tools/search_quality/metrics.h"

#include <algorithm>
#include <cmath>
#include <functional>

namespace dailyfeed::search_quality {
namespace {

double Discounted(double gain, size_t rank) {
  return gain / std::log2(static_cast<double>(rank) + 1);
}

// Of the best answer: the highest grades first.
double BestGain(const Grades& grades, size_t depth) {
  std::vector<int> best;
  for (const auto& [id, grade] : grades) best.push_back(grade);
  std::sort(best.begin(), best.end(), std::greater<int>());
  double sum = 0;
  for (size_t i = 0; i < best.size() && i < depth; ++i) sum += Discounted(Gain(best[i]), i + 1);
  return sum;
}

}  // namespace

double Gain(int grade) { return std::exp2(grade) - 1; }

double Ndcg(const std::vector<JudgedId>& answer, const Grades& grades, size_t depth) {
  const double best = BestGain(grades, depth);
  if (best == 0) return 1;
  double sum = 0;
  std::set<JudgedId> seen;
  for (size_t i = 0; i < answer.size() && i < depth; ++i) {
    if (!seen.insert(answer[i]).second) continue;
    const auto found = grades.find(answer[i]);
    if (found != grades.end()) sum += Discounted(Gain(found->second), i + 1);
  }
  return sum / best;
}

Rates RatesOf(const std::vector<JudgedId>& answer, const std::set<JudgedId>& wanted) {
  const std::set<JudgedId> given(answer.begin(), answer.end());
  const auto right = static_cast<double>(
      std::count_if(given.begin(), given.end(), [&](JudgedId id) { return wanted.contains(id); }));
  Rates rates = {.precision = wanted.empty() ? 1.0 : 0.0, .recall = 1};
  if (!given.empty()) rates.precision = right / static_cast<double>(given.size());
  if (!wanted.empty()) rates.recall = right / static_cast<double>(wanted.size());
  return rates;
}

}  // namespace dailyfeed::search_quality

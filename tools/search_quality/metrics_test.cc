#include "tools/search_quality/metrics.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <numeric>
#include <random>
#include <string>

namespace dailyfeed::search_quality {
namespace {

// The logarithms were looked up in a table: log2(3) = 1.58496, log2(5) = 2.32193.
constexpr double kLog2Of3 = 1.5849625;
constexpr double kLog2Of5 = 2.3219281;
constexpr double kTolerance = 1e-6;

TEST(GainTest, DoublesWithEachGrade) {
  EXPECT_EQ(Gain(0), 0);
  EXPECT_EQ(Gain(1), 1);
  EXPECT_EQ(Gain(2), 3);
  EXPECT_EQ(Gain(3), 7);
}

TEST(NdcgTest, TheBestOrderIsOne) {
  const Grades grades = {{1, 3}, {2, 2}, {3, 1}};
  EXPECT_NEAR(Ndcg({1, 2, 3}, grades, 10), 1, kTolerance);
  EXPECT_NEAR(Ndcg({1, 2, 3, 99, 98}, grades, 10), 1, kTolerance);
}

TEST(NdcgTest, ValuesComputedByHand) {
  const Grades grades = {{7, 3}, {9, 1}};
  // Best: 7/1 + 1/log2(3) = 7.63093.
  const double best = 7 + 1 / kLog2Of3;
  // Post 9 first, post 7 second: 1/1 + 7/log2(3) = 5.41651.
  EXPECT_NEAR(Ndcg({9, 7}, grades, 10), 5.41651 / 7.63093, 1e-5);
  EXPECT_NEAR(Ndcg({9, 7}, grades, 10), (1 + 7 / kLog2Of3) / best, kTolerance);
  // Post 7 at rank 4: 7/log2(5) = 3.01474.
  EXPECT_NEAR(Ndcg({100, 101, 102, 7}, grades, 10), 3.01474 / 7.63093, 1e-5);
  EXPECT_NEAR(Ndcg({100, 101, 102, 7}, grades, 10), 7 / kLog2Of5 / best, kTolerance);
  // Rank 3 is divided by log2(4) = 2.
  EXPECT_NEAR(Ndcg({100, 101, 7}, grades, 10), 3.5 / best, kTolerance);
}

TEST(NdcgTest, NothingBehindTheDepthCounts) {
  const Grades grades = {{7, 3}, {9, 3}};
  EXPECT_NEAR(Ndcg({1, 2, 7}, grades, 2), 0, kTolerance);
  // With one rank, one post of grade 3 is the best answer there is.
  EXPECT_NEAR(Ndcg({9}, grades, 1), 1, kTolerance);
}

TEST(NdcgTest, APostThatAppearsTwiceCountsOnce) {
  const Grades grades = {{7, 3}, {9, 1}};
  const double best = 7 + 1 / kLog2Of3;
  EXPECT_NEAR(Ndcg({7, 7, 7}, grades, 10), 7 / best, kTolerance);
}

TEST(NdcgTest, AnEmptyAnswerIsZeroAndNothingToFindIsOne) {
  EXPECT_EQ(Ndcg({}, {{7, 3}}, 10), 0);
  EXPECT_EQ(Ndcg({1, 2}, {}, 10), 1);
}

uint64_t SeedForTest() {
  const char* const seed = std::getenv("DAILYFEED_SEED");
  return seed == nullptr ? 1 : std::strtoull(seed, nullptr, 10);
}

// Any exchange that brings a lower grade in front of a higher one costs something.
TEST(NdcgTest, SortingByGradeIsNeverWorse) {
  const uint64_t seed = SeedForTest();
  SCOPED_TRACE(
      "repeat with: bazel test //tools/search_quality:metrics_test"
      " --test_env=DAILYFEED_SEED=" +
      std::to_string(seed));
  std::mt19937_64 random(seed);
  for (int round = 0; round < 1000; ++round) {
    std::vector<JudgedId> answer(1 + random() % 15);
    std::iota(answer.begin(), answer.end(), JudgedId{1});
    Grades grades;
    for (const JudgedId id : answer) grades[id] = static_cast<int>(random() % 4);
    std::shuffle(answer.begin(), answer.end(), random);
    const double shuffled = Ndcg(answer, grades, 10);
    std::vector<JudgedId> sorted = answer;
    std::sort(sorted.begin(), sorted.end(),
              [&](JudgedId a, JudgedId b) { return grades[a] > grades[b]; });
    ASSERT_GE(shuffled, 0);
    ASSERT_LE(shuffled, 1 + kTolerance);
    ASSERT_NEAR(Ndcg(sorted, grades, 10), 1, kTolerance);
    const auto lower_first =
        std::adjacent_find(answer.begin(), answer.end(),
                           [&](JudgedId a, JudgedId b) { return grades[a] < grades[b]; });
    if (lower_first == answer.end() || lower_first - answer.begin() >= 10) continue;
    std::iter_swap(lower_first, lower_first + 1);
    ASSERT_GT(Ndcg(answer, grades, 10), shuffled);
  }
}

TEST(RatesTest, ValuesComputedByHand) {
  const Rates half = RatesOf({9, 8}, {7, 9});
  EXPECT_NEAR(half.precision, 0.5, kTolerance);
  EXPECT_NEAR(half.recall, 0.5, kTolerance);
  const Rates all_and_more = RatesOf({1, 2, 3, 4}, {4});
  EXPECT_NEAR(all_and_more.precision, 0.25, kTolerance);
  EXPECT_NEAR(all_and_more.recall, 1, kTolerance);
  // A post that appears twice counts once.
  EXPECT_NEAR(RatesOf({1, 1, 2}, {1}).precision, 0.5, kTolerance);
}

TEST(RatesTest, EmptySides) {
  EXPECT_EQ(RatesOf({}, {}).precision, 1);
  EXPECT_EQ(RatesOf({}, {}).recall, 1);
  EXPECT_EQ(RatesOf({}, {1}).precision, 0);
  EXPECT_EQ(RatesOf({}, {1}).recall, 0);
  EXPECT_EQ(RatesOf({1}, {}).precision, 0);
  EXPECT_EQ(RatesOf({1}, {}).recall, 1);
}

}  // namespace
}  // namespace dailyfeed::search_quality

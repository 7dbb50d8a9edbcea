// What reading a list costs, counted in steps of the store: first pages none,
// later pages as many as they have rows, wherever they lie.
#include "projections/queries/ranked_lists.h"

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "gtest/gtest.h"
#include "projections/queries/queries.h"
#include "projections/testing/events.h"
#include "projections/testing/hooked_store.h"
#include "projections/testing/queries_rig.h"

namespace dailyfeed {
namespace {

using testing::At;

constexpr MemberId kAuthor = 1;
constexpr uint64_t kPosts = 4000;
constexpr uint32_t kSize = 20;
constexpr TimestampNs kSecond = 1'000'000'000;

class CostOfListsTest : public ::testing::Test {
 protected:
  CostOfListsTest()
      : rig_({.caches = {.ranking_rows_max = 100},
              .store = &store_,
              .search = {.loose_documents_max = 2 * kPosts}}) {
    std::vector<v1::Event> events;
    events.push_back(At(0, testing::SignedUp(kAuthor, "kim")));
    for (PostId post = 1; post <= kPosts; ++post) {
      events.push_back(At(static_cast<TimestampNs>(post) * 7 * kSecond,
                          testing::Published(post, kAuthor, "post")));
    }
    rig_.Commit(std::move(events));
  }
  uint64_t StepsOf(const PageRequest& request, std::optional<ListKey>* next) {
    TakeSteps();
    const auto slice =
        rig_.queries().MostPopular(kAuthor, RankingWindow::kAllTime, request).value();
    EXPECT_EQ(slice.rows.size(), kSize);
    *next = slice.next;
    return TakeSteps();
  }

  // What iterators did since it was last asked for.
  uint64_t TakeSteps() {
    const uint64_t before = std::exchange(taken_, store_.steps() + store_.seeks());
    return taken_ - before;
  }

  uint64_t taken_ = 0;
  testing::HookedStore store_;
  testing::QueriesRig rig_;
};

TEST_F(CostOfListsTest, APageByCursorCostsTheSameAnywhere) {
  std::optional<ListKey> next;
  StepsOf({.size = kSize}, &next);  // reads the head
  for (int again = 0; again < 3; ++again) {
    EXPECT_EQ(StepsOf({.size = kSize}, &next), 0u) << "a first page is in memory";
  }
  for (uint64_t page = 1; page + 1 < kPosts / kSize; ++page) {
    EXPECT_LE(StepsOf({.size = kSize, .after = next}, &next), kSize + 2) << "page " << page;
  }
}

TEST_F(CostOfListsTest, APostThatMovesAllTheTimeCostsReadersNothing) {
  std::optional<ListKey> next;
  StepsOf({.size = kSize}, &next);
  for (MemberId member = 1; member <= 200; ++member) {
    rig_.Commit({At(0, testing::Liked(17, member))});
    ASSERT_EQ(StepsOf({.size = kSize}, &next), 0u);
    const auto first =
        rig_.queries().MostPopular(kAuthor, RankingWindow::kAllTime, {.size = 1}).value();
    ASSERT_EQ(first.rows[0].body->id, 17u);
    ASSERT_EQ(first.rows[0].counts.likes, member);
  }
}

// Posts that leave the head until half of it is gone: it is read once more, and
// not at every page.
TEST_F(CostOfListsTest, AHeadThatShrankIsReadAnewOnce) {
  std::optional<ListKey> next;
  StepsOf({.size = kSize}, &next);
  int reads = 0;
  for (PostId post = kPosts; post > kPosts - 120; --post) {
    rig_.Commit({At(0, testing::Deleted(post, kAuthor))});
    reads += StepsOf({.size = kSize}, &next) > 0;
    const auto first =
        rig_.queries().MostPopular(kAuthor, RankingWindow::kAllTime, {.size = 1}).value();
    ASSERT_EQ(first.rows[0].body->id, post - 1);
  }
  EXPECT_EQ(reads, 2);
}

TEST_F(CostOfListsTest, AWindowOfPostsByTimeCostsTheSameAnywhere) {
  constexpr uint64_t kStepsMax = 1500;  // six levels of 64 at both ends, twice
  for (const TimeSpan& span :
       {TimeSpan{0, 30'000}, TimeSpan{1, 27'999}, TimeSpan{4097, 20'479}, TimeSpan{7, 8}}) {
    for (const uint64_t page : {0, 1, 50, 150, 199, 200, 100'000}) {
      TakeSteps();
      const auto window = rig_.queries().PostsBetween(kAuthor, {&span, 1}, page, kSize).value();
      EXPECT_LE(TakeSteps(), kStepsMax) << span.begin << " page " << page;
      uint64_t total = 0;
      for (PostId post = 1; post <= kPosts; ++post) {
        const auto second = static_cast<int64_t>(post) * 7;
        total += second >= span.begin && second < span.end;
      }
      EXPECT_EQ(window.total, total);
      if (window.rows.empty()) continue;
      // The newest of the span, and then one after the other.
      const PostId newest = std::min<PostId>(kPosts, (span.end - 1) / 7);
      EXPECT_EQ(window.rows[0].body->id, newest - page * kSize);
    }
  }
}

TEST_F(CostOfListsTest, HeadsAreBounded) {
  testing::QueriesRig small({.caches = {.rankings_bytes_max = 20'000, .ranking_rows_max = 64}});
  std::vector<v1::Event> events = {At(0, testing::SignedUp(kAuthor, "kim"))};
  for (PostId post = 1; post <= 500; ++post) {
    events.push_back(At(0, testing::Published(post, kAuthor, "post")));
  }
  small.Commit(std::move(events));
  for (const RankingWindow window :
       {RankingWindow::kAllTime, RankingWindow::kToday, RankingWindow::kThirtyDays}) {
    ASSERT_TRUE(small.queries().MostPopular(kAuthor, window, {}).ok());
    ASSERT_TRUE(small.queries().MostCommented(kAuthor, window, {}).ok());
    for (const Queries::CacheStats& stats : small.queries().Caches()) {
      if (std::string(stats.cache) == "rankings") {
        EXPECT_LE(stats.bytes, 20'000u);
      }
    }
  }
}

}  // namespace
}  // namespace dailyfeed

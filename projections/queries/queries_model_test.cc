// Random histories of everything that can happen, every answer compared with a
// naive model: after each step, by page and by cursor, with caches of any size,
// and along cursor chains while the data move under the reader.
#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <functional>
#include <iterator>
#include <map>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "core/domain/errors.h"
#include "gtest/gtest.h"
#include "projections/queries/queries.h"
#include "projections/queries/queries_comparison.h"
#include "projections/testing/events.h"
#include "projections/testing/feed_model.h"
#include "projections/testing/hooked_store.h"
#include "projections/testing/queries_rig.h"

namespace dailyfeed {
namespace {

using testing::HistoryProfile;
using testing::QueriesRig;
using testing::RandomHistory;

constexpr CacheOptions kTinyCaches = {.post_bytes_max = 64 * 1200,
                                      .member_bytes_max = 64 * 1000,
                                      .author_heads_bytes_max = 64 * 800,
                                      .followings_bytes_max = 64 * 300,
                                      .likes_bytes_max = 64 * 300,
                                      // Half a dozen heads of a few rows.
                                      .rankings_bytes_max = 2000,
                                      .ranking_rows_max = 4,
                                      .home_feeds_bytes_max = 64 * 1500,
                                      .home_feed_rows_max = 6,
                                      .home_feed_followers_max = 2};
constexpr CacheOptions kNoCaches = {.post_bytes_max = 0,
                                    .member_bytes_max = 0,
                                    .author_heads_bytes_max = 0,
                                    .followings_bytes_max = 0,
                                    .likes_bytes_max = 0,
                                    .rankings_bytes_max = 0,
                                    .ranking_rows_max = 0,
                                    .home_feeds_bytes_max = 0};

class StandingClock final : public Clock {
 public:
  TimestampNs Now() override { return (kToday * kSecondsPerDay + 3600) * 1'000'000'000; }
};
StandingClock standing_clock;

struct Run {
  HistoryProfile profile;
  const char* caches_name;
  CacheOptions caches;
  int steps;
  int compare_every;
};

void PlayHistory(const Run& run, uint64_t seed) {
  QueriesRig rig({.caches = run.caches, .clock = &standing_clock});
  rig.personal_data().gone.insert("subject-Member_3");
  FeedModel model;
  RandomHistory history(&model, seed, run.profile);
  Comparison comparison(model, rig.queries());
  std::vector<MovingChain> chains;
  for (int step = 0; step < run.steps && !::testing::Test::HasFailure(); ++step) {
    std::vector<v1::Event> batch;
    const size_t events = 1 + history.random()() % 4;
    for (size_t i = 0; i < events; ++i) {
      batch.push_back(history.Next());
      if (model.members().size() == 3) model.SetGone(3);
    }
    rig.Commit(std::move(batch));
    for (MovingChain& chain : chains) chain.Moved();
    std::erase_if(chains,
                  [&](MovingChain& chain) { return history.random()() % 3 == 0 && !chain.Step(); });
    if (model.members().size() < run.profile.members) continue;
    if (chains.size() < 8) {
      const MemberId viewer = 1 + history.random()() % model.members().size();
      std::vector<AnyList> lists = comparison.Lists(viewer);
      std::vector<AnyList> ranked = comparison.RankedLists(viewer);
      std::move(ranked.begin(), ranked.end(), std::back_inserter(lists));
      AnyList& list = lists[history.random()() % lists.size()];
      chains.emplace_back(std::move(list), 1 + history.random()() % 3);
    }
    if (step % run.compare_every == 0) comparison.Everything();
  }
  comparison.Everything();
  for (MovingChain& chain : chains) {
    while (chain.Step()) {
    }
  }
  // Every read model anew from the first event.
  for (const ProjectionStatus& status : rig.runtime().Status()) {
    const auto built = rig.runtime().BuildGeneration(status.name);
    ASSERT_TRUE(built.ok()) << built.status();
    ASSERT_TRUE(rig.runtime().Activate(status.name, *built).ok());
  }
  comparison.Everything();
}

// Starts over again and again, each time without the last writes of the store.
void PlayHistoryWithCrashes(const Run& run, uint64_t seed) {
  QueriesRig rig({.caches = run.caches, .clock = &standing_clock});
  FeedModel model;
  RandomHistory history(&model, seed, run.profile);
  for (int step = 0; step < run.steps && !::testing::Test::HasFailure(); ++step) {
    std::vector<v1::Event> batch;
    const size_t events = 1 + history.random()() % 4;
    for (size_t i = 0; i < events; ++i) batch.push_back(history.Next());
    rig.Commit(std::move(batch));
    if (history.random()() % 5 == 0) rig.RememberStore();
    if (step % run.compare_every == 0 && model.members().size() >= run.profile.members) {
      rig.Crash();
      Comparison(model, rig.queries()).Everything();
    }
  }
}

// Answers nobody looks at, for what they leave in the caches.
void ReadAround(const Queries& queries, uint64_t seed) {
  std::mt19937_64 random(seed);
  constexpr uint64_t kIds = 40;
  const PageRequest request = {.size = 1 + static_cast<uint32_t>(random() % 10)};
  const MemberId viewer = 1 + random() % 6;
  (void)queries.FollowFeed(viewer, request);
  (void)queries.AuthorFeed(viewer, 1 + random() % 6, request);
  (void)queries.Followers(viewer, request);
  (void)queries.Recommended(viewer, request);
  (void)queries.Member(1 + random() % 12);
  constexpr RankingWindow kWindows[] = {RankingWindow::kAllTime, RankingWindow::kToday,
                                        RankingWindow::kSevenDays, RankingWindow::kThirtyDays};
  (void)queries.MostPopular(viewer, kWindows[random() % 4], request);
  (void)queries.MostCommented(viewer, kWindows[random() % 4], request);
  (void)queries.RecentActivities(viewer, request);
  for (int i = 0; i < 4; ++i) (void)queries.Post(viewer, 1 + random() % kIds);
}

// The worst moments for caches, every time: readers between the rows and their
// publication, and a write between what a reader reads and what it keeps.
void PlayDisturbedHistory(const Run& run, uint64_t seed) {
  testing::HookedStore store;
  QueriesRig rig({.caches = run.caches, .store = &store, .clock = &standing_clock});
  FeedModel model;
  RandomHistory history(&model, seed, run.profile);
  Comparison comparison(model, rig.queries());
  const auto commit = [&] {
    std::vector<v1::Event> batch;
    const size_t events = 1 + history.random()() % 4;
    for (size_t i = 0; i < events; ++i) batch.push_back(history.Next());
    const uint64_t reads = history.random()();
    store.after_write = [&rig, reads] { ReadAround(rig.queries(), reads); };
    rig.Commit(std::move(batch));
  };
  for (int step = 0; step < run.steps && !::testing::Test::HasFailure(); ++step) {
    commit();
    // The n-th read of a reader is overtaken by a write.
    int reads_left = static_cast<int>(history.random()() % 4);
    store.after_read = [&] {
      // Negative while it commits: those reads are the runtime's.
      if (reads_left < 0 || --reads_left >= 0) return;
      commit();
    };
    ReadAround(rig.queries(), history.random()());
    store.after_read = nullptr;
    if (step % run.compare_every == 0) comparison.Everything();
  }
  comparison.Everything();
}

std::vector<uint64_t> Seeds() {
  const char* seed = std::getenv("DAILYFEED_SEED");
  if (seed != nullptr) return {std::strtoull(seed, nullptr, 10)};
#ifdef DAILYFEED_SLOW_TEST
  std::vector<uint64_t> seeds;
  for (uint64_t i = 101; i <= 120; ++i) seeds.push_back(i);
  return seeds;
#else
  return {1, 2, 3};
#endif
}

void PlayAll(const Run& run, void (*play)(const Run&, uint64_t) = PlayHistory) {
  for (uint64_t seed : Seeds()) {
    SCOPED_TRACE(std::string("history ") + run.profile.name + ", caches " + run.caches_name +
                 "; repeat: bazel test //projections/queries:queries_model_test --test_env="
                 "DAILYFEED_SEED=" +
                 std::to_string(seed));
    play(run, seed);
    if (::testing::Test::HasFailure()) return;
  }
}

constexpr HistoryProfile kEven = {};
// Few authors with many posts: heads overflow into the store; many ties.
constexpr HistoryProfile kPosting = {.name = "posting",
                                     .members = 4,
                                     .publish = 40,
                                     .edit = 2,
                                     .remove_post = 10,
                                     .view = 2,
                                     .like = 10,
                                     .unlike = 4,
                                     .follow = 6,
                                     .unfollow = 3,
                                     .comment = 1,
                                     .reply = 1,
                                     .ticks = 40};
constexpr HistoryProfile kTalking = {.name = "talking",
                                     .members = 5,
                                     .publish = 2,
                                     .remove_post = 1,
                                     .comment = 20,
                                     .reply = 40,
                                     .remove_comment = 8,
                                     .ticks = 100};

// Members come, change, and go; relations are released one by one.
constexpr HistoryProfile kRestless = {.name = "restless",
                                      .members = 7,
                                      .publish = 8,
                                      .follow = 30,
                                      .unfollow = 3,
                                      .update_profile = 8,
                                      .change_handle = 8,
                                      .withdraw = 4,
                                      .release = 10,
                                      .erase = 3,
                                      .sign_up = 6,
                                      .ticks = 30};

TEST(QueriesModelTest, RestlessHistories) { PlayAll({kRestless, "roomy", {}, 200, 7}); }
TEST(QueriesModelTest, RestlessHistoriesTinyCaches) {
  PlayAll({kRestless, "tiny", kTinyCaches, 150, 7});
}
TEST(QueriesModelTest, DisturbedRestlessHistories) {
  PlayAll({kRestless, "roomy", {}, 120, 5}, PlayDisturbedHistory);
}
// Forty days, the last of them today: windows, and counts of every span.
constexpr HistoryProfile kManyDays = {.name = "many days",
                                      .publish = 20,
                                      .remove_post = 4,
                                      .view = 15,
                                      .like = 15,
                                      .unlike = 8,
                                      .remove_comment = 4,
                                      .ticks = (kHistoryDays + 1) * 24,
                                      .tick_ns = 3'600'000'000'000};

#ifdef DAILYFEED_SLOW_TEST
// Posts go nearly as fast as they come, so that the lists stay short enough to
// compare and the history is long.
constexpr HistoryProfile kLong = {.name = "long",
                                  .publish = 10,
                                  .remove_post = 9,
                                  .view = 20,
                                  .like = 20,
                                  .unlike = 12,
                                  .remove_comment = 8,
                                  .ticks = (kHistoryDays + 1) * 24,
                                  .tick_ns = 3'600'000'000'000};
TEST(QueriesModelTest, TenThousandSteps) { PlayHistory({kLong, "roomy", {}, 10'000, 500}, 1); }
TEST(QueriesModelTest, TenThousandStepsTinyCaches) {
  PlayHistory({kLong, "tiny", kTinyCaches, 10'000, 500}, 2);
}
#endif

TEST(QueriesModelTest, ManyDays) { PlayAll({kManyDays, "roomy", {}, 150, 10}); }
TEST(QueriesModelTest, ManyDaysTinyCaches) { PlayAll({kManyDays, "tiny", kTinyCaches, 150, 10}); }
TEST(QueriesModelTest, HistoriesWithCrashes) {
  PlayAll({kManyDays, "roomy", {}, 120, 8}, PlayHistoryWithCrashes);
}
TEST(QueriesModelTest, HistoriesWithCrashesTinyCaches) {
  PlayAll({kEven, "tiny", kTinyCaches, 120, 8}, PlayHistoryWithCrashes);
}
TEST(QueriesModelTest, EvenHistories) { PlayAll({kEven, "roomy", {}, 200, 10}); }
TEST(QueriesModelTest, EvenHistoriesEveryStep) { PlayAll({kEven, "roomy", {}, 80, 1}); }
TEST(QueriesModelTest, EvenHistoriesTinyCaches) { PlayAll({kEven, "tiny", kTinyCaches, 200, 10}); }
TEST(QueriesModelTest, EvenHistoriesNoCaches) { PlayAll({kEven, "none", kNoCaches, 150, 10}); }
TEST(QueriesModelTest, PostingHistories) { PlayAll({kPosting, "roomy", {}, 250, 30}); }
TEST(QueriesModelTest, PostingHistoriesTinyCaches) {
  PlayAll({kPosting, "tiny", kTinyCaches, 300, 50});
}
TEST(QueriesModelTest, DisturbedHistories) {
  PlayAll({kEven, "roomy", {}, 120, 5}, PlayDisturbedHistory);
}
TEST(QueriesModelTest, DisturbedPostingHistories) {
  PlayAll({kPosting, "roomy", {}, 150, 10}, PlayDisturbedHistory);
}
TEST(QueriesModelTest, DisturbedHistoriesTinyCaches) {
  PlayAll({kEven, "tiny", kTinyCaches, 100, 5}, PlayDisturbedHistory);
}
TEST(QueriesModelTest, TalkingHistories) { PlayAll({kTalking, "roomy", {}, 250, 15}); }

}  // namespace
}  // namespace dailyfeed

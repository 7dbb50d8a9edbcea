// First pages of the follow feed, for whoever changes them: a small community
// with store in memory, so that what is measured is ours. The numbers that are
// promised come from `dailyfeed bench feed`.
//
//   bazel run --config=opt //projections/queries:feed_benchmark
#include <benchmark/benchmark.h>

#include <cmath>
#include <memory>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "projections/queries/queries.h"
#include "projections/testing/events.h"
#include "projections/testing/queries_rig.h"

namespace dailyfeed {
namespace {

using testing::QueriesRig;

constexpr MemberId kMembers = 5000;
constexpr PostId kPosts = 100'000;
constexpr int kLikesEach = 50;
constexpr uint64_t kFollowingsMost = 1000;
constexpr size_t kBatchEvents = 5000;

// Members 1..kMembers; the lower the id, the more followed and the more posts.
MemberId Popular(std::mt19937_64& random) {
  const double u = std::uniform_real_distribution<double>(0, 1)(random);
  return 1 + static_cast<MemberId>(std::pow(kMembers, u)) % kMembers;
}

class Community {
 public:
  explicit Community(const CacheOptions& caches) : rig_({.caches = caches}) {
    std::mt19937_64 random(1);
    for (MemberId id = 1; id <= kMembers; ++id) {
      Add(testing::SignedUp(id, "member_" + std::to_string(id)));
    }
    for (PostId id = 1; id <= kPosts; ++id) {
      Add(testing::Published(id, Popular(random), std::string(120 + random() % 480, 'x')));
    }
    for (MemberId id = 1; id <= kMembers; ++id) {
      // Some follow as many as they may.
      const uint64_t wanted = id % 50 == 0 ? kFollowingsMost : 10 + random() % 80;
      std::vector<bool> chosen(kMembers + 1);
      chosen[id] = true;
      for (uint64_t i = 0; i < wanted; ++i) {
        const MemberId followee = id % 50 == 0 ? 1 + random() % kMembers : Popular(random);
        if (chosen[followee]) continue;
        chosen[followee] = true;
        Add(testing::Followed(id, followee));
      }
      std::vector<bool> liked(kPosts + 1);
      for (int i = 0; i < kLikesEach; ++i) {
        const PostId post = kPosts - random() % (kPosts / 10);
        if (liked[post]) continue;
        liked[post] = true;
        Add(testing::Liked(post, id));
      }
    }
    Flush();
  }

  const Queries& queries() const { return rig_.queries(); }

 private:
  void Add(v1::Event event) {
    events_.push_back(testing::At(++clock_ * 1000, std::move(event)));
    if (events_.size() == kBatchEvents) Flush();
  }
  void Flush() { rig_.CommitUnlogged(std::exchange(events_, {})); }

  QueriesRig rig_;
  std::vector<v1::Event> events_;
  TimestampNs clock_ = 0;
};

const Queries& Warm() {
  static const Community* community = new Community({});
  return community->queries();
}

const Queries& Cold() {
  static const Community* community = new Community({.post_bytes_max = 0,
                                                     .member_bytes_max = 0,
                                                     .author_heads_bytes_max = 0,
                                                     .followings_bytes_max = 0,
                                                     .likes_bytes_max = 0});
  return community->queries();
}

void ReadPages(benchmark::State& state, const Queries& queries, MemberId step) {
  std::mt19937_64 random(state.thread_index() + 1);
  size_t rows = 0;
  for (auto _ : state) {
    const MemberId viewer = step * (1 + random() % (kMembers / step));
    const auto page = queries.FollowFeed(viewer, {.size = 20});
    rows += page->rows.size();
    benchmark::DoNotOptimize(page);
  }
  state.counters["rows"] =
      benchmark::Counter(static_cast<double>(rows), benchmark::Counter::kAvgIterations);
}

void BM_FirstPage(benchmark::State& state) { ReadPages(state, Warm(), 1); }
BENCHMARK(BM_FirstPage)->Threads(1)->Threads(2)->UseRealTime();

void BM_FirstPageOfAThousandFollowings(benchmark::State& state) { ReadPages(state, Warm(), 50); }
BENCHMARK(BM_FirstPageOfAThousandFollowings);

void BM_FirstPageWithoutCaches(benchmark::State& state) { ReadPages(state, Cold(), 1); }
BENCHMARK(BM_FirstPageWithoutCaches);

void BM_TenthPageByCursor(benchmark::State& state) {
  const Queries& queries = Warm();
  constexpr MemberId kViewers = 100;
  std::vector<PageRequest> requests;
  for (MemberId viewer = 1; viewer <= kViewers; ++viewer) {
    PageRequest request = {.size = 20};
    for (int page = 0; page < 9; ++page) request.after = queries.FollowFeed(viewer, request)->next;
    requests.push_back(request);
  }
  size_t turn = 0;
  for (auto _ : state) {
    turn = turn + 1 == kViewers ? 0 : turn + 1;
    benchmark::DoNotOptimize(queries.FollowFeed(turn + 1, requests[turn]));
  }
}
BENCHMARK(BM_TenthPageByCursor);

void BM_OwnFeed(benchmark::State& state) {
  const Queries& queries = Warm();
  MemberId author = 0;
  for (auto _ : state) {
    author = author % kMembers + 1;
    benchmark::DoNotOptimize(queries.AuthorFeed(author, author, {.size = 10}));
  }
}
BENCHMARK(BM_OwnFeed);

}  // namespace
}  // namespace dailyfeed

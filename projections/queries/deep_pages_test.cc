// Pages far down a list, and what a post that was just written costs its author.
#include "projections/queries/deep_pages.h"

#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "core/domain/errors.h"
#include "gtest/gtest.h"
#include "projections/queries/queries.h"
#include "projections/testing/events.h"
#include "projections/testing/hooked_store.h"
#include "projections/testing/queries_rig.h"

namespace dailyfeed {
namespace {

using testing::At;

constexpr MemberId kAuthor = 1;
constexpr uint64_t kPosts = DeepPages::kRows + 200;

TEST(DeepPagesTest, AsManyAsThereIsRoomFor) {
  DeepPages pages(2);
  const PageRequest deep = {.page = 1 + DeepPages::kRows / 20, .size = 20};
  auto first = pages.Enter(deep).value();
  EXPECT_NE(first, nullptr);
  const auto second = pages.Enter(deep).value();
  const absl::Status third = pages.Enter(deep).status();
  EXPECT_EQ(third.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(ErrorCodeOf(third), ErrorCode::kServiceUnavailable);
  EXPECT_EQ(pages.Enter({.page = DeepPages::kRows / 20, .size = 20}).value(), nullptr);
  EXPECT_EQ(pages.Enter({.page = 9'000'000, .size = 20, .after = ListKey{}}).value(), nullptr);
  first = nullptr;
  EXPECT_TRUE(pages.Enter(deep).ok());
}

// While one page far down is read, another is refused; first pages, pages by
// cursor and pages behind the end are not.
TEST(DeepPagesTest, QueriesRefuseOneMoreAndNothingElse) {
  testing::HookedStore store;
  testing::QueriesRig rig({.caches = {.deep_pages_max = 1}, .store = &store});
  std::vector<v1::Event> events = {At(0, testing::SignedUp(kAuthor, "kim"))};
  // All in one second, so that the list by time has to step, too.
  for (PostId post = 1; post <= kPosts; ++post) {
    events.push_back(At(static_cast<TimestampNs>(post), testing::Published(post, kAuthor, "hi")));
  }
  rig.Commit(std::move(events));
  const Queries& queries = rig.queries();
  const PageRequest deep = {.page = DeepPages::kRows / 20 + 1, .size = 20};
  const TimeSpan all = {.begin = -10, .end = 10};
  const std::vector<std::pair<const char*, std::function<absl::Status()>>> far = {
      {"recent", [&] { return queries.RecentActivities(kAuthor, deep).status(); }},
      {"author", [&] { return queries.AuthorFeed(kAuthor, kAuthor, deep).status(); }},
      {"popular",
       [&] { return queries.MostPopular(kAuthor, RankingWindow::kAllTime, deep).status(); }},
  };
  for (const auto& [name, read] : far) {
    SCOPED_TRACE(name);
    bool within = false;
    int looks = 0;
    store.after_read = [&, &read = read] {
      // Once, when the page is being read.
      if (std::exchange(within, true)) return;
      ++looks;
      const bool refused = ErrorCodeOf(read()) == ErrorCode::kServiceUnavailable;
      const auto by_time = queries.PostsBetween(kAuthor, {&all, 1}, deep.page, deep.size);
      EXPECT_EQ(ErrorCodeOf(by_time.status()) == ErrorCode::kServiceUnavailable, refused);
      EXPECT_TRUE(queries.RecentActivities(kAuthor, {.size = 20}).ok());
      EXPECT_TRUE(queries.RecentActivities(kAuthor, {.page = 1'000'000, .size = 20}).ok());
      EXPECT_TRUE(queries.AuthorFeed(kAuthor, kAuthor, {.page = 5, .size = 20}).ok());
      within = refused;
    };
    EXPECT_TRUE(read().ok());
    store.after_read = nullptr;
    EXPECT_TRUE(within) << "refused while the first was read, at one of " << looks << " reads";
    EXPECT_TRUE(read().ok()) << "afterwards there is room again";
  }
}

TEST(PostCardsTest, ANewPostIsInMemoryAtOnce) {
  testing::QueriesRig rig({});
  rig.Commit({At(1000, testing::SignedUp(kAuthor, "kim")),
              At(2000, testing::Published(7, kAuthor, "hello"))});
  const auto posts = [&] {
    for (const Queries::CacheStats& stats : rig.queries().Caches()) {
      if (std::string(stats.cache) == "posts") return stats;
    }
    return Queries::CacheStats();
  };
  const PostView view = rig.queries().Post(kAuthor, 7).value();
  EXPECT_EQ(posts().misses, 0u);
  EXPECT_EQ(posts().hits, 1u);
  EXPECT_EQ(view.body->id, 7u);
  EXPECT_EQ(view.body->author_id, kAuthor);
  EXPECT_EQ(view.body->content, "hello");
  EXPECT_EQ(view.body->created_at, 2000);
  EXPECT_EQ(view.body->updated_at, 2000);
  EXPECT_EQ(view.counts.likes, 0u);
  rig.Commit({At(3000, testing::Liked(7, 2)), At(3000, testing::Viewed(7, 2))});
  EXPECT_EQ(rig.queries().Post(kAuthor, 7).value().counts.likes, 1u);
  EXPECT_EQ(posts().misses, 0u);
}

}  // namespace
}  // namespace dailyfeed

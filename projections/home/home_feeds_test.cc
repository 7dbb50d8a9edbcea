// The follow feed made three ways over the same history: merged only, with
// windows for authors of a few followers, with windows for everybody. All say
// what the definition says, at every step; and that windows are filled, written
// to and given up as they promise.
#include "projections/home/home_feeds.h"

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <limits>
#include <memory>
#include <random>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "gtest/gtest.h"
#include "projections/home/home_window.h"
#include "projections/queries/queries.h"
#include "projections/queries/queries_comparison.h"
#include "projections/testing/events.h"
#include "projections/testing/feed_model.h"
#include "projections/testing/hooked_store.h"
#include "projections/testing/queries_rig.h"

namespace dailyfeed {
namespace {

using testing::At;
using testing::HistoryProfile;
using testing::QueriesRig;
using testing::RandomHistory;

constexpr uint64_t kEverybody = std::numeric_limits<uint64_t>::max();

CacheOptions Windows(uint64_t followers_max, size_t rows_max, size_t bytes_max = 8u << 20) {
  return {.home_feeds_bytes_max = bytes_max,
          .home_feed_rows_max = rows_max,
          .home_feed_followers_max = followers_max};
}

std::vector<uint64_t> Seeds() {
  const char* seed = std::getenv("DAILYFEED_SEED");
  if (seed != nullptr) return {std::strtoull(seed, nullptr, 10)};
  return {11, 12};
}

std::string Repeat(uint64_t seed) {
  return "repeat: bazel test //projections/home:home_feeds_test --test_env=DAILYFEED_SEED=" +
         std::to_string(seed);
}

Queries::CacheStats StatsOf(const std::string& cache, const Queries& queries) {
  for (const Queries::CacheStats& stats : queries.Caches()) {
    if (stats.cache == cache) return stats;
  }
  ADD_FAILURE() << "no statistics of " << cache;
  return {};
}
Queries::CacheStats WindowStats(const Queries& queries) { return StatsOf("home-feeds", queries); }

std::vector<PostId> FirstPage(const Queries& queries, MemberId viewer, uint32_t size) {
  std::vector<PostId> ids;
  const auto page = queries.FollowFeed(viewer, {.size = size});
  EXPECT_TRUE(page.ok()) << page.status();
  if (!page.ok()) return ids;
  for (const PostView& view : page->rows) ids.push_back(view.body->id);
  return ids;
}

// ---- one window, beside a naive one ----

// What the window is told of: every post there is, oldest first.
class NaiveWindow {
 public:
  void Add(const ListKey& post) { posts_.push_back(post); }
  void Remove(PostId post) {
    std::erase_if(posts_, [post](const ListKey& key) { return key.id == post; });
  }
  std::vector<PostId> Newest(const std::optional<ListKey>& after, size_t count) const {
    std::vector<ListKey> sorted;
    for (const ListKey& post : posts_) {
      if (!after.has_value() || Before(*after, post)) sorted.push_back(post);
    }
    std::sort(sorted.begin(), sorted.end(), Before);
    sorted.resize(std::min(count, sorted.size()));
    return Ids(sorted);
  }
  std::vector<ListKey> Keys(size_t count) const {
    std::vector<ListKey> sorted = posts_;
    std::sort(sorted.begin(), sorted.end(), Before);
    sorted.resize(std::min(count, sorted.size()));
    return sorted;
  }
  const std::vector<ListKey>& posts() const { return posts_; }

 private:
  std::vector<ListKey> posts_;
};

// How many answers windows gave, and how many they owed.
struct Answers {
  size_t given = 0;
  size_t owed = 0;
};

void PlayWindow(uint64_t seed, Answers* answers) {
  std::mt19937_64 random(seed);
  const size_t rows_max = 1 + random() % 9;
  NaiveWindow naive;
  PostId next = 1;
  Position position = 100;
  const auto new_post = [&] {
    return ListKey{.order = static_cast<int64_t>(random() % 50), .id = next++};
  };
  for (size_t i = random() % 12; i > 0; --i) naive.Add(new_post());
  HomeWindow window(7, {1, 2}, {}, {}, rows_max);
  // The window is read somewhere among the changes it hears of.
  std::vector<ListKey> read = naive.Keys(rows_max + 1);
  Position read_position = position;
  const uint64_t read_at = random() % 6;
  size_t removed = 0;
  bool worth = true;
  const auto change = [&] {
    ++position;
    const bool remove = !naive.posts().empty() && random() % 3 == 0;
    if (remove) {
      const PostId post = naive.posts()[random() % naive.posts().size()].id;
      naive.Remove(post);
      ++removed;
      worth = window.Remove(post, position) && worth;
    } else {
      const ListKey post = new_post();
      naive.Add(post);
      worth = window.Add(post, position) && worth;
    }
  };
  for (uint64_t i = 0; i < 6; ++i) {
    if (i == read_at) {
      read = naive.Keys(rows_max + 1);
      read_position = position;
    }
    change();
  }
  worth = window.Fill(read, read_position);
  for (int step = 0; step < 200 && worth; ++step) {
    std::optional<ListKey> after;
    if (random() % 3 == 0) after = ListKey{.order = static_cast<int64_t>(random() % 50), .id = 9};
    const size_t wanted = 1 + random() % 9;
    const auto posts = window.Read(after, wanted, position);
    // It had all that was read, up to rows_max; since then each removal took one.
    const bool owed = !after.has_value() && wanted + removed <= std::min(rows_max, read.size());
    answers->owed += owed;
    if (posts.has_value()) {
      ASSERT_EQ(Ids(*posts), naive.Newest(after, wanted));
      ++answers->given;
    } else {
      ASSERT_FALSE(owed) << wanted << " wanted of " << rows_max << ", removed " << removed;
      ASSERT_GE(next, rows_max + 1);
    }
    ASSERT_FALSE(window.Read(after, wanted, position - 1).has_value()) << "an older view";
    change();
  }
}

TEST(HomeWindowTest, SaysWhatANaiveOneSays) {
  const char* repeat = std::getenv("DAILYFEED_SEED");
  Answers answers;
  for (uint64_t seed = 1; seed <= 500 && !::testing::Test::HasFailure(); ++seed) {
    if (repeat != nullptr) seed = std::strtoull(repeat, nullptr, 10);
    SCOPED_TRACE(Repeat(seed));
    PlayWindow(seed, &answers);
    if (repeat != nullptr) break;
  }
  if (repeat != nullptr) return;
  EXPECT_GT(answers.owed, 500u);
  EXPECT_GT(answers.given, answers.owed);
}

TEST(HomeWindowTest, IsGivenUpWhenNobodyReads) {
  HomeWindow window(7, {1}, {}, {}, 4);
  ASSERT_TRUE(window.Fill({{.order = 5, .id = 5}}, 5));
  for (PostId post = 6; post <= 9; ++post) {
    EXPECT_TRUE(window.Add({.order = static_cast<int64_t>(post), .id = post}, post));
  }
  ASSERT_TRUE(window.Read({}, 4, 9).has_value());
  for (PostId post = 10; post <= 13; ++post) {
    EXPECT_TRUE(window.Add({.order = static_cast<int64_t>(post), .id = post}, post));
  }
  EXPECT_FALSE(window.Add({.order = 14, .id = 14}, 14));
}

TEST(HomeWindowTest, IsGivenUpWhenTooFewAreLeft) {
  HomeWindow window(7, {1}, {}, {}, 4);
  std::vector<ListKey> posts;
  for (PostId post = 9; post >= 5; --post) {
    posts.push_back({.order = static_cast<int64_t>(post), .id = post});
  }
  ASSERT_TRUE(window.Fill(posts, 9));
  EXPECT_TRUE(window.Remove(9, 10));
  EXPECT_TRUE(window.Remove(8, 11));
  EXPECT_FALSE(window.Remove(7, 12));
}

TEST(HomeWindowTest, IsOfNoUseWhenTooMuchHappensMeanwhile) {
  HomeWindow window(7, {1}, {}, {}, 4);
  for (PostId post = 1; post <= HomeWindow::kMissedMax + 1; ++post) {
    EXPECT_TRUE(window.Add({.order = static_cast<int64_t>(post), .id = post}, post));
  }
  EXPECT_FALSE(window.Fill({}, 1));
}

// ---- histories ----

constexpr HistoryProfile kFeeds = {.name = "feeds",
                                   .members = 7,
                                   .publish = 30,
                                   .edit = 1,
                                   .remove_post = 12,
                                   .view = 0,
                                   .like = 1,
                                   .unlike = 1,
                                   .follow = 14,
                                   .unfollow = 7,
                                   .comment = 0,
                                   .reply = 0,
                                   .edit_comment = 0,
                                   .remove_comment = 0,
                                   .like_comment = 0,
                                   .unlike_comment = 0,
                                   .withdraw = 1,
                                   .sign_up = 6,
                                   .ticks = 400};

struct Way {
  const char* name;
  CacheOptions caches;
};

std::vector<Way> Ways() {
  return {{"merged only", Windows(0, 8)},
          {"windows for authors of two followers", Windows(2, 8)},
          {"windows for everybody", Windows(kEverybody, 8)},
          {"large windows", Windows(kEverybody, 1000)},
          // Room for one window or two in each shard.
          {"little room", Windows(kEverybody, 8, 64 * 1400)}};
}

void CompareFeeds(const FeedModel& model, const Queries& queries, const char* way, int step) {
  const Comparison comparison(model, queries);
  for (const FeedModel::Member& member : model.members()) {
    for (const AnyList& list : comparison.Lists(member.id)) {
      if (!list.name.ends_with("follow feed")) continue;
      SCOPED_TRACE(std::string(way) + ", step " + std::to_string(step));
      comparison.Pages(list, 1 + static_cast<uint32_t>(step % 5));
      comparison.Chain(list, 1 + static_cast<uint32_t>(step % 4));
    }
  }
}

void PlayAllWays(uint64_t seed) {
  std::vector<std::unique_ptr<QueriesRig>> rigs;
  for (const Way& way : Ways()) {
    rigs.push_back(std::make_unique<QueriesRig>(QueriesRig::Options{.caches = way.caches}));
  }
  FeedModel model;
  RandomHistory history(&model, seed, kFeeds);
  std::vector<std::vector<MovingChain>> chains(rigs.size());
  constexpr int kSteps = 150;
  for (int step = 0; step < kSteps && !::testing::Test::HasFailure(); ++step) {
    std::vector<v1::Event> batch;
    for (size_t i = 1 + history.random()() % 4; i > 0; --i) batch.push_back(history.Next());
    for (size_t i = 0; i < rigs.size(); ++i) {
      rigs[i]->Commit(batch);
      for (MovingChain& chain : chains[i]) chain.Moved();
    }
    if (model.members().size() < kFeeds.members) continue;
    const MemberId viewer = 1 + history.random()() % model.members().size();
    for (size_t i = 0; i < rigs.size(); ++i) {
      const char* const name = Ways()[i].name;
      SCOPED_TRACE(name);
      std::erase_if(chains[i], [](MovingChain& chain) { return !chain.Step(); });
      const Comparison comparison(model, rigs[i]->queries());
      // Some steps nobody reads at all: windows go on without being looked at.
      if (step % 7 < 4) CompareFeeds(model, rigs[i]->queries(), name, step);
      const auto chain_for = [&](MemberId of) {
        return AnyList{.name = std::string(name) + ", moving",
                       .expected = [&model, of] { return model.FollowFeed(of); },
                       .actual =
                           [&rig = *rigs[i], of](const PageRequest& request) {
                             AnyList::Page page;
                             const auto slice = rig.queries().FollowFeed(of, request);
                             EXPECT_TRUE(slice.ok()) << slice.status();
                             if (!slice.ok()) return page;
                             for (const PostView& view : slice->rows)
                               page.ids.push_back(view.body->id);
                             page.has_next = slice->has_next;
                             page.next = slice->next;
                             return page;
                           }};
      };
      if (chains[i].size() < 4) chains[i].emplace_back(chain_for(viewer), 1 + step % 3);
    }
  }
  // They did what they are named after.
  EXPECT_EQ(WindowStats(rigs[0]->queries()).entries, 0u);
  for (size_t i = 1; i < rigs.size(); ++i) {
    EXPECT_GT(WindowStats(rigs[i]->queries()).hits, 0u) << Ways()[i].name;
  }
}

TEST(HomeFeedsTest, EveryWayIsTheSameFeed) {
  for (const uint64_t seed : Seeds()) {
    SCOPED_TRACE(Repeat(seed));
    PlayAllWays(seed);
    if (::testing::Test::HasFailure()) return;
  }
}

// A write overtakes the reading of whoever fills a window, at every read it does.
TEST(HomeFeedsTest, WritesWhileAWindowIsFilled) {
  for (const uint64_t seed : Seeds()) {
    SCOPED_TRACE(Repeat(seed));
    testing::HookedStore store;
    CacheOptions caches = Windows(2, 6);
    caches.author_heads_bytes_max = 0;  // so that filling reads the store
    caches.followings_bytes_max = 0;
    QueriesRig rig({.caches = caches, .store = &store});
    FeedModel model;
    RandomHistory history(&model, seed, kFeeds);
    const auto commit = [&] {
      std::vector<v1::Event> batch;
      for (size_t i = 1 + history.random()() % 3; i > 0; --i) batch.push_back(history.Next());
      rig.Commit(std::move(batch));
    };
    while (model.members().size() < kFeeds.members) commit();
    for (int step = 0; step < 90 && !::testing::Test::HasFailure(); ++step) {
      commit();
      for (int i = 0; i < 3; ++i) {
        const MemberId viewer = 1 + history.random()() % model.members().size();
        (void)FirstPage(rig.queries(), viewer, 3);
        int reads_left = static_cast<int>(history.random()() % 8);
        store.after_read = [&] {
          if (reads_left < 0 || --reads_left >= 0) return;
          commit();
        };
        (void)FirstPage(rig.queries(), viewer, 3);
        store.after_read = nullptr;
      }
      if (step % 3 == 0) CompareFeeds(model, rig.queries(), "disturbed", step);
    }
    EXPECT_GT(WindowStats(rig.queries()).hits, 0u);
  }
}

// ---- what windows cost, and whom ----

class WindowsTest : public ::testing::Test {
 protected:
  static constexpr MemberId kAuthor = 1;
  static constexpr MemberId kReader = 2;
  static constexpr MemberId kOther = 3;
  static constexpr size_t kRows = 8;

  explicit WindowsTest(uint64_t followers_max = 2)
      : rig_({.caches = Windows(followers_max, kRows)}) {
    for (MemberId member = kAuthor; member <= 6; ++member) {
      Do(testing::SignedUp(member, "member" + std::to_string(member)));
    }
    Do(testing::Followed(kReader, kAuthor));
    for (int i = 0; i < 3; ++i) Publish(kAuthor);
  }

  void Do(v1::Event event) { rig_.Commit({At(++time_, std::move(event))}); }
  PostId Publish(MemberId author) {
    const PostId post = next_post_++;
    Do(testing::Published(post, author, "hi"));
    return post;
  }
  uint64_t Entries() { return WindowStats(rig_.queries()).entries; }
  uint64_t Hits() { return WindowStats(rig_.queries()).hits; }
  uint64_t LooksAtHeads() {
    const Queries::CacheStats heads = StatsOf("author-heads", rig_.queries());
    return heads.hits + heads.misses;
  }
  std::vector<PostId> Read(MemberId viewer = kReader) {
    return FirstPage(rig_.queries(), viewer, 3);
  }
  void Come(MemberId viewer = kReader) {
    Read(viewer);
    Read(viewer);
  }

  QueriesRig rig_;
  TimestampNs time_ = 1000;
  PostId next_post_ = 1;
};

TEST_F(WindowsTest, IsFilledForWhoComesAgain) {
  Read();
  EXPECT_EQ(Entries(), 0u);
  Read();
  EXPECT_EQ(Entries(), 1u);
  EXPECT_EQ(Hits(), 0u);
  EXPECT_EQ(Read(), (std::vector<PostId>{3, 2, 1}));
  EXPECT_EQ(Hits(), 1u);
}

TEST_F(WindowsTest, WhoFollowsNobodyHasNone) {
  Come(kOther);
  EXPECT_EQ(Entries(), 0u);
}

TEST_F(WindowsTest, PopularPostsAreMergedAgainOnlyWhenOneOfTheirAuthorsChanges) {
  for (MemberId member = kOther; member <= 5; ++member) Do(testing::Followed(member, kAuthor));
  Come();
  EXPECT_EQ(Entries(), 1u);
  const auto merges = [this](std::vector<PostId> page) {
    const uint64_t before = LooksAtHeads();
    EXPECT_EQ(Read(), page);
    return LooksAtHeads() - before;
  };
  EXPECT_EQ(merges({3, 2, 1}), 0u);
  Publish(6);  // nobody follows them
  EXPECT_EQ(merges({3, 2, 1}), 0u);
  const PostId post = Publish(kAuthor);
  EXPECT_EQ(merges({post, 3, 2}), 1u);
  EXPECT_EQ(merges({post, 3, 2}), 0u);
  Do(testing::Deleted(3, kAuthor));
  EXPECT_EQ(merges({post, 2, 1}), 1u);
  EXPECT_EQ(merges({post, 2, 1}), 0u);
}

TEST_F(WindowsTest, PopularAndOrdinaryAuthorsTogether) {
  for (MemberId member = 4; member <= 6; ++member) Do(testing::Followed(member, kAuthor));
  Do(testing::Followed(kReader, kOther));
  const PostId ordinary = Publish(kOther);
  const PostId popular = Publish(kAuthor);
  Come();
  EXPECT_EQ(Entries(), 1u);
  EXPECT_EQ(Read(), (std::vector<PostId>{popular, ordinary, 3}));
  const PostId next = Publish(kOther);
  EXPECT_EQ(Read(), (std::vector<PostId>{next, popular, ordinary}));
  EXPECT_GE(Hits(), 2u);
}

// Popular before the window, ordinary afterwards, and the other way round.
TEST_F(WindowsTest, AnAuthorBecomesPopularAndOrdinaryAgain) {
  Do(testing::Followed(kReader, kOther));
  Come();
  for (MemberId member = 4; member <= 6; ++member) Do(testing::Followed(member, kAuthor));
  EXPECT_EQ(Entries(), 1u) << "other members' relations do not matter to it";
  PostId post = Publish(kAuthor);
  EXPECT_EQ(Read().front(), post);
  for (MemberId member = 4; member <= 6; ++member) Do(testing::Unfollowed(member, kAuthor));
  post = Publish(kAuthor);
  EXPECT_EQ(Read().front(), post);
  Do(testing::Deleted(post, kAuthor));
  EXPECT_EQ(Read(), (std::vector<PostId>{4, 3, 2}));
}

TEST_F(WindowsTest, GoesWithAFollowAndAnUnfollow) {
  Do(testing::Followed(kReader, kOther));
  Come();
  EXPECT_EQ(Entries(), 1u);
  Do(testing::Unfollowed(kReader, kAuthor));
  EXPECT_EQ(Entries(), 0u);
  EXPECT_EQ(Read(), (std::vector<PostId>{}));
  Do(testing::Followed(kReader, kAuthor));
  EXPECT_EQ(Read(), (std::vector<PostId>{3, 2, 1}));
}

TEST_F(WindowsTest, GoesWhenNobodyReadsIt) {
  Come();
  for (size_t i = 0; i < kRows; ++i) Publish(kAuthor);
  EXPECT_EQ(Entries(), 1u);
  PostId last = Publish(kAuthor);
  EXPECT_EQ(Entries(), 0u);
  last = Publish(kAuthor);
  EXPECT_EQ(Read().front(), last);
  EXPECT_EQ(Read().front(), last);
  EXPECT_EQ(Entries(), 1u) << "filled on return";
}

TEST_F(WindowsTest, StaysWhileItIsRead) {
  Come();
  for (size_t i = 0; i < 4 * kRows; ++i) {
    const PostId post = Publish(kAuthor);
    EXPECT_EQ(Read().front(), post);
  }
  EXPECT_EQ(Hits(), 4 * kRows);
}

TEST_F(WindowsTest, DeeperThanTheWindow) {
  for (int i = 0; i < 30; ++i) Publish(kAuthor);
  Come();
  std::vector<PostId> seen;
  PageRequest request = {.size = 3};
  while (true) {
    const auto page = rig_.queries().FollowFeed(kReader, request).value();
    for (const PostView& view : page.rows) seen.push_back(view.body->id);
    if (!page.has_next) break;
    request.after = page.next;
  }
  std::vector<PostId> expected;
  for (PostId post = 33; post >= 1; --post) expected.push_back(post);
  EXPECT_EQ(seen, expected);
  EXPECT_EQ(rig_.queries().FollowFeed(kReader, {.page = 5, .size = 6}).value().rows.size(), 3u);
}

TEST_F(WindowsTest, GoesWithAnotherGeneration) {
  Come();
  for (const char* projection : {"timelines", "follows"}) {
    const auto built = rig_.runtime().BuildGeneration(projection);
    ASSERT_TRUE(built.ok()) << built.status();
    ASSERT_TRUE(rig_.runtime().Activate(projection, *built).ok());
    EXPECT_EQ(Entries(), 0u);
    Come();
    EXPECT_EQ(Entries(), 1u);
    EXPECT_EQ(Read(), (std::vector<PostId>{3, 2, 1}));
  }
}

// Windows that come and go, and posts into them, from many threads. Whoever
// reads after a post was acknowledged sees it. Most useful under tsan.
TEST(HomeFeedsConcurrencyTest, EveryAcknowledgedPostShows) {
  constexpr MemberId kReaders = 6, kFirstAuthor = kReaders + 1, kAuthors = 3;
  QueriesRig rig({.caches = Windows(5, 6, 64 * 3000)});
  std::atomic<TimestampNs> time{1000};
  for (MemberId member = 1; member < kFirstAuthor + kAuthors; ++member) {
    rig.Commit({At(1000, testing::SignedUp(member, "member" + std::to_string(member)))});
  }
  // The last author is popular: six followers.
  for (MemberId reader = 1; reader <= kReaders; ++reader) {
    rig.Commit({At(1000, testing::Followed(reader, kFirstAuthor + kAuthors - 1))});
    if (reader > 4) continue;
    rig.Commit({At(1000, testing::Followed(reader, kFirstAuthor)),
                At(1000, testing::Followed(reader, kFirstAuthor + 1))});
  }
  std::atomic<bool> done{false};
  std::atomic<PostId> next_post{1};
  std::vector<std::thread> threads;
  for (uint64_t seed = 1; seed <= 2; ++seed) {
    threads.emplace_back([&, seed] {
      std::mt19937_64 random(seed);
      while (!done) FirstPage(rig.queries(), 1 + random() % kReaders, 1 + random() % 4);
    });
  }
  std::vector<std::thread> authors;
  for (MemberId author = kFirstAuthor; author < kFirstAuthor + kAuthors; ++author) {
    authors.emplace_back([&, author] {
      std::mt19937_64 random(author);
      for (int round = 0; round < 60; ++round) {
        const PostId post = next_post++;
        rig.Commit({At(time += 10, testing::Published(post, author, "hi"))});
        // Others posted meanwhile, at most one each before they look.
        const MemberId reader = 1 + random() % 4;
        const std::vector<PostId> page = FirstPage(rig.queries(), reader, 30);
        EXPECT_EQ(std::count(page.begin(), page.end(), post), 1) << "post " << post;
        if (round % 3 != 0) continue;
        rig.Commit({At(time += 10, testing::Deleted(post, author))});
        const std::vector<PostId> after = FirstPage(rig.queries(), reader, 5);
        EXPECT_EQ(std::count(after.begin(), after.end(), post), 0) << "post " << post;
      }
    });
  }
  authors.emplace_back([&] {
    for (int round = 0; round < 60; ++round) {
      rig.Commit({At(time += 10, testing::Followed(6, kFirstAuthor))});
      const auto feed = rig.queries().FollowFeed(6, {.size = 100}).value();
      EXPECT_TRUE(rig.queries().IsFollowing(6, kFirstAuthor).value());
      rig.Commit({At(time += 10, testing::Unfollowed(6, kFirstAuthor))});
      const auto without = rig.queries().FollowFeed(6, {.size = 100}).value();
      for (const PostView& view : without.rows) EXPECT_NE(view.body->author_id, kFirstAuthor);
    }
  });
  for (std::thread& author : authors) author.join();
  done = true;
  for (std::thread& thread : threads) thread.join();
  EXPECT_GT(WindowStats(rig.queries()).hits, 0u);
}

}  // namespace
}  // namespace dailyfeed

// Members who write and read at the same time. Whoever reads after their write
// was acknowledged sees it, whatever other readers put into the caches
// meanwhile. Most useful under tsan.
#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <memory>
#include <random>
#include <string>
#include <thread>
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

using testing::QueriesRig;

constexpr MemberId kMembers = 4;  // who write
constexpr MemberId kIdol = kMembers + 1;
constexpr PostId kCommonPost = 1;
constexpr int kRounds = 60;

bool Shows(const Slice<PostView>& slice, PostId post) {
  return std::any_of(slice.rows.begin(), slice.rows.end(),
                     [post](const PostView& view) { return view.body->id == post; });
}

int64_t CountOf(const std::vector<PostView>& rows, PostId post) {
  return std::count_if(rows.begin(), rows.end(),
                       [post](const PostView& view) { return view.body->id == post; });
}

// One member who does things and looks at once.
class Member {
 public:
  Member(QueriesRig* rig, MemberId id, std::atomic<PostId>* next_post, std::atomic<int64_t>* clock)
      : rig_(rig), id_(id), next_post_(next_post), clock_(clock) {}

  void Round() {
    LikeAndUnlike();
    FollowAndUnfollow();
    ChangeOneself();
    PublishEditDelete();
    ViewAndComment();
  }

 private:
  void Do(v1::Event event) {
    std::vector<v1::Event> events;
    events.push_back(testing::At(++*clock_ * 1000, std::move(event)));
    rig_->Commit(std::move(events));
  }
  const Queries& queries() { return rig_->queries(); }

  void LikeAndUnlike() {
    Do(testing::Liked(kCommonPost, id_));
    const PostView liked = queries().Post(id_, kCommonPost).value();
    EXPECT_TRUE(liked.liked);
    EXPECT_GE(liked.counts.likes, 1u);
    Do(testing::Unliked(kCommonPost, id_));
    const PostView unliked = queries().Post(id_, kCommonPost).value();
    EXPECT_FALSE(unliked.liked);
    EXPECT_LT(unliked.counts.likes, kMembers);
  }

  void FollowAndUnfollow() {
    Do(testing::Followed(id_, kIdol));
    EXPECT_TRUE(queries().IsFollowing(id_, kIdol).value());
    EXPECT_EQ(queries().Follows(id_).value().followings, 1u);
    EXPECT_TRUE(Shows(queries().FollowFeed(id_, {.size = 5}).value(), kCommonPost));
    Do(testing::Unfollowed(id_, kIdol));
    EXPECT_TRUE(queries().FollowFeed(id_, {.size = 5}).value().rows.empty());
  }

  void ChangeOneself() {
    const std::string text = std::to_string(++changes_) + " of " + std::to_string(id_);
    v1::PersonalProfileChanges changes;
    changes.set_bio(text);
    Do(testing::ProfileUpdated(id_, changes));
    EXPECT_EQ(queries().Member(id_).value()->bio, text);
    const std::string before = queries().Member(id_).value()->handle;
    const std::string handle = "m" + std::to_string(id_) + "_" + std::to_string(changes_);
    Do(testing::HandleChanged(id_, handle));
    EXPECT_EQ(queries().MemberByHandle(handle).value()->id, id_);
    EXPECT_EQ(queries().Member(id_).value()->bio, text);
    EXPECT_EQ(ErrorCodeOf(queries().MemberByHandle(before).status()), ErrorCode::kMemberNotFound);
  }

  void PublishEditDelete() {
    const PostId post = (*next_post_)++;
    Do(testing::Published(post, id_, "first"));
    const Slice<PostView> own = queries().AuthorFeed(id_, id_, {.size = 1}).value();
    ASSERT_EQ(own.rows.size(), 1u);
    EXPECT_EQ(own.rows[0].body->id, post);
    // At most one of each other member, and the common one, can be before it.
    EXPECT_TRUE(Shows(queries().RecentActivities(id_, {.size = 20}).value(), post));
    EXPECT_TRUE(ShowsRanked(post));
    const TimeSpan all = {.begin = 0, .end = 9'000'000'000};
    EXPECT_EQ(CountOf(queries().PostsBetween(id_, {&all, 1}, 0, 20).value().rows, post), 1);
    Do(testing::Edited(post, id_, "title", "second"));
    EXPECT_EQ(queries().AuthorFeed(id_, id_, {.size = 1}).value().rows[0].body->content, "second");
    Do(testing::Deleted(post, id_));
    EXPECT_FALSE(Shows(queries().AuthorFeed(id_, id_, {.size = 5}).value(), post));
    EXPECT_FALSE(Shows(queries().RecentActivities(id_, {.size = 20}).value(), post));
    EXPECT_FALSE(ShowsRanked(post));
    EXPECT_EQ(ErrorCodeOf(queries().Post(id_, post).status()), ErrorCode::kPostNotFound);
  }

  // A post of one's own that nobody else touches is in the ranked list exactly
  // once, however the rest moves.
  bool ShowsRanked(PostId post) {
    const Slice<PostView> popular =
        queries().MostPopular(id_, RankingWindow::kAllTime, {.size = 20}).value();
    const auto times = CountOf(popular.rows, post);
    EXPECT_LE(times, 1);
    return times > 0;
  }

  void ViewAndComment() {
    Do(testing::Viewed(kCommonPost, id_));
    ++views_;
    const PostCounts viewed = queries().Post(id_, kCommonPost).value().counts;
    EXPECT_GE(viewed.views, views_);
    EXPECT_GE(viewed.views, last_seen_views_) << "a count that only grows never shrinks";
    last_seen_views_ = viewed.views;
    const CommentId comment = ++comments_ * 100 + id_;
    Do(testing::CommentAdded(comment, kCommonPost, id_, {}, "hi"));
    EXPECT_TRUE(Shows(queries().MostCommented(id_, RankingWindow::kAllTime, {.size = 5}).value(),
                      kCommonPost));
    EXPECT_GE(queries().Post(id_, kCommonPost).value().counts.comments, 1u);
    Do(testing::CommentDeleted(comment, kCommonPost, id_, {}));
    EXPECT_LT(queries().Post(id_, kCommonPost).value().counts.comments, kMembers);
  }

  QueriesRig* const rig_;
  const MemberId id_;
  std::atomic<PostId>* const next_post_;
  std::atomic<int64_t>* const clock_;
  uint64_t views_ = 0;
  uint64_t last_seen_views_ = 0;
  uint64_t comments_ = 0;
  uint64_t changes_ = 0;
};

// Fills the caches with whatever is there at the moment.
void ReadAnything(const Queries& queries, uint64_t seed, const std::atomic<bool>& done,
                  const std::atomic<PostId>& next_post) {
  std::mt19937_64 random(seed);
  while (!done) {
    const MemberId viewer = 1 + random() % kIdol;
    const PageRequest request = {.size = static_cast<uint32_t>(1 + random() % 5)};
    EXPECT_TRUE(queries.FollowFeed(viewer, request).ok());
    EXPECT_TRUE(queries.AuthorFeed(viewer, 1 + random() % kIdol, request).ok());
    EXPECT_TRUE(queries.Post(viewer, kCommonPost).ok());
    EXPECT_TRUE(queries.Member(viewer).ok());
    EXPECT_TRUE(queries.Recommended(viewer, request).ok());
    (void)queries.Post(viewer, next_post - 1);  // there or not
    EXPECT_TRUE(queries.PostComments(viewer, kCommonPost, request).ok());
    EXPECT_TRUE(queries.MostPopular(viewer, RankingWindow::kAllTime, request).ok());
    EXPECT_TRUE(queries.MostCommented(viewer, RankingWindow::kThirtyDays, request).ok());
    EXPECT_TRUE(queries.RecentActivities(viewer, request).ok());
  }
}

void WriteAndRead(const CacheOptions& caches) {
  testing::HookedStore store;
  // So that what was read is old more often.
  store.after_read = [] { std::this_thread::yield(); };
  QueriesRig rig({.caches = caches, .store = &store});
  std::vector<v1::Event> setup;
  for (MemberId id = 1; id <= kIdol; ++id) {
    setup.push_back(testing::At(1000, testing::SignedUp(id, "member" + std::to_string(id))));
  }
  setup.push_back(testing::At(1000, testing::Published(kCommonPost, kIdol, "common")));
  rig.Commit(std::move(setup));

  std::atomic<PostId> next_post{kCommonPost + 1};
  std::atomic<int64_t> clock{1};
  std::atomic<bool> done{false};
  std::vector<std::thread> readers, writers;
  for (uint64_t seed = 1; seed <= 2; ++seed) {
    readers.emplace_back([&, seed] { ReadAnything(rig.queries(), seed, done, next_post); });
  }
  for (MemberId id = 1; id <= kMembers; ++id) {
    writers.emplace_back([&, id] {
      Member member(&rig, id, &next_post, &clock);
      for (int round = 0; round < kRounds; ++round) member.Round();
    });
  }
  for (std::thread& writer : writers) writer.join();
  done = true;
  for (std::thread& reader : readers) reader.join();
}

TEST(QueriesCoherenceTest, ReadersSeeTheirOwnWrites) { WriteAndRead({}); }

TEST(QueriesCoherenceTest, ReadersSeeTheirOwnWritesWithTinyCaches) {
  WriteAndRead({.post_bytes_max = 64 * 600,
                .member_bytes_max = 64 * 800,
                .author_heads_bytes_max = 64 * 300,
                .followings_bytes_max = 64 * 200,
                .likes_bytes_max = 64 * 200,
                .rankings_bytes_max = 2000,
                .ranking_rows_max = 3,
                .home_feeds_bytes_max = 64 * 1200,
                .home_feed_rows_max = 4,
                .home_feed_followers_max = 2});
}

// Somebody reads a member all the time while that member goes.
TEST(QueriesCoherenceTest, AWithdrawnMemberIsGoneAtOnce) {
  testing::HookedStore store;
  // So that what was read is old more often.
  store.after_read = [] { std::this_thread::yield(); };
  QueriesRig rig({.store = &store});
  std::atomic<MemberId> last{0};
  std::atomic<bool> done{false};
  std::thread reader([&] {
    while (!done) (void)rig.queries().Member(last);
  });
  for (MemberId id = 1; id <= 200; ++id) {
    const std::string handle = "member" + std::to_string(id);
    rig.Commit({testing::At(1000, testing::SignedUp(id, handle)),
                testing::At(1000, testing::Published(id, id, "hi"))});
    last = id;
    EXPECT_TRUE(rig.queries().Member(id).ok());
    rig.Commit({testing::At(2000, testing::Withdrawn(id, handle))});
    EXPECT_EQ(ErrorCodeOf(rig.queries().Member(id).status()), ErrorCode::kMemberNotFound);
    EXPECT_EQ(ErrorCodeOf(rig.queries().MemberByHandle(handle).status()),
              ErrorCode::kMemberNotFound);
    EXPECT_EQ(rig.queries().Post(id, id).value().author, nullptr);
    EXPECT_EQ(rig.queries().RecommendedCount(id).value(), 0u);
  }
  done = true;
  reader.join();
}

// Generations flip under the readers: what an old one said is forgotten.
TEST(QueriesCoherenceTest, AFlipOfGenerationsForgetsEverything) {
  QueriesRig rig({});
  rig.Commit({testing::At(1000, testing::SignedUp(1, "kim")),
              testing::At(1000, testing::Published(kCommonPost, 1, "hi"))});
  std::atomic<bool> done{false};
  std::atomic<PostId> next_post{2};
  std::thread writer([&] {
    for (uint64_t views = 1; views <= 200; ++views) {
      rig.Commit({testing::At(2000, testing::Viewed(kCommonPost, 1))});
      EXPECT_EQ(rig.queries().Post(1, kCommonPost).value().counts.views, views);
    }
    done = true;
  });
  uint64_t generation = 1;
  while (!done) {
    const auto built = rig.runtime().BuildGeneration("posts");
    ASSERT_TRUE(built.ok()) << built.status();
    ASSERT_TRUE(rig.runtime().Activate("posts", *built).ok());
    ASSERT_TRUE(rig.runtime().Drop("posts", generation).ok());
    generation = *built;
  }
  writer.join();
  EXPECT_EQ(rig.queries().Post(1, kCommonPost).value().counts.views, 200u);
}

}  // namespace
}  // namespace dailyfeed

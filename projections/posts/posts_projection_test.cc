#include "projections/posts/posts_projection.h"

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "fmt/format.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "projections/posts/dead_rows.h"
#include "projections/posts/post_rows.h"
#include "projections/testing/events.h"
#include "projections/testing/map_rows.h"

namespace dailyfeed {
namespace {

using testing::At;
using ::testing::ElementsAre;

constexpr PostId kPost = 41;
constexpr MemberId kAuthor = 7;
constexpr MemberId kReader = 8;

class PostsProjectionTest : public ::testing::Test {
 protected:
  absl::Status Apply(v1::Event event) {
    ++position_;
    return posts_.Apply(At(1000 * static_cast<TimestampNs>(position_), position_, std::move(event)),
                        rows_);
  }
  // The keys of the ranked lists, as "list/day: order then id".
  std::vector<std::string> Ranked() {
    std::vector<std::string> ranked;
    for (auto row = rows_.rows().lower_bound(posts::kRankedBegin);
         row != rows_.rows().end() && row->first < posts::kRankedEnd; ++row) {
      const posts::RankedRow key = posts::DecodeRankedKey(row->first).value();
      ranked.push_back(fmt::format("{}/{}: {} {} {}", row->first.front(), key.day, key.key.order,
                                   key.key.then, key.key.id));
    }
    return ranked;
  }

  posts::CountsRow Counts(PostId post = kPost) {
    std::string row;
    EXPECT_TRUE(rows_.Get(posts::CountsKey(post), &row).value());
    return posts::DecodeCounts(row).value();
  }

  PostBody Body(PostId post = kPost) {
    std::string row;
    EXPECT_TRUE(rows_.Get(posts::BodyKey(post), &row).value());
    return posts::DecodeBody(post, row).value();
  }

  PostsProjection posts_;
  testing::MapRows rows_;
  Position position_ = 0;
};

TEST_F(PostsProjectionTest, PublishedThenEdited) {
  ASSERT_TRUE(Apply(testing::Published(kPost, kAuthor, "hello")).ok());
  EXPECT_EQ(Body().content, "hello");
  EXPECT_EQ(Body().author_id, kAuthor);
  EXPECT_EQ(Body().created_at, 1000);
  EXPECT_EQ(Body().updated_at, 1000);
  EXPECT_EQ(Counts().position, 1u);
  ASSERT_TRUE(Apply(testing::Viewed(kPost, kReader)).ok());
  ASSERT_TRUE(Apply(testing::Edited(kPost, kAuthor, "title", "better")).ok());
  EXPECT_EQ(Body().title, "title");
  EXPECT_EQ(Body().content, "better");
  EXPECT_EQ(Body().created_at, 1000);
  EXPECT_EQ(Body().updated_at, 3000);
  EXPECT_EQ(Counts().counts.views, 1u) << "an edit keeps counts";
  EXPECT_EQ(Counts().position, 2u);
}

TEST_F(PostsProjectionTest, LikesAreEdgesAndACount) {
  ASSERT_TRUE(Apply(testing::Published(kPost, kAuthor, "hello")).ok());
  ASSERT_TRUE(Apply(testing::Liked(kPost, kAuthor)).ok());
  ASSERT_TRUE(Apply(testing::Liked(kPost, kReader)).ok());
  EXPECT_EQ(Counts().counts.likes, 2u);
  EXPECT_EQ(rows_.CountTag('l'), 2u);
  ASSERT_TRUE(Apply(testing::Unliked(kPost, kAuthor)).ok());
  EXPECT_EQ(Counts().counts.likes, 1u);
  EXPECT_EQ(Counts().position, 4u);
  std::string row;
  EXPECT_FALSE(rows_.Get(posts::LikeKey(kAuthor, kPost), &row).value());
  EXPECT_TRUE(rows_.Get(posts::LikeKey(kReader, kPost), &row).value());
}

TEST_F(PostsProjectionTest, ADeletedCommentTakesItsWholeSubtreeFromTheCount) {
  ASSERT_TRUE(Apply(testing::Published(kPost, kAuthor, "hello")).ok());
  ASSERT_TRUE(Apply(testing::CommentAdded(1, kPost, kReader, {}, "a")).ok());
  ASSERT_TRUE(Apply(testing::CommentAdded(2, kPost, kReader, {1}, "b")).ok());
  ASSERT_TRUE(Apply(testing::CommentAdded(3, kPost, kReader, {1, 2}, "c")).ok());
  ASSERT_TRUE(Apply(testing::CommentAdded(4, kPost, kReader, {1, 2}, "d")).ok());
  ASSERT_TRUE(Apply(testing::CommentAdded(5, kPost, kReader, {}, "e")).ok());
  EXPECT_EQ(Counts().counts.comments, 5u);
  ASSERT_TRUE(Apply(testing::CommentDeleted(4, kPost, kReader, {1, 2})).ok());
  EXPECT_EQ(Counts().counts.comments, 4u);
  ASSERT_TRUE(Apply(testing::CommentDeleted(1, kPost, kReader, {})).ok());
  EXPECT_EQ(Counts().counts.comments, 1u);
  EXPECT_EQ(rows_.CountTag('t'), 1u);
}

TEST_F(PostsProjectionTest, ALargeSubtreeLeavesTheCountAtOnceAndItsRowsLater) {
  ASSERT_TRUE(Apply(testing::Published(kPost, kAuthor, "hello")).ok());
  ASSERT_TRUE(Apply(testing::CommentAdded(1, kPost, kReader, {}, "a")).ok());
  ASSERT_TRUE(Apply(testing::CommentAdded(2, kPost, kReader, {1}, "b")).ok());
  constexpr CommentId kEnd = 203;
  for (CommentId id = 3; id < kEnd; ++id) {
    ASSERT_TRUE(Apply(testing::CommentAdded(id, kPost, kReader, {1, 2}, "c")).ok());
  }
  ASSERT_TRUE(Apply(testing::CommentAdded(kEnd, kPost, kReader, {1}, "d")).ok());
  ASSERT_TRUE(Apply(testing::CommentDeleted(3, kPost, kReader, {1, 2})).ok());
  EXPECT_EQ(Counts().counts.comments, 202u);
  ASSERT_TRUE(Apply(testing::CommentDeleted(2, kPost, kReader, {1})).ok());
  EXPECT_EQ(Counts().counts.comments, 2u);
  EXPECT_GE(rows_.CountTag('t'), 190u);
  ASSERT_TRUE(Apply(testing::CommentDeleted(1, kPost, kReader, {})).ok());
  EXPECT_EQ(Counts().counts.comments, 0u);
  ASSERT_TRUE(Apply(testing::Deleted(kPost, kAuthor)).ok());
  ASSERT_TRUE(Apply(testing::Published(kPost + 1, kAuthor, "next")).ok());
  size_t events = 0;
  for (; rows_.rows().contains(DeadRows::kAnyKey); ++events) {
    ASSERT_LT(events, size_t{100});
    const size_t before = rows_.CountTag('t');
    ASSERT_TRUE(Apply(testing::Viewed(kPost + 1, kReader)).ok());
    ASSERT_LE(before - rows_.CountTag('t'), DeadRows::kRemovedPerEvent);
  }
  EXPECT_EQ(rows_.CountTag('t'), 0u);
  EXPECT_EQ(rows_.CountTag('d'), 0u);
}

TEST_F(PostsProjectionTest, ABatchMovesAPostOnce) {
  ASSERT_TRUE(Apply(testing::Published(kPost, kAuthor, "hello")).ok());
  EXPECT_TRUE(Ranked().empty());
  ASSERT_TRUE(rows_.Settle(posts_).ok());
  EXPECT_THAT(Ranked(), ElementsAre("u/0: 1000 0 41", "v/0: 0 1000 41", "w/0: 0 1000 41"));
  EXPECT_FALSE(Counts().place.has_value());
  ASSERT_TRUE(Apply(testing::Liked(kPost, kReader)).ok());
  ASSERT_TRUE(Apply(testing::Viewed(kPost, kReader)).ok());
  ASSERT_TRUE(Apply(testing::CommentAdded(1, kPost, kReader, {}, "a")).ok());
  EXPECT_THAT(Ranked(), ElementsAre("u/0: 1000 0 41", "v/0: 0 1000 41", "w/0: 0 1000 41"));
  ASSERT_TRUE(rows_.Settle(posts_).ok());
  EXPECT_THAT(Ranked(), ElementsAre("u/0: 4000 0 41", "v/0: 3 1000 41", "w/0: 3 1000 41",
                                    "x/0: 1 1000 41", "y/0: 1 1000 41"));
  // Taking back lowers the score and leaves the list of commented posts, and
  // is no activity.
  ASSERT_TRUE(Apply(testing::Unliked(kPost, kReader)).ok());
  ASSERT_TRUE(Apply(testing::CommentDeleted(1, kPost, kReader, {})).ok());
  ASSERT_TRUE(rows_.Settle(posts_).ok());
  EXPECT_THAT(Ranked(), ElementsAre("u/0: 4000 0 41", "v/0: 1 1000 41", "w/0: 1 1000 41"));
  ASSERT_TRUE(Apply(testing::Edited(kPost, kAuthor, "", "better")).ok());
  // Deleted in the middle of a batch.
  ASSERT_TRUE(Apply(testing::Deleted(kPost, kAuthor)).ok());
  ASSERT_TRUE(rows_.Settle(posts_).ok());
  EXPECT_TRUE(Ranked().empty());
}

TEST_F(PostsProjectionTest, AnEarlierActivityNeverMovesAPostBack) {
  ASSERT_TRUE(Apply(testing::Published(kPost, kAuthor, "hello")).ok());
  for (const v1::Event& event :
       {testing::Liked(kPost, kReader), testing::CommentAdded(1, kPost, kReader, {}, "a"),
        testing::Edited(kPost, kAuthor, "", "x")}) {
    ASSERT_TRUE(posts_.Apply(At(500, ++position_, event), rows_).ok());
  }
  ASSERT_TRUE(rows_.Settle(posts_).ok());
  EXPECT_EQ(Ranked().front(), "u/0: 1000 0 41");
}

TEST(PostsRankingTest, WeightsAndZoneDecideAboutTheRows) {
  absl::TimeZone seoul;
  ASSERT_TRUE(absl::LoadTimeZone("Asia/Seoul", &seoul));
  PostsProjection ours({.view_weight = 3, .like_weight = 0, .zone = seoul});
  EXPECT_EQ(ours.settings(), "view_weight=3 like_weight=0 zone=Asia/Seoul");
  EXPECT_NE(ours.settings(), PostsProjection().settings());
  testing::MapRows rows;
  // 15:00 UTC is midnight in Seoul.
  constexpr TimestampNs kHour = 3'600'000'000'000;
  ASSERT_TRUE(ours.Apply(At(15 * kHour - 1, 1, testing::Published(1, kAuthor, "a")), rows).ok());
  ASSERT_TRUE(ours.Apply(At(15 * kHour, 2, testing::Published(2, kAuthor, "a")), rows).ok());
  ASSERT_TRUE(ours.Apply(At(15 * kHour, 3, testing::Viewed(2, kReader)), rows).ok());
  ASSERT_TRUE(ours.Apply(At(15 * kHour, 4, testing::Liked(2, kReader)), rows).ok());
  ASSERT_TRUE(rows.Settle(ours).ok());
  const auto has = [&rows](int64_t day, const ListKey& key) {
    return rows.rows().contains(posts::RankedKey(posts::RankedList::kPopularOfDay, day, key));
  };
  EXPECT_TRUE(has(0, {.order = 0, .id = 1, .then = 15 * kHour - 1}));
  EXPECT_TRUE(has(1, {.order = 3, .id = 2, .then = 15 * kHour}));
}

TEST_F(PostsProjectionTest, ADeletedPostLeavesOnlyItsLikeEdges) {
  ASSERT_TRUE(Apply(testing::Published(kPost, kAuthor, "hello")).ok());
  ASSERT_TRUE(Apply(testing::Liked(kPost, kReader)).ok());
  ASSERT_TRUE(Apply(testing::CommentAdded(1, kPost, kReader, {}, "a")).ok());
  ASSERT_TRUE(rows_.Settle(posts_).ok());
  ASSERT_TRUE(Apply(testing::Deleted(kPost, kAuthor)).ok());
  EXPECT_EQ(rows_.rows().size(), 1u);
  EXPECT_EQ(rows_.CountTag('l'), 1u);
}

TEST_F(PostsProjectionTest, ContradictionsAreDataLossAndChangeNothing) {
  ASSERT_TRUE(Apply(testing::Published(kPost, kAuthor, "hello")).ok());
  const auto before = rows_.rows();
  constexpr PostId kUnknown = 99;
  for (const v1::Event& event :
       {testing::Published(kPost, kAuthor, "again"), testing::Unliked(kPost, kAuthor),
        testing::Viewed(kUnknown, kReader), testing::Liked(kUnknown, kReader),
        testing::Edited(kUnknown, kAuthor, "", "x"), testing::Deleted(kUnknown, kAuthor),
        testing::CommentAdded(1, kUnknown, kReader, {}, "x"),
        testing::CommentDeleted(1, kPost, kReader, {})}) {
    EXPECT_EQ(Apply(event).code(), absl::StatusCode::kDataLoss) << event.ShortDebugString();
    EXPECT_EQ(rows_.rows(), before);
  }
}

TEST_F(PostsProjectionTest, EverythingAboutAPostParksTogether) {
  for (const v1::Event& event :
       {testing::Published(kPost, kAuthor, "a"), testing::Viewed(kPost, kReader),
        testing::Unliked(kPost, kReader), testing::CommentAdded(9, kPost, kReader, {}, "x"),
        testing::CommentDeleted(9, kPost, kReader, {}), testing::CommentLiked(9, kPost, kReader),
        testing::Deleted(kPost, kAuthor)}) {
    EXPECT_EQ(posts_.ParkingKey(event), "post/41") << event.ShortDebugString();
  }
}

TEST(PostRowsTest, EveryTruncationIsDataLoss) {
  PostBody body;
  body.author_id = kAuthor;
  body.title = "제목";
  body.content = "content";
  body.created_at = 1'760'000'000'000'000'000;
  body.updated_at = body.created_at + 5;
  const std::string row = posts::EncodeBody(body);
  for (size_t size = 0; size < row.size(); ++size) {
    EXPECT_EQ(posts::DecodeBody(kPost, row.substr(0, size)).status().code(),
              absl::StatusCode::kDataLoss);
  }
  EXPECT_EQ(posts::DecodeBody(kPost, row).value().updated_at, body.updated_at);
}

TEST(PostRowsTest, CountsComeBackSettledOrNot) {
  posts::CountsRow row = {.counts = {.views = 1, .likes = 2, .comments = 3},
                          .position = 4,
                          .created_at = -5,
                          .active_at = 6,
                          .day = -1,
                          .place = std::nullopt};
  for (const std::optional<posts::Place>& place :
       {std::optional<posts::Place>(), std::optional(posts::Place{.listed = false}),
        std::optional(posts::Place{.listed = true, .score = 7, .comments = 8, .active_at = 9})}) {
    row.place = place;
    const posts::CountsRow again = posts::DecodeCounts(posts::EncodeCounts(row)).value();
    EXPECT_EQ(again.created_at, row.created_at);
    EXPECT_EQ(again.active_at, row.active_at);
    EXPECT_EQ(again.day, row.day);
    ASSERT_EQ(again.place.has_value(), place.has_value());
    if (!place.has_value()) continue;
    EXPECT_EQ(again.place->listed, place->listed);
    EXPECT_EQ(again.place->score, place->score);
    EXPECT_EQ(again.place->comments, place->comments);
    EXPECT_EQ(again.place->active_at, place->active_at);
  }
}

TEST(PostsRankingTest, FoldsOnWithTheSettingsOfOlderRows) {
  absl::TimeZone seoul;
  ASSERT_TRUE(absl::LoadTimeZone("Asia/Seoul", &seoul));
  const PostsProjection older({.view_weight = 3, .like_weight = 0, .zone = seoul});
  const auto as = PostsProjection().As(older.version(), older.settings());
  ASSERT_NE(as, nullptr);
  EXPECT_EQ(as->settings(), older.settings());
  EXPECT_EQ(PostsProjection().As(older.version() + 1, older.settings()), nullptr);
  for (const std::string_view damaged :
       {"", "view_weight=3", "view_weight=x like_weight=0 zone=UTC",
        "view_weight=3 like_weight=0 zone=Nowhere/Land", "zone=UTC"}) {
    EXPECT_EQ(PostsProjection().As(older.version(), damaged), nullptr) << damaged;
  }
}

TEST_F(PostsProjectionTest, ListsEveryKindThatItFolds) {
  EXPECT_EQ(testing::UnlistedKinds(posts_), std::vector<std::string>());
}

}  // namespace
}  // namespace dailyfeed

#include "projections/posts/posts_projection.h"

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "gtest/gtest.h"
#include "projections/posts/post_rows.h"
#include "projections/testing/events.h"
#include "projections/testing/map_rows.h"

namespace dailyfeed {
namespace {

using testing::At;

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

TEST_F(PostsProjectionTest, ADeletedPostLeavesOnlyItsLikeEdges) {
  ASSERT_TRUE(Apply(testing::Published(kPost, kAuthor, "hello")).ok());
  ASSERT_TRUE(Apply(testing::Liked(kPost, kReader)).ok());
  ASSERT_TRUE(Apply(testing::CommentAdded(1, kPost, kReader, {}, "a")).ok());
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
        testing::Edited(kUnknown, kAuthor, "", "x"),
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

}  // namespace
}  // namespace dailyfeed

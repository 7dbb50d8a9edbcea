#include "projections/comments/comments_projection.h"

#include <string>
#include <utility>
#include <vector>

#include "gtest/gtest.h"
#include "projections/codec/row_codec.h"
#include "projections/comments/comment_rows.h"
#include "projections/testing/events.h"
#include "projections/testing/map_rows.h"

namespace dailyfeed {
namespace {

using comments::List;
using testing::At;

constexpr PostId kPost = 41;
constexpr MemberId kKim = 7;
constexpr MemberId kLee = 8;

class CommentsProjectionTest : public ::testing::Test {
 protected:
  absl::Status Apply(v1::Event event) {
    ++position_;
    return comments_.Apply(
        At(1000 * static_cast<TimestampNs>(position_), position_, std::move(event)), rows_);
  }
  void Add(CommentId id, MemberId author, const std::vector<CommentId>& ancestors) {
    ASSERT_TRUE(Apply(testing::CommentAdded(id, kPost, author, ancestors, "text")).ok());
  }

  std::vector<CommentId> Listed(List list, uint64_t owner) {
    std::vector<CommentId> ids;
    const std::string prefix = comments::ListPrefix(list, owner);
    EXPECT_TRUE(rows_
                    .Scan(prefix, PrefixEnd(prefix),
                          [&](std::string_view key, std::string_view) {
                            ids.push_back(comments::DecodeListRowKey(key).value().id);
                            return true;
                          })
                    .ok());
    return ids;
  }

  comments::Counts Counts(CommentId comment) {
    std::string row;
    if (!rows_.Get(comments::CountsKey(comment), &row).value()) return {};
    return comments::DecodeCounts(row).value();
  }

  CommentsProjection comments_;
  testing::MapRows rows_;
  Position position_ = 0;
};

TEST_F(CommentsProjectionTest, ListsHaveTheirOrders) {
  Add(1, kKim, {});
  Add(2, kLee, {});
  Add(3, kKim, {1});
  Add(4, kKim, {1});
  Add(5, kLee, {1, 3});
  EXPECT_EQ(Listed(List::kPost, kPost), (std::vector<CommentId>{1, 2}));
  EXPECT_EQ(Listed(List::kReplies, 1), (std::vector<CommentId>{3, 4}));
  EXPECT_EQ(Listed(List::kReplies, 3), std::vector<CommentId>{5});
  EXPECT_EQ(Listed(List::kAuthor, kKim), (std::vector<CommentId>{4, 3, 1}));
  EXPECT_EQ(Listed(List::kAuthor, kLee), (std::vector<CommentId>{5, 2}));
  EXPECT_EQ(Counts(1).replies, 2u);
  EXPECT_EQ(Counts(3).replies, 1u);
}

TEST_F(CommentsProjectionTest, EditKeepsThePlace) {
  Add(1, kKim, {});
  Add(2, kKim, {});
  ASSERT_TRUE(Apply(testing::CommentEdited(1, kPost, kKim, "new")).ok());
  std::string row;
  ASSERT_TRUE(rows_.Get(comments::BodyKey(1), &row).value());
  const CommentBody body = comments::DecodeBody(1, row).value();
  EXPECT_EQ(body.content, "new");
  EXPECT_EQ(body.created_at, 1000);
  EXPECT_EQ(body.updated_at, 3000);
  EXPECT_EQ(Listed(List::kPost, kPost), (std::vector<CommentId>{1, 2}));
}

TEST_F(CommentsProjectionTest, ADeletedCommentTakesItsSubtreeFromEveryList) {
  Add(1, kKim, {});
  Add(2, kLee, {1});
  Add(3, kKim, {1, 2});
  Add(4, kLee, {1});
  Add(5, kLee, {});
  ASSERT_TRUE(Apply(testing::CommentDeleted(2, kPost, kLee, {1})).ok());
  EXPECT_EQ(Counts(1).replies, 1u);
  EXPECT_EQ(Listed(List::kAuthor, kKim), std::vector<CommentId>{1});
  ASSERT_TRUE(Apply(testing::CommentDeleted(1, kPost, kKim, {})).ok());
  EXPECT_EQ(Listed(List::kPost, kPost), std::vector<CommentId>{5});
  EXPECT_TRUE(Listed(List::kAuthor, kKim).empty());
  EXPECT_EQ(Listed(List::kAuthor, kLee), std::vector<CommentId>{5});
  EXPECT_EQ(rows_.CountTag('b'), 1u);
  EXPECT_EQ(rows_.CountTag('c'), 0u);
}

TEST_F(CommentsProjectionTest, ADeletedPostTakesAllItsComments) {
  Add(1, kKim, {});
  Add(2, kLee, {1});
  Add(3, kKim, {1, 2});
  ASSERT_TRUE(Apply(testing::CommentAdded(9, 42, kKim, {}, "elsewhere")).ok());
  ASSERT_TRUE(Apply(testing::Deleted(kPost, kKim)).ok());
  EXPECT_EQ(Listed(List::kAuthor, kKim), std::vector<CommentId>{9});
  EXPECT_EQ(rows_.rows().size(), 3u) << "body and two list rows of the other post's comment";
  EXPECT_TRUE(Apply(testing::Deleted(1000, kKim)).ok()) << "a post without comments";
}

TEST_F(CommentsProjectionTest, LikesAreEdgesAndACount) {
  Add(1, kKim, {});
  ASSERT_TRUE(Apply(testing::CommentLiked(1, kPost, kKim)).ok());
  ASSERT_TRUE(Apply(testing::CommentLiked(1, kPost, kLee)).ok());
  EXPECT_EQ(Counts(1).likes, 2u);
  ASSERT_TRUE(Apply(testing::CommentUnliked(1, kPost, kKim)).ok());
  EXPECT_EQ(Counts(1).likes, 1u);
  EXPECT_EQ(rows_.CountTag('l'), 1u);
}

TEST_F(CommentsProjectionTest, ContradictionsAreDataLossAndChangeNothing) {
  Add(1, kKim, {});
  ASSERT_TRUE(Apply(testing::CommentLiked(1, kPost, kKim)).ok());
  const auto before = rows_.rows();
  for (const v1::Event& event :
       {testing::CommentAdded(1, kPost, kKim, {}, "again"),
        testing::CommentAdded(2, kPost, kKim, {77}, "no parent"),
        testing::CommentEdited(99, kPost, kKim, "x"), testing::CommentDeleted(99, kPost, kKim, {}),
        testing::CommentLiked(1, kPost, kKim), testing::CommentLiked(99, kPost, kKim),
        testing::CommentUnliked(1, kPost, kLee)}) {
    EXPECT_EQ(Apply(event).code(), absl::StatusCode::kDataLoss) << event.ShortDebugString();
    EXPECT_EQ(rows_.rows(), before);
  }
}

TEST_F(CommentsProjectionTest, AllCommentsOfAPostParkTogether) {
  EXPECT_EQ(comments_.ParkingKey(testing::CommentAdded(9, kPost, kKim, {}, "x")), "post/41");
  EXPECT_EQ(comments_.ParkingKey(testing::CommentUnliked(9, kPost, kKim)), "post/41");
  EXPECT_EQ(comments_.ParkingKey(testing::Deleted(kPost, kKim)), "post/41");
}

TEST(CommentRowsTest, DamageIsDataLoss) {
  CommentBody body;
  body.post_id = kPost;
  body.author_id = kKim;
  body.ancestors = {1, 300};
  body.content = "댓글";
  const std::string row = comments::EncodeBody(body);
  for (size_t size = 0; size < row.size(); ++size) {
    EXPECT_EQ(comments::DecodeBody(5, row.substr(0, size)).status().code(),
              absl::StatusCode::kDataLoss);
  }
  EXPECT_EQ(comments::DecodeBody(5, row).value().ancestors, body.ancestors);
  const std::string many = RowWriter().Varint(1).Varint(1).Varint(uint64_t{1} << 60).Take();
  EXPECT_EQ(comments::DecodeBody(5, many).status().code(), absl::StatusCode::kDataLoss);
}

}  // namespace
}  // namespace dailyfeed

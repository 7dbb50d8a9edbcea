#include "projections/comments/comments_projection.h"

#include <cstdlib>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "gtest/gtest.h"
#include "projections/codec/row_codec.h"
#include "projections/comments/comment_rows.h"
#include "projections/posts/dead_rows.h"
#include "projections/testing/events.h"
#include "projections/testing/feed_model.h"
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
  EXPECT_EQ(Listed(List::kThread, kPost), (std::vector<CommentId>{5, 4, 3, 2, 1}));
  EXPECT_EQ(Counts(1).replies, 2u);
  EXPECT_EQ(Counts(1).below, 3u);
  EXPECT_EQ(Counts(3).replies, 1u);
  EXPECT_EQ(Counts(3).below, 1u);
}

TEST_F(CommentsProjectionTest, CountsOfNothingHaveNoRow) {
  Add(1, kKim, {});
  Add(2, kLee, {1});
  Add(3, kLee, {1, 2});
  ASSERT_TRUE(Apply(testing::CommentLiked(3, kPost, kKim)).ok());
  EXPECT_EQ(rows_.CountTag('c'), 3u);
  ASSERT_TRUE(Apply(testing::CommentUnliked(3, kPost, kKim)).ok());
  EXPECT_EQ(rows_.CountTag('c'), 2u);
  ASSERT_TRUE(Apply(testing::CommentDeleted(3, kPost, kLee, {1, 2})).ok());
  EXPECT_EQ(rows_.CountTag('c'), 1u);
  ASSERT_TRUE(Apply(testing::CommentDeleted(2, kPost, kLee, {1})).ok());
  EXPECT_EQ(rows_.CountTag('c'), 0u);
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
  EXPECT_EQ(Counts(1).below, 1u);
  EXPECT_EQ(Listed(List::kAuthor, kKim), std::vector<CommentId>{1});
  EXPECT_EQ(Listed(List::kThread, kPost), (std::vector<CommentId>{5, 4, 1}));
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
  EXPECT_EQ(rows_.rows().size(), 4u) << "body and three list rows of the other post's comment";
  EXPECT_TRUE(Apply(testing::Deleted(1000, kKim)).ok()) << "a post without comments";
}

// A thread of 1 with 300 replies of which one in ten has a reply of its own.
TEST_F(CommentsProjectionTest, ALargeDeletionCostsNoEventMoreThanAFewRows) {
  CommentId next = 1;
  Add(next++, kKim, {});
  for (int i = 0; i < 300; ++i) {
    const CommentId reply = next++;
    Add(reply, kLee, {1});
    if (i % 10 == 0) Add(next++, kKim, {1, reply});
  }
  Add(next, kKim, {});
  const auto apply_and_count = [&](const v1::Event& event) {
    const auto before = rows_.rows();
    EXPECT_TRUE(Apply(event).ok());
    size_t changed = 0;
    for (const auto& [key, value] : before) {
      const auto after = rows_.rows().find(key);
      changed += after == rows_.rows().end() || after->second != value;
    }
    return changed;
  };
  constexpr size_t kRowsOfComment = 5;
  constexpr size_t kChangedMax = kRowsOfComment * (DeadRows::kRemovedPerEvent + 1) + 4;
  EXPECT_LE(apply_and_count(testing::CommentDeleted(1, kPost, kKim, {})), kChangedMax);
  EXPECT_EQ(Listed(List::kPost, kPost), std::vector<CommentId>{next});
  EXPECT_TRUE(rows_.rows().contains(DeadRows::kAnyKey));
  EXPECT_TRUE(rows_.rows().contains(DeadRows::RangeKey(comments::ListPrefix(List::kReplies, 1))));
  size_t events = 0;
  while (rows_.rows().contains(DeadRows::kAnyKey)) {
    ASSERT_LT(++events, size_t{400});
    const bool like = events % 2 == 1;
    const size_t changed = apply_and_count(like ? testing::CommentLiked(next, kPost, kLee)
                                                : testing::CommentUnliked(next, kPost, kLee));
    ASSERT_LE(changed, kChangedMax);
  }
  EXPECT_GE(events, 330 / DeadRows::kRemovedPerEvent);
  EXPECT_EQ(Listed(List::kAuthor, kKim), std::vector<CommentId>{next});
  EXPECT_TRUE(Listed(List::kAuthor, kLee).empty());
  EXPECT_EQ(rows_.CountTag('b'), 1u);
  EXPECT_EQ(rows_.CountTag('q'), 1u);
  EXPECT_EQ(rows_.CountTag('r') + rows_.CountTag('d'), 0u);
}

// Deletions that begin while others are under way, in every order.
TEST_F(CommentsProjectionTest, DeletionsMayOverlap) {
  CommentId next = 1;
  std::vector<CommentId> top_level;
  for (int i = 0; i < 6; ++i) {
    const CommentId top = next++;
    top_level.push_back(top);
    Add(top, kKim, {});
    for (int j = 0; j < 10; ++j) {
      const CommentId reply = next++;
      Add(reply, kLee, {top});
      Add(next++, kKim, {top, reply});
    }
  }
  ASSERT_TRUE(Apply(testing::CommentAdded(next, 42, kKim, {}, "elsewhere")).ok());
  // A reply, its parent, another parent, the post.
  ASSERT_TRUE(Apply(testing::CommentDeleted(top_level[0] + 1, kPost, kLee, {top_level[0]})).ok());
  ASSERT_TRUE(Apply(testing::CommentDeleted(top_level[0], kPost, kKim, {})).ok());
  ASSERT_TRUE(Apply(testing::CommentDeleted(top_level[3], kPost, kKim, {})).ok());
  ASSERT_TRUE(Apply(testing::Deleted(kPost, kKim)).ok());
  for (int i = 0; i < 100; ++i) {
    ASSERT_TRUE(Apply(testing::CommentEdited(next, 42, kKim, "text " + std::to_string(i))).ok());
  }
  EXPECT_EQ(rows_.rows().size(), 4u) << "body and three list rows of the comment elsewhere";
  EXPECT_EQ(Listed(List::kAuthor, kKim), std::vector<CommentId>{next});
}

TEST_F(CommentsProjectionTest, DamageAmongDeadRowsIsNobodysFault) {
  Add(1, kKim, {});
  for (CommentId reply = 2; reply < 30; ++reply) Add(reply, kLee, {1});
  Add(30, kKim, {});
  ASSERT_TRUE(Apply(testing::CommentDeleted(1, kPost, kKim, {})).ok());
  rows_.Put(comments::BodyKey(20), "x");
  rows_.Put(comments::CountsKey(21), "\xff");
  rows_.Delete(comments::BodyKey(22));
  rows_.Put(DeadRows::RangeKey(comments::ListPrefix(List::kReplies, 1)), "\xff");
  for (int i = 0; i < 20; ++i) {
    ASSERT_TRUE(Apply(testing::CommentEdited(30, kPost, kKim, "text")).ok());
  }
  EXPECT_EQ(rows_.CountTag('r') + rows_.CountTag('d'), 0u);
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

// What a fold of version 1 would have of these rows.
std::map<std::string, std::string, std::less<>> OfFirstVersion(testing::MapRows& rows) {
  std::map<std::string, std::string, std::less<>> first;
  for (const auto& [key, row] : rows.rows()) {
    if (key.starts_with('q')) continue;
    std::string value = row;
    if (key.starts_with('c')) {
      comments::Counts counts = comments::DecodeCounts(row).value();
      counts.below.reset();
      value = comments::EncodeCounts(counts);
    }
    first.emplace(key, std::move(value));
  }
  return first;
}

TEST(CommentsHistoryTest, TotalsAreThoseOfTheModelAndVersion1IsFoldedOn) {
  const char* seed = std::getenv("DAILYFEED_SEED");
  const uint64_t first_seed = seed != nullptr ? std::strtoull(seed, nullptr, 10) : 1;
  const uint64_t last_seed = seed != nullptr ? first_seed : 6;
  for (uint64_t at = first_seed; at <= last_seed && !::testing::Test::HasFailure(); ++at) {
    SCOPED_TRACE("DAILYFEED_SEED=" + std::to_string(at));
    testing::FeedModel model;
    testing::RandomHistory history(&model, at,
                                   {.publish = 2,
                                    .remove_post = 1,
                                    .comment = 10,
                                    .reply = 40,
                                    .remove_comment = 8,
                                    .ticks = 50});
    CommentsProjection comments;
    const std::unique_ptr<Projection> first = CommentsProjection().As(1, "");
    ASSERT_EQ(first->version(), 1u);
    testing::MapRows rows, rows_of_first;
    for (Position position = 1; position <= 400; ++position) {
      v1::Event event = history.Next();
      event.set_position(position);
      if (!comments.Handles(event.payload().kind_case())) continue;
      ASSERT_TRUE(comments.Apply(event, rows).ok()) << event.ShortDebugString();
      ASSERT_TRUE(first->Apply(event, rows_of_first).ok()) << event.ShortDebugString();
      ASSERT_EQ(OfFirstVersion(rows), rows_of_first.rows()) << event.ShortDebugString();
    }
    for (const auto& comment : model.comments()) {
      if (!model.IsLive(comment)) continue;
      std::string row;
      comments::Counts counts;
      if (rows.Get(comments::CountsKey(comment.body.id), &row).value()) {
        counts = comments::DecodeCounts(row).value();
        EXPECT_GT(counts.likes + counts.replies, 0u) << "a row of nothing";
      }
      EXPECT_EQ(counts.replies, model.RepliesOf(comment.body.id));
      EXPECT_EQ(counts.below, model.BelowOf(comment.body.id));
    }
  }
}

TEST(CommentsHistoryTest, OnlyVersion1IsFoldedOn) {
  EXPECT_EQ(CommentsProjection().As(1, "settings"), nullptr);
  EXPECT_EQ(CommentsProjection().As(3, ""), nullptr);
}

TEST(CommentRowsTest, CountsOfVersion1SayNothingOfWhatIsBelow) {
  EXPECT_EQ(comments::DecodeCounts(RowWriter().Varint(2).Varint(1).Take()).value().below,
            std::nullopt);
  EXPECT_EQ(comments::DecodeCounts(RowWriter().Varint(2).Varint(0).Take()).value().below, 0u);
  EXPECT_EQ(
      comments::DecodeCounts(RowWriter().Varint(2).Varint(1).Varint(300).Take()).value().below,
      300u);
  EXPECT_TRUE(absl::IsDataLoss(comments::DecodeCounts(RowWriter().Varint(2).Take()).status()));
  EXPECT_TRUE(absl::IsDataLoss(
      comments::DecodeCounts(RowWriter().Varint(2).Varint(1).Varint(1).Varint(1).Take()).status()));
}

TEST_F(CommentsProjectionTest, ListsEveryKindThatItFolds) {
  EXPECT_EQ(testing::UnlistedKinds(comments_), std::vector<std::string>());
}

}  // namespace
}  // namespace dailyfeed

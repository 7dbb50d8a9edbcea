#include "projections/activities/activities_projection.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "projections/activities/activity_rows.h"
#include "projections/codec/row_codec.h"
#include "projections/posts/dead_rows.h"
#include "projections/testing/events.h"
#include "projections/testing/map_rows.h"

namespace dailyfeed {
namespace {

using namespace testing;  // NOLINT: the events of projections/testing

constexpr MemberId kKim = 7;
constexpr MemberId kLee = 8;

class ActivitiesProjectionTest : public ::testing::Test {
 protected:
  void Apply(TimestampNs at, v1::Event event) {
    event = At(at, std::move(event));
    event.set_position(++head_);
    const absl::Status applied = projection_.Apply(event, rows_);
    ASSERT_TRUE(applied.ok()) << applied;
  }

  // The positions of a list, in its order.
  std::vector<Position> List(MemberId member, activities::List list) {
    std::vector<Position> positions;
    const std::string prefix = activities::ListPrefix(member, list);
    EXPECT_TRUE(rows_
                    .Scan(prefix, PrefixEnd(prefix),
                          [&](std::string_view key, std::string_view value) {
                            const auto row = activities::DecodeRow(key, value);
                            EXPECT_TRUE(row.ok()) << row.status();
                            EXPECT_EQ(row->activity.member, member);
                            positions.push_back(row->position);
                            return true;
                          })
                    .ok());
    return positions;
  }

  ActivitiesProjection projection_;
  MapRows rows_;
  Position head_ = 0;
};

TEST_F(ActivitiesProjectionTest, NewestFirstThenPositionDescending) {
  Apply(100, Published(1, kKim, "a"));  // 1
  Apply(300, Liked(1, kKim));           // 2
  Apply(300, Unliked(1, kKim));         // 3
  Apply(300, Liked(1, kKim));           // 4
  Apply(200, Viewed(1, kKim));          // 5, imported late
  Apply(300, Liked(1, kLee));           // 6
  EXPECT_EQ(List(kKim, activities::kAll), (std::vector<Position>{4, 3, 2, 5, 1}));
  EXPECT_EQ(List(kLee, activities::kAll), std::vector<Position>{6});
  EXPECT_EQ(List(kKim, activities::OfType(v1::ACTIVITY_TYPE_LIKE_POST)),
            (std::vector<Position>{4, 2}));
  // Neither what was taken back nor what was read.
  EXPECT_EQ(List(kKim, activities::kShown), (std::vector<Position>{4, 2, 1}));
}

TEST_F(ActivitiesProjectionTest, ARowSaysWhatWasDone) {
  Apply(100, CommentAdded(9, 41, kKim, {}, "hi"));
  const std::string key = activities::RowKey(kKim, activities::kAll, 100, 1);
  const auto row = activities::DecodeRow(key, rows_.rows()[key]);
  ASSERT_TRUE(row.ok()) << row.status();
  EXPECT_EQ(row->activity, (Activity{.type = v1::ACTIVITY_TYPE_COMMENT_CREATE,
                                     .member = kKim,
                                     .post = 41,
                                     .comment = 9,
                                     .at = 100}));
  EXPECT_EQ(row->position, 1u);
}

TEST_F(ActivitiesProjectionTest, AWithdrawnMemberHasNoRowsInTheEnd) {
  for (int i = 0; i < 50; ++i) Apply(100 + i, Liked(i + 1, kKim));
  Apply(200, Withdrawn(kKim, "kim"));
  // No event costs more because of it.
  EXPECT_TRUE(rows_.rows().contains(DeadRows::kAnyKey));
  Apply(300, Viewed(1, kKim));  // was under way
  // Each event removes more than it adds.
  for (int i = 0; i < 150; ++i) Apply(300 + i, Liked(i + 1, kLee));
  EXPECT_FALSE(rows_.rows().contains(DeadRows::kAnyKey));
  const std::string prefix = activities::MemberPrefix(kKim);
  for (const auto& [key, value] : rows_.rows()) EXPECT_FALSE(key.starts_with(prefix));
  EXPECT_EQ(List(kLee, activities::kAll).size(), 150u);
}

TEST_F(ActivitiesProjectionTest, UnfollowsOfAWithdrawalAreNone) {
  v1::Event ended = Unfollowed(kKim, kLee);
  ended.mutable_payload()->mutable_member_unfollowed()->set_by_withdrawal(true);
  Apply(100, Followed(kKim, kLee));
  Apply(200, ended);
  EXPECT_EQ(List(kKim, activities::kAll), std::vector<Position>{1});
}

TEST(ActivityRowsTest, DamageIsFound) {
  const std::string key = activities::RowKey(kKim, activities::kAll, 100, 1);
  const std::string value = activities::EncodeValue({.type = v1::ACTIVITY_TYPE_POST_READ});
  EXPECT_TRUE(activities::DecodeRow(key, value).ok());
  EXPECT_TRUE(absl::IsDataLoss(activities::DecodeRow(key.substr(1), value).status()));
  EXPECT_TRUE(absl::IsDataLoss(activities::DecodeRow(key, value + "x").status()));
  EXPECT_TRUE(absl::IsDataLoss(
      activities::DecodeRow(key, RowWriter().Varint(18).Varint(1).Varint(0).Varint(0).Take())
          .status()));
}

}  // namespace
}  // namespace dailyfeed

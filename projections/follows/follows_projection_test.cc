#include "projections/follows/follows_projection.h"

#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "projections/codec/row_codec.h"
#include "projections/follows/follow_rows.h"
#include "projections/testing/events.h"
#include "projections/testing/map_rows.h"

namespace dailyfeed {
namespace {

using follows::List;
using testing::At;
using testing::Followed;
using testing::Unfollowed;

class FollowsProjectionTest : public ::testing::Test {
 protected:
  absl::Status Apply(const v1::Event& event) { return follows_.Apply(event, rows_); }

  FollowCounts Counts(MemberId member) {
    std::string row;
    if (!rows_.Get(follows::CountsKey(member), &row).value()) return {};
    return follows::DecodeCounts(row).value();
  }

  std::vector<MemberId> Listed(List list, MemberId member) {
    std::vector<MemberId> ids;
    const std::string prefix = follows::ListPrefix(list, member);
    EXPECT_TRUE(rows_
                    .Scan(prefix, PrefixEnd(prefix),
                          [&](std::string_view key, std::string_view) {
                            ids.push_back(follows::DecodeRelationKey(key).value().id);
                            return true;
                          })
                    .ok());
    return ids;
  }

  FollowsProjection follows_;
  testing::MapRows rows_;
};

TEST_F(FollowsProjectionTest, ListsAreNewestFirstThenIdDescending) {
  ASSERT_TRUE(Apply(At(100, Followed(1, 2))).ok());
  ASSERT_TRUE(Apply(At(300, Followed(1, 3))).ok());
  ASSERT_TRUE(Apply(At(300, Followed(1, 9))).ok());
  ASSERT_TRUE(Apply(At(200, Followed(1, 4))).ok());
  ASSERT_TRUE(Apply(At(50, Followed(7, 9))).ok());
  EXPECT_EQ(Listed(List::kFollowings, 1), (std::vector<MemberId>{9, 3, 4, 2}));
  EXPECT_EQ(Listed(List::kFollowers, 9), (std::vector<MemberId>{1, 7}));
  EXPECT_EQ(Counts(1).followings, 4u);
  EXPECT_EQ(Counts(1).followers, 0u);
  EXPECT_EQ(Counts(9).followers, 2u);
}

TEST_F(FollowsProjectionTest, UnfollowTakesBackEveryRow) {
  ASSERT_TRUE(Apply(At(100, Followed(1, 2))).ok());
  ASSERT_TRUE(Apply(At(200, Unfollowed(1, 2))).ok());
  EXPECT_TRUE(Listed(List::kFollowings, 1).empty());
  EXPECT_TRUE(Listed(List::kFollowers, 2).empty());
  EXPECT_EQ(Counts(1).followings, 0u);
  EXPECT_EQ(Counts(2).followers, 0u);
  EXPECT_EQ(rows_.CountTag('e'), 0u);
  ASSERT_TRUE(Apply(At(300, Followed(1, 2))).ok());
  EXPECT_EQ(Listed(List::kFollowings, 1), std::vector<MemberId>{2});
}

TEST_F(FollowsProjectionTest, ContradictionsAreDataLossAndChangeNothing) {
  ASSERT_TRUE(Apply(At(100, Followed(1, 2))).ok());
  const auto before = rows_.rows();
  for (const v1::Event& event :
       {At(200, Followed(1, 2)), At(200, Followed(3, 3)), At(200, Unfollowed(2, 1))}) {
    EXPECT_EQ(Apply(event).code(), absl::StatusCode::kDataLoss) << event.ShortDebugString();
    EXPECT_EQ(rows_.rows(), before);
  }
}

TEST_F(FollowsProjectionTest, StorageErrorsPassThrough) {
  rows_.FailReads(absl::UnavailableError("disk"));
  EXPECT_EQ(Apply(At(100, Followed(1, 2))).code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(Apply(At(100, Unfollowed(1, 2))).code(), absl::StatusCode::kUnavailable);
}

TEST_F(FollowsProjectionTest, DamagedRowsAreDataLoss) {
  ASSERT_TRUE(Apply(At(100, Followed(1, 2))).ok());
  rows_.Put(follows::CountsKey(1), "\x01");
  EXPECT_EQ(Apply(At(200, Unfollowed(1, 2))).code(), absl::StatusCode::kDataLoss);
  rows_.Put(follows::CountsKey(1), follows::EncodeCounts({.followers = 0, .followings = 0}));
  EXPECT_EQ(Apply(At(200, Unfollowed(1, 2))).code(), absl::StatusCode::kDataLoss);
  rows_.Put(follows::EdgeKey(1, 2), "\xff");
  EXPECT_EQ(Apply(At(200, Unfollowed(1, 2))).code(), absl::StatusCode::kDataLoss);
}

TEST_F(FollowsProjectionTest, ListsEveryKindThatItFolds) {
  EXPECT_EQ(testing::UnlistedKinds(follows_), std::vector<std::string>());
}

}  // namespace
}  // namespace dailyfeed

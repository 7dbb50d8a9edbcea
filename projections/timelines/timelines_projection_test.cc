#include "projections/timelines/timelines_projection.h"

#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "projections/codec/row_codec.h"
#include "projections/testing/events.h"
#include "projections/testing/map_rows.h"
#include "projections/timelines/timeline_rows.h"

namespace dailyfeed {
namespace {

using testing::At;
using testing::Deleted;
using testing::Published;

class TimelinesProjectionTest : public ::testing::Test {
 protected:
  absl::Status Apply(const v1::Event& event) { return timelines_.Apply(event, rows_); }

  std::vector<PostId> Posts(MemberId author) {
    std::vector<PostId> ids;
    const std::string prefix = timelines::AuthorPrefix(author);
    EXPECT_TRUE(rows_
                    .Scan(prefix, PrefixEnd(prefix),
                          [&](std::string_view key, std::string_view) {
                            ids.push_back(timelines::DecodeAuthorKey(key).value().id);
                            return true;
                          })
                    .ok());
    return ids;
  }

  TimelinesProjection timelines_;
  testing::MapRows rows_;
};

TEST_F(TimelinesProjectionTest, AnAuthorsPostsAreNewestFirstThenIdDescending) {
  ASSERT_TRUE(Apply(At(100, Published(1, 7, "a"))).ok());
  ASSERT_TRUE(Apply(At(300, Published(2, 7, "b"))).ok());
  ASSERT_TRUE(Apply(At(300, Published(3, 7, "c"))).ok());
  ASSERT_TRUE(Apply(At(200, Published(4, 8, "d"))).ok());
  ASSERT_TRUE(Apply(At(200, Published(5, 7, "imported late"))).ok());
  EXPECT_EQ(Posts(7), (std::vector<PostId>{3, 2, 5, 1}));
  EXPECT_EQ(Posts(8), std::vector<PostId>{4});
}

TEST_F(TimelinesProjectionTest, ADeletedPostLeavesNoRow) {
  ASSERT_TRUE(Apply(At(100, Published(1, 7, "a"))).ok());
  ASSERT_TRUE(Apply(At(200, Deleted(1, 7))).ok());
  EXPECT_TRUE(rows_.rows().empty());
}

TEST_F(TimelinesProjectionTest, ContradictionsAreDataLossAndChangeNothing) {
  ASSERT_TRUE(Apply(At(100, Published(1, 7, "a"))).ok());
  const auto before = rows_.rows();
  EXPECT_EQ(Apply(At(200, Published(1, 7, "a"))).code(), absl::StatusCode::kDataLoss);
  EXPECT_EQ(Apply(At(200, Deleted(2, 7))).code(), absl::StatusCode::kDataLoss);
  EXPECT_EQ(rows_.rows(), before);
  rows_.Put(timelines::PostKey(1), "\xff");
  EXPECT_EQ(Apply(At(200, Deleted(1, 7))).code(), absl::StatusCode::kDataLoss);
}

TEST_F(TimelinesProjectionTest, ListsEveryKindThatItFolds) {
  EXPECT_EQ(testing::UnlistedKinds(timelines_), std::vector<std::string>());
}

}  // namespace
}  // namespace dailyfeed

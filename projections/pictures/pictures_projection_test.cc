#include "projections/pictures/pictures_projection.h"

#include <string>

#include "gtest/gtest.h"
#include "projections/pictures/picture_rows.h"
#include "projections/testing/events.h"
#include "projections/testing/map_rows.h"

namespace dailyfeed {
namespace {

using testing::At;
using testing::PictureId;

constexpr TimestampNs kTime = 1'760'000'000'123'456'000;

// What is asked of the rows in queries_test.cc is not asked again here.
class PicturesProjectionTest : public ::testing::Test {
 protected:
  absl::Status Apply(const v1::Event& event) { return pictures_.Apply(At(kTime, event), rows_); }

  PicturesProjection pictures_;
  testing::MapRows rows_;
};

TEST_F(PicturesProjectionTest, ADeletedPictureLeavesNoRow) {
  ASSERT_TRUE(Apply(testing::PictureAdded(1, 7, 'a', 't')).ok());
  ASSERT_TRUE(Apply(testing::PictureDeleted(1, 7)).ok());
  EXPECT_TRUE(rows_.rows().empty());
}

TEST_F(PicturesProjectionTest, APictureThatIsItsOwnThumbnail) {
  ASSERT_TRUE(Apply(testing::PictureAdded(1, 7, 'a', 'a')).ok());
  EXPECT_EQ(rows_.CountTag('u'), 1u);
  ASSERT_TRUE(Apply(testing::PictureDeleted(1, 7)).ok());
  EXPECT_TRUE(rows_.rows().empty());
}

TEST_F(PicturesProjectionTest, AWithdrawalTakesTheMembersPicturesAndNoOthers) {
  ASSERT_TRUE(Apply(testing::PictureAdded(1, 7, 'a', 't')).ok());
  ASSERT_TRUE(Apply(testing::PictureAdded(2, 8, 'a', 't')).ok());
  ASSERT_TRUE(Apply(testing::PictureAdded(3, 7, 'b', 't')).ok());
  ASSERT_TRUE(Apply(testing::Withdrawn(7, "kim")).ok());
  EXPECT_EQ(rows_.CountTag('p'), 1u);
  EXPECT_EQ(rows_.CountTag('o'), 1u);
  EXPECT_EQ(rows_.CountTag('u'), 2u);
  EXPECT_EQ(rows_.CountTag('x'), 3u) << "a, b and t";
  ASSERT_TRUE(Apply(testing::Withdrawn(9, "park")).ok()) << "somebody without pictures";
  ASSERT_TRUE(Apply(testing::Erased(9)).ok());
  EXPECT_EQ(rows_.CountTag('x'), 3u);
  ASSERT_TRUE(Apply(testing::Erased(7)).ok());
  EXPECT_EQ(rows_.CountTag('x'), 0u);
  EXPECT_EQ(rows_.rows().size(), 4u) << "those of the other member";
}

TEST_F(PicturesProjectionTest, ContradictionsAreDataLoss) {
  EXPECT_EQ(Apply(testing::PictureDeleted(1, 7)).code(), absl::StatusCode::kDataLoss);
  ASSERT_TRUE(Apply(testing::PictureAdded(1, 7, 'a', 't')).ok());
  rows_.Put(pictures::PictureKey(PictureId(1)), "damaged");
  EXPECT_EQ(Apply(testing::PictureDeleted(1, 7)).code(), absl::StatusCode::kDataLoss);
  EXPECT_EQ(Apply(testing::Withdrawn(7, "kim")).code(), absl::StatusCode::kDataLoss);
  EXPECT_EQ(pictures_.Apply(v1::Event(), rows_).code(), absl::StatusCode::kUnimplemented);
}

TEST(PictureRowsTest, EveryTruncationIsDataLoss) {
  PictureView picture;
  picture.number = 300;
  picture.owner_id = 7;
  picture.content_hash = std::string(32, 'c');
  picture.thumbnail_hash = std::string(32, 't');
  picture.width = 350;
  picture.bytes = 1'000'000;
  picture.created_at = kTime;
  const std::string row = pictures::EncodePicture(picture);
  for (size_t size = 0; size < row.size(); ++size) {
    EXPECT_EQ(pictures::DecodePicture("id", row.substr(0, size)).status().code(),
              absl::StatusCode::kDataLoss)
        << size;
  }
  EXPECT_EQ(pictures::DecodePicture("id", row).value().bytes, 1'000'000u);
  EXPECT_FALSE(pictures::DecodeUsedHash("u").ok());
  EXPECT_FALSE(pictures::DecodeErasedHash(pictures::EraseKey(7, "short")).ok());
}

TEST_F(PicturesProjectionTest, ListsEveryKindThatItFolds) {
  EXPECT_EQ(testing::UnlistedKinds(pictures_), std::vector<std::string>());
}

}  // namespace
}  // namespace dailyfeed

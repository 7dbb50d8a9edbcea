#include "projections/members/members_projection.h"

#include <string>

#include "gtest/gtest.h"
#include "projections/members/member_rows.h"
#include "projections/testing/events.h"
#include "projections/testing/map_rows.h"
#include "projections/testing/plain_personal_data.h"

namespace dailyfeed {
namespace {

using testing::At;
using testing::SignedUp;

constexpr TimestampNs kTime = 1'760'000'000'123'456'000;

class MembersProjectionTest : public ::testing::Test {
 protected:
  testing::PlainPersonalData personal_data_;
  MembersProjection members_{&personal_data_};
  testing::MapRows rows_;
};

TEST_F(MembersProjectionTest, SignUpGivesACardAndAHandle) {
  ASSERT_TRUE(members_.Apply(At(kTime, SignedUp(7, "Kim_7")), rows_).ok());
  std::string row;
  ASSERT_TRUE(rows_.Get(members::CardKey(7), &row).value());
  const MemberCard card = members::DecodeCard(7, row).value();
  EXPECT_EQ(card.id, 7u);
  EXPECT_EQ(card.handle, "Kim_7");
  EXPECT_EQ(card.member_name, "Name of Kim_7");
  EXPECT_EQ(card.display_name, "The Kim_7");
  EXPECT_EQ(card.avatar_url, "no-image");
  EXPECT_EQ(card.privacy_level, "PUBLIC");
  EXPECT_EQ(card.created_at, kTime);
  EXPECT_EQ(card.updated_at, kTime);
  ASSERT_TRUE(rows_.Get(members::HandleKey("kIM_7"), &row).value());
  EXPECT_EQ(members::DecodeHandle(row).value(), 7u);
}

TEST_F(MembersProjectionTest, APersonWhoIsGoneHasNoRows) {
  personal_data_.gone.insert("subject-kim");
  ASSERT_TRUE(members_.Apply(At(kTime, SignedUp(7, "kim")), rows_).ok());
  EXPECT_TRUE(rows_.rows().empty());
}

TEST_F(MembersProjectionTest, AProfileThatDoesNotParseIsDataLoss) {
  v1::Event event = At(kTime, SignedUp(7, "kim"));
  event.mutable_payload()->mutable_member_signed_up()->set_sealed_profile("\xff\xff\xff");
  EXPECT_EQ(members_.Apply(event, rows_).code(), absl::StatusCode::kDataLoss);
  EXPECT_TRUE(rows_.rows().empty());
}

TEST_F(MembersProjectionTest, AnUnknownPayloadIsRefused) {
  EXPECT_EQ(members_.Apply(v1::Event(), rows_).code(), absl::StatusCode::kUnimplemented);
}

TEST(MemberRowsTest, EveryTruncationIsDataLoss) {
  MemberCard card;
  card.handle = "kim";
  card.bio = "안녕하세요";
  card.created_at = kTime;
  const std::string row = members::EncodeCard(card);
  for (size_t size = 0; size < row.size(); ++size) {
    EXPECT_EQ(members::DecodeCard(7, row.substr(0, size)).status().code(),
              absl::StatusCode::kDataLoss)
        << size;
  }
  EXPECT_EQ(members::DecodeCard(7, row).value().bio, "안녕하세요");
}

}  // namespace
}  // namespace dailyfeed

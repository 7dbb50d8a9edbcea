#include "projections/members/members_projection.h"

#include <iterator>
#include <string>
#include <vector>

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
  // Empty: no such row.
  std::string Row(const std::string& key) {
    std::string row;
    EXPECT_TRUE(rows_.Get(key, &row).ok());
    return row;
  }
  MemberCard Card(MemberId id) {
    return members::DecodeCard(id, Row(members::CardKey(id))).value();
  }

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

TEST_F(MembersProjectionTest, UpdatesChangeWhatTheyNameAndNothingElse) {
  ASSERT_TRUE(members_.Apply(At(kTime, SignedUp(7, "Kim_7")), rows_).ok());
  v1::PersonalProfileChanges changes;
  changes.set_bio("new");
  changes.set_display_name("");
  v1::Event event = At(kTime + 1000, testing::ProfileUpdated(7, changes));
  event.mutable_payload()->mutable_profile_updated()->set_privacy_level("PRIVATE");
  ASSERT_TRUE(members_.Apply(event, rows_).ok());
  MemberCard card = Card(7);
  EXPECT_EQ(card.bio, "new");
  EXPECT_EQ(card.display_name, "");
  EXPECT_EQ(card.member_name, "Name of Kim_7");
  EXPECT_EQ(card.avatar_url, "no-image");
  EXPECT_EQ(card.privacy_level, "PRIVATE");
  EXPECT_EQ(card.created_at, kTime);
  EXPECT_EQ(card.updated_at, kTime + 1000);
  ASSERT_TRUE(members_.Apply(At(kTime + 2000, testing::ProfileUpdated(7, {})), rows_).ok());
  card = Card(7);
  EXPECT_EQ(card.bio, "new");
  EXPECT_EQ(card.privacy_level, "PRIVATE");
  EXPECT_EQ(card.updated_at, kTime + 2000);
}

// A field of the message that Merge forgets would never change.
TEST_F(MembersProjectionTest, EveryFieldOfAnUpdateIsMerged) {
  const auto* const fields = v1::PersonalProfileChanges::descriptor();
  ASSERT_TRUE(members_.Apply(At(kTime, SignedUp(7, "kim")), rows_).ok());
  for (int i = 0; i < fields->field_count(); ++i) {
    const std::string before = Row(members::CardKey(7));
    v1::PersonalProfileChanges changes;
    changes.GetReflection()->SetString(&changes, fields->field(i), "changed");
    ASSERT_TRUE(members_.Apply(At(kTime, testing::ProfileUpdated(7, changes)), rows_).ok());
    EXPECT_NE(Row(members::CardKey(7)), before) << fields->field(i)->name();
  }
}

TEST_F(MembersProjectionTest, AChangedHandleLeavesNoTraceOfTheFormerOne) {
  ASSERT_TRUE(members_.Apply(At(kTime, SignedUp(7, "Kim_7")), rows_).ok());
  ASSERT_TRUE(members_.Apply(At(kTime + 1000, testing::HandleChanged(7, "Minji")), rows_).ok());
  EXPECT_EQ(Card(7).handle, "Minji");
  EXPECT_EQ(Card(7).updated_at, kTime + 1000);
  EXPECT_EQ(members::DecodeHandle(Row(members::HandleKey("minji"))).value(), 7u);
  EXPECT_EQ(Row(members::HandleKey("kim_7")), "");
}

TEST_F(MembersProjectionTest, AWithdrawalLeavesItsOwnRowUntilTheErasure) {
  ASSERT_TRUE(members_.Apply(At(kTime, SignedUp(7, "kim")), rows_).ok());
  ASSERT_TRUE(members_.Apply(At(kTime, SignedUp(8, "lee")), rows_).ok());
  EXPECT_EQ(members::DecodeCount(Row(members::CountKey())).value(), 2u);
  ASSERT_TRUE(members_.Apply(At(kTime, testing::HandleChanged(7, "minji")), rows_).ok());
  ASSERT_TRUE(members_.Apply(At(kTime, testing::Withdrawn(7, "kim")), rows_).ok());
  EXPECT_EQ(members::DecodeCount(Row(members::CountKey())).value(), 1u);
  EXPECT_EQ(Row(members::WithdrawalKey(7)), "subject-kim");
  ASSERT_TRUE(members_.Apply(At(kTime, testing::Withdrawn(8, "lee")), rows_).ok());
  ASSERT_TRUE(members_.Apply(At(kTime, testing::Erased(7)), rows_).ok());
  ASSERT_TRUE(members_.Apply(At(kTime, testing::Erased(8)), rows_).ok());
  EXPECT_TRUE(rows_.rows().empty());
}

TEST_F(MembersProjectionTest, WhoHasNoKeyIsKnownUntilTheyWithdraw) {
  personal_data_.gone.insert("subject-kim");
  ASSERT_TRUE(members_.Apply(At(kTime, SignedUp(7, "kim")), rows_).ok());
  ASSERT_EQ(rows_.rows().size(), 1u);
  EXPECT_EQ(Row(members::KeylessKey(7)), "subject-kim");
  ASSERT_TRUE(members_.Apply(At(kTime, testing::Withdrawn(7, "kim")), rows_).ok());
  EXPECT_EQ(rows_.rows().size(), 1u);
  EXPECT_EQ(Row(members::WithdrawalKey(7)), "subject-kim");
}

// A replay after the key was destroyed, and one while it is being destroyed.
TEST_F(MembersProjectionTest, EventsOfAPersonWhoIsGoneArePassedBy) {
  v1::PersonalProfileChanges changes;
  changes.set_bio("secret");
  const v1::Event history[] = {
      At(kTime, SignedUp(7, "kim")), At(kTime, testing::ProfileUpdated(7, changes)),
      At(kTime, testing::HandleChanged(7, "minji")), At(kTime, testing::Withdrawn(7, "kim")),
      At(kTime, testing::Erased(7))};
  for (size_t destroyed_before = 0; destroyed_before < std::size(history); ++destroyed_before) {
    testing::MapRows rows;
    testing::PlainPersonalData personal_data;
    MembersProjection members(&personal_data);
    for (size_t i = 0; i < std::size(history); ++i) {
      if (i == destroyed_before) personal_data.gone.insert("subject-kim");
      ASSERT_TRUE(members.Apply(history[i], rows).ok()) << i;
    }
    for (const auto& [key, row] : rows.rows()) {
      EXPECT_EQ(key, members::CountKey()) << destroyed_before;
      EXPECT_EQ(members::DecodeCount(row).value(), 0u);
    }
  }
}

TEST_F(MembersProjectionTest, AnUpdateThatDoesNotParseIsDataLoss) {
  ASSERT_TRUE(members_.Apply(At(kTime, SignedUp(7, "kim")), rows_).ok());
  const auto before = rows_.rows();
  v1::Event event = At(kTime, testing::ProfileUpdated(7, {}));
  event.mutable_payload()->mutable_profile_updated()->set_sealed_changes("\xff\xff\xff");
  EXPECT_EQ(members_.Apply(event, rows_).code(), absl::StatusCode::kDataLoss);
  EXPECT_EQ(rows_.rows(), before);
}

TEST_F(MembersProjectionTest, LiveMembersComeNewestFirst) {
  ASSERT_TRUE(members_.Apply(At(kTime, SignedUp(1, "one")), rows_).ok());
  ASSERT_TRUE(members_.Apply(At(kTime + 5, SignedUp(2, "two")), rows_).ok());
  ASSERT_TRUE(members_.Apply(At(kTime, SignedUp(3, "three")), rows_).ok());
  std::vector<MemberId> ids;
  ASSERT_TRUE(rows_
                  .Scan(members::ListPrefix(), "o",
                        [&](std::string_view key, std::string_view) {
                          ids.push_back(members::DecodeListKey(key).value().id);
                          return true;
                        })
                  .ok());
  EXPECT_EQ(ids, (std::vector<MemberId>{2, 3, 1}));
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

// At every point of a history: a card without what must be forgotten, and the
// rows come out as those of somebody whose card was never touched.
TEST_F(MembersProjectionTest, AFoldGoesOnWithoutWhatWasForgotten) {
  v1::PersonalProfileChanges changes;
  changes.set_bio("a bio to forget");
  const v1::Event history[] = {At(kTime, SignedUp(7, "Kim_7")),
                               At(kTime + 1, testing::ProfileUpdated(7, changes)),
                               At(kTime + 2, testing::HandleChanged(7, "kim")),
                               At(kTime + 3, testing::Withdrawn(7, "Kim_7"))};
  testing::MapRows untouched;
  for (const v1::Event& event : history) ASSERT_TRUE(members_.Apply(event, untouched).ok());
  for (size_t forgotten_before = 0; forgotten_before <= std::size(history); ++forgotten_before) {
    testing::MapRows rows;
    testing::PlainPersonalData personal_data;
    MembersProjection members(&personal_data);
    for (size_t i = 0; i <= std::size(history); ++i) {
      if (i == forgotten_before) {
        ASSERT_TRUE(members.Forget(7, rows).ok());
        for (const auto& [key, value] : rows.rows()) {
          EXPECT_EQ(value.find("Name of"), std::string::npos);
          EXPECT_EQ(value.find("forget"), std::string::npos);
        }
        personal_data.gone.insert("subject-Kim_7");
      }
      if (i < std::size(history)) {
        ASSERT_TRUE(members.Apply(history[i], rows).ok());
      }
    }
    if (forgotten_before > 0) {
      EXPECT_EQ(rows.rows(), untouched.rows()) << forgotten_before;
    }
  }
}

TEST_F(MembersProjectionTest, ListsEveryKindThatItFolds) {
  EXPECT_EQ(testing::UnlistedKinds(members_), std::vector<std::string>());
}

}  // namespace
}  // namespace dailyfeed

#include "adapters/kafka/messages/message.h"

#include <gtest/gtest.h>

#include "projections/testing/events.h"

namespace dailyfeed::kafka {
namespace {

using namespace dailyfeed::testing;  // NOLINT: the events of projections/testing

// 2026-11-21T00:00:00 in Seoul.
constexpr TimestampNs kMidnight = 1'795'186'800'000'000'000;

MessageWriter WriterIn(const char* zone) { return MessageWriter(DayZone::Load(zone).value(), 1); }

v1::Event WithId(v1::Event event) {
  event.set_event_id(std::string(16, 'i'));
  return event;
}

TEST(MessageTest, TheDayIsTheEventsOwnInTheConfiguredZone) {
  const MessageWriter seoul = WriterIn("Asia/Seoul");
  const MessageWriter utc = WriterIn("UTC");
  const auto day = [](const MessageWriter& writer, TimestampNs time) {
    return writer.TopicOf(TopicKind::kActivities, At(time, Liked(41, 7))).day;
  };
  EXPECT_EQ(day(seoul, kMidnight), 20261121);
  EXPECT_EQ(day(seoul, kMidnight - 1000), 20261120);
  EXPECT_EQ(day(utc, kMidnight), 20261120);
}

TEST(MessageTest, TimesHaveNineDigitsAlsoBeforeTheEpoch) {
  const MessageWriter utc = WriterIn("UTC");
  const Message late =
      utc.Write(TopicKind::kActivities, WithId(At(1'000, 9, Followed(7, 8))), "member/7", 0);
  EXPECT_EQ(late.key,
            "member_activity:kafka_event:MEMBER_FOLLOW###8###7###1970-01-01 00:00:00.000001000");
  const Message early =
      utc.Write(TopicKind::kActivities, WithId(At(-1'000, 9, Followed(7, 8))), "member/7", 0);
  EXPECT_EQ(early.key,
            "member_activity:kafka_event:MEMBER_FOLLOW###8###7###1969-12-31 23:59:59.999999000");
}

TEST(MessageTest, NothingInTheClearAboutAPersonIsLeft) {
  v1::Event signed_up = At(kMidnight, SignedUp(7, "kim_minji"));
  signed_up.mutable_payload()->mutable_member_signed_up()->set_email_digest("digest");
  ASSERT_TRUE(HasPersonalData(signed_up));
  EXPECT_EQ(OwnerOfPersonalData(signed_up), 7u);
  EXPECT_EQ(HandleIn(signed_up), "kim_minji");
  const v1::Event sealed = WithoutPersonalData(signed_up, "sealed:x");
  EXPECT_EQ(sealed.payload().member_signed_up().handle(), "sealed:x");
  EXPECT_EQ(sealed.payload().member_signed_up().email_digest(), "digest");
  const v1::Event gone = WithoutPersonalData(signed_up, std::nullopt);
  EXPECT_EQ(gone.payload().member_signed_up().handle(), "");
  EXPECT_EQ(gone.payload().member_signed_up().email_digest(), "");

  const v1::Event changed = HandleChanged(7, "minji");
  ASSERT_TRUE(HasPersonalData(changed));
  EXPECT_EQ(OwnerOfPersonalData(changed), 7u);
  EXPECT_EQ(WithoutPersonalData(changed, std::nullopt).payload().handle_changed().handle(), "");
  EXPECT_FALSE(HasPersonalData(Liked(41, 7)));
}

TEST(MessageTest, EveryEventIsAMessageOfEventsAndOnlyActivitiesAreOfActivities) {
  EXPECT_TRUE(MessageWriter::IsMessage(TopicKind::kEvents, HandleChanged(7, "kim")));
  EXPECT_FALSE(MessageWriter::IsMessage(TopicKind::kActivities, HandleChanged(7, "kim")));
  EXPECT_TRUE(MessageWriter::IsMessage(TopicKind::kActivities, Liked(41, 7)));
}

}  // namespace
}  // namespace dailyfeed::kafka

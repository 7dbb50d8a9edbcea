#include "tools/cli/event_json.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

namespace dailyfeed::cli {
namespace {

v1::Event Envelope() {
  v1::Event event;
  event.set_position(7);
  event.set_stream_kind(v1::STREAM_KIND_POST);
  event.set_stream_id(3);
  event.set_stream_version(1);
  event.set_event_id(
      std::string("\x00\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\x0d\x0e\x0f", 16));
  event.set_command_id(std::string(16, '\xff'));
  event.set_occurred_at_ns(1'763'697'600'123'456'000);
  event.set_recorded_at_ns(1'763'697'600'123'456'789);
  event.set_actor(1);
  return event;
}

TEST(EventJsonTest, ShowsTheWholeEvent) {
  v1::Event event = Envelope();
  auto* post = event.mutable_payload()->mutable_post_published();
  post->set_post_id(3);
  post->set_author_id(1);
  post->set_content("안녕 \"you\"\n");
  EXPECT_EQ(EventToJson(event, 20251121),
            R"({"position":7,"type":"PostPublished","stream":"post/3","version":1,"day":20251121,)"
            R"("occurredAt":"2025-11-21T04:00:00.123456+00:00",)"
            R"("recordedAt":"2025-11-21T04:00:00.123456789+00:00","actor":1,)"
            R"("eventId":"00010203-0405-0607-0809-0a0b0c0d0e0f",)"
            R"("commandId":"ffffffff-ffff-ffff-ffff-ffffffffffff",)"
            R"("data":{"postId":3,"authorId":1,"title":"","content":"안녕 \"you\"\n"}})");
}

TEST(EventJsonTest, PersonalDataStaySealed) {
  v1::Event event = Envelope();
  auto* signed_up = event.mutable_payload()->mutable_member_signed_up();
  signed_up->set_member_id(3);
  signed_up->set_handle("kim");
  signed_up->set_email_digest("SECRETDIGEST");
  signed_up->set_sealed_profile("SECRETPROFILE");
  const std::string line = EventToJson(event, 20251121);
  EXPECT_EQ(line.find("SECRET"), std::string::npos) << line;
  EXPECT_NE(line.find(R"("sealedProfile":{"sealed":13})"), std::string::npos) << line;
  EXPECT_NE(line.find(R"("emailDigest":{"sealed":12})"), std::string::npos) << line;
}

TEST(EventJsonTest, WhatAWithdrawnMemberSealedIsErased) {
  v1::Event event = Envelope();
  auto* updated = event.mutable_payload()->mutable_profile_updated();
  updated->set_member_id(3);
  updated->set_sealed_changes("SECRET");
  EXPECT_NE(EventToJson(event, 0).find(R"("data":{"memberId":3,"sealedChanges":{"sealed":6}})"),
            std::string::npos);
  EXPECT_NE(EventToJson(event, 0, SealedFields::kErased)
                .find(R"("data":{"memberId":3,"sealedChanges":{"erased":6}})"),
            std::string::npos);
  updated->set_privacy_level("PRIVATE");
  EXPECT_NE(EventToJson(event, 0).find(R"("privacyLevel":"PRIVATE")"), std::string::npos);
}

TEST(EventJsonTest, NothingNamesAWithdrawnMember) {
  v1::Event event = Envelope();
  auto* signed_up = event.mutable_payload()->mutable_member_signed_up();
  signed_up->set_member_id(3);
  signed_up->set_handle("kim");
  signed_up->set_email_digest("SECRETDIGEST");
  signed_up->set_subject_id(std::string(16, '\x0f'));
  signed_up->set_sealed_profile("SECRETPROFILE");
  signed_up->set_privacy_level("PUBLIC");
  EXPECT_NE(EventToJson(event, 0).find(R"("handle":"kim")"), std::string::npos);
  EXPECT_NE(EventToJson(event, 0, SealedFields::kErased)
                .find(R"("data":{"memberId":3,"handle":{"erased":3},"emailDigest":{"erased":12},)"
                      R"("subjectId":"0f0f0f0f-0f0f-0f0f-0f0f-0f0f0f0f0f0f",)"
                      R"("sealedProfile":{"erased":13},"privacyLevel":"PUBLIC"}})"),
            std::string::npos)
      << EventToJson(event, 0, SealedFields::kErased);
  auto* changed = event.mutable_payload()->mutable_handle_changed();
  changed->set_member_id(3);
  changed->set_handle("lee_2");
  EXPECT_NE(EventToJson(event, 0).find(R"("data":{"memberId":3,"handle":"lee_2"}})"),
            std::string::npos);
  EXPECT_NE(EventToJson(event, 0, SealedFields::kErased)
                .find(R"("data":{"memberId":3,"handle":{"erased":5}}})"),
            std::string::npos);
}

TEST(EventJsonTest, PicturesAreNamedByTheirIdAndHashes) {
  v1::Event event = Envelope();
  auto* added = event.mutable_payload()->mutable_picture_added();
  added->set_picture_number(3);
  added->set_picture_id(std::string(16, '\x0f'));
  added->set_content_hash(std::string(32, '\xab'));
  added->set_width(350);
  const std::string line = EventToJson(event, 0);
  EXPECT_NE(line.find(R"("pictureId":"0f0f0f0f-0f0f-0f0f-0f0f-0f0f0f0f0f0f")"), std::string::npos)
      << line;
  EXPECT_NE(line.find(R"("contentHash":"abab)"), std::string::npos) << line;
  EXPECT_NE(line.find(R"("width":350)"), std::string::npos) << line;
}

TEST(EventJsonTest, ListsAreLists) {
  v1::Event event = Envelope();
  auto* comment = event.mutable_payload()->mutable_comment_added();
  comment->add_ancestor_ids(5);
  comment->add_ancestor_ids(9);
  EXPECT_NE(EventToJson(event, 0).find(R"("ancestorIds":[5,9])"), std::string::npos);
}

TEST(EventJsonTest, KnowsEveryType) {
  const std::vector<std::string> names = EventTypeNames();
  EXPECT_EQ(names.size(), 21u);
  EXPECT_NE(std::find(names.begin(), names.end(), "MemberSignedUp"), names.end());
}

}  // namespace
}  // namespace dailyfeed::cli

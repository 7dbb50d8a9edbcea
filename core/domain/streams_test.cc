#include "core/domain/streams.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace dailyfeed {
namespace {

TEST(StreamsTest, EveryKindHasANameThatParsesBack) {
  std::set<std::string> names;
  for (int i = v1::StreamKind_MIN + 1; i <= v1::StreamKind_MAX; ++i) {
    const auto kind = static_cast<v1::StreamKind>(i);
    const std::string name = StreamName(kind, 41);
    EXPECT_TRUE(names.insert(name).second) << name;
    v1::StreamKind parsed = v1::STREAM_KIND_UNSPECIFIED;
    uint64_t id = 0;
    EXPECT_TRUE(ParseStreamName(name, &parsed, &id)) << name;
    EXPECT_EQ(parsed, kind);
    EXPECT_EQ(id, 41u);
  }
  EXPECT_TRUE(names.contains("post-likes/41"));
  EXPECT_EQ(StreamName(v1::STREAM_KIND_UNSPECIFIED, 41), "unknown/41");
}

TEST(StreamsTest, OtherNamesDoNotParse) {
  for (const char* name :
       {"", "post", "post/", "/41", "post/0", "post/041", "post/-1", "post/+1", "post/41 ",
        "post/4/1", "posts/41", "Post/41", "unknown/41", "post/x", "post/18446744073709551616"}) {
    v1::StreamKind kind = v1::STREAM_KIND_COMMENT;
    uint64_t id = 7;
    EXPECT_FALSE(ParseStreamName(name, &kind, &id)) << name;
    EXPECT_EQ(kind, v1::STREAM_KIND_COMMENT);
    EXPECT_EQ(id, 7u);
  }
  v1::StreamKind kind;
  uint64_t id = 0;
  EXPECT_TRUE(ParseStreamName("post/18446744073709551615", &kind, &id));
  EXPECT_EQ(id, UINT64_MAX);
}

TEST(StreamsTest, EveryEventTypeHasAStreamAndAName) {
  const auto* const kinds = v1::Payload::descriptor()->FindOneofByName("kind");
  for (int i = 0; i < kinds->field_count(); ++i) {
    v1::Payload payload;
    payload.GetReflection()->MutableMessage(&payload, kinds->field(i));
    EXPECT_EQ(EventTypeName(payload), kinds->field(i)->message_type()->name());
    EXPECT_NE(StreamOf(payload).kind, v1::STREAM_KIND_UNSPECIFIED) << EventTypeName(payload);
  }
  EXPECT_EQ(EventTypeName(v1::Payload()), "Unknown");
  EXPECT_EQ(StreamOf(v1::Payload()), StreamRef());
  EXPECT_EQ(SubjectOf(v1::Payload()), 0u);
}

TEST(StreamsTest, TheSubjectIsWhatTheEventIsAbout) {
  v1::Payload follow;
  follow.mutable_member_followed()->set_follower_id(1);
  follow.mutable_member_followed()->set_followee_id(2);
  EXPECT_EQ(StreamOf(follow), (StreamRef{v1::STREAM_KIND_FOLLOWS, 1}));
  EXPECT_EQ(SubjectOf(follow), 2u);
  v1::Payload unfollow;
  unfollow.mutable_member_unfollowed()->set_follower_id(1);
  unfollow.mutable_member_unfollowed()->set_followee_id(2);
  EXPECT_EQ(SubjectOf(unfollow), 2u);
  v1::Payload like;
  like.mutable_comment_liked()->set_comment_id(9);
  like.mutable_comment_liked()->set_post_id(41);
  like.mutable_comment_liked()->set_member_id(1);
  EXPECT_EQ(SubjectOf(MakeEvent(like)), 9u);
}

}  // namespace
}  // namespace dailyfeed

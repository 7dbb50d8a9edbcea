#include "projections/activities/activity.h"

#include <gtest/gtest.h>

#include <optional>
#include <vector>

#include "projections/testing/events.h"

namespace dailyfeed {
namespace {

using namespace testing;  // NOLINT: the events of projections/testing

constexpr TimestampNs kTime = 1'795'190'400'123'456'000;

v1::Event Recorded(v1::ActivityType type, MemberId member, PostId post, CommentId comment) {
  v1::Event event;
  event.set_actor(member);
  v1::ActivityRecorded* recorded = event.mutable_payload()->mutable_activity_recorded();
  recorded->set_type(type);
  recorded->set_member_id(member);
  recorded->set_post_id(post);
  recorded->set_comment_id(comment);
  return event;
}

TEST(ActivityTest, EveryEventIsTheActivityItShouldBe) {
  struct Case {
    v1::Event event;
    std::optional<Activity> activity;
  };
  const Activity at = {.member = 7, .post = 41, .comment = 9, .at = kTime};
  const auto of_post = [&](v1::ActivityType type) {
    return Activity{.type = type, .member = at.member, .post = at.post, .at = kTime};
  };
  const auto of_comment = [&](v1::ActivityType type) {
    Activity activity = at;
    activity.type = type;
    return activity;
  };
  const auto of_follow = [&](v1::ActivityType type) {
    return Activity{.type = type, .member = 7, .followee = 8, .at = kTime};
  };
  v1::Event ended_by_withdrawal = Unfollowed(7, 8);
  ended_by_withdrawal.mutable_payload()->mutable_member_unfollowed()->set_by_withdrawal(true);
  v1::Event signed_up = SignedUp(7, "kim");
  signed_up.set_actor(0);
  const std::vector<Case> cases = {
      {Published(41, 7, "hi"), of_post(v1::ACTIVITY_TYPE_POST_CREATE)},
      {Edited(41, 7, "", "ho"), of_post(v1::ACTIVITY_TYPE_POST_UPDATE)},
      {Deleted(41, 7), of_post(v1::ACTIVITY_TYPE_POST_DELETE)},
      {Viewed(41, 7), of_post(v1::ACTIVITY_TYPE_POST_READ)},
      {Recorded(v1::ACTIVITY_TYPE_POST_READ, 7, 41, 0), of_post(v1::ACTIVITY_TYPE_POST_READ)},
      {Liked(41, 7), of_post(v1::ACTIVITY_TYPE_LIKE_POST)},
      {Unliked(41, 7), of_post(v1::ACTIVITY_TYPE_LIKE_POST_CANCEL)},
      {CommentAdded(9, 41, 7, {}, "c"), of_comment(v1::ACTIVITY_TYPE_COMMENT_CREATE)},
      {CommentEdited(9, 41, 7, "d"), of_comment(v1::ACTIVITY_TYPE_COMMENT_UPDATE)},
      {CommentDeleted(9, 41, 7, {}), of_comment(v1::ACTIVITY_TYPE_COMMENT_DELETE)},
      {Recorded(v1::ACTIVITY_TYPE_COMMENT_READ, 7, 41, 9),
       of_comment(v1::ACTIVITY_TYPE_COMMENT_READ)},
      {CommentLiked(9, 41, 7), of_comment(v1::ACTIVITY_TYPE_LIKE_COMMENT)},
      {CommentUnliked(9, 41, 7), of_comment(v1::ACTIVITY_TYPE_LIKE_COMMENT_CANCEL)},
      {Followed(7, 8), of_follow(v1::ACTIVITY_TYPE_MEMBER_FOLLOW)},
      {Unfollowed(7, 8), of_follow(v1::ACTIVITY_TYPE_MEMBER_UNFOLLOW)},
      {ended_by_withdrawal, std::nullopt},
      {signed_up, Activity{.type = v1::ACTIVITY_TYPE_MEMBER_SIGNUP, .member = 7, .at = kTime}},
      {Recorded(v1::ACTIVITY_TYPE_MEMBER_LOGIN, 7, 0, 0),
       Activity{.type = v1::ACTIVITY_TYPE_MEMBER_LOGIN, .member = 7, .at = kTime}},
      {HandleChanged(7, "kim_2"), std::nullopt},
      {Withdrawn(7, "kim"), std::nullopt},
      {Erased(7), std::nullopt},
      {PictureAdded(3, 7, 'c', 't'), std::nullopt},
      {PictureDeleted(3, 7), std::nullopt},
      {v1::Event(), std::nullopt},
  };
  for (const Case& c : cases) {
    EXPECT_EQ(ActivityOf(At(kTime, c.event)), c.activity) << c.event.ShortDebugString();
  }
}

}  // namespace
}  // namespace dailyfeed

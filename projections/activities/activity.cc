#include "projections/activities/activity.h"

namespace dailyfeed {
namespace {

Activity OfPost(v1::ActivityType type, PostId post) { return {.type = type, .post = post}; }
Activity OfComment(v1::ActivityType type, PostId post, CommentId comment) {
  return {.type = type, .post = post, .comment = comment};
}
Activity OfFollow(v1::ActivityType type, MemberId followee) {
  return {.type = type, .followee = followee};
}

std::optional<Activity> WithoutTime(const v1::Payload& payload) {
  switch (payload.kind_case()) {
    case v1::Payload::kPostPublished:
      return OfPost(v1::ACTIVITY_TYPE_POST_CREATE, payload.post_published().post_id());
    case v1::Payload::kPostEdited:
      return OfPost(v1::ACTIVITY_TYPE_POST_UPDATE, payload.post_edited().post_id());
    case v1::Payload::kPostDeleted:
      return OfPost(v1::ACTIVITY_TYPE_POST_DELETE, payload.post_deleted().post_id());
    case v1::Payload::kPostViewed:
      return OfPost(v1::ACTIVITY_TYPE_POST_READ, payload.post_viewed().post_id());
    case v1::Payload::kPostLiked:
      return OfPost(v1::ACTIVITY_TYPE_LIKE_POST, payload.post_liked().post_id());
    case v1::Payload::kPostUnliked:
      return OfPost(v1::ACTIVITY_TYPE_LIKE_POST_CANCEL, payload.post_unliked().post_id());
    case v1::Payload::kCommentAdded:
      return OfComment(v1::ACTIVITY_TYPE_COMMENT_CREATE, payload.comment_added().post_id(),
                       payload.comment_added().comment_id());
    case v1::Payload::kCommentEdited:
      return OfComment(v1::ACTIVITY_TYPE_COMMENT_UPDATE, payload.comment_edited().post_id(),
                       payload.comment_edited().comment_id());
    case v1::Payload::kCommentDeleted:
      return OfComment(v1::ACTIVITY_TYPE_COMMENT_DELETE, payload.comment_deleted().post_id(),
                       payload.comment_deleted().comment_id());
    case v1::Payload::kCommentLiked:
      return OfComment(v1::ACTIVITY_TYPE_LIKE_COMMENT, payload.comment_liked().post_id(),
                       payload.comment_liked().comment_id());
    case v1::Payload::kCommentUnliked:
      return OfComment(v1::ACTIVITY_TYPE_LIKE_COMMENT_CANCEL, payload.comment_unliked().post_id(),
                       payload.comment_unliked().comment_id());
    case v1::Payload::kMemberFollowed:
      return OfFollow(v1::ACTIVITY_TYPE_MEMBER_FOLLOW, payload.member_followed().followee_id());
    case v1::Payload::kMemberUnfollowed:
      if (payload.member_unfollowed().by_withdrawal()) return std::nullopt;
      return OfFollow(v1::ACTIVITY_TYPE_MEMBER_UNFOLLOW, payload.member_unfollowed().followee_id());
    case v1::Payload::kMemberSignedUp:
      return Activity{.type = v1::ACTIVITY_TYPE_MEMBER_SIGNUP,
                      .member = payload.member_signed_up().member_id()};
    case v1::Payload::kActivityRecorded:
      return OfComment(payload.activity_recorded().type(), payload.activity_recorded().post_id(),
                       payload.activity_recorded().comment_id());
    case v1::Payload::kProfileUpdated:
    case v1::Payload::kHandleChanged:
    case v1::Payload::kMemberWithdrawn:
    case v1::Payload::kMemberErased:
    case v1::Payload::kPictureAdded:
    case v1::Payload::kPictureDeleted:
    case v1::Payload::KIND_NOT_SET:
      break;
  }
  return std::nullopt;
}

}  // namespace

std::optional<Activity> ActivityOf(const v1::Event& event) {
  std::optional<Activity> activity = WithoutTime(event.payload());
  if (!activity) return activity;
  // Nobody acts at a sign-up: the member is made by it.
  if (activity->member == 0) activity->member = event.actor();
  activity->at = event.occurred_at_ns();
  return activity;
}

}  // namespace dailyfeed

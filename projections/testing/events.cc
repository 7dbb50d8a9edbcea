#include "projections/testing/events.h"

namespace dailyfeed::testing {
namespace {

v1::Event OnStream(v1::StreamKind kind, uint64_t id, MemberId actor) {
  v1::Event event;
  event.set_stream_kind(kind);
  event.set_stream_id(id);
  event.set_actor(actor);
  return event;
}

}  // namespace

v1::Event SignedUp(MemberId member, const std::string& handle) {
  v1::Event event = OnStream(v1::STREAM_KIND_MEMBER, member, member);
  v1::MemberSignedUp* payload = event.mutable_payload()->mutable_member_signed_up();
  payload->set_member_id(member);
  payload->set_handle(handle);
  payload->set_subject_id("subject-" + handle);
  payload->set_privacy_level("PUBLIC");
  v1::PersonalProfile profile;
  profile.set_email(handle + "@example.com");
  profile.set_member_name("Name of " + handle);
  profile.set_display_name("The " + handle);
  profile.set_avatar_url("no-image");
  payload->set_sealed_profile(profile.SerializeAsString());
  return event;
}

v1::Event ProfileUpdated(MemberId member, const v1::PersonalProfileChanges& changes) {
  v1::Event event = OnStream(v1::STREAM_KIND_MEMBER, member, member);
  v1::ProfileUpdated* payload = event.mutable_payload()->mutable_profile_updated();
  payload->set_member_id(member);
  payload->set_sealed_changes(changes.SerializeAsString());
  return event;
}

v1::Event HandleChanged(MemberId member, const std::string& handle) {
  v1::Event event = OnStream(v1::STREAM_KIND_MEMBER, member, member);
  event.mutable_payload()->mutable_handle_changed()->set_member_id(member);
  event.mutable_payload()->mutable_handle_changed()->set_handle(handle);
  return event;
}

v1::Event Withdrawn(MemberId member, const std::string& signed_up_handle) {
  v1::Event event = OnStream(v1::STREAM_KIND_MEMBER, member, member);
  event.mutable_payload()->mutable_member_withdrawn()->set_member_id(member);
  event.mutable_payload()->mutable_member_withdrawn()->set_subject_id("subject-" +
                                                                      signed_up_handle);
  return event;
}

v1::Event Erased(MemberId member) {
  v1::Event event = OnStream(v1::STREAM_KIND_MEMBER, member, member);
  event.mutable_payload()->mutable_member_erased()->set_member_id(member);
  return event;
}

std::string PictureId(PictureNumber number) { return std::string(16, static_cast<char>(number)); }

v1::Event PictureAdded(PictureNumber number, MemberId owner, char content, char thumbnail) {
  constexpr size_t kHashBytes = 32;
  v1::Event event = OnStream(v1::STREAM_KIND_PICTURE, number, owner);
  v1::PictureAdded* payload = event.mutable_payload()->mutable_picture_added();
  payload->set_picture_number(number);
  payload->set_picture_id(PictureId(number));
  payload->set_owner_id(owner);
  payload->set_content_hash(std::string(kHashBytes, content));
  payload->set_thumbnail_hash(std::string(kHashBytes, thumbnail));
  payload->set_width(350);
  payload->set_height(200);
  payload->set_bytes(12345);
  payload->set_thumbnail_bytes(678);
  return event;
}

v1::Event PictureDeleted(PictureNumber number, MemberId owner) {
  v1::Event event = OnStream(v1::STREAM_KIND_PICTURE, number, owner);
  v1::PictureDeleted* payload = event.mutable_payload()->mutable_picture_deleted();
  payload->set_picture_number(number);
  payload->set_picture_id(PictureId(number));
  payload->set_owner_id(owner);
  return event;
}

v1::Event Followed(MemberId follower, MemberId followee) {
  v1::Event event = OnStream(v1::STREAM_KIND_FOLLOWS, follower, follower);
  v1::MemberFollowed* payload = event.mutable_payload()->mutable_member_followed();
  payload->set_follower_id(follower);
  payload->set_followee_id(followee);
  return event;
}

v1::Event Unfollowed(MemberId follower, MemberId followee) {
  v1::Event event = OnStream(v1::STREAM_KIND_FOLLOWS, follower, follower);
  v1::MemberUnfollowed* payload = event.mutable_payload()->mutable_member_unfollowed();
  payload->set_follower_id(follower);
  payload->set_followee_id(followee);
  return event;
}

v1::Event Published(PostId post, MemberId author, const std::string& content) {
  v1::Event event = OnStream(v1::STREAM_KIND_POST, post, author);
  v1::PostPublished* payload = event.mutable_payload()->mutable_post_published();
  payload->set_post_id(post);
  payload->set_author_id(author);
  payload->set_content(content);
  return event;
}

v1::Event Edited(PostId post, MemberId author, const std::string& title,
                 const std::string& content) {
  v1::Event event = OnStream(v1::STREAM_KIND_POST, post, author);
  v1::PostEdited* payload = event.mutable_payload()->mutable_post_edited();
  payload->set_post_id(post);
  payload->set_title(title);
  payload->set_content(content);
  return event;
}

v1::Event Deleted(PostId post, MemberId author) {
  v1::Event event = OnStream(v1::STREAM_KIND_POST, post, author);
  v1::PostDeleted* payload = event.mutable_payload()->mutable_post_deleted();
  payload->set_post_id(post);
  payload->set_author_id(author);
  return event;
}

v1::Event Viewed(PostId post, MemberId member) {
  v1::Event event = OnStream(v1::STREAM_KIND_POST_VIEWS, post, member);
  v1::PostViewed* payload = event.mutable_payload()->mutable_post_viewed();
  payload->set_post_id(post);
  payload->set_member_id(member);
  return event;
}

v1::Event Liked(PostId post, MemberId member) {
  v1::Event event = OnStream(v1::STREAM_KIND_POST_LIKES, post, member);
  v1::PostLiked* payload = event.mutable_payload()->mutable_post_liked();
  payload->set_post_id(post);
  payload->set_member_id(member);
  return event;
}

v1::Event Unliked(PostId post, MemberId member) {
  v1::Event event = OnStream(v1::STREAM_KIND_POST_LIKES, post, member);
  v1::PostUnliked* payload = event.mutable_payload()->mutable_post_unliked();
  payload->set_post_id(post);
  payload->set_member_id(member);
  return event;
}

v1::Event CommentAdded(CommentId comment, PostId post, MemberId author,
                       const std::vector<CommentId>& ancestors, const std::string& content) {
  v1::Event event = OnStream(v1::STREAM_KIND_COMMENT, comment, author);
  v1::CommentAdded* payload = event.mutable_payload()->mutable_comment_added();
  payload->set_comment_id(comment);
  payload->set_post_id(post);
  payload->set_author_id(author);
  payload->set_content(content);
  payload->mutable_ancestor_ids()->Add(ancestors.begin(), ancestors.end());
  return event;
}

v1::Event CommentEdited(CommentId comment, PostId post, MemberId author,
                        const std::string& content) {
  v1::Event event = OnStream(v1::STREAM_KIND_COMMENT, comment, author);
  v1::CommentEdited* payload = event.mutable_payload()->mutable_comment_edited();
  payload->set_comment_id(comment);
  payload->set_post_id(post);
  payload->set_content(content);
  return event;
}

v1::Event CommentDeleted(CommentId comment, PostId post, MemberId author,
                         const std::vector<CommentId>& ancestors) {
  v1::Event event = OnStream(v1::STREAM_KIND_COMMENT, comment, author);
  v1::CommentDeleted* payload = event.mutable_payload()->mutable_comment_deleted();
  payload->set_comment_id(comment);
  payload->set_post_id(post);
  payload->set_author_id(author);
  payload->mutable_ancestor_ids()->Add(ancestors.begin(), ancestors.end());
  return event;
}

v1::Event CommentLiked(CommentId comment, PostId post, MemberId member) {
  v1::Event event = OnStream(v1::STREAM_KIND_COMMENT_LIKES, comment, member);
  v1::CommentLiked* payload = event.mutable_payload()->mutable_comment_liked();
  payload->set_comment_id(comment);
  payload->set_post_id(post);
  payload->set_member_id(member);
  return event;
}

v1::Event CommentUnliked(CommentId comment, PostId post, MemberId member) {
  v1::Event event = OnStream(v1::STREAM_KIND_COMMENT_LIKES, comment, member);
  v1::CommentUnliked* payload = event.mutable_payload()->mutable_comment_unliked();
  payload->set_comment_id(comment);
  payload->set_post_id(post);
  payload->set_member_id(member);
  return event;
}

v1::Event At(TimestampNs time, v1::Event event) {
  event.set_occurred_at_ns(time);
  event.set_recorded_at_ns(time);
  return event;
}

v1::Event At(TimestampNs time, Position position, v1::Event event) {
  event.set_position(position);
  return At(time, std::move(event));
}

}  // namespace dailyfeed::testing

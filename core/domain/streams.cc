#include "core/domain/streams.h"

#include <fmt/format.h>

#include <charconv>

#include "core/base/check.h"

namespace dailyfeed {
namespace {

struct StreamKindName {
  v1::StreamKind kind;
  std::string_view name;
};

constexpr StreamKindName kNames[] = {
    {v1::STREAM_KIND_MEMBER, "member"},
    {v1::STREAM_KIND_FOLLOWS, "follows"},
    {v1::STREAM_KIND_POST, "post"},
    {v1::STREAM_KIND_POST_LIKES, "post-likes"},
    {v1::STREAM_KIND_POST_VIEWS, "post-views"},
    {v1::STREAM_KIND_COMMENT, "comment"},
    {v1::STREAM_KIND_COMMENT_LIKES, "comment-likes"},
    {v1::STREAM_KIND_PICTURE, "picture"},
    {v1::STREAM_KIND_ACTIVITY, "activity"},
};

}  // namespace

StreamRef StreamOf(const v1::Payload& payload) {
  switch (payload.kind_case()) {
    case v1::Payload::kMemberSignedUp:
      return {v1::STREAM_KIND_MEMBER, payload.member_signed_up().member_id()};
    case v1::Payload::kMemberFollowed:
      return {v1::STREAM_KIND_FOLLOWS, payload.member_followed().follower_id()};
    case v1::Payload::kMemberUnfollowed:
      return {v1::STREAM_KIND_FOLLOWS, payload.member_unfollowed().follower_id()};
    case v1::Payload::kPostPublished:
      return {v1::STREAM_KIND_POST, payload.post_published().post_id()};
    case v1::Payload::kPostEdited:
      return {v1::STREAM_KIND_POST, payload.post_edited().post_id()};
    case v1::Payload::kPostDeleted:
      return {v1::STREAM_KIND_POST, payload.post_deleted().post_id()};
    case v1::Payload::kPostLiked:
      return {v1::STREAM_KIND_POST_LIKES, payload.post_liked().post_id()};
    case v1::Payload::kPostUnliked:
      return {v1::STREAM_KIND_POST_LIKES, payload.post_unliked().post_id()};
    case v1::Payload::kPostViewed:
      return {v1::STREAM_KIND_POST_VIEWS, payload.post_viewed().post_id()};
    case v1::Payload::kCommentAdded:
      return {v1::STREAM_KIND_COMMENT, payload.comment_added().comment_id()};
    case v1::Payload::kCommentEdited:
      return {v1::STREAM_KIND_COMMENT, payload.comment_edited().comment_id()};
    case v1::Payload::kCommentDeleted:
      return {v1::STREAM_KIND_COMMENT, payload.comment_deleted().comment_id()};
    case v1::Payload::kCommentLiked:
      return {v1::STREAM_KIND_COMMENT_LIKES, payload.comment_liked().comment_id()};
    case v1::Payload::kCommentUnliked:
      return {v1::STREAM_KIND_COMMENT_LIKES, payload.comment_unliked().comment_id()};
    case v1::Payload::kProfileUpdated:
      return {v1::STREAM_KIND_MEMBER, payload.profile_updated().member_id()};
    case v1::Payload::kHandleChanged:
      return {v1::STREAM_KIND_MEMBER, payload.handle_changed().member_id()};
    case v1::Payload::kMemberWithdrawn:
      return {v1::STREAM_KIND_MEMBER, payload.member_withdrawn().member_id()};
    case v1::Payload::kMemberErased:
      return {v1::STREAM_KIND_MEMBER, payload.member_erased().member_id()};
    case v1::Payload::kPictureAdded:
      return {v1::STREAM_KIND_PICTURE, payload.picture_added().picture_number()};
    case v1::Payload::kPictureDeleted:
      return {v1::STREAM_KIND_PICTURE, payload.picture_deleted().picture_number()};
    case v1::Payload::kActivityRecorded:
      return {v1::STREAM_KIND_ACTIVITY, payload.activity_recorded().member_id()};
    case v1::Payload::KIND_NOT_SET:
      return {};
  }
  return {};
}

uint64_t SubjectOf(const v1::Payload& payload) {
  if (payload.has_member_followed()) return payload.member_followed().followee_id();
  if (payload.has_member_unfollowed()) return payload.member_unfollowed().followee_id();
  // Everywhere else the stream has the id of its subject.
  return StreamOf(payload).id;
}

uint64_t SubjectOf(const NewEvent& event) { return SubjectOf(event.payload); }

std::string StreamName(v1::StreamKind kind, uint64_t id) {
  for (const StreamKindName& entry : kNames) {
    if (entry.kind == kind) return fmt::format("{}/{}", entry.name, id);
  }
  return fmt::format("unknown/{}", id);
}

bool ParseStreamName(std::string_view name, v1::StreamKind* kind, uint64_t* id) {
  const size_t slash = name.find('/');
  if (slash == std::string_view::npos) return false;
  const std::string_view digits = name.substr(slash + 1);
  if (digits.empty() || digits.front() == '0') return false;
  uint64_t parsed_id = 0;
  const auto [end, error] =
      std::from_chars(digits.data(), digits.data() + digits.size(), parsed_id);
  if (error != std::errc() || end != digits.data() + digits.size()) return false;
  for (const StreamKindName& entry : kNames) {
    if (entry.name != name.substr(0, slash)) continue;
    *kind = entry.kind;
    *id = parsed_id;
    return true;
  }
  return false;
}

std::string_view EventTypeName(const v1::Payload& payload) {
  const auto* descriptor = v1::Payload::descriptor();
  if (payload.kind_case() == v1::Payload::KIND_NOT_SET) return "Unknown";
  return descriptor->FindFieldByNumber(payload.kind_case())->message_type()->name();
}

NewEvent MakeEvent(v1::Payload payload) {
  const StreamRef stream = StreamOf(payload);
  DAILYFEED_CHECK(stream.kind != v1::STREAM_KIND_UNSPECIFIED && stream.id != 0);
  return {stream.kind, stream.id, std::move(payload)};
}

}  // namespace dailyfeed

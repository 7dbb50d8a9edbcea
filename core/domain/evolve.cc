// EvolveRows of decider.h: one event of the log, folded into the rows.
#include <fmt/format.h>

#include <optional>
#include <string>
#include <type_traits>
#include <utility>

#include "core/base/status_macros.h"
#include "core/domain/activity/activity.h"
#include "core/domain/comment/comment.h"
#include "core/domain/decider.h"
#include "core/domain/follow/follow.h"
#include "core/domain/like/like.h"
#include "core/domain/member/member.h"
#include "core/domain/picture/picture.h"
#include "core/domain/post/post.h"
#include "core/domain/state_rows.h"

namespace dailyfeed {
namespace {

absl::Status CheckMember(DecisionRows& rows, MemberId member) {
  ASSIGN_OR_RETURN(const bool live, ReadMemberIsLive(RowsGetter(rows), member));
  if (live) return absl::OkStatus();
  return absl::FailedPreconditionError(fmt::format("{} is not a live member", member));
}

// Ids only grow: a new one lies above the last that was given.
absl::Status CheckNewId(DecisionRows& rows, IdKind kind, uint64_t id) {
  ASSIGN_OR_RETURN(const uint64_t last_id, ReadNumber(RowsGetter(rows), LastIdKey(kind)));
  if (id > last_id) return absl::OkStatus();
  return absl::FailedPreconditionError(
      fmt::format("id {} is not above the last id {}", id, last_id));
}

MemberLifecycle LifecycleOf(const MemberState& state) {
  if (state.erased) return MemberLifecycle::kErased;
  return state.withdrawn ? MemberLifecycle::kWithdrawn : MemberLifecycle::kLive;
}

void PutMember(MemberId id, const MemberState& state, DecisionRows& rows) {
  rows.Put(MemberKey(id), EncodeMemberRow({state.handle, state.email_digest, state.subject_id,
                                           LifecycleOf(state)}));
}

void PutPicture(const PictureState& state, DecisionRows& rows) {
  rows.Put(PictureKey(state.picture_id),
           EncodePictureRow({state.number, state.owner_id, state.deleted}));
}

void PutPost(PostId id, const PostState& state, DecisionRows& rows) {
  rows.Put(PostKey(id), EncodePostRow({state.author_id, state.deleted, state.title}));
}

void PutComment(const CommentState& state, DecisionRows& rows) {
  rows.Put(CommentKey(state.id),
           EncodeCommentRow({state.post_id, state.author_id, state.deleted, state.ancestor_ids}));
}

void PutEdge(const std::string& key, bool present, DecisionRows& rows) {
  if (present) {
    rows.Put(key, kEdgeValue);
  } else {
    rows.Delete(key);
  }
}

absl::Status Fold(const v1::MemberSignedUp& event, DecisionRows& rows) {
  RETURN_IF_ERROR(CheckNewId(rows, IdKind::kMember, event.member_id()));
  ASSIGN_OR_RETURN(MemberState before,
                   LoadNewMemberState(rows, event.handle(), event.email_digest()));
  ASSIGN_OR_RETURN(const MemberState state, Evolve(std::move(before), event));
  const std::string id = EncodeNumber(event.member_id());
  PutMember(event.member_id(), state, rows);
  rows.Put(HandleKey(state.handle), id);
  rows.Put(EmailDigestKey(state.email_digest), id);
  rows.Put(LastIdKey(IdKind::kMember), id);
  return absl::OkStatus();
}

// An update leaves no trace in the rows.
absl::Status Fold(const v1::ProfileUpdated& event, DecisionRows& rows) {
  ASSIGN_OR_RETURN(MemberState before, LoadMemberState(rows, event.member_id()));
  return Evolve(std::move(before), event).status();
}

absl::Status Fold(const v1::HandleChanged& event, DecisionRows& rows) {
  ASSIGN_OR_RETURN(const MemberState before,
                   LoadMemberState(rows, event.member_id(), event.handle()));
  ASSIGN_OR_RETURN(const MemberState state, Evolve(before, event));
  rows.Delete(HandleKey(before.handle));
  rows.Put(HandleKey(state.handle), EncodeNumber(event.member_id()));
  PutMember(event.member_id(), state, rows);
  return absl::OkStatus();
}

absl::Status Fold(const v1::MemberWithdrawn& event, DecisionRows& rows) {
  ASSIGN_OR_RETURN(const MemberState before, LoadMemberState(rows, event.member_id()));
  ASSIGN_OR_RETURN(const MemberState state, Evolve(before, event));
  rows.Delete(HandleKey(before.handle));
  rows.Delete(EmailDigestKey(before.email_digest));
  PutMember(event.member_id(), state, rows);
  return absl::OkStatus();
}

absl::Status Fold(const v1::MemberErased& event, DecisionRows& rows) {
  ASSIGN_OR_RETURN(MemberState before, LoadMemberState(rows, event.member_id()));
  ASSIGN_OR_RETURN(const MemberState state, Evolve(std::move(before), event));
  PutMember(event.member_id(), state, rows);
  return absl::OkStatus();
}

// A relation of a member who withdrew ends when it is released.
template <typename EventT>
absl::Status FoldFollow(const EventT& event, DecisionRows& rows) {
  if constexpr (std::is_same_v<EventT, v1::MemberFollowed>) {
    RETURN_IF_ERROR(CheckMember(rows, event.follower_id()));
  }
  ASSIGN_OR_RETURN(const FollowState before,
                   LoadFollowState(rows, event.follower_id(), event.followee_id()));
  ASSIGN_OR_RETURN(const FollowState state, Evolve(before, event));
  PutEdge(FollowKey(event.follower_id(), event.followee_id()), state.following, rows);
  const std::string count_key = FollowingsCountKey(event.follower_id());
  if (state.followings == 0) {
    rows.Delete(count_key);
  } else {
    rows.Put(count_key, EncodeNumber(state.followings));
  }
  return absl::OkStatus();
}

absl::Status Fold(const v1::PostPublished& event, DecisionRows& rows) {
  RETURN_IF_ERROR(CheckNewId(rows, IdKind::kPost, event.post_id()));
  RETURN_IF_ERROR(CheckMember(rows, event.author_id()));
  ASSIGN_OR_RETURN(const PostState state, Evolve(PostState(), event));
  PutPost(event.post_id(), state, rows);
  rows.Put(LastIdKey(IdKind::kPost), EncodeNumber(event.post_id()));
  return absl::OkStatus();
}

template <typename EventT>
absl::Status FoldExistingPost(const EventT& event, DecisionRows& rows) {
  ASSIGN_OR_RETURN(const PostState before, LoadPostState(rows, event.post_id()));
  ASSIGN_OR_RETURN(const PostState state, Evolve(before, event));
  const bool changed = state.deleted != before.deleted || state.title != before.title;
  if (changed) PutPost(event.post_id(), state, rows);
  return absl::OkStatus();
}

// A view leaves no trace in the rows.
absl::Status Fold(const v1::PostViewed& event, DecisionRows& rows) {
  RETURN_IF_ERROR(CheckMember(rows, event.member_id()));
  ASSIGN_OR_RETURN(PostState before, LoadPostState(rows, event.post_id()));
  return Evolve(std::move(before), event).status();
}

// An activity leaves no trace in the rows.
absl::Status Fold(const v1::ActivityRecorded& event, DecisionRows& rows) {
  RETURN_IF_ERROR(CheckMember(rows, event.member_id()));
  return CheckActivity(event);
}

template <typename EventT>
absl::Status FoldPostLike(const EventT& event, DecisionRows& rows) {
  RETURN_IF_ERROR(CheckMember(rows, event.member_id()));
  ASSIGN_OR_RETURN(const PostLikeState before,
                   LoadPostLikeState(rows, event.post_id(), event.member_id()));
  ASSIGN_OR_RETURN(const PostLikeState state, Evolve(before, event));
  PutEdge(PostLikeKey(event.post_id(), event.member_id()), state.liked, rows);
  return absl::OkStatus();
}

template <typename EventT>
absl::Status FoldCommentLike(const EventT& event, DecisionRows& rows) {
  RETURN_IF_ERROR(CheckMember(rows, event.member_id()));
  ASSIGN_OR_RETURN(const CommentLikeState before,
                   LoadCommentLikeState(rows, event.comment_id(), event.member_id()));
  ASSIGN_OR_RETURN(const CommentLikeState state, Evolve(before, event));
  PutEdge(CommentLikeKey(event.comment_id(), event.member_id()), state.liked, rows);
  return absl::OkStatus();
}

absl::Status Fold(const v1::CommentAdded& event, DecisionRows& rows) {
  RETURN_IF_ERROR(CheckNewId(rows, IdKind::kComment, event.comment_id()));
  RETURN_IF_ERROR(CheckMember(rows, event.author_id()));
  const int ancestors = event.ancestor_ids_size();
  const CommentId parent_id = ancestors == 0 ? 0 : event.ancestor_ids(ancestors - 1);
  ASSIGN_OR_RETURN(const ThreadState thread, LoadThreadState(rows, event.post_id(), parent_id));
  ASSIGN_OR_RETURN(const CommentState state, Evolve(thread, event));
  PutComment(state, rows);
  rows.Put(LastIdKey(IdKind::kComment), EncodeNumber(event.comment_id()));
  return absl::OkStatus();
}

// The rows know nothing of a comment's content.
absl::Status Fold(const v1::CommentEdited& event, DecisionRows& rows) {
  ASSIGN_OR_RETURN(CommentState before, LoadCommentState(rows, event.comment_id()));
  return Evolve(std::move(before), event).status();
}

absl::Status Fold(const v1::CommentDeleted& event, DecisionRows& rows) {
  ASSIGN_OR_RETURN(CommentState before, LoadCommentState(rows, event.comment_id()));
  ASSIGN_OR_RETURN(const CommentState state, Evolve(std::move(before), event));
  PutComment(state, rows);
  return absl::OkStatus();
}

absl::Status Fold(const v1::PictureAdded& event, DecisionRows& rows) {
  RETURN_IF_ERROR(CheckNewId(rows, IdKind::kPicture, event.picture_number()));
  RETURN_IF_ERROR(CheckMember(rows, event.owner_id()));
  ASSIGN_OR_RETURN(PictureState before, LoadPictureState(rows, event.picture_id()));
  ASSIGN_OR_RETURN(const PictureState state, Evolve(std::move(before), event));
  PutPicture(state, rows);
  rows.Put(LastIdKey(IdKind::kPicture), EncodeNumber(event.picture_number()));
  return absl::OkStatus();
}

absl::Status Fold(const v1::PictureDeleted& event, DecisionRows& rows) {
  RETURN_IF_ERROR(CheckMember(rows, event.owner_id()));
  ASSIGN_OR_RETURN(PictureState before, LoadPictureState(rows, event.picture_id()));
  ASSIGN_OR_RETURN(const PictureState state, Evolve(std::move(before), event));
  PutPicture(state, rows);
  return absl::OkStatus();
}

absl::Status FoldPayload(const v1::Payload& payload, DecisionRows& rows) {
  switch (payload.kind_case()) {
    case v1::Payload::kMemberSignedUp:
      return Fold(payload.member_signed_up(), rows);
    case v1::Payload::kMemberFollowed:
      return FoldFollow(payload.member_followed(), rows);
    case v1::Payload::kMemberUnfollowed:
      return FoldFollow(payload.member_unfollowed(), rows);
    case v1::Payload::kPostPublished:
      return Fold(payload.post_published(), rows);
    case v1::Payload::kPostEdited:
      return FoldExistingPost(payload.post_edited(), rows);
    case v1::Payload::kPostDeleted:
      return FoldExistingPost(payload.post_deleted(), rows);
    case v1::Payload::kPostLiked:
      return FoldPostLike(payload.post_liked(), rows);
    case v1::Payload::kPostUnliked:
      return FoldPostLike(payload.post_unliked(), rows);
    case v1::Payload::kPostViewed:
      return Fold(payload.post_viewed(), rows);
    case v1::Payload::kCommentAdded:
      return Fold(payload.comment_added(), rows);
    case v1::Payload::kCommentEdited:
      return Fold(payload.comment_edited(), rows);
    case v1::Payload::kCommentDeleted:
      return Fold(payload.comment_deleted(), rows);
    case v1::Payload::kCommentLiked:
      return FoldCommentLike(payload.comment_liked(), rows);
    case v1::Payload::kCommentUnliked:
      return FoldCommentLike(payload.comment_unliked(), rows);
    case v1::Payload::kProfileUpdated:
      return Fold(payload.profile_updated(), rows);
    case v1::Payload::kHandleChanged:
      return Fold(payload.handle_changed(), rows);
    case v1::Payload::kMemberWithdrawn:
      return Fold(payload.member_withdrawn(), rows);
    case v1::Payload::kMemberErased:
      return Fold(payload.member_erased(), rows);
    case v1::Payload::kPictureAdded:
      return Fold(payload.picture_added(), rows);
    case v1::Payload::kPictureDeleted:
      return Fold(payload.picture_deleted(), rows);
    case v1::Payload::kActivityRecorded:
      return Fold(payload.activity_recorded(), rows);
    case v1::Payload::KIND_NOT_SET:
      return absl::FailedPreconditionError("an event of no known type");
  }
  return absl::FailedPreconditionError("an event of no known type");
}

absl::Status CheckStream(const v1::Event& event) {
  const StreamRef stream = StreamOf(event.payload());
  if (stream.id == 0 || stream.id > kMaxId) {
    return absl::FailedPreconditionError(fmt::format("{} is no id", stream.id));
  }
  if (stream == StreamRef{event.stream_kind(), event.stream_id()}) return absl::OkStatus();
  return absl::FailedPreconditionError(
      fmt::format("the event belongs to the stream {}", StreamName(stream.kind, stream.id)));
}

}  // namespace

absl::Status EvolveRows(const v1::Event& event, DecisionRows& rows) {
  absl::Status status = CheckStream(event);
  if (status.ok()) status = FoldPayload(event.payload(), rows);
  if (status.code() != absl::StatusCode::kFailedPrecondition) return status;
  return absl::DataLossError(fmt::format(
      "position {} ({} in {}) contradicts the events before it: {}", event.position(),
      EventTypeName(event.payload()), StreamName(event.stream_kind(), event.stream_id()),
      std::string(status.message())));
}

}  // namespace dailyfeed

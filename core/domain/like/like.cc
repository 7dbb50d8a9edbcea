#include "core/domain/like/like.h"

#include <utility>

#include "core/base/status_macros.h"
#include "core/domain/errors.h"
#include "core/domain/streams.h"

namespace dailyfeed {
namespace {

absl::Status CheckPost(const PostLikeState& state, bool liked_before) {
  if (!state.post_live) return absl::FailedPreconditionError("there is no such live post");
  if (state.liked != liked_before) {
    return absl::FailedPreconditionError(state.liked ? "the member likes the post already"
                                                     : "the member does not like the post");
  }
  return absl::OkStatus();
}

absl::Status CheckComment(const CommentLikeState& state, PostId post_id, bool liked_before) {
  if (!state.comment_live) return absl::FailedPreconditionError("there is no such live comment");
  if (state.post_id != post_id) {
    return absl::FailedPreconditionError("the comment belongs to another post");
  }
  if (state.liked != liked_before) {
    return absl::FailedPreconditionError(state.liked ? "the member likes the comment already"
                                                     : "the member does not like the comment");
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Events> Decide(const PostLikeState& state, const LikePost& command,
                              const Context& context) {
  if (!state.post_live) return MakeError(ErrorCode::kPostNotFound);
  if (state.liked) return MakeError(ErrorCode::kPostLikeAlreadyExists);
  v1::Payload payload;
  payload.mutable_post_liked()->set_post_id(command.post_id);
  payload.mutable_post_liked()->set_member_id(context.actor);
  return Events{MakeEvent(std::move(payload))};
}

absl::StatusOr<Events> Decide(const PostLikeState& state, const UnlikePost& command,
                              const Context& context) {
  if (!state.post_live) return MakeError(ErrorCode::kPostNotFound);
  if (!state.liked) return MakeError(ErrorCode::kPostLikeCancelAlreadyCommitted);
  v1::Payload payload;
  payload.mutable_post_unliked()->set_post_id(command.post_id);
  payload.mutable_post_unliked()->set_member_id(context.actor);
  return Events{MakeEvent(std::move(payload))};
}

absl::StatusOr<Events> Decide(const CommentLikeState& state, const LikeComment& command,
                              const Context& context) {
  if (!state.comment_live) return MakeError(ErrorCode::kCommentNotFound);
  if (state.liked) return MakeError(ErrorCode::kCommentLikeAlreadyExists);
  v1::Payload payload;
  payload.mutable_comment_liked()->set_comment_id(command.comment_id);
  payload.mutable_comment_liked()->set_post_id(state.post_id);
  payload.mutable_comment_liked()->set_member_id(context.actor);
  return Events{MakeEvent(std::move(payload))};
}

absl::StatusOr<Events> Decide(const CommentLikeState& state, const UnlikeComment& command,
                              const Context& context) {
  if (!state.comment_live) return MakeError(ErrorCode::kCommentNotFound);
  if (!state.liked) return MakeError(ErrorCode::kCommentLikeCancelAlreadyCommitted);
  v1::Payload payload;
  payload.mutable_comment_unliked()->set_comment_id(command.comment_id);
  payload.mutable_comment_unliked()->set_post_id(state.post_id);
  payload.mutable_comment_unliked()->set_member_id(context.actor);
  return Events{MakeEvent(std::move(payload))};
}

absl::StatusOr<PostLikeState> Evolve(PostLikeState state, const v1::PostLiked&) {
  RETURN_IF_ERROR(CheckPost(state, false));
  state.liked = true;
  return state;
}

absl::StatusOr<PostLikeState> Evolve(PostLikeState state, const v1::PostUnliked&) {
  RETURN_IF_ERROR(CheckPost(state, true));
  state.liked = false;
  return state;
}

absl::StatusOr<CommentLikeState> Evolve(CommentLikeState state, const v1::CommentLiked& event) {
  RETURN_IF_ERROR(CheckComment(state, event.post_id(), false));
  state.liked = true;
  return state;
}

absl::StatusOr<CommentLikeState> Evolve(CommentLikeState state, const v1::CommentUnliked& event) {
  RETURN_IF_ERROR(CheckComment(state, event.post_id(), true));
  state.liked = false;
  return state;
}

}  // namespace dailyfeed

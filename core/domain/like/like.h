// The like aggregate: at most one like per member and post, and per member and
// comment.
#ifndef DAILYFEED_CORE_DOMAIN_LIKE_LIKE_H_
#define DAILYFEED_CORE_DOMAIN_LIKE_LIKE_H_

#include "absl/status/statusor.h"
#include "core/domain/commands.h"
#include "core/domain/context.h"
#include "core/domain/events.pb.h"
#include "core/domain/types.h"

namespace dailyfeed {

// One member's like of one post.
struct PostLikeState {
  bool post_live = false;
  bool liked = false;
};

// One member's like of one comment.
struct CommentLikeState {
  PostId post_id = 0;  // of the comment
  bool comment_live = false;
  bool liked = false;
};

// kPostNotFound, then kPostLikeAlreadyExists or
// kPostLikeCancelAlreadyCommitted.
absl::StatusOr<Events> Decide(const PostLikeState& state, const LikePost& command,
                              const Context& context);
absl::StatusOr<Events> Decide(const PostLikeState& state, const UnlikePost& command,
                              const Context& context);
// kCommentNotFound, then kCommentLikeAlreadyExists or
// kCommentLikeCancelAlreadyCommitted.
absl::StatusOr<Events> Decide(const CommentLikeState& state, const LikeComment& command,
                              const Context& context);
absl::StatusOr<Events> Decide(const CommentLikeState& state, const UnlikeComment& command,
                              const Context& context);

absl::StatusOr<PostLikeState> Evolve(PostLikeState state, const v1::PostLiked& event);
absl::StatusOr<PostLikeState> Evolve(PostLikeState state, const v1::PostUnliked& event);
absl::StatusOr<CommentLikeState> Evolve(CommentLikeState state, const v1::CommentLiked& event);
absl::StatusOr<CommentLikeState> Evolve(CommentLikeState state, const v1::CommentUnliked& event);

}  // namespace dailyfeed

#endif  // DAILYFEED_CORE_DOMAIN_LIKE_LIKE_H_

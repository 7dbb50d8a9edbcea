// The comment aggregate: comments on a post and replies to them.
//
// A comment is live when it, all its ancestors and its post are not deleted.
// Deleting one takes its whole subtree with it.
#ifndef DAILYFEED_CORE_DOMAIN_COMMENT_COMMENT_H_
#define DAILYFEED_CORE_DOMAIN_COMMENT_COMMENT_H_

#include <vector>

#include "absl/status/statusor.h"
#include "core/domain/commands.h"
#include "core/domain/context.h"
#include "core/domain/events.pb.h"
#include "core/domain/types.h"

namespace dailyfeed {

struct CommentState {
  bool added = false;
  bool deleted = false;  // itself
  bool live = false;     // with its ancestors and its post
  CommentId id = 0;
  PostId post_id = 0;
  MemberId author_id = 0;
  // From the top-level comment to the parent; empty at depth 0.
  std::vector<CommentId> ancestor_ids;
};

// What a new comment or reply meets.
struct ThreadState {
  bool post_live = false;
  CommentState parent;  // not added when there is none, or none is named
};

// INVALID_REQUEST for blank, too long or malformed content, then
// kPostNotFound.
absl::StatusOr<Events> Decide(const ThreadState& state, const AddComment& command,
                              const Context& context);
// INVALID_REQUEST, kPostNotFound, kParentCommentNotFound,
// kCommentDepthLimitExceeds, kParentCommentPostIdNotEquals, in this order.
absl::StatusOr<Events> Decide(const ThreadState& state, const AddReply& command,
                              const Context& context);
// INVALID_REQUEST, kCommentNotFound, kCommentModificationPermissionDenied.
absl::StatusOr<Events> Decide(const CommentState& state, const EditComment& command,
                              const Context& context);
// kCommentNotFound, kCommentDeletionPermissionDenied.
absl::StatusOr<Events> Decide(const CommentState& state, const DeleteComment& command,
                              const Context& context);

// The new comment.
absl::StatusOr<CommentState> Evolve(const ThreadState& state, const v1::CommentAdded& event);
absl::StatusOr<CommentState> Evolve(CommentState state, const v1::CommentEdited& event);
absl::StatusOr<CommentState> Evolve(CommentState state, const v1::CommentDeleted& event);

}  // namespace dailyfeed

#endif  // DAILYFEED_CORE_DOMAIN_COMMENT_COMMENT_H_

#include "core/domain/comment/comment.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "core/base/check.h"
#include "core/base/status_macros.h"
#include "core/base/text.h"
#include "core/domain/errors.h"
#include "core/domain/streams.h"

namespace dailyfeed {
namespace {

absl::Status CheckContent(std::string_view content, const DomainLimits& limits) {
  constexpr const char* kField = "content";
  if (IsBlank(content)) {
    return MakeViolations({{.field = kField, .rule = Violation::Rule::kBlank}});
  }
  if (!IsStorableText(content)) {
    return MakeViolations({{.field = kField, .rule = Violation::Rule::kFormat}});
  }
  if (Utf16Length(content) > limits.comment_content_max) {
    return MakeViolations({{.field = kField,
                            .rule = Violation::Rule::kTooLong,
                            .limit = limits.comment_content_max}});
  }
  return absl::OkStatus();
}

NewEvent Added(PostId post_id, std::string_view content, const CommentState* parent,
               const Context& context) {
  DAILYFEED_CHECK(context.new_id != 0);
  v1::Payload payload;
  v1::CommentAdded& event = *payload.mutable_comment_added();
  event.set_comment_id(context.new_id);
  event.set_post_id(post_id);
  event.set_author_id(context.actor);
  event.set_content(std::string(content));
  if (parent != nullptr) {
    event.mutable_ancestor_ids()->Add(parent->ancestor_ids.begin(), parent->ancestor_ids.end());
    event.add_ancestor_ids(parent->id);
  }
  return MakeEvent(std::move(payload));
}

// Whether `ids` is the path from the top-level comment down to `parent`.
template <typename Ids>
bool IsPathTo(const CommentState& parent, const Ids& ids) {
  return static_cast<size_t>(ids.size()) == parent.ancestor_ids.size() + 1 &&
         std::equal(parent.ancestor_ids.begin(), parent.ancestor_ids.end(), ids.begin()) &&
         *(ids.end() - 1) == parent.id;
}

absl::Status CheckExisting(const CommentState& state, PostId post_id) {
  if (!state.added) return absl::FailedPreconditionError("the comment was never added");
  if (!state.live) return absl::FailedPreconditionError("the comment is not live");
  if (state.post_id != post_id) {
    return absl::FailedPreconditionError("the comment belongs to another post");
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Events> Decide(const ThreadState& state, const AddComment& command,
                              const Context& context) {
  RETURN_IF_ERROR(CheckContent(command.content, context.limits));
  if (!state.post_live) return MakeError(ErrorCode::kPostNotFound);
  return Events{Added(command.post_id, command.content, nullptr, context)};
}

absl::StatusOr<Events> Decide(const ThreadState& state, const AddReply& command,
                              const Context& context) {
  RETURN_IF_ERROR(CheckContent(command.content, context.limits));
  if (!state.post_live) return MakeError(ErrorCode::kPostNotFound);
  if (!state.parent.live) return MakeError(ErrorCode::kParentCommentNotFound);
  const size_t parent_depth = state.parent.ancestor_ids.size();
  if (parent_depth >= context.limits.comment_depth_max) {
    return MakeError(ErrorCode::kCommentDepthLimitExceeds);
  }
  if (state.parent.post_id != command.post_id) {
    return MakeError(ErrorCode::kParentCommentPostIdNotEquals);
  }
  return Events{Added(command.post_id, command.content, &state.parent, context)};
}

absl::StatusOr<Events> Decide(const CommentState& state, const EditComment& command,
                              const Context& context) {
  RETURN_IF_ERROR(CheckContent(command.content, context.limits));
  if (!state.live) return MakeError(ErrorCode::kCommentNotFound);
  if (state.author_id != context.actor) {
    return MakeError(ErrorCode::kCommentModificationPermissionDenied);
  }
  v1::Payload payload;
  v1::CommentEdited& event = *payload.mutable_comment_edited();
  event.set_comment_id(command.comment_id);
  event.set_post_id(state.post_id);
  event.set_content(command.content);
  return Events{MakeEvent(std::move(payload))};
}

absl::StatusOr<Events> Decide(const CommentState& state, const DeleteComment& command,
                              const Context& context) {
  if (!state.live) return MakeError(ErrorCode::kCommentNotFound);
  if (state.author_id != context.actor) {
    return MakeError(ErrorCode::kCommentDeletionPermissionDenied);
  }
  v1::Payload payload;
  v1::CommentDeleted& event = *payload.mutable_comment_deleted();
  event.set_comment_id(command.comment_id);
  event.set_post_id(state.post_id);
  event.set_author_id(state.author_id);
  event.mutable_ancestor_ids()->Add(state.ancestor_ids.begin(), state.ancestor_ids.end());
  return Events{MakeEvent(std::move(payload))};
}

absl::StatusOr<CommentState> Evolve(const ThreadState& state, const v1::CommentAdded& event) {
  if (!state.post_live) return absl::FailedPreconditionError("there is no such live post");
  if (!event.ancestor_ids().empty()) {
    if (!state.parent.live) return absl::FailedPreconditionError("the parent is not live");
    if (state.parent.post_id != event.post_id()) {
      return absl::FailedPreconditionError("the parent belongs to another post");
    }
    if (!IsPathTo(state.parent, event.ancestor_ids())) {
      return absl::FailedPreconditionError("the ancestors are not those of the parent");
    }
  }
  CommentState comment;
  comment.added = true;
  comment.live = true;
  comment.id = event.comment_id();
  comment.post_id = event.post_id();
  comment.author_id = event.author_id();
  comment.ancestor_ids.assign(event.ancestor_ids().begin(), event.ancestor_ids().end());
  return comment;
}

absl::StatusOr<CommentState> Evolve(CommentState state, const v1::CommentEdited& event) {
  RETURN_IF_ERROR(CheckExisting(state, event.post_id()));
  return state;
}

absl::StatusOr<CommentState> Evolve(CommentState state, const v1::CommentDeleted& event) {
  RETURN_IF_ERROR(CheckExisting(state, event.post_id()));
  if (state.author_id != event.author_id()) {
    return absl::FailedPreconditionError("the comment has another author");
  }
  if (!std::equal(state.ancestor_ids.begin(), state.ancestor_ids.end(),
                  event.ancestor_ids().begin(), event.ancestor_ids().end())) {
    return absl::FailedPreconditionError("the ancestors are not those of the comment");
  }
  state.deleted = true;
  state.live = false;
  return state;
}

}  // namespace dailyfeed

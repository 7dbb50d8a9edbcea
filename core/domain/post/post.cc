#include "core/domain/post/post.h"

#include <string_view>
#include <utility>

#include "core/base/check.h"
#include "core/base/status_macros.h"
#include "core/base/text.h"
#include "core/domain/errors.h"
#include "core/domain/streams.h"

namespace dailyfeed {
namespace {

absl::Status CheckTexts(std::string_view title, std::string_view content,
                        const DomainLimits& limits) {
  const std::vector<Violation> violations = PostTextViolations(title, content, limits);
  if (violations.empty()) return absl::OkStatus();
  ErrorCode code = ErrorCode::kInvalidRequest;
  for (const Violation& violation : violations) {
    if (violation.rule == Violation::Rule::kBlank) {
      code = ErrorCode::kPostContentEmpty;
    } else if (violation.field == "title" && violation.rule == Violation::Rule::kTooLong) {
      code = ErrorCode::kPostTitleTooLong;
    }
  }
  // Alone, such a code has a sentence of its own.
  if (violations.size() == 1 && code != ErrorCode::kInvalidRequest) return MakeError(code);
  return MakeViolations(violations, code);
}

absl::Status Contradiction(const PostState& state) {
  return absl::FailedPreconditionError(state.published ? "the post is deleted"
                                                       : "the post was never published");
}

}  // namespace

std::vector<Violation> PostTextViolations(std::string_view title, std::string_view content,
                                          const DomainLimits& limits) {
  std::vector<Violation> violations;
  if (Utf16Length(title) > limits.post_title_max) {
    violations.push_back(
        {.field = "title", .rule = Violation::Rule::kTooLong, .limit = limits.post_title_max});
  } else if (!IsStorableText(title)) {
    violations.push_back({.field = "title", .rule = Violation::Rule::kFormat});
  }
  if (IsBlank(content)) {
    violations.push_back({.field = "content", .rule = Violation::Rule::kBlank});
  } else if (!IsStorableText(content)) {
    violations.push_back({.field = "content", .rule = Violation::Rule::kFormat});
  } else if (Utf16Length(content) > limits.post_content_max) {
    violations.push_back(
        {.field = "content", .rule = Violation::Rule::kTooLong, .limit = limits.post_content_max});
  }
  return violations;
}

absl::StatusOr<Events> Decide(const PostState&, const PublishPost& command,
                              const Context& context) {
  RETURN_IF_ERROR(CheckTexts(command.title, command.content, context.limits));
  DAILYFEED_CHECK(context.new_id != 0);
  v1::Payload payload;
  v1::PostPublished& event = *payload.mutable_post_published();
  event.set_post_id(context.new_id);
  event.set_author_id(context.actor);
  event.set_title(command.title);
  event.set_content(command.content);
  return Events{MakeEvent(std::move(payload))};
}

absl::StatusOr<Events> Decide(const PostState& state, const EditPost& command,
                              const Context& context) {
  RETURN_IF_ERROR(
      CheckTexts(command.title.value_or(std::string()), command.content, context.limits));
  if (!state.live()) return MakeError(ErrorCode::kPostNotFound);
  if (state.author_id != context.actor) return MakeError(ErrorCode::kPostUpdateForbidden);
  v1::Payload payload;
  v1::PostEdited& event = *payload.mutable_post_edited();
  event.set_post_id(command.post_id);
  event.set_title(command.title.value_or(state.title));
  event.set_content(command.content);
  return Events{MakeEvent(std::move(payload))};
}

absl::StatusOr<Events> Decide(const PostState& state, const DeletePost& command,
                              const Context& context) {
  if (!state.live()) return MakeError(ErrorCode::kPostNotFound);
  if (state.author_id != context.actor) return MakeError(ErrorCode::kPostDeleteForbidden);
  v1::Payload payload;
  payload.mutable_post_deleted()->set_post_id(command.post_id);
  payload.mutable_post_deleted()->set_author_id(state.author_id);
  return Events{MakeEvent(std::move(payload))};
}

absl::StatusOr<Events> Decide(const PostState& state, const ViewPost& command,
                              const Context& context) {
  if (!state.live()) return MakeError(ErrorCode::kPostNotFound);
  if (state.author_id == context.actor) {
    return MakeError(ErrorCode::kInvalidRequest, "an author's own view does not count");
  }
  v1::Payload payload;
  payload.mutable_post_viewed()->set_post_id(command.post_id);
  payload.mutable_post_viewed()->set_member_id(context.actor);
  return Events{MakeEvent(std::move(payload))};
}

absl::StatusOr<PostState> Evolve(PostState state, const v1::PostPublished& event) {
  if (state.published) return absl::FailedPreconditionError("the post was published before");
  state.published = true;
  state.author_id = event.author_id();
  state.title = event.title();
  return state;
}

absl::StatusOr<PostState> Evolve(PostState state, const v1::PostEdited& event) {
  if (!state.live()) return Contradiction(state);
  state.title = event.title();
  return state;
}

absl::StatusOr<PostState> Evolve(PostState state, const v1::PostDeleted& event) {
  if (!state.live()) return Contradiction(state);
  if (state.author_id != event.author_id()) {
    return absl::FailedPreconditionError("the post has another author");
  }
  state.deleted = true;
  state.title.clear();
  return state;
}

absl::StatusOr<PostState> Evolve(PostState state, const v1::PostViewed&) {
  if (!state.live()) return Contradiction(state);
  return state;
}

}  // namespace dailyfeed

// /api/comments: writes of comments.
#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "adapters/http/api/call.h"
#include "core/base/status_macros.h"
#include "core/base/text.h"

namespace dailyfeed::http {
namespace {

constexpr char kCommentId[] = "commentId";
constexpr std::string_view kTag = "Comments";

struct CommentFields {
  std::string content;
  uint64_t post_id = 0;
  uint64_t parent_id = 0;
};

// A number that is no id names nothing that exists; the domain says so.
uint64_t IdOrNobody(int64_t number) {
  if (number <= 0) return 0;
  return std::min(static_cast<uint64_t>(number), kMaxId);
}

// What the domain would say of the content, for a body that has other faults
// too: all of them are reported together. A content that is the only fault is
// left to the domain.
void AddContentViolation(Call& call, const std::optional<std::string>& content,
                         std::vector<Violation>* violations) {
  if (violations->empty() || violations->front().field == "content") return;
  const uint32_t limit = call.feed().options().engine.limits.comment_content_max;
  Violation violation = {.field = "content", .limit = limit};
  if (IsBlank(content.value_or(""))) {
    violation.rule = Violation::Rule::kBlank;
  } else if (!IsStorableText(*content)) {
    violation.rule = Violation::Rule::kFormat;
  } else if (Utf16Length(*content) > limit) {
    violation.rule = Violation::Rule::kTooLong;
  } else {
    return;
  }
  violations->insert(violations->begin(), std::move(violation));
}

absl::StatusOr<CommentFields> ReadBody(Call& call, bool with_parent) {
  JsonObject body;
  RETURN_IF_ERROR(call.ParseBody(&body));
  std::vector<Violation> violations;
  CommentFields fields;
  std::optional<std::string> content = body.String("content", &violations);
  fields.post_id = IdOrNobody(body.Integer("postId", &violations).value_or(0));
  if (body.Has("postId") != JsonObject::Presence::kValue) {
    violations.push_back({.field = "postId", .rule = Violation::Rule::kBlank});
  }
  if (with_parent) fields.parent_id = IdOrNobody(body.Integer("parentId", &violations).value_or(0));
  AddContentViolation(call, content, &violations);
  if (!violations.empty()) return MakeViolations(violations);
  fields.content = std::move(content).value_or("");
  return fields;
}

absl::StatusOr<Command> Add(Call& call) {
  ASSIGN_OR_RETURN(CommentFields fields, ReadBody(call, false));
  return AddComment{.post_id = fields.post_id, .content = std::move(fields.content)};
}

absl::StatusOr<Command> Reply(Call& call) {
  ASSIGN_OR_RETURN(CommentFields fields, ReadBody(call, true));
  return AddReply{.post_id = fields.post_id,
                  .parent_id = fields.parent_id,
                  .content = std::move(fields.content)};
}

absl::StatusOr<Command> Edit(Call& call) {
  ASSIGN_OR_RETURN(const uint64_t comment, call.PathId(0, kCommentId));
  JsonObject body;
  RETURN_IF_ERROR(call.ParseBody(&body));
  std::vector<Violation> violations;
  std::string content = body.String("content", &violations).value_or("");
  if (!violations.empty()) return MakeViolations(violations);
  return EditComment{.comment_id = comment, .content = std::move(content)};
}

}  // namespace

void AddCommentRoutes(std::vector<Route>* routes) {
  RouteTable table(routes, kTag);
  table.Post("/api/comments", WriteFunctions{Add, AnswerComment}, "Comment on a post", "Comment",
             {.request_schema = "CommentRequest", .errors = "POST_NOT_FOUND"});
  table.Post("/api/comments/replies", WriteFunctions{Reply, AnswerComment},
             "Reply to a comment, down to depth 2", "Comment",
             {.request_schema = "ReplyRequest",
              .errors = "POST_NOT_FOUND PARENT_COMMENT_NOT_FOUND "
                        "COMMENT_DEPTH_LIMIT_EXCEEDS PARENT_COMMENT_POST_ID_NOT_EQUALS"});
  table.Put("/api/comments/{commentId}", WriteFunctions{Edit, AnswerComment},
            "Edit one's own comment", "Comment",
            {.request_schema = "CommentEditRequest",
             .errors = "COMMENT_NOT_FOUND COMMENT_MODIFICATION_PERMISSION_DENIED"});
  table.Delete(
      "/api/comments/{commentId}",
      WriteFunctions{ById<DeleteComment, &DeleteComment::comment_id, kCommentId>, AnswerTrue},
      "Delete one's own comment with its replies", "boolean",
      {.errors = "COMMENT_NOT_FOUND COMMENT_DELETION_PERMISSION_DENIED"});
  table.Post("/api/comments/{commentId}/like",
             WriteFunctions{ById<LikeComment, &LikeComment::comment_id, kCommentId>, AnswerTrue},
             "Like a comment", "boolean",
             {.status = 201, .errors = "COMMENT_NOT_FOUND COMMENT_LIKE_ALREADY_EXISTS"});
  table.Delete(
      "/api/comments/{commentId}/like",
      WriteFunctions{ById<UnlikeComment, &UnlikeComment::comment_id, kCommentId>, AnswerTrue},
      "Take a like of a comment back", "boolean",
      {.status = 204, .errors = "COMMENT_NOT_FOUND COMMENT_LIKE_CANCEL_ALREADY_COMMITTED"});
}

}  // namespace dailyfeed::http

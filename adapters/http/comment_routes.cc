// Writing and liking comments: section 6.4 of the HTTP contract.
#include <utility>

#include "adapters/http/api_context.h"

namespace dailyfeed::http {
namespace {

// The comment as its writer sees it now.
Written TheComment(ApiContext& context, MemberId viewer) {
  return {.status = 200, .data = [&context, viewer](const CommandResult& result, JsonWriter& json) {
            auto comment = context.queries().Comment(viewer, result.subject_id);
            if (comment.ok()) context.objects.Comment(*comment, json);
            return comment.status();
          }};
}

struct CommentText {
  std::string content;
  PostId post = 0;
  CommentId parent = 0;
};

enum class Names { kNothing, kPost, kPostAndParent };

// nullopt after answering what is wrong with the body.
std::optional<CommentText> ReadComment(Exchange& exchange, Names names) {
  JsonBody body(exchange.request().body);
  if (!body.ok()) {
    exchange.Fail(ApiError::kInvalidRequest);
    return std::nullopt;
  }
  CommentText text;
  text.content = body.Text("content").value_or("");
  if (names != Names::kNothing) text.post = body.Id("postId", Presence::kRequired);
  if (names == Names::kPostAndParent) text.parent = body.Id("parentId", Presence::kOptional);
  if (body.violations().empty()) return text;
  exchange.FailViolations(body.violations());
  return std::nullopt;
}

void CreateComment(ApiContext& context, ExchangePtr exchange) {
  std::optional<CommentText> text = ReadComment(*exchange, Names::kPost);
  if (!text) return;
  const MemberId author = exchange->member;
  SubmitWrite(context, std::move(exchange),
              AddComment{.post_id = text->post, .content = std::move(text->content)},
              TheComment(context, author));
}

void CreateReply(ApiContext& context, ExchangePtr exchange) {
  std::optional<CommentText> text = ReadComment(*exchange, Names::kPostAndParent);
  if (!text) return;
  const MemberId author = exchange->member;
  SubmitWrite(
      context, std::move(exchange),
      AddReply{
          .post_id = text->post, .parent_id = text->parent, .content = std::move(text->content)},
      TheComment(context, author));
}

void ChangeComment(ApiContext& context, ExchangePtr exchange) {
  const CommentId id = PathId(*exchange);
  if (id == 0) return;
  std::optional<CommentText> text = ReadComment(*exchange, Names::kNothing);
  if (!text) return;
  const MemberId author = exchange->member;
  SubmitWrite(context, std::move(exchange),
              EditComment{.comment_id = id, .content = std::move(text->content)},
              TheComment(context, author));
}

void RemoveComment(ApiContext& context, ExchangePtr exchange) {
  const CommentId id = PathId(*exchange);
  if (id == 0) return;
  SubmitWrite(context, std::move(exchange), DeleteComment{.comment_id = id}, WrittenTrue(200));
}

void Like(ApiContext& context, ExchangePtr exchange) {
  const CommentId id = PathId(*exchange);
  if (id == 0) return;
  SubmitWrite(context, std::move(exchange), LikeComment{.comment_id = id}, WrittenTrue(201));
}

void Unlike(ApiContext& context, ExchangePtr exchange) {
  const CommentId id = PathId(*exchange);
  if (id == 0) return;
  SubmitWrite(context, std::move(exchange), UnlikeComment{.comment_id = id}, WrittenTrue(204));
}

}  // namespace

std::vector<Route> CommentRoutes() {
  return {
      {.method = "POST",
       .pattern = "/api/comments",
       .function = CreateComment,
       .summary = "Comment on a post",
       .request_schema = "NewComment",
       .data_schema = "Comment"},
      {.method = "POST",
       .pattern = "/api/comments/replies",
       .function = CreateReply,
       .summary = "Reply to a comment",
       .request_schema = "NewReply",
       .data_schema = "Comment"},
      {.method = "PUT",
       .pattern = "/api/comments/{commentId}",
       .function = ChangeComment,
       .summary = "Edit a comment of one's own",
       .request_schema = "CommentText",
       .data_schema = "Comment"},
      {.method = "DELETE",
       .pattern = "/api/comments/{commentId}",
       .function = RemoveComment,
       .summary = "Delete a comment of one's own, with its replies",
       .data_schema = "True"},
      {.method = "POST",
       .pattern = "/api/comments/{commentId}/like",
       .function = Like,
       .summary = "Like a comment",
       .data_schema = "True",
       .status = 201},
      {.method = "DELETE",
       .pattern = "/api/comments/{commentId}/like",
       .function = Unlike,
       .summary = "Take a like of a comment back",
       .data_schema = "True",
       .status = 204},
  };
}

}  // namespace dailyfeed::http

// /api/posts: writes of posts.
#include <optional>
#include <vector>

#include "adapters/http/api/call.h"
#include "core/base/status_macros.h"
#include "core/domain/post/post.h"

namespace dailyfeed::http {
namespace {

constexpr char kPostId[] = "postId";
constexpr std::string_view kTag = "Posts";

struct PostBodyFields {
  std::optional<std::string> title;
  std::string content;
};

// Lengths and blanks are the domain's to judge, after an absent content has
// become an empty one. When a field is not a text, the domain is asked about the
// other one, because all faults are reported together.
absl::StatusOr<PostBodyFields> ReadBody(Call& call) {
  JsonObject body;
  RETURN_IF_ERROR(call.ParseBody(&body));
  std::vector<Violation> violations;
  PostBodyFields fields;
  fields.title = body.String("title", &violations);
  fields.content = body.String("content", &violations).value_or("");
  if (violations.empty()) return fields;
  const bool content_is_text = violations.back().field != "content";
  for (Violation& other :
       PostTextViolations(fields.title.value_or(""), content_is_text ? fields.content : "-",
                          call.feed().options().engine.limits)) {
    const bool is_title = other.field == "title";
    violations.insert(is_title ? violations.begin() : violations.end(), std::move(other));
  }
  return MakeViolations(violations);
}

absl::StatusOr<Command> Publish(Call& call) {
  ASSIGN_OR_RETURN(PostBodyFields fields, ReadBody(call));
  return PublishPost{.title = std::move(fields.title).value_or(""),
                     .content = std::move(fields.content)};
}

absl::StatusOr<Command> Edit(Call& call) {
  ASSIGN_OR_RETURN(const uint64_t post, call.PathId(0, kPostId));
  ASSIGN_OR_RETURN(PostBodyFields fields, ReadBody(call));
  return EditPost{
      .post_id = post, .title = std::move(fields.title), .content = std::move(fields.content)};
}

}  // namespace

void AddPostRoutes(std::vector<Route>* routes) {
  RouteTable table(routes, kTag);
  table.Post("/api/posts", WriteFunctions{Publish, AnswerPost}, "Publish a post", "Post",
             {.status = 201,
              .request_schema = "PostRequest",
              .errors = "POST_CONTENT_EMPTY POST_TITLE_TOO_LONG"});
  table.Put(
      "/api/posts/{postId}", WriteFunctions{Edit, AnswerPost},
      "Edit one's own post; without a title the stored one stays", "Post",
      {.request_schema = "PostRequest",
       .errors = "POST_CONTENT_EMPTY POST_TITLE_TOO_LONG POST_NOT_FOUND POST_UPDATE_FORBIDDEN"});
  table.Delete("/api/posts/{postId}",
               WriteFunctions{ById<DeletePost, &DeletePost::post_id, kPostId>, AnswerTrue},
               "Delete one's own post, for good", "boolean",
               {.errors = "POST_NOT_FOUND POST_DELETE_FORBIDDEN"});
  table.Post("/api/posts/{postId}/like",
             WriteFunctions{ById<LikePost, &LikePost::post_id, kPostId>, AnswerTrue}, "Like a post",
             "boolean", {.errors = "POST_NOT_FOUND POST_LIKE_ALREADY_EXISTS"});
  table.Delete("/api/posts/{postId}/like",
               WriteFunctions{ById<UnlikePost, &UnlikePost::post_id, kPostId>, AnswerTrue},
               "Take a like of a post back", "boolean",
               {.errors = "POST_NOT_FOUND POST_LIKE_CANCEL_ALREADY_COMMITTED"});
}

}  // namespace dailyfeed::http

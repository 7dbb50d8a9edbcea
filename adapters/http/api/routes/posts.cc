// /api/posts: writes of posts.
#include <optional>
#include <vector>

#include "adapters/http/api/answers.h"
#include "adapters/http/api/call.h"
#include "core/base/status_macros.h"
#include "core/domain/post/post.h"

namespace dailyfeed::http {
namespace {

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
  ASSIGN_OR_RETURN(const uint64_t post, call.PathId(0, "postId"));
  ASSIGN_OR_RETURN(PostBodyFields fields, ReadBody(call));
  return EditPost{
      .post_id = post, .title = std::move(fields.title), .content = std::move(fields.content)};
}

absl::StatusOr<Command> Delete(Call& call) {
  ASSIGN_OR_RETURN(const uint64_t post, call.PathId(0, "postId"));
  return DeletePost{.post_id = post};
}

absl::StatusOr<Command> Like(Call& call) {
  ASSIGN_OR_RETURN(const uint64_t post, call.PathId(0, "postId"));
  return LikePost{.post_id = post};
}

absl::StatusOr<Command> Unlike(Call& call) {
  ASSIGN_OR_RETURN(const uint64_t post, call.PathId(0, "postId"));
  return UnlikePost{.post_id = post};
}

}  // namespace

void AddPostRoutes(std::vector<Route>* routes) {
  routes->push_back({.method = "POST",
                     .pattern = "/api/posts",
                     .run = WriteFunctions{Publish, AnswerPost},
                     .status = 201,
                     .tag = kTag,
                     .summary = "Publish a post",
                     .request_schema = "PostRequest",
                     .data_schema = "Post",
                     .errors = "POST_CONTENT_EMPTY POST_TITLE_TOO_LONG"});
  routes->push_back(
      {.method = "PUT",
       .pattern = "/api/posts/{postId}",
       .run = WriteFunctions{Edit, AnswerPost},
       .tag = kTag,
       .summary = "Edit one's own post; without a title the stored one stays",
       .request_schema = "PostRequest",
       .data_schema = "Post",
       .errors = "POST_CONTENT_EMPTY POST_TITLE_TOO_LONG POST_NOT_FOUND POST_UPDATE_FORBIDDEN"});
  routes->push_back({.method = "DELETE",
                     .pattern = "/api/posts/{postId}",
                     .run = WriteFunctions{Delete, AnswerTrue},
                     .tag = kTag,
                     .summary = "Delete one's own post, for good",
                     .data_schema = "boolean",
                     .errors = "POST_NOT_FOUND POST_DELETE_FORBIDDEN"});
  routes->push_back({.method = "POST",
                     .pattern = "/api/posts/{postId}/like",
                     .run = WriteFunctions{Like, AnswerTrue},
                     .tag = kTag,
                     .summary = "Like a post",
                     .data_schema = "boolean",
                     .errors = "POST_NOT_FOUND POST_LIKE_ALREADY_EXISTS"});
  routes->push_back({.method = "DELETE",
                     .pattern = "/api/posts/{postId}/like",
                     .run = WriteFunctions{Unlike, AnswerTrue},
                     .tag = kTag,
                     .summary = "Take a like of a post back",
                     .data_schema = "boolean",
                     .errors = "POST_NOT_FOUND POST_LIKE_CANCEL_ALREADY_COMMITTED"});
}

}  // namespace dailyfeed::http

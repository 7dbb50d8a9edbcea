// Writing and liking posts: section 6.4 of the HTTP contract.
#include <utility>

#include "adapters/http/api_context.h"

namespace dailyfeed::http {
namespace {

// The post as its writer sees it now.
Written ThePost(ApiContext& context, MemberId viewer, int status) {
  return {.status = status,
          .data = [&context, viewer](const CommandResult& result, JsonWriter& json) {
            auto post = context.queries().Post(viewer, result.subject_id);
            if (post.ok()) context.objects.Post(*post, json);
            return post.status();
          }};
}

struct PostText {
  std::optional<std::string> title;
  std::string content;
};

// nullopt after answering what is wrong with the body. What the texts must be
// like is the domain's to decide.
std::optional<PostText> ReadPostText(Exchange& exchange) {
  JsonBody body(exchange.request().body);
  if (!body.ok()) {
    exchange.Fail(ApiError::kInvalidRequest);
    return std::nullopt;
  }
  PostText text;
  text.title = body.Text("title");
  text.content = body.Text("content").value_or("");
  if (body.violations().empty()) return text;
  exchange.FailViolations(body.violations());
  return std::nullopt;
}

void CreatePost(ApiContext& context, ExchangePtr exchange) {
  std::optional<PostText> text = ReadPostText(*exchange);
  if (!text) return;
  const MemberId author = exchange->member;
  SubmitWrite(context, std::move(exchange),
              PublishPost{.title = std::move(text->title).value_or(""),
                          .content = std::move(text->content)},
              ThePost(context, author, 201));
}

void ChangePost(ApiContext& context, ExchangePtr exchange) {
  const PostId id = PathId(*exchange);
  if (id == 0) return;
  std::optional<PostText> text = ReadPostText(*exchange);
  if (!text) return;
  const MemberId author = exchange->member;
  SubmitWrite(
      context, std::move(exchange),
      EditPost{.post_id = id, .title = std::move(text->title), .content = std::move(text->content)},
      ThePost(context, author, 200));
}

void RemovePost(ApiContext& context, ExchangePtr exchange) {
  const PostId id = PathId(*exchange);
  if (id == 0) return;
  SubmitWrite(context, std::move(exchange), DeletePost{.post_id = id}, WrittenTrue(200));
}

void Like(ApiContext& context, ExchangePtr exchange) {
  const PostId id = PathId(*exchange);
  if (id == 0) return;
  SubmitWrite(context, std::move(exchange), LikePost{.post_id = id}, WrittenTrue(200));
}

void Unlike(ApiContext& context, ExchangePtr exchange) {
  const PostId id = PathId(*exchange);
  if (id == 0) return;
  SubmitWrite(context, std::move(exchange), UnlikePost{.post_id = id}, WrittenTrue(200));
}

}  // namespace

std::vector<Route> PostRoutes() {
  return {
      {.method = "POST",
       .pattern = "/api/posts",
       .function = CreatePost,
       .summary = "Publish a post",
       .request_schema = "PostText",
       .data_schema = "Post",
       .status = 201},
      {.method = "PUT",
       .pattern = "/api/posts/{postId}",
       .function = ChangePost,
       .summary = "Edit a post of one's own",
       .request_schema = "PostText",
       .data_schema = "Post"},
      {.method = "DELETE",
       .pattern = "/api/posts/{postId}",
       .function = RemovePost,
       .summary = "Delete a post of one's own",
       .data_schema = "True"},
      {.method = "POST",
       .pattern = "/api/posts/{postId}/like",
       .function = Like,
       .summary = "Like a post",
       .data_schema = "True"},
      {.method = "DELETE",
       .pattern = "/api/posts/{postId}/like",
       .function = Unlike,
       .summary = "Take a like back",
       .data_schema = "True"},
  };
}

}  // namespace dailyfeed::http

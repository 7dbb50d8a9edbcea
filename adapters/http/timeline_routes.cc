// Reading posts and comments: section 6.5 of the HTTP contract.
#include <utility>

#include "adapters/http/api_context.h"

namespace dailyfeed::http {
namespace {

constexpr PageDefaults kTen{.page = 0, .size = 10};
constexpr PageDefaults kTwenty{.page = 0, .size = 20};

using Posts = absl::StatusOr<Slice<PostView>>;
using Comments = absl::StatusOr<Slice<CommentView>>;

template <typename Read>
void AnswerPosts(ApiContext& context, Exchange& exchange, PageDefaults defaults, Read&& read) {
  AnswerScroll(
      context, exchange, defaults,
      [&](const PageRequest& request) {
        Posts posts = read(request);
        if (posts.ok()) context.feed.AddPendingViews(&posts->rows);
        return posts;
      },
      [&](const PostView& post, JsonWriter& json) { context.objects.Post(post, json); });
}

template <typename Read>
void AnswerComments(ApiContext& context, Exchange& exchange, PageDefaults defaults, Read&& read) {
  AnswerScroll(context, exchange, defaults, std::forward<Read>(read),
               [&](const CommentView& comment, JsonWriter& json) {
                 context.objects.Comment(comment, json);
               });
}

void FollowFeed(ApiContext& context, ExchangePtr exchange) {
  AnswerPosts(context, *exchange, kTwenty, [&](const PageRequest& request) {
    return context.queries().FollowFeed(exchange->member, request);
  });
}

void MyFeed(ApiContext& context, ExchangePtr exchange) {
  AnswerPosts(context, *exchange, kTen, [&](const PageRequest& request) {
    return context.queries().AuthorFeed(exchange->member, exchange->member, request);
  });
}

void AuthorFeed(ApiContext& context, ExchangePtr exchange) {
  const MemberId author = PathId(*exchange);
  if (author == 0) return;
  AnswerPosts(context, *exchange, kTen, [&](const PageRequest& request) -> Posts {
    const auto card = context.queries().Member(author);
    if (!card.ok()) return card.status();
    return context.queries().AuthorFeed(exchange->member, author, request);
  });
}

// HEAD, which nobody reads, counts no view.
void PostDetail(ApiContext& context, ExchangePtr exchange) {
  const PostId id = PathId(*exchange);
  if (id == 0) return;
  const absl::StatusOr<PostView> post = exchange->is_head()
                                            ? context.queries().Post(exchange->member, id)
                                            : context.feed.ReadPost(exchange->member, id);
  if (!post.ok()) return exchange->Fail(post.status());
  exchange->Succeed(200, [&](JsonWriter& json) { context.objects.Post(*post, json); });
}

void PostComments(ApiContext& context, ExchangePtr exchange) {
  const PostId id = PathId(*exchange);
  if (id == 0) return;
  AnswerComments(context, *exchange, kTen, [&](const PageRequest& request) {
    return context.queries().PostComments(exchange->member, id, request);
  });
}

void CommentDetail(ApiContext& context, ExchangePtr exchange) {
  const CommentId id = PathId(*exchange);
  if (id == 0) return;
  const absl::StatusOr<CommentView> comment = context.queries().Comment(exchange->member, id);
  if (!comment.ok()) return exchange->Fail(comment.status());
  exchange->Succeed(200, [&](JsonWriter& json) { context.objects.Comment(*comment, json); });
}

void Replies(ApiContext& context, ExchangePtr exchange) {
  const CommentId id = PathId(*exchange);
  if (id == 0) return;
  AnswerComments(context, *exchange, kTen, [&](const PageRequest& request) {
    return context.queries().Replies(exchange->member, id, request);
  });
}

void MyComments(ApiContext& context, ExchangePtr exchange) {
  AnswerComments(context, *exchange, kTwenty, [&](const PageRequest& request) {
    return context.queries().MemberComments(exchange->member, exchange->member, request);
  });
}

void CommentsOfMember(ApiContext& context, ExchangePtr exchange) {
  const MemberId author = PathId(*exchange);
  if (author == 0) return;
  AnswerComments(context, *exchange, kTen, [&](const PageRequest& request) {
    return context.queries().MemberComments(exchange->member, author, request);
  });
}

Route Get(std::string_view pattern, RouteFunction function, std::string_view summary,
          std::string_view data, Paging paging = Paging::kScroll) {
  return {.method = "GET",
          .pattern = pattern,
          .function = function,
          .summary = summary,
          .data_schema = data,
          .paging = paging};
}

}  // namespace

std::vector<Route> TimelineRoutes() {
  return {
      Get("/api/timeline/posts/followings", FollowFeed,
          "The follow feed: posts of the members the caller follows, newest first", "Post"),
      Get("/api/timeline/posts", MyFeed, "The caller's own posts, newest first", "Post"),
      Get("/api/timeline/posts/{postId}", PostDetail, "A post; counts a view", "Post",
          Paging::kNone),
      Get("/api/timeline/posts/authors/{authorId}", AuthorFeed,
          "The posts of an author, newest first", "Post"),
      Get("/api/timeline/posts/{postId}/comments", PostComments,
          "The top-level comments of a post, oldest first", "Comment"),
      Get("/api/timeline/comments/{commentId}", CommentDetail, "A comment", "Comment",
          Paging::kNone),
      Get("/api/timeline/comments/{commentId}/replies", Replies,
          "The direct replies to a comment, oldest first", "Comment"),
      Get("/api/timeline/comments", MyComments, "The caller's comments, newest first", "Comment"),
      Get("/api/timeline/members/{memberId}/comments", CommentsOfMember,
          "The comments of a member, newest first", "Comment"),
  };
}

}  // namespace dailyfeed::http

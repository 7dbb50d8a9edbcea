// GET /api/timeline/...: posts and comments as lists and one by one.
#include <vector>

#include "adapters/http/api/call.h"
#include "core/base/status_macros.h"

namespace dailyfeed::http {
namespace {

constexpr std::string_view kTag = "Timeline";

absl::Status WriteComments(Call& call, const ListRequest& list,
                           absl::StatusOr<Slice<CommentView>> comments, JsonWriter& data) {
  RETURN_IF_ERROR(comments.status());
  const ObjectWriter& objects = call.objects();
  call.ScrollPage(
      list, *comments,
      [&](const CommentView& comment, JsonWriter& json) { objects.Comment(comment, json); }, data);
  return absl::OkStatus();
}

absl::Status FollowFeed(Call& call, JsonWriter& data) {
  ASSIGN_OR_RETURN(const ListRequest list, call.List());
  return call.PostPage(list, call.feed().queries().FollowFeed(call.member(), list.page), data);
}

absl::Status MyFeed(Call& call, JsonWriter& data) {
  ASSIGN_OR_RETURN(const ListRequest list, call.List());
  return call.PostPage(
      list, call.feed().queries().AuthorFeed(call.member(), call.member(), list.page), data);
}

absl::Status AuthorFeed(Call& call, JsonWriter& data) {
  ASSIGN_OR_RETURN(const uint64_t author, call.PathId(0, "authorId"));
  ASSIGN_OR_RETURN(const ListRequest list, call.List(author));
  return call.PostPage(list, call.feed().queries().AuthorFeed(call.member(), author, list.page),
                       data);
}

// HEAD counts no view.
absl::Status PostDetail(Call& call, JsonWriter& data) {
  ASSIGN_OR_RETURN(const uint64_t id, call.PathId(0, "postId"));
  if (!call.is_head()) {
    ASSIGN_OR_RETURN(const PostView post, call.feed().ReadPost(call.member(), id));
    call.objects().Post(post, data);
    return absl::OkStatus();
  }
  ASSIGN_OR_RETURN(PostView post, call.feed().queries().Post(call.member(), id));
  std::vector<PostView> posts = {std::move(post)};
  call.feed().AddPendingViews(&posts);
  call.objects().Post(posts.front(), data);
  return absl::OkStatus();
}

absl::Status PostComments(Call& call, JsonWriter& data) {
  ASSIGN_OR_RETURN(const uint64_t post, call.PathId(0, "postId"));
  ASSIGN_OR_RETURN(const ListRequest list, call.List(post));
  return WriteComments(call, list,
                       call.feed().queries().PostComments(call.member(), post, list.page), data);
}

absl::Status Replies(Call& call, JsonWriter& data) {
  ASSIGN_OR_RETURN(const uint64_t parent, call.PathId(0, "commentId"));
  ASSIGN_OR_RETURN(const ListRequest list, call.List(parent));
  return WriteComments(call, list, call.feed().queries().Replies(call.member(), parent, list.page),
                       data);
}

// HEAD is no read.
absl::Status CommentDetail(Call& call, JsonWriter& data) {
  ASSIGN_OR_RETURN(const uint64_t id, call.PathId(0, "commentId"));
  ASSIGN_OR_RETURN(const CommentView comment, call.is_head()
                                                  ? call.feed().queries().Comment(call.member(), id)
                                                  : call.feed().ReadComment(call.member(), id));
  call.objects().Comment(comment, data);
  return absl::OkStatus();
}

absl::Status MyComments(Call& call, JsonWriter& data) {
  ASSIGN_OR_RETURN(const ListRequest list, call.List());
  return WriteComments(
      call, list, call.feed().queries().MemberComments(call.member(), call.member(), list.page),
      data);
}

absl::Status MemberComments(Call& call, JsonWriter& data) {
  ASSIGN_OR_RETURN(const uint64_t author, call.PathId(0, "memberId"));
  ASSIGN_OR_RETURN(const ListRequest list, call.List(author));
  return WriteComments(
      call, list, call.feed().queries().MemberComments(call.member(), author, list.page), data);
}

Paging Cursor(uint32_t size) {
  return {.kind = Paging::Kind::kCursor, .default_page = 0, .default_size = size};
}

}  // namespace

void AddTimelineRoutes(std::vector<Route>* routes) {
  RouteTable table(routes, kTag);
  table.Get("/api/timeline/posts/followings", FollowFeed,
            "Posts of the members the caller follows, newest first", "ScrollPage<Post>",
            {.paging = Cursor(20)});
  table.Get("/api/timeline/posts", MyFeed, "The caller's own posts, newest first",
            "ScrollPage<Post>", {.paging = Cursor(10)});
  table.Get("/api/timeline/posts/{postId}", PostDetail,
            "One post; counts a view unless the reader is its author", "Post",
            {.errors = "POST_NOT_FOUND"});
  table.Get("/api/timeline/posts/authors/{authorId}", AuthorFeed,
            "Posts of one member, newest first", "ScrollPage<Post>",
            {.paging = Cursor(10), .errors = "MEMBER_NOT_FOUND"});
  table.Get("/api/timeline/posts/{postId}/comments", PostComments,
            "Top-level comments of a post, oldest first", "ScrollPage<Comment>",
            {.paging = Cursor(100)});
  table.Get("/api/timeline/comments/{commentId}/replies", Replies,
            "Direct replies to a comment, oldest first", "ScrollPage<Comment>",
            {.paging = Cursor(10), .errors = "PARENT_COMMENT_NOT_FOUND"});
  table.Get("/api/timeline/comments/{commentId}", CommentDetail, "One comment", "Comment",
            {.errors = "COMMENT_NOT_FOUND"});
  table.Get("/api/timeline/comments", MyComments, "The caller's own comments, newest first",
            "ScrollPage<Comment>", {.paging = Cursor(20)});
  table.Get("/api/timeline/members/{memberId}/comments", MemberComments,
            "Comments of one member, newest first", "ScrollPage<Comment>", {.paging = Cursor(10)});
}

}  // namespace dailyfeed::http

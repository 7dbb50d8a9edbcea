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

absl::Status CommentDetail(Call& call, JsonWriter& data) {
  ASSIGN_OR_RETURN(const uint64_t id, call.PathId(0, "commentId"));
  ASSIGN_OR_RETURN(const CommentView comment, call.feed().queries().Comment(call.member(), id));
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
  routes->push_back({.method = "GET",
                     .pattern = "/api/timeline/posts/followings",
                     .run = ReadFunction(FollowFeed),
                     .paging = Cursor(20),
                     .tag = kTag,
                     .summary = "Posts of the members the caller follows, newest first",
                     .data_schema = "ScrollPage<Post>"});
  routes->push_back({.method = "GET",
                     .pattern = "/api/timeline/posts",
                     .run = ReadFunction(MyFeed),
                     .paging = Cursor(10),
                     .tag = kTag,
                     .summary = "The caller's own posts, newest first",
                     .data_schema = "ScrollPage<Post>"});
  routes->push_back({.method = "GET",
                     .pattern = "/api/timeline/posts/{postId}",
                     .run = ReadFunction(PostDetail),
                     .tag = kTag,
                     .summary = "One post; counts a view unless the reader is its author",
                     .data_schema = "Post",
                     .errors = "POST_NOT_FOUND"});
  routes->push_back({.method = "GET",
                     .pattern = "/api/timeline/posts/authors/{authorId}",
                     .run = ReadFunction(AuthorFeed),
                     .paging = Cursor(10),
                     .tag = kTag,
                     .summary = "Posts of one member, newest first",
                     .data_schema = "ScrollPage<Post>",
                     .errors = "MEMBER_NOT_FOUND"});
  routes->push_back({.method = "GET",
                     .pattern = "/api/timeline/posts/{postId}/comments",
                     .run = ReadFunction(PostComments),
                     .paging = Cursor(10),
                     .tag = kTag,
                     .summary = "Top-level comments of a post, oldest first",
                     .data_schema = "ScrollPage<Comment>"});
  routes->push_back({.method = "GET",
                     .pattern = "/api/timeline/comments/{commentId}/replies",
                     .run = ReadFunction(Replies),
                     .paging = Cursor(10),
                     .tag = kTag,
                     .summary = "Direct replies to a comment, oldest first",
                     .data_schema = "ScrollPage<Comment>",
                     .errors = "PARENT_COMMENT_NOT_FOUND"});
  routes->push_back({.method = "GET",
                     .pattern = "/api/timeline/comments/{commentId}",
                     .run = ReadFunction(CommentDetail),
                     .tag = kTag,
                     .summary = "One comment",
                     .data_schema = "Comment",
                     .errors = "COMMENT_NOT_FOUND"});
  routes->push_back({.method = "GET",
                     .pattern = "/api/timeline/comments",
                     .run = ReadFunction(MyComments),
                     .paging = Cursor(20),
                     .tag = kTag,
                     .summary = "The caller's own comments, newest first",
                     .data_schema = "ScrollPage<Comment>"});
  routes->push_back({.method = "GET",
                     .pattern = "/api/timeline/members/{memberId}/comments",
                     .run = ReadFunction(MemberComments),
                     .paging = Cursor(10),
                     .tag = kTag,
                     .summary = "Comments of one member, newest first",
                     .data_schema = "ScrollPage<Comment>"});
}

}  // namespace dailyfeed::http

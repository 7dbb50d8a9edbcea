// Sections 6.4 and 6.5 of the HTTP contract, row by row: what every endpoint of
// posts, comments and timelines answers, each of its errors, and that an error
// changes nothing. What the objects look like byte for byte stands in
// api_content_test.cc, orders and pages in the tests of the lists.
#include "adapters/http/testing/api_rows_test_util.h"

namespace dailyfeed::http {
namespace {

class RowsTest : public ContractRowsTest {
 protected:
  void SetUp() override {
    ApiTest::SetUp();
    kim_ = Join("kim");
    lee_ = Join("lee");
    gone_ = Join("gone");
    post_ = Publish(kim_, "live");
    dead_post_ = Publish(kim_, "deleted");
    gones_post_ = Publish(gone_, "of somebody who withdrew");
    top_ = AddComment(lee_, post_, "depth 0");
    reply_ = AddReply(lee_, post_, top_, "depth 1");
    deepest_ = AddReply(lee_, post_, reply_, "depth 2");
    dead_ = AddComment(lee_, post_, "deleted");
    dead_by_parent_ = AddReply(lee_, post_, dead_, "its parent is deleted");
    dead_by_post_ = AddComment(lee_, dead_post_, "its post is deleted");
    gones_ = AddComment(gone_, post_, "of somebody who withdrew");
    EXPECT_EQ(Delete(fmt::format("/api/comments/{}", dead_), lee_).status, 200);
    EXPECT_EQ(Delete(fmt::format("/api/posts/{}", dead_post_), kim_).status, 200);
    Withdraw(gone_);
  }

  std::string PostPath(PostId post, const char* more = "") {
    return fmt::format("/api/posts/{}{}", post, more);
  }
  std::string CommentPath(CommentId comment, const char* more = "") {
    return fmt::format("/api/comments/{}{}", comment, more);
  }
  static std::string ReplyBody(PostId post, CommentId parent) {
    return fmt::format(R"({{"content":"r","postId":{},"parentId":{}}})", post, parent);
  }

  static constexpr char kContent[] = R"({"content":"x"})";
  Person kim_, lee_, gone_;
  PostId post_, dead_post_, gones_post_;
  CommentId top_, reply_, deepest_, dead_, dead_by_parent_, dead_by_post_, gones_;
};

TEST_F(RowsTest, ErrorsOfPosts) {
  const std::string long_title =
      fmt::format(R"({{"content":"x","title":"{}"}})", std::string(101, 't'));
  const std::string long_content = fmt::format(R"({{"content":"{}"}})", std::string(5001, 'x'));
  ExpectErrors({
      {"POST", "/api/posts", R"({"content":" "})", &kim_, 400, "POST_CONTENT_EMPTY"},
      {"POST", "/api/posts", long_title, &kim_, 400, "POST_TITLE_TOO_LONG"},
      {"POST", "/api/posts", long_content, &kim_, 400, "INVALID_REQUEST"},
      {"POST", "/api/posts", "{", &kim_, 400, "INVALID_REQUEST"},
      {"POST", "/api/posts", "", &kim_, 400, "INVALID_REQUEST"},
      {"PUT", PostPath(post_), R"({"content":" "})", &kim_, 400, "POST_CONTENT_EMPTY"},
      {"PUT", PostPath(post_), long_title, &kim_, 400, "POST_TITLE_TOO_LONG"},
      {"PUT", PostPath(post_), long_content, &kim_, 400, "INVALID_REQUEST"},
      {"PUT", PostPath(post_), "{", &kim_, 400, "INVALID_REQUEST"},
      {"PUT", PostPath(kUnknown), kContent, &kim_, 404, "POST_NOT_FOUND"},
      {"PUT", PostPath(dead_post_), kContent, &kim_, 404, "POST_NOT_FOUND"},
      {"PUT", PostPath(post_), kContent, &lee_, 403, "POST_UPDATE_FORBIDDEN"},
      {"PUT", PostPath(gones_post_), kContent, &lee_, 403, "POST_UPDATE_FORBIDDEN"},
      {"DELETE", PostPath(kUnknown), "", &kim_, 404, "POST_NOT_FOUND"},
      {"DELETE", PostPath(dead_post_), "", &kim_, 404, "POST_NOT_FOUND"},
      {"DELETE", PostPath(post_), "", &lee_, 403, "POST_DELETE_FORBIDDEN"},
      {"POST", PostPath(kUnknown, "/like"), "", &lee_, 404, "POST_NOT_FOUND"},
      {"POST", PostPath(dead_post_, "/like"), "", &lee_, 404, "POST_NOT_FOUND"},
      {"DELETE", PostPath(kUnknown, "/like"), "", &lee_, 404, "POST_NOT_FOUND"},
      {"DELETE", PostPath(dead_post_, "/like"), "", &lee_, 404, "POST_NOT_FOUND"},
      {"DELETE", PostPath(post_, "/like"), "", &lee_, 400, "POST_LIKE_CANCEL_ALREADY_COMMITTED"},
      // The body is looked at before the post, the post before its author.
      {"PUT", PostPath(kUnknown), R"({"content":""})", &lee_, 400, "POST_CONTENT_EMPTY"},
      {"PUT", PostPath(post_), R"({"content":""})", &lee_, 400, "POST_CONTENT_EMPTY"},
      {"PUT", PostPath(dead_post_), kContent, &lee_, 404, "POST_NOT_FOUND"},
      {"DELETE", PostPath(dead_post_), "", &lee_, 404, "POST_NOT_FOUND"},
  });
  EXPECT_EQ(Post(PostPath(post_, "/like"), "", lee_).status, 200);
  ExpectErrors({
      {"POST", PostPath(post_, "/like"), "", &lee_, 400, "POST_LIKE_ALREADY_EXISTS"},
  });
}

TEST_F(RowsTest, ErrorsOfComments) {
  const std::string on_unknown = R"({"content":"x","postId":999999})";
  const std::string on_dead = fmt::format(R"({{"content":"x","postId":{}}})", dead_post_);
  const std::string too_long = fmt::format(R"({{"content":"{}","postId":{},"parentId":{}}})",
                                           std::string(1001, 'x'), post_, top_);
  const std::string replies = "/api/comments/replies";
  std::vector<ErrorRow> rows = {
      {"POST", "/api/comments", "{", &lee_, 400, "INVALID_REQUEST"},
      {"POST", "/api/comments", too_long, &lee_, 400, "INVALID_REQUEST"},
      {"POST", "/api/comments", kContent, &lee_, 400, "INVALID_REQUEST"},
      {"POST", "/api/comments", on_unknown, &lee_, 404, "POST_NOT_FOUND"},
      {"POST", "/api/comments", on_dead, &lee_, 404, "POST_NOT_FOUND"},
      {"POST", replies, "{", &lee_, 400, "INVALID_REQUEST"},
      {"POST", replies, too_long, &lee_, 400, "INVALID_REQUEST"},
      {"POST", replies, kContent, &lee_, 400, "INVALID_REQUEST"},
      {"POST", replies, ReplyBody(kUnknown, top_), &lee_, 404, "POST_NOT_FOUND"},
      {"POST", replies, ReplyBody(dead_post_, dead_by_post_), &lee_, 404, "POST_NOT_FOUND"},
      {"POST", replies, ReplyBody(dead_post_, deepest_), &lee_, 404, "POST_NOT_FOUND"},
      {"POST", replies, fmt::format(R"({{"content":"r","postId":{}}})", post_), &lee_, 404,
       "PARENT_COMMENT_NOT_FOUND"},
      {"POST", replies, ReplyBody(post_, deepest_), &lee_, 400, "COMMENT_DEPTH_LIMIT_EXCEEDS"},
      // The parent's depth is looked at before its post.
      {"POST", replies, ReplyBody(gones_post_, deepest_), &lee_, 400,
       "COMMENT_DEPTH_LIMIT_EXCEEDS"},
      {"POST", replies, ReplyBody(gones_post_, top_), &lee_, 400,
       "PARENT_COMMENT_POST_ID_NOT_EQUALS"},
      {"PUT", CommentPath(top_), R"({"content":" "})", &lee_, 400, "INVALID_REQUEST"},
      {"PUT", CommentPath(top_), "{", &lee_, 400, "INVALID_REQUEST"},
      {"PUT", CommentPath(top_), too_long, &lee_, 400, "INVALID_REQUEST"},
      {"PUT", CommentPath(kUnknown), R"({"content":""})", &lee_, 400, "INVALID_REQUEST"},
      {"PUT", CommentPath(top_), kContent, &kim_, 403, "COMMENT_MODIFICATION_PERMISSION_DENIED"},
      {"PUT", CommentPath(gones_), kContent, &kim_, 403, "COMMENT_MODIFICATION_PERMISSION_DENIED"},
      {"DELETE", CommentPath(top_), "", &kim_, 403, "COMMENT_DELETION_PERMISSION_DENIED"},
      {"DELETE", CommentPath(top_, "/like"), "", &kim_, 400,
       "COMMENT_LIKE_CANCEL_ALREADY_COMMITTED"},
  };
  // Whatever is not live is not there, for everybody: by itself, by its parent, by its post.
  for (const CommentId comment : {kUnknown, dead_, dead_by_parent_, dead_by_post_}) {
    for (const Person* caller : {&lee_, &kim_}) {
      rows.insert(
          rows.end(),
          {{"PUT", CommentPath(comment), kContent, caller, 404, "COMMENT_NOT_FOUND"},
           {"DELETE", CommentPath(comment), "", caller, 404, "COMMENT_NOT_FOUND"},
           {"POST", CommentPath(comment, "/like"), "", caller, 404, "COMMENT_NOT_FOUND"},
           {"DELETE", CommentPath(comment, "/like"), "", caller, 404, "COMMENT_NOT_FOUND"},
           {"POST", replies, ReplyBody(post_, comment), caller, 404, "PARENT_COMMENT_NOT_FOUND"}});
    }
  }
  ExpectErrors(rows);
  EXPECT_EQ(Post(CommentPath(top_, "/like"), "", kim_).status, 200);
  ExpectErrors({
      {"POST", CommentPath(top_, "/like"), "", &kim_, 400, "COMMENT_LIKE_ALREADY_EXISTS"},
  });
}

TEST_F(RowsTest, ErrorsOfReads) {
  const std::string timeline = "/api/timeline";
  const std::string range = timeline + "/posts/date-range";
  std::string many = R"({"ids":[1)";
  for (int i = 0; i < 1000; ++i) many += ",1";
  std::vector<ErrorRow> rows = {
      {"GET", fmt::format("{}/posts/{}", timeline, kUnknown), "", &kim_, 404, "POST_NOT_FOUND"},
      {"GET", fmt::format("{}/posts/{}", timeline, dead_post_), "", &kim_, 404, "POST_NOT_FOUND"},
      {"GET", timeline + "/posts/authors/999999", "", &kim_, 404, "MEMBER_NOT_FOUND"},
      {"GET", fmt::format("{}/posts/authors/{}", timeline, gone_.id), "", &kim_, 404,
       "MEMBER_NOT_FOUND"},
      {"POST", timeline + "/posts/query/list", many + "]}", &kim_, 400, "INVALID_REQUEST"},
      {"POST", timeline + "/posts/query/list", "{", &kim_, 400, "INVALID_REQUEST"},
      {"GET", range, "", &kim_, 400, "INVALID_REQUEST"},
      {"GET", range + "?startDate=2025-10-15T00:00", "", &kim_, 400, "INVALID_REQUEST"},
      {"GET", range + "?endDate=2025-10-15T00:00", "", &kim_, 400, "INVALID_REQUEST"},
      {"GET", range + "?startDate=2025-13-15T00:00&endDate=2025-10-15T00:00", "", &kim_, 400,
       "INVALID_REQUEST"},
  };
  for (const CommentId comment : {kUnknown, dead_, dead_by_parent_, dead_by_post_}) {
    rows.push_back({"GET", fmt::format("{}/comments/{}", timeline, comment), "", &lee_, 404,
                    "COMMENT_NOT_FOUND"});
    rows.push_back({"GET", fmt::format("{}/comments/{}/replies", timeline, comment), "", &lee_, 404,
                    "PARENT_COMMENT_NOT_FOUND"});
  }
  ExpectErrors(rows);
}

// Every id of a path that is not a positive number.
TEST_F(RowsTest, PathsWithSomethingElseThanAnId) {
  const struct {
    const char* method;
    const char* path;
  } endpoints[] = {
      {"PUT", "/api/posts/{}"},
      {"DELETE", "/api/posts/{}"},
      {"POST", "/api/posts/{}/like"},
      {"DELETE", "/api/posts/{}/like"},
      {"PUT", "/api/comments/{}"},
      {"DELETE", "/api/comments/{}"},
      {"POST", "/api/comments/{}/like"},
      {"DELETE", "/api/comments/{}/like"},
      {"GET", "/api/timeline/posts/{}"},
      {"GET", "/api/timeline/posts/authors/{}"},
      {"GET", "/api/timeline/posts/{}/comments"},
      {"GET", "/api/timeline/comments/{}/replies"},
      {"GET", "/api/timeline/comments/{}"},
      {"GET", "/api/timeline/members/{}/comments"},
      {"GET", "/api/timeline/statistics/posts/{}"},
  };
  std::vector<ErrorRow> rows;
  for (const auto& endpoint : endpoints) {
    for (const char* id : {"0", "-1", "x", "1x", "1.5", "%31%20", "1e1"}) {
      rows.push_back({endpoint.method, fmt::format(fmt::runtime(endpoint.path), id), kContent,
                      &kim_, 400, "INVALID_REQUEST"});
    }
  }
  ExpectErrors(rows);
}

// The number in `status` and what `data` is, of every write, with and without
// one slash at the end.
TEST_F(RowsTest, AnswersOfWrites) {
  const std::string object = R"({"id":)";
  for (const char* slash : {"", "/"}) {
    const PostId post = Publish(kim_, "mine");
    const CommentId comment = AddComment(kim_, post, "mine");
    const std::string comment_body = fmt::format(R"({{"content":"x","postId":{}}})", post);
    const struct {
      const char* method;
      std::string path;
      std::string body;
      int status;
      std::string data;  // its beginning
    } rows[] = {
        {"POST", "/api/posts", R"({"content":"x","title":"t"})", 201, object},
        {"PUT", PostPath(post), kContent, 200, object},
        {"POST", PostPath(post, "/like"), "", 200, "true}"},
        {"DELETE", PostPath(post, "/like"), "", 200, "true}"},
        {"POST", "/api/comments", comment_body, 200, object},
        {"POST", "/api/comments/replies", ReplyBody(post, comment), 200, object},
        {"PUT", CommentPath(comment), kContent, 200, object},
        {"POST", CommentPath(comment, "/like"), "", 201, "true}"},
        {"DELETE", CommentPath(comment, "/like"), "", 204, "true}"},
        {"DELETE", CommentPath(comment), "", 200, "true}"},
        {"DELETE", PostPath(post), "", 200, "true}"},
        // What somebody wrote who withdrew can be liked and commented on.
        {"POST", PostPath(gones_post_, "/like"), "", 200, "true}"},
        {"DELETE", PostPath(gones_post_, "/like"), "", 200, "true}"},
        {"POST", CommentPath(gones_, "/like"), "", 201, "true}"},
        {"DELETE", CommentPath(gones_, "/like"), "", 204, "true}"},
        {"POST", "/api/comments/replies", ReplyBody(post_, gones_), 200, object},
    };
    for (const auto& row : rows) {
      SCOPED_TRACE(fmt::format("{} {}{}", row.method, row.path, slash));
      ExpectError(Send(row.method, row.path + slash, {}, row.body), 401, "BEARER_TOKEN_MISSING");
      const HttpReply reply = Send(row.method, row.path + slash, As(kim_), row.body);
      EXPECT_EQ(reply.status, 200);
      const std::string expected =
          fmt::format(R"({{"status":{},"result":"SUCCESS","data":{})", row.status, row.data);
      EXPECT_EQ(reply.body.substr(0, expected.size()), expected);
    }
  }
}

// What every read answers when there is nothing to show, byte for byte, with
// the defaults of its pages.
TEST_F(RowsTest, AnswersOfReadsWithNothingToShow) {
  const Person ann = Join("ann");
  const std::string scroll_10 =
      R"({"content":[],"page":0,"size":10,"hasNext":false,"nextCursor":null})";
  const std::string scroll_20 =
      R"({"content":[],"page":0,"size":20,"hasNext":false,"nextCursor":null})";
  const std::string scroll_100 =
      R"({"content":[],"page":0,"size":100,"hasNext":false,"nextCursor":null})";
  const std::string page_20 =
      R"({"content":[],"page":0,"size":20,"totalElements":0,"totalPages":0,)"
      R"("first":true,"last":true,"hasNext":false,"hasPrevious":false})";
  const std::string timeline = "/api/timeline";
  const struct {
    const char* method;
    std::string path;
    std::string query;
    std::string data;
  } rows[] = {
      {"GET", timeline + "/posts/followings", "", scroll_20},
      {"GET", timeline + "/posts", "", scroll_10},
      {"GET", fmt::format("{}/posts/authors/{}", timeline, ann.id), "", scroll_10},
      {"GET", timeline + "/posts/date-range",
       "?startDate=2025-10-16T00:00:00&endDate=2025-10-15T00:00:00", page_20},
      {"GET", timeline + "/posts/date-range",
       "?startDate=2001-01-01T00:00&endDate=2002-01-01T00:00:00.123", page_20},
      {"GET", fmt::format("{}/posts/{}/comments", timeline, kUnknown), "", scroll_100},
      {"GET", fmt::format("{}/posts/{}/comments", timeline, dead_post_), "", scroll_100},
      {"GET", fmt::format("{}/comments/{}/replies", timeline, deepest_), "", scroll_10},
      {"GET", timeline + "/comments", "", scroll_20},
      {"GET", fmt::format("{}/members/{}/comments", timeline, kUnknown), "", scroll_10},
      {"GET", fmt::format("{}/members/{}/comments", timeline, gone_.id), "", scroll_10},
      {"GET", fmt::format("{}/statistics/posts/{}", timeline, kUnknown), "",
       R"({"commentCount":0,"likeCount":0})"},
      {"GET", fmt::format("{}/statistics/posts/{}", timeline, dead_post_), "",
       R"({"commentCount":0,"likeCount":0})"},
  };
  for (const auto& row : rows) {
    for (const char* slash : {"", "/"}) {
      const std::string target = row.path + slash + row.query;
      SCOPED_TRACE(target);
      ExpectData(Send(row.method, target, As(ann)), 200, row.data);
      ExpectError(Send(row.method, target), 401, "BEARER_TOKEN_MISSING");
      const HttpReply head = Send("HEAD", target, As(ann));
      EXPECT_EQ(head.status, 200);
      EXPECT_EQ(head.body, "");
    }
  }
  for (const char* nothing : {"{}", R"({"ids":null})", R"({"ids":[]})", R"({"ids":[999999]})"}) {
    ExpectData(Post("/api/timeline/posts/query/list", nothing, ann), 200, "[]");
  }
}

// Who is in which list: the live ones, all depths where it says so.
TEST_F(RowsTest, RowsOfReads) {
  using Rows = std::vector<uint64_t>;
  Follow(lee_, kim_);
  const std::string timeline = "/api/timeline";
  const struct {
    std::string path;
    Rows ids;
  } rows[] = {
      {timeline + "/posts/followings", {post_}},
      {timeline + "/posts/most-popular", {gones_post_, post_}},
      {timeline + "/posts/most-commented", {post_}},
      {timeline + "/posts/recent-activities", {gones_post_, post_}},
      {timeline + "/posts", {}},
      {fmt::format("{}/posts/authors/{}", timeline, kim_.id), {post_}},
      {timeline + "/posts/date-range?startDate=2025-10-15T12:34:56&endDate=2025-10-15T12:34:56",
       {gones_post_, post_}},
      {timeline + "/posts/date-range?startDate=2025-10-15T12:34:57&endDate=2025-10-16T00:00", {}},
      {fmt::format("{}/posts/{}/comments", timeline, post_), {top_, gones_}},
      {fmt::format("{}/comments/{}/replies", timeline, top_), {reply_}},
      {fmt::format("{}/comments/{}/replies", timeline, reply_), {deepest_}},
      {timeline + "/comments", {deepest_, reply_, top_}},
      {fmt::format("{}/members/{}/comments", timeline, lee_.id), {deepest_, reply_, top_}},
  };
  for (const auto& row : rows) EXPECT_EQ(Ids(Get(row.path, lee_)), row.ids) << row.path;
  ExpectData(Get(fmt::format("{}/statistics/posts/{}", timeline, post_), lee_), 200,
             R"({"commentCount":4,"likeCount":0})");
  EXPECT_EQ(Number(Get(fmt::format("{}/posts/{}", timeline, post_), lee_), "commentCount"), 4u);
  EXPECT_EQ(Number(Get(fmt::format("{}/comments/{}", timeline, top_), lee_), "replyCount"), 1u);
}

}  // namespace
}  // namespace dailyfeed::http

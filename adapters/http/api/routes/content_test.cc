// Posts, comments, likes, follows and members: sections 5, 6 and 7 of the HTTP
// contract as far as they are served, byte for byte.
#include "adapters/http/testing/api_test_util.h"

namespace dailyfeed::http {
namespace {

class ContentTest : public ApiTest {
 protected:
  void SetUp() override {
    ApiTest::SetUp();
    kim_ = Join("kim");
    lee_ = Join("lee");
  }
  // {"title":..., ...} of a post by kim at the first instant of the clock.
  std::string PostJson(PostId id, std::string_view title, std::string_view content, int views,
                       int likes, int comments, bool liked,
                       std::string_view updated = "2025-10-15 12:34:56") const {
    return fmt::format(
        R"({{"id":{},"title":"{}","content":"{}","authorId":{},"authorName":"kim!",)"
        R"("authorHandle":"kim","authorAvatarUrl":"no-image","viewCount":{},"likeCount":{},)"
        R"("commentCount":{},"liked":{},"createdAt":"2025-10-15 12:34:56","updatedAt":"{}"}})",
        id, title, content, kim_.id, views, likes, comments, liked, updated);
  }
  std::string CommentJson(CommentId id, std::string_view content, PostId post,
                          std::string_view parent, int depth, int likes, int replies, bool liked,
                          std::string_view updated = "2025-10-15T12:34:56.123456") const {
    return fmt::format(
        R"({{"id":{},"liked":{},"content":"{}","authorId":{},"authorName":"lee!",)"
        R"("authorHandle":"lee","authorAvatarUrl":"no-image","postId":{},"parentId":{},)"
        R"("depth":{},"likeCount":{},"replyCount":{},"createdAt":"2025-10-15T12:34:56.123456",)"
        R"("updatedAt":"{}"}})",
        id, liked, content, lee_.id, post, parent, depth, likes, replies, updated);
  }
  static std::string Detail(PostId post) { return fmt::format("/api/timeline/posts/{}", post); }

  Person kim_, lee_;
};

TEST_F(ContentTest, ThePostOnEveryEndpoint) {
  Follow(lee_, kim_);
  ExpectData(Post("/api/posts", R"({"title":"T","content":"a \"b\"\n가"})", kim_), 201,
             PostJson(1, "T", R"(a \"b\"\n가)", 0, 0, 0, false));
  const std::string path = "/api/posts/1";
  ExpectData(Post(path + "/like", "", lee_), 200, "true");
  AddComment(lee_, 1, "c");
  const std::string seen_by_lee = PostJson(1, "T", R"(a \"b\"\n가)", 0, 1, 1, true);
  const std::string seen_by_kim = PostJson(1, "T", R"(a \"b\"\n가)", 0, 1, 1, false);
  const auto page = [](const std::string& row, int size) {
    return fmt::format(R"({{"content":[{}],"page":0,"size":{},"hasNext":false,"nextCursor":null}})",
                       row, size);
  };
  ExpectData(Get("/api/timeline/posts/followings", lee_), 200, page(seen_by_lee, 20));
  ExpectData(Get("/api/timeline/posts", kim_), 200, page(seen_by_kim, 10));
  ExpectData(Get("/api/timeline/posts/authors/1", lee_), 200, page(seen_by_lee, 10));
  ExpectData(Get("/api/timeline/posts/followings", kim_), 200, page("", 20));
  // The author's own reading is no view, HEAD is none, lee's is one.
  ExpectData(Get(Detail(1), kim_), 200, seen_by_kim);
  EXPECT_EQ(Send("HEAD", Detail(1), As(lee_)).status, 200);
  ExpectData(Get(Detail(1), lee_), 200, PostJson(1, "T", R"(a \"b\"\n가)", 1, 1, 1, true));
  ExpectData(Get(Detail(1), lee_), 200, PostJson(1, "T", R"(a \"b\"\n가)", 2, 1, 1, true));
  // Lists and answers of writes know those views at once.
  ExpectData(Get("/api/timeline/posts", kim_), 200,
             page(PostJson(1, "T", R"(a \"b\"\n가)", 2, 1, 1, false), 10));
  clock_.Advance(absl::Seconds(4));
  ExpectData(Put(path, R"({"content":"new"})", kim_), 200,
             PostJson(1, "T", "new", 2, 1, 1, false, "2025-10-15 12:35:00"));
  ExpectData(Put(path, R"({"content":"newer","title":""})", kim_), 200,
             PostJson(1, "", "newer", 2, 1, 1, false, "2025-10-15 12:35:00"));
  ExpectData(Delete(path + "/like", lee_), 200, "true");
  ExpectData(Delete(path, kim_), 200, "true");
  ExpectError(Get(Detail(1), lee_), 404, "POST_NOT_FOUND", "게시글을 찾을 수 없습니다.");
  ExpectData(Get("/api/timeline/posts/followings", lee_), 200, page("", 20));
}

TEST_F(ContentTest, TextsOfPosts) {
  std::string units;
  for (int i = 0; i < 2500; ++i) units += "😀";  // 5000 units
  const struct {
    std::string body;
    const char* code;  // empty: accepted
  } rows[] = {
      {R"({})", "POST_CONTENT_EMPTY"},
      {R"({"content":null})", "POST_CONTENT_EMPTY"},
      {R"({"content":""})", "POST_CONTENT_EMPTY"},
      {"{\"content\":\" \\t\\n\u3000\"}", "POST_CONTENT_EMPTY"},
      {R"({"content":"x","title":null})", ""},
      {R"({"content":"  x  ","title":")" + std::string(100, 't') + "\"}", ""},
      {R"({"content":"x","title":")" + std::string(101, 't') + "\"}", "POST_TITLE_TOO_LONG"},
      {R"({"content":")" + units + "\"}", ""},
      {R"({"content":")" + units + "x\"}", "INVALID_REQUEST"},
      {R"({"content":7})", "INVALID_REQUEST"},
      {R"({"content":"x","title":7})", "INVALID_REQUEST"},
      {R"({"content":["x"]})", "INVALID_REQUEST"},
      {R"({"content":"a\u0000b"})", "INVALID_REQUEST"},
  };
  const PostId post = Publish(kim_, "x");
  for (const auto& row : rows) {
    SCOPED_TRACE(row.body.substr(0, 60));
    const Position head = feed_->log().Head();
    for (const HttpReply& reply : {Post("/api/posts", row.body, kim_),
                                   Put(fmt::format("/api/posts/{}", post), row.body, kim_)}) {
      if (*row.code == '\0') {
        EXPECT_EQ(reply.status, 200) << reply.body;
      } else {
        ExpectError(reply, 400, row.code);
        ExpectUnchanged(head);
      }
    }
  }
  ExpectError(Post("/api/posts", R"({"content":")" + units + "x\"}", kim_), 400, "INVALID_REQUEST",
              "내용은 5000자를 넘을 수 없습니다");
}

TEST_F(ContentTest, AllFaultsOfAPostAreReportedTogether) {
  const std::string long_title(101, 't');
  const struct {
    std::string body;
    const char* code;
    const char* message;
  } rows[] = {
      {R"({"content":"","title":")" + long_title + "\"}", "POST_CONTENT_EMPTY",
       "제목은 100자를 넘을 수 없습니다, 내용은 비워 둘 수 없습니다"},
      {R"({"content":")" + std::string(5001, 'x') + R"(","title":")" + long_title + "\"}",
       "POST_TITLE_TOO_LONG", "제목은 100자를 넘을 수 없습니다, 내용은 5000자를 넘을 수 없습니다"},
      {R"({"content":" ","title":5})", "INVALID_REQUEST",
       "제목은 올바른 형식이어야 합니다, 내용은 비워 둘 수 없습니다"},
      {R"({"content":5,"title":")" + long_title + "\"}", "INVALID_REQUEST",
       "제목은 100자를 넘을 수 없습니다, 내용은 올바른 형식이어야 합니다"},
      {R"({"content":5,"title":5})", "INVALID_REQUEST",
       "제목은 올바른 형식이어야 합니다, 내용은 올바른 형식이어야 합니다"},
  };
  const PostId post = Publish(kim_, "x");
  for (const auto& row : rows) {
    SCOPED_TRACE(row.body.substr(0, 60));
    ExpectError(Post("/api/posts", row.body, kim_), 400, row.code, row.message);
    ExpectError(Put(fmt::format("/api/posts/{}", post), row.body, kim_), 400, row.code,
                row.message);
  }
}

TEST_F(ContentTest, OwnershipAndStateOfPosts) {
  const PostId post = Publish(kim_, "x");
  const std::string path = fmt::format("/api/posts/{}", post);
  ExpectError(Put(path, R"({"content":"y"})", lee_), 403, "POST_UPDATE_FORBIDDEN");
  ExpectError(Delete(path, lee_), 403, "POST_DELETE_FORBIDDEN");
  ExpectError(Delete(path + "/like", lee_), 400, "POST_LIKE_CANCEL_ALREADY_COMMITTED");
  ExpectData(Post(path + "/like", "", kim_), 200, "true");  // one's own
  ExpectError(Post(path + "/like", "", kim_), 400, "POST_LIKE_ALREADY_EXISTS");
  const Position head = feed_->log().Head();
  EXPECT_EQ(Delete(path, kim_).status, 200);
  ExpectError(Put(path, R"({"content":"y"})", lee_), 404, "POST_NOT_FOUND");
  ExpectError(Delete(path, lee_), 404, "POST_NOT_FOUND");
  ExpectError(Post(path + "/like", "", lee_), 404, "POST_NOT_FOUND");
  ExpectError(Delete(path + "/like", kim_), 404, "POST_NOT_FOUND");
  ExpectUnchanged(head + 1);
}

TEST_F(ContentTest, TheCommentOnEveryEndpoint) {
  const PostId post = Publish(kim_, "x");
  // `parentId` is ignored here: the comment is top-level.
  ExpectData(Post("/api/comments", R"({"content":"c","postId":"1","parentId":77})", lee_), 200,
             CommentJson(1, "c", post, "null", 0, 0, 0, false));
  ExpectData(Post("/api/comments/replies", R"({"content":"r","postId":1,"parentId":1})", lee_), 200,
             CommentJson(2, "r", post, "1", 1, 0, 0, false));
  ExpectData(Post("/api/comments/1/like", "", kim_), 201, "true");
  const std::string seen_by_kim = CommentJson(1, "c", post, "null", 0, 1, 1, true);
  const std::string reply = CommentJson(2, "r", post, "1", 1, 0, 0, false);
  const auto page = [](const std::string& rows, int size) {
    return fmt::format(R"({{"content":[{}],"page":0,"size":{},"hasNext":false,"nextCursor":null}})",
                       rows, size);
  };
  ExpectData(Get("/api/timeline/comments/1", kim_), 200, seen_by_kim);
  ExpectData(Get("/api/timeline/posts/1/comments", kim_), 200, page(seen_by_kim, 100));
  ExpectData(Get("/api/timeline/comments/1/replies", kim_), 200, page(reply, 10));
  ExpectData(Get("/api/timeline/members/2/comments", kim_), 200,
             page(reply + "," + seen_by_kim, 10));
  ExpectData(Get("/api/timeline/comments", lee_), 200,
             page(reply + "," + CommentJson(1, "c", post, "null", 0, 1, 1, false), 20));
  clock_.Advance(absl::Seconds(4) - absl::Microseconds(123456));
  ExpectData(Put("/api/comments/1", R"({"content":"e"})", lee_), 200,
             CommentJson(1, "e", post, "null", 0, 1, 1, false, "2025-10-15T12:35:00"));
  ExpectData(Delete("/api/comments/1/like", kim_), 204, "true");
  ExpectData(Delete("/api/comments/1", lee_), 200, "true");
  for (const char* gone : {"1", "2"}) {
    ExpectError(Get(std::string("/api/timeline/comments/") + gone, kim_), 404, "COMMENT_NOT_FOUND");
  }
  ExpectError(Get("/api/timeline/comments/1/replies", kim_), 404, "PARENT_COMMENT_NOT_FOUND");
  ExpectData(Get("/api/timeline/posts/1/comments", kim_), 200, page("", 100));
  ExpectData(Get("/api/timeline/posts/999/comments", kim_), 200, page("", 100));
  ExpectData(Get("/api/timeline/members/999/comments", kim_), 200, page("", 10));
}

TEST_F(ContentTest, ErrorsOfCommentsInTheirOrder) {
  const PostId post = Publish(kim_, "x");
  const PostId other = Publish(kim_, "y");
  const CommentId c0 = AddComment(lee_, post, "0");
  const CommentId c1 = AddReply(lee_, post, c0, "1");
  const CommentId c2 = AddReply(lee_, post, c1, "2");
  const std::string replies = "/api/comments/replies";
  const struct {
    std::string path, body;
    int status;
    const char* code;
  } rows[] = {
      {"/api/comments", R"({"content":"x"})", 400, "INVALID_REQUEST"},
      {"/api/comments", R"({"content":"x","postId":null})", 400, "INVALID_REQUEST"},
      {"/api/comments", R"({"content":"x","postId":1.5})", 400, "INVALID_REQUEST"},
      {"/api/comments", R"({"content":"x","postId":"1e0"})", 400, "INVALID_REQUEST"},
      {"/api/comments", R"({"content":"","postId":1})", 400, "INVALID_REQUEST"},
      {"/api/comments", R"({"content":" ","postId":999})", 400, "INVALID_REQUEST"},
      {"/api/comments", R"({"content":")" + std::string(1001, 'x') + R"(","postId":1})", 400,
       "INVALID_REQUEST"},
      {"/api/comments", R"({"content":"x","postId":999})", 404, "POST_NOT_FOUND"},
      {"/api/comments", R"({"content":"x","postId":0})", 404, "POST_NOT_FOUND"},
      {"/api/comments", R"({"content":"x","postId":-1})", 404, "POST_NOT_FOUND"},
      {"/api/comments", R"({"content":"x","postId":9007199254740992})", 404, "POST_NOT_FOUND"},
      {"/api/comments", R"({"content":"x","postId":1e400})", 404, "POST_NOT_FOUND"},
      {replies, R"({"content":"x","postId":999,"parentId":999})", 404, "POST_NOT_FOUND"},
      {replies, R"({"content":"x","postId":1})", 404, "PARENT_COMMENT_NOT_FOUND"},
      {replies, R"({"content":"x","postId":1,"parentId":null})", 404, "PARENT_COMMENT_NOT_FOUND"},
      {replies, R"({"content":"x","postId":1,"parentId":999})", 404, "PARENT_COMMENT_NOT_FOUND"},
      {replies, R"({"content":"x","postId":1,"parentId":true})", 400, "INVALID_REQUEST"},
      {replies, fmt::format(R"({{"content":"x","postId":{},"parentId":{}}})", other, c2), 400,
       "COMMENT_DEPTH_LIMIT_EXCEEDS"},
      {replies, fmt::format(R"({{"content":"x","postId":{},"parentId":{}}})", other, c1), 400,
       "PARENT_COMMENT_POST_ID_NOT_EQUALS"},
  };
  const Position head = feed_->log().Head();
  for (const auto& row : rows) {
    SCOPED_TRACE(row.body.substr(0, 60));
    ExpectError(Post(row.path, row.body, kim_), row.status, row.code);
  }
  ExpectError(Post("/api/comments", R"({"postId":"x"})", kim_), 400, "INVALID_REQUEST",
              "내용은 비워 둘 수 없습니다, 게시글 번호는 올바른 형식이어야 합니다");
  const std::string path = fmt::format("/api/comments/{}", c1);
  ExpectError(Put(path, R"({"content":""})", kim_), 400, "INVALID_REQUEST",
              "내용은 비워 둘 수 없습니다");
  ExpectError(Put(path, R"({"content":"y"})", kim_), 403, "COMMENT_MODIFICATION_PERMISSION_DENIED");
  ExpectError(Delete(path, kim_), 403, "COMMENT_DELETION_PERMISSION_DENIED");
  ExpectError(Delete(path + "/like", kim_), 400, "COMMENT_LIKE_CANCEL_ALREADY_COMMITTED");
  ExpectError(Put("/api/comments/999", R"({"content":"y"})", kim_), 404, "COMMENT_NOT_FOUND");
  ExpectError(Post("/api/comments/999/like", "", kim_), 404, "COMMENT_NOT_FOUND");
  ExpectUnchanged(head);
  EXPECT_EQ(Post(path + "/like", "", kim_).status, 200);
  ExpectError(Post(path + "/like", "", kim_), 400, "COMMENT_LIKE_ALREADY_EXISTS");
  // A deleted comment takes its subtree with it; the post's count follows.
  EXPECT_EQ(Delete(fmt::format("/api/comments/{}", c0), lee_).status, 200);
  ExpectError(Post(path + "/like", "", lee_), 404, "COMMENT_NOT_FOUND");
  EXPECT_EQ(Number(Get(fmt::format("/api/timeline/posts/{}", post), kim_), "commentCount"), 0u);
}

TEST_F(ContentTest, MembersOnEveryEndpoint) {
  Follow(lee_, kim_);
  const std::string summary =
      R"({"memberId":1,"id":1,"memberName":"Member kim","memberHandle":"kim",)"
      R"("displayName":"kim!","verificationStatus":"NONE","avatarUrl":"no-image",)"
      R"("updatedAt":"2025-10-15T12:34:56"})";
  const std::string profile =
      R"({"id":1,"memberId":1,"memberName":"Member kim","handle":"kim","displayName":"kim!",)"
      R"("bio":null,"location":null,"websiteUrl":null,"birthDate":null,"gender":"OTHER",)"
      R"("timezone":"UTC","languageCode":"en","countryCode":"KR","verificationStatus":"NONE",)"
      R"("privacyLevel":"PUBLIC","profileCompletionScore":0,"isActive":true,)"
      R"("avatarUrl":"no-image",)"
      R"("coverUrl":"https://cdn-icons-png.flaticon.com/512/10302/10302971.png",)"
      R"("createdAt":"2025-10-15T12:34:56","updatedAt":"2025-10-15T12:34:56",)"
      R"("followersCount":1,"followingsCount":0,"followingCount":0})";
  ExpectData(Get("/api/members", kim_), 200, R"({"id":1,"name":"Member kim"})");
  ExpectData(Get("/api/members/1", lee_), 200, R"({"id":1,"name":"Member kim"})");
  ExpectData(Get("/api/members/summary", kim_), 200, summary);
  ExpectData(Get("/api/members/1/summary", lee_), 200, summary);
  ExpectData(Get("/api/members/profile", kim_), 200, profile);
  for (const char* path :
       {"/api/members/profile/1", "/api/members/1/profile", "/api/members/profile/@kim",
        "/api/members/profile/%40KIM", "/api/members/profile/@@@Kim"}) {
    ExpectData(Get(path, lee_), 200, profile);
  }
  const auto page = [](const std::string& rows) {
    return fmt::format(R"({{"content":[{}],"page":0,"size":10,"hasNext":false,"nextCursor":null}})",
                       rows);
  };
  ExpectData(Get("/api/members/2/followings/more", kim_), 200, page(summary));
  ExpectData(Get("/api/members/followings/more?page=0", lee_), 200, page(summary));
  ExpectData(Get("/api/members/followers-followings", lee_), 200,
             fmt::format(R"({{"followers":{},"followings":{}}})", page(""), page(summary)));
  for (const char* path :
       {"/api/members/999", "/api/members/999/summary", "/api/members/999/profile",
        "/api/members/profile/999", "/api/members/profile/@nobody", "/api/members/profile/@@",
        "/api/members/999/followers-followings", "/api/members/999/followers/more",
        "/api/members/999/followings/more", "/api/timeline/posts/authors/999"}) {
    ExpectError(Get(path, kim_), 404, "MEMBER_NOT_FOUND", "회원을 찾을 수 없습니다.");
  }
}

TEST_F(ContentTest, ABlankDisplayNameGivesWayToTheName) {
  boost::json::object body = boost::json::parse(SignUpBody("park")).as_object();
  body["displayName"] = "  ";
  EXPECT_EQ(Send("POST", "/api/authentication/signup", {}, boost::json::serialize(body)).status,
            200);
  const Person park = LogIn("park");
  const HttpReply reply = Post("/api/posts", R"({"content":"x"})", park);
  EXPECT_EQ(Data(reply).as_object().at("authorName").as_string(), "Member park");
}

TEST_F(ContentTest, ShownInTheConfiguredZone) {
  options_.time_zone = "America/New_York";
  options_.data_directory += "2";
  Restart();
  kim_ = Join("kim");
  const HttpReply reply = Post("/api/posts", R"({"content":"x"})", kim_);
  EXPECT_EQ(Data(reply).as_object().at("createdAt").as_string(), "2025-10-14 23:34:56");
}

}  // namespace
}  // namespace dailyfeed::http

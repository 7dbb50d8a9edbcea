// Bad input gets the error of the contract and changes nothing; and what a
// known browser client relies on (section 8 of the HTTP contract).
#include "adapters/http/testing/api_test_util.h"

namespace dailyfeed::http {
namespace {

class HostileTest : public ApiTest {
 protected:
  void SetUp() override {
    ApiTest::SetUp();
    kim_ = Join("kim");
    lee_ = Join("lee");
  }
  Person kim_, lee_;
};

TEST_F(HostileTest, BodiesThatAreNotAJsonObject) {
  std::string nested(1 << 20, '[');
  std::string objects;
  while (objects.size() + 5 <= (1 << 20)) objects += "{\"a\":";
  const std::string bodies[] = {"",
                                " ",
                                "null",
                                "[]",
                                "7",
                                "\"x\"",
                                "{",
                                "{}}",
                                "{'content':'x'}",
                                "{\"content\":\"x\"",
                                "{\"content\":\"x\",}",
                                "content=x",
                                "\xef\xbb\xbf{}",
                                std::string("{\"content\":\"\0\"}", 15),
                                "{\"content\":\"\xff\"}",
                                "{\"content\":\"\xc0\x80\"}",
                                "{\"content\":\"\xed\xa0\x80\"}",
                                "{\"content\":\"\xf4\x90\x80\x80\"}",
                                R"({"content":"\ud800"})",
                                R"({"content":"\udfff"})",
                                R"({"content":"\ud800x"})",
                                R"({"content":"\x41"})",
                                "{\"content\":\"a\nb\"}",
                                R"({"content":NaN})",
                                R"({"content":1e})",
                                nested,
                                objects};
  const Position head = feed_->log().Head();
  for (const std::string& body : bodies) {
    SCOPED_TRACE(body.substr(0, 40));
    for (const char* path : {"/api/posts", "/api/comments", "/api/comments/replies",
                             "/api/authentication/login", "/api/authentication/signup"}) {
      ExpectError(Post(path, body, kim_), 400, "INVALID_REQUEST", "요청이 올바르지 않습니다.");
    }
  }
  ExpectUnchanged(head);
  EXPECT_EQ(Get("/api/members", kim_).status, 200);
}

TEST_F(HostileTest, BodiesAboveTheLimit) {
  const std::string body = R"({"content":")" + std::string((1 << 20) - 14, 'x') + R"("})";
  ASSERT_EQ(body.size(), 1u << 20);
  ExpectError(Post("/api/posts", body, kim_), 400, "INVALID_REQUEST",
              "내용은 5000자를 넘을 수 없습니다");
  ExpectError(Post("/api/posts", body + " ", kim_), 413, "PAYLOAD_TOO_LARGE");
}

TEST_F(HostileTest, IdsOfPaths) {
  const std::pair<const char*, const char*> routes[] = {
      {"PUT", "/api/posts/{}"},
      {"DELETE", "/api/posts/{}"},
      {"POST", "/api/posts/{}/like"},
      {"DELETE", "/api/posts/{}/like"},
      {"PUT", "/api/comments/{}"},
      {"DELETE", "/api/comments/{}"},
      {"POST", "/api/comments/{}/like"},
      {"DELETE", "/api/comments/{}/like"},
      {"POST", "/api/members/follow/{}"},
      {"DELETE", "/api/members/follow/{}"},
      {"GET", "/api/members/{}"},
      {"GET", "/api/members/{}/summary"},
      {"GET", "/api/members/{}/profile"},
      {"GET", "/api/members/profile/{}"},
      {"GET", "/api/members/{}/followers/more"},
      {"GET", "/api/members/{}/followings/more"},
      {"GET", "/api/members/{}/followers-followings"},
      {"GET", "/api/timeline/posts/{}"},
      {"GET", "/api/timeline/posts/authors/{}"},
      {"GET", "/api/timeline/comments/{}"},
      {"GET", "/api/timeline/comments/{}/replies"},
      {"GET", "/api/timeline/posts/{}/comments"},
      {"GET", "/api/timeline/members/{}/comments"}};
  const Position head = feed_->log().Head();
  for (const auto& [method, pattern] : routes) {
    SCOPED_TRACE(std::string(method) + " " + pattern);
    for (const char* id : {"0", "-1", "1e3", "x", "1.0", "+1", "0x1", "%31%2F", "%00", "1%20",
                           "%FF", "%ED%A0%80", "null", "NaN"}) {
      SCOPED_TRACE(id);
      const std::string target = fmt::format(fmt::runtime(pattern), id);
      ExpectError(Send(method, target, As(kim_), R"({"content":"x"})"), 400, "INVALID_REQUEST");
    }
    // Well-formed, and nobody's.
    for (const char* id : {"9007199254740991", "9007199254740992", "18446744073709551616",
                           "99999999999999999999999999"}) {
      const std::string target = fmt::format(fmt::runtime(pattern), id);
      const HttpReply reply = Send(method, target, As(kim_), R"({"content":"x"})");
      EXPECT_TRUE(reply.status == 404 || Data(reply).as_object().at("content").as_array().empty())
          << target << reply.body;
    }
  }
  ExpectUnchanged(head);
}

TEST_F(HostileTest, HandlesOfPaths) {
  ExpectError(Get("/api/members/profile/@%FF", kim_), 400, "INVALID_REQUEST",
              "핸들은 올바른 형식이어야 합니다");
  ExpectError(Get("/api/members/profile/@%ED%A0%80", kim_), 400, "INVALID_REQUEST");
  ExpectError(Get("/api/members/profile/@%00", kim_), 404, "MEMBER_NOT_FOUND");
  ExpectError(Get("/api/members/profile/@" + std::string(3000, 'x'), kim_), 404,
              "MEMBER_NOT_FOUND");
  ExpectError(Get("/api/members/profile/@k+m", kim_), 404, "MEMBER_NOT_FOUND");
  ExpectError(Get("/api/members/profile/@a%2Fb", kim_), 404, "MEMBER_NOT_FOUND");
}

TEST_F(HostileTest, PathsThatAreNotUtf8AreNamedInValidJson) {
  const HttpReply reply = Get("/api/\xff\xfe", kim_);
  ASSERT_TRUE(reply.status == 404 || reply.status == 400) << reply.status;
  EXPECT_TRUE(Json(reply).is_object());
}

// A failed request changes nothing, whatever comes with it.
TEST_F(HostileTest, DeepAndWideBodiesOfUnknownFields) {
  std::string wide = R"({"content":"x")";
  for (int i = 0; i < 20'000; ++i) wide += fmt::format(R"(,"f{}":[{{}},null,1e9])", i);
  EXPECT_EQ(Post("/api/posts", wide + "}", kim_).status, 200);
  EXPECT_EQ(
      Post("/api/posts",
           R"({"content":"x","deep":)" + std::string(20, '[') + std::string(20, ']') + "}", kim_)
          .status,
      200);
}

// Section 8, point by point as far as it is served.
TEST_F(HostileTest, JsonBodiesComeWithAnyContentType) {
  for (const char* type : {"text/plain;charset=UTF-8", "application/x-www-form-urlencoded",
                           "application/json; charset=euc-kr", "nonsense", ""}) {
    EXPECT_EQ(
        Send("POST", "/api/posts", As(kim_, {{"Content-Type", type}}), R"({"content":"x"})").status,
        200)
        << type;
  }
  Follow(kim_, lee_);
  ExpectData(Send("DELETE", fmt::format("/api/members/follow/{}", lee_.id),
                  As(kim_, {{"Content-Type", "application/json"}})),
             204, "true");
}

TEST_F(HostileTest, AnEditShowsAndCreationTimesAreEqual) {
  const HttpReply created = Post("/api/posts", R"({"content":"x"})", kim_);
  const boost::json::value post = Data(created);
  EXPECT_EQ(post.as_object().at("createdAt"), post.as_object().at("updatedAt"));
  clock_.Advance(absl::Seconds(1));
  const std::string path = fmt::format("/api/posts/{}", Number(created, "id"));
  const boost::json::value edited = Data(Put(path, R"({"content":"x"})", kim_));
  EXPECT_NE(edited.as_object().at("createdAt"), edited.as_object().at("updatedAt"));
  const boost::json::value comment =
      Data(Post("/api/comments", R"({"content":"x","postId":1})", lee_));
  EXPECT_EQ(comment.as_object().at("createdAt"), comment.as_object().at("updatedAt"));
}

TEST_F(HostileTest, AWriteShowsInTheNextReadOfEverybody) {
  Follow(lee_, kim_);
  for (int i = 0; i < 30; ++i) {
    const PostId post = Publish(kim_, fmt::format("{}", i));
    EXPECT_EQ(Ids(Get("/api/timeline/posts/followings?size=1", lee_)), std::vector<uint64_t>{post});
    EXPECT_EQ(Post(fmt::format("/api/posts/{}/like", post), "", lee_).status, 200);
    const HttpReply own = Get("/api/timeline/posts?size=1", kim_);
    const boost::json::value row = Data(own).as_object().at("content").as_array().at(0);
    EXPECT_EQ(row.as_object().at("likeCount").to_number<int>(), 1);
  }
}

}  // namespace
}  // namespace dailyfeed::http

// Section 1.9 of the HTTP contract: idempotent writes.
#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>

#include "adapters/http/testing/api_test_util.h"

namespace dailyfeed::http {
namespace {

class RepeatTest : public ApiTest {
 protected:
  void SetUp() override {
    ApiTest::SetUp();
    kim_ = Join("kim");
    lee_ = Join("lee");
  }
  HttpReply Keyed(std::string_view method, std::string_view target, const Person& person,
                  std::string_view key, std::string_view body = {}) {
    return Send(method, target, As(person, {{"Idempotency-Key", std::string(key)}}), body);
  }
  Person kim_, lee_;
};

TEST_F(RepeatTest, TheFirstAnswerComesAgainAndNothingChanges) {
  const PostId post = Publish(lee_, "hi");
  const CommentId comment = AddComment(lee_, post, "yo");
  const PostId own = Publish(kim_, "mine");
  const CommentId own_comment = AddComment(kim_, post, "mine");
  const struct {
    const char* method;
    std::string target, body;
  } rows[] = {
      {"POST", "/api/posts", R"({"content":"once"})"},
      {"PUT", fmt::format("/api/posts/{}", own), R"({"content":"edited"})"},
      {"POST", fmt::format("/api/posts/{}/like", post), ""},
      {"DELETE", fmt::format("/api/posts/{}/like", post), ""},
      {"POST", "/api/comments", fmt::format(R"({{"content":"c","postId":{}}})", post)},
      {"POST", "/api/comments/replies",
       fmt::format(R"({{"content":"r","postId":{},"parentId":{}}})", post, comment)},
      {"PUT", fmt::format("/api/comments/{}", own_comment), R"({"content":"edited"})"},
      {"POST", fmt::format("/api/comments/{}/like", comment), ""},
      {"DELETE", fmt::format("/api/comments/{}/like", comment), ""},
      {"POST", fmt::format("/api/members/follow/{}", lee_.id), ""},
      {"DELETE", fmt::format("/api/members/follow/{}", lee_.id), ""},
      {"PUT", "/api/members/profile", R"({"bio":"once","previousAvatarUrl":["x"]})"},
      {"PUT", "/api/members/profile/handle", R"({"newHandle":"kim_once"})"},
      {"DELETE", fmt::format("/api/comments/{}", own_comment), ""},
      {"DELETE", fmt::format("/api/posts/{}", own), ""},
  };
  int n = 0;
  for (const auto& row : rows) {
    SCOPED_TRACE(row.target);
    const std::string key = fmt::format("key-{}", n++);
    const HttpReply first = Keyed(row.method, row.target, kim_, key, row.body);
    ASSERT_EQ(first.status, 200) << first.body;
    const Position head = feed_->log().Head();
    for (const char* slash : {"", "/"}) {
      const HttpReply again = Keyed(row.method, row.target + slash, kim_, key, row.body);
      EXPECT_EQ(again.status, 200);
      EXPECT_EQ(again.body, first.body);
    }
    ExpectUnchanged(head);
  }
}

TEST_F(RepeatTest, TheFirstAnswerIsTheOneOfThatMoment) {
  const std::string body = R"({"content":"first"})";
  const HttpReply first = Keyed("POST", "/api/posts", kim_, "k", body);
  const uint64_t post = Number(first, "id");
  clock_.Advance(absl::Minutes(1));
  EXPECT_EQ(Put(fmt::format("/api/posts/{}", post), R"({"content":"second"})", kim_).status, 200);
  EXPECT_EQ(Delete(fmt::format("/api/posts/{}", post), kim_).status, 200);
  EXPECT_EQ(Keyed("POST", "/api/posts", kim_, "k", body).body, first.body);
  Restart();
  EXPECT_EQ(Keyed("POST", "/api/posts", kim_, "k", body).body, first.body);
}

// What was answered of a person cannot be read once they are gone.
TEST_F(RepeatTest, AnswersDieWithTheMember) {
  const HttpHeaders key = {{"Idempotency-Key", "join"}};
  const HttpReply joined = Send("POST", "/api/authentication/signup", key, SignUpBody("mortal"));
  ASSERT_EQ(joined.status, 200) << joined.body;
  EXPECT_NE(joined.body.find("mortal"), std::string::npos);
  const Person mortal = LogIn("mortal");
  EXPECT_EQ(Send("POST", "/api/authentication/signup", key, SignUpBody("mortal")).body,
            joined.body);
  EXPECT_EQ(Delete("/api/authentication/deactivate", mortal).status, 200);
  const Position head = feed_->log().Head();
  const HttpReply again = Send("POST", "/api/authentication/signup", key, SignUpBody("mortal"));
  ExpectError(again, 404, "MEMBER_NOT_FOUND");
  EXPECT_EQ(again.body.find("mortal"), std::string::npos);
  ExpectUnchanged(head);
}

TEST_F(RepeatTest, RefusalsAreRemembered) {
  const std::string follow = fmt::format("/api/members/follow/{}", lee_.id);
  const HttpReply first = Keyed("DELETE", follow, kim_, "k");
  ExpectError(first, 404, "FOLLOW_RELATIONSHIP_NOT_FOUND");
  Follow(kim_, lee_);
  const Position head = feed_->log().Head();
  EXPECT_EQ(Keyed("DELETE", follow, kim_, "k").body, first.body);
  ExpectUnchanged(head);
  ExpectError(Keyed("POST", "/api/posts", kim_, "empty", R"({"content":""})"), 400,
              "POST_CONTENT_EMPTY");
  ExpectError(Keyed("POST", "/api/posts", kim_, "empty", R"({"content":"x"})"), 422,
              "IDEMPOTENCY_KEY_REUSED");
}

TEST_F(RepeatTest, TheKeyOfAnotherRequestIsRefused) {
  EXPECT_EQ(Keyed("POST", "/api/posts", kim_, "k", R"({"content":"a"})").status, 200);
  const PostId post = Publish(kim_, "b");
  const Position head = feed_->log().Head();
  ExpectError(Keyed("POST", "/api/posts", kim_, "k", R"({"content":"b"})"), 422,
              "IDEMPOTENCY_KEY_REUSED", "이미 다른 요청에 사용된 멱등성 키입니다.");
  ExpectError(Keyed("PUT", fmt::format("/api/posts/{}", post), kim_, "k", R"({"content":"a"})"),
              422, "IDEMPOTENCY_KEY_REUSED");
  ExpectError(Keyed("DELETE", fmt::format("/api/posts/{}", post), kim_, "k"), 422,
              "IDEMPOTENCY_KEY_REUSED");
  ExpectUnchanged(head);
  // Another member's keys are their own.
  EXPECT_EQ(Keyed("POST", "/api/posts", lee_, "k", R"({"content":"b"})").status, 200);
}

TEST_F(RepeatTest, KeysAreForgottenAfterADay) {
  const std::string body = R"({"content":"a"})";
  const HttpReply first = Keyed("POST", "/api/posts", kim_, "k", body);
  clock_.Advance(absl::Hours(24) + absl::Seconds(1));
  const Person again = LogIn("kim");
  const HttpReply second = Keyed("POST", "/api/posts", again, "k", body);
  EXPECT_NE(Number(second, "id"), Number(first, "id"));
}

TEST_F(RepeatTest, BadKeysAreRefusedOnWritesAndIgnoredOnReads) {
  const Position head = feed_->log().Head();
  for (const std::string& key :
       {std::string(), std::string(129, 'x'), std::string("a b"), std::string("한글")}) {
    ExpectError(Keyed("POST", "/api/posts", kim_, key, R"({"content":"a"})"), 400,
                "INVALID_REQUEST");
    EXPECT_EQ(Keyed("GET", "/api/members", kim_, key).status, 200);
  }
  ExpectUnchanged(head);
  EXPECT_EQ(Keyed("POST", "/api/posts", kim_, std::string(128, '~'), R"({"content":"a"})").status,
            200);
}

TEST_F(RepeatTest, SigningUpTwiceWithOneKeyAndBodyIsOneMember) {
  const HttpHeaders key = {{"Idempotency-Key", "k"}};
  const HttpReply first = Send("POST", "/api/authentication/signup", key, SignUpBody("choi"));
  EXPECT_EQ(first.status, 200);
  const Position head = feed_->log().Head();
  const HttpReply again = Send("POST", "/api/authentication/signup", key, SignUpBody("choi"));
  EXPECT_EQ(again.status, 200);
  EXPECT_EQ(again.body, first.body);
  ExpectUnchanged(head);
  // On public endpoints another body is another key.
  EXPECT_EQ(Send("POST", "/api/authentication/signup", key, SignUpBody("park")).status, 200);
  ExpectError(Send("POST", "/api/authentication/signup", {}, SignUpBody("choi")), 400,
              "MEMBER_ALREADY_EXISTS");
}

TEST_F(RepeatTest, AtTheSameTimeOneWriteHappens) {
  const Position head = feed_->log().Head();
  std::vector<std::string> bodies(8);
  std::vector<std::thread> threads;
  for (std::string& body : bodies) {
    threads.emplace_back([&] {
      HttpClient client(server_->port());
      const auto reply = client.Request("POST", "/api/posts", As(kim_, {{"Idempotency-Key", "k"}}),
                                        R"({"content":"once"})");
      if (reply.ok()) body = reply->body;
    });
  }
  for (std::thread& thread : threads) thread.join();
  ExpectUnchanged(head + 1);
  for (const std::string& body : bodies) EXPECT_EQ(body, bodies.front());
}

// Names of people and tokens must not stand in the log's directory in the clear.
TEST_F(RepeatTest, RememberedAnswersAreSealed) {
  EXPECT_EQ(Send("POST", "/api/authentication/signup", {{"Idempotency-Key", "k"}},
                 SignUpBody("unmistakable"))
                .status,
            200);
  const Person person = LogIn("unmistakable");
  EXPECT_EQ(Keyed("POST", "/api/posts", person, "p", R"({"content":"visible words"})").status, 200);
  Stop();
  std::stringstream bytes;
  for (const auto& entry :
       std::filesystem::recursive_directory_iterator(directory_ / "feed" / "log")) {
    if (!entry.is_regular_file() || entry.file_size() == 0) continue;
    bytes << std::ifstream(entry.path(), std::ios::binary).rdbuf();
  }
  const std::string all = bytes.str();
  EXPECT_NE(all.find("visible words"), std::string::npos);
  EXPECT_EQ(all.find("Member unmistakable"), std::string::npos);
  EXPECT_EQ(all.find("unmistakable!"), std::string::npos);
  EXPECT_EQ(all.find(kPassword), std::string::npos);
}

}  // namespace
}  // namespace dailyfeed::http

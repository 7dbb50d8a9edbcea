// GET /api/timeline/stream over a socket.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "adapters/http/testing/api_test_util.h"

namespace dailyfeed::http {
namespace {

struct ServerSentEvent {
  std::string name, id, data;
};

// One reader of a stream. Ids without an event are kept in last_id too, as a
// browser does.
class StreamClient {
 public:
  StreamClient(uint16_t port, const std::string& token, const std::string& last_id = {})
      : client_(port) {
    EXPECT_TRUE(client_.Connect().ok());
    std::string request = "GET /api/timeline/stream HTTP/1.0\r\nAuthorization: Bearer " + token;
    if (!last_id.empty()) request += "\r\nLast-Event-ID: " + last_id;
    EXPECT_TRUE(client_.Send(request + "\r\n\r\n").ok());
    head_ = client_.ReceiveUntil("\r\n\r\n").value_or("");
  }

  const std::string& head() const { return head_; }
  const std::string& last_id() const { return last_id_; }
  ServerSentEvent Next() {
    while (true) {
      const auto block = client_.ReceiveUntil("\n\n");
      if (!block.ok()) {
        ADD_FAILURE() << block.status();
        return {};
      }
      ServerSentEvent event;
      for (const auto& [field, value] :
           {std::pair<std::string, std::string*>{"event: ", &event.name},
            {"id: ", &event.id},
            {"data: ", &event.data}}) {
        const size_t at = ("\n" + *block).find("\n" + field);
        if (at == std::string::npos) continue;
        *value = block->substr(at + field.size(), block->find('\n', at) - at - field.size());
      }
      if (!event.id.empty()) last_id_ = event.id;
      if (!event.data.empty()) return event;
    }
  }
  // What comes before the server closes.
  std::string Rest() { return client_.ReceiveUntilClosed().value_or("no end"); }

 private:
  HttpClient client_;
  std::string head_;
  std::string last_id_;
};

class ApiStreamTest : public ApiTest {
 protected:
  ApiStreamTest() { options_.live.tick = absl::Milliseconds(5); }

  StreamClient Open(const Person& person, const std::string& last_id = {}) {
    return StreamClient(server_->port(), person.token, last_id);
  }
  static boost::json::object Parsed(const ServerSentEvent& event) {
    boost::json::error_code error;
    const boost::json::value value = boost::json::parse(event.data, error);
    EXPECT_FALSE(error) << event.data;
    return value.is_object() ? value.get_object() : boost::json::object();
  }
};

TEST_F(ApiStreamTest, TellsOfPostsAndActivity) {
  const Person kim = Join("kim");
  const Person lee = Join("lee");
  Follow(lee, kim);
  StreamClient lees = Open(lee);
  EXPECT_NE(lees.head().find("Content-Type: text/event-stream\r\n"), std::string::npos);
  EXPECT_NE(lees.head().find("Cache-Control: no-cache"), std::string::npos);
  EXPECT_EQ(lees.Next().name, "ready");
  StreamClient kims = Open(kim);
  EXPECT_EQ(kims.Next().name, "ready");

  const PostId post = Publish(kim, "안녕\\nworld");
  const ServerSentEvent published = lees.Next();
  EXPECT_EQ(published.name, "post");
  EXPECT_EQ(published.id, std::to_string(feed_->log().Head()));
  // Exactly the object of the timeline.
  const std::string feed = Get("/api/timeline/posts/followings", lee).body;
  EXPECT_NE(feed.find("\"content\":[" + published.data + "]"), std::string::npos)
      << published.data << "\n"
      << feed;

  EXPECT_EQ(this->Post(fmt::format("/api/posts/{}/like", post), "", lee).status, 200);
  const ServerSentEvent liked = kims.Next();
  EXPECT_EQ(liked.name, "activity");
  EXPECT_EQ(liked.data,
            fmt::format(R"({{"memberActivityType":"LIKE_POST","authorId":{},"authorName":"lee!",)"
                        R"("authorHandle":"lee","authorAvatarUrl":"no-image","postId":{},)"
                        R"("comment":null,"createdAt":"2025-10-15T12:34:56.123456"}})",
                        lee.id, post));

  const CommentId comment = AddComment(lee, post, "hi");
  const ServerSentEvent commented = kims.Next();
  EXPECT_EQ(commented.name, "activity");
  const boost::json::object activity = Parsed(commented);
  EXPECT_EQ(activity.at("memberActivityType").as_string(), "COMMENT_CREATE");
  EXPECT_EQ(activity.at("comment").as_object().at("id").to_number<uint64_t>(), comment);
}

TEST_F(ApiStreamTest, GoesOnBehindTheLastEventAfterARestart) {
  Person kim = Join("kim");
  Person lee = Join("lee");
  Follow(lee, kim);
  std::string last_id;
  {
    StreamClient stream = Open(lee);
    EXPECT_EQ(stream.Next().name, "ready");
    Publish(kim, "seen");
    EXPECT_EQ(stream.Next().name, "post");
    last_id = stream.last_id();
  }
  Publish(kim, "while away");
  Restart();
  Publish(kim, "after the restart");
  StreamClient stream = Open(lee, last_id);
  EXPECT_EQ(stream.Next().name, "ready");
  EXPECT_EQ(Parsed(stream.Next()).at("content").as_string(), "while away");
  EXPECT_EQ(Parsed(stream.Next()).at("content").as_string(), "after the restart");
  Publish(kim, "live again");
  EXPECT_EQ(Parsed(stream.Next()).at("content").as_string(), "live again");
}

TEST_F(ApiStreamTest, AnIdFromTooFarBackBeginsNowAndSaysSo) {
  Stop();
  options_.live.resume_events_max = 3;
  Start();
  const Person kim = Join("kim");
  const Person lee = Join("lee");
  Follow(lee, kim);
  for (int i = 0; i < 10; ++i) Publish(kim, "missed");
  StreamClient stream = Open(lee, "0");
  EXPECT_TRUE(Parsed(stream.Next()).at("gap").as_bool());
  Publish(kim, "live");
  EXPECT_EQ(Parsed(stream.Next()).at("content").as_string(), "live");
  StreamClient fresh = Open(lee);
  EXPECT_FALSE(Parsed(fresh.Next()).contains("gap"));
}

// A client that does not read while far more happens than the server keeps for
// it gets all of it afterwards.
TEST_F(ApiStreamTest, ASlowClientLosesNothing) {
  Stop();
  api_options_.stream_bytes_max = 1024;
  options_.live.waiting_bytes_max = 4096;
  Start();
  const Person kim = Join("kim");
  const Person lee = Join("lee");
  Follow(lee, kim);
  StreamClient stream = Open(lee);
  EXPECT_EQ(stream.Next().name, "ready");
  constexpr int kPosts = 3000;
  const std::string text(4000, 'x');
  for (int i = 0; i < kPosts; ++i) {
    ASSERT_TRUE(
        feed_->Execute(kim.id, PublishPost{.title = std::to_string(i), .content = text}).ok());
  }
  for (int i = 0; i < kPosts; ++i) {
    const boost::json::object post = Parsed(stream.Next());
    ASSERT_TRUE(post.contains("title"));
    ASSERT_EQ(post.at("title").as_string(), std::to_string(i));
  }
}

TEST_F(ApiStreamTest, IdsComeAlsoWhenNothingConcernsTheClient) {
  Stop();
  api_options_.stream_heartbeat = absl::Milliseconds(20);
  Start();
  const Person kim = Join("kim");
  const Person lee = Join("lee");
  StreamClient stream = Open(lee);
  EXPECT_EQ(stream.Next().name, "ready");
  for (int i = 0; i < 10; ++i) Publish(kim, "lee does not follow me");
  HttpClient raw(server_->port());
  ASSERT_TRUE(raw.Connect().ok());
  ASSERT_TRUE(raw.Send("GET /api/timeline/stream HTTP/1.0\r\nLast-Event-ID: 1\r\n"
                       "Authorization: Bearer " +
                       lee.token + "\r\n\r\n")
                  .ok());
  const auto up_to_date = raw.ReceiveUntil(fmt::format("\n\nid: {}\n\n", feed_->log().Head()));
  EXPECT_TRUE(up_to_date.ok()) << up_to_date.status();
}

TEST_F(ApiStreamTest, EndsWithTheSession) {
  const Person kim = Join("kim");
  StreamClient stream = Open(kim);
  EXPECT_EQ(stream.Next().name, "ready");
  ASSERT_TRUE(feed_->identity().RevokeMember(kim.id).ok());
  EXPECT_EQ(stream.Rest(), "");
}

// Without waiting for a tick: what is published after the answer to logout-all
// is not told to a session that this ended.
TEST_F(ApiStreamTest, NothingReachesADeadSession) {
  Stop();
  options_.live.tick = absl::Hours(1);
  Start();
  const Person kim = Join("kim");
  const Person lee = Join("lee");
  Follow(lee, kim);
  StreamClient dead = Open(lee);
  EXPECT_EQ(dead.Next().name, "ready");
  Publish(kim, "before");
  EXPECT_EQ(dead.Next().name, "post");
  ExpectData(this->Post("/api/authentication/logout-all", "", lee), 200, "true");
  const Person again = LogIn("lee");
  StreamClient alive = Open(again);
  EXPECT_EQ(alive.Next().name, "ready");
  Publish(kim, "after");
  EXPECT_EQ(Parsed(alive.Next()).at("content").as_string(), "after");
  EXPECT_EQ(dead.Rest(), "");
}

TEST_F(ApiStreamTest, EndsWithTheAccessToken) {
  const Person kim = Join("kim");
  StreamClient stream = Open(kim);
  EXPECT_EQ(stream.Next().name, "ready");
  clock_.Advance(absl::Hours(1) + absl::Seconds(1));
  EXPECT_EQ(stream.Rest(), "");
}

TEST_F(ApiStreamTest, Refusals) {
  Stop();
  options_.live.watches_per_member_max = 2;
  options_.live.watches_max = 3;
  Start();
  const Person kim = Join("kim");
  const Person lee = Join("lee");
  ExpectError(Send("GET", "/api/timeline/stream"), 401, "BEARER_TOKEN_MISSING");
  for (const char* id : {"x", "-1", "1.5", "99999999999999999999", "1 2"}) {
    ExpectError(Send("GET", "/api/timeline/stream", As(kim, {{"Last-Event-ID", id}})), 400,
                "INVALID_REQUEST");
  }
  EXPECT_EQ(Send("POST", "/api/timeline/stream", As(kim)).status, 405);
  StreamClient first = Open(kim), second = Open(kim);
  EXPECT_EQ(first.Next().name, "ready");
  EXPECT_EQ(second.Next().name, "ready");
  const HttpReply third = Send("GET", "/api/timeline/stream", As(kim));
  ExpectError(third, 429, "TOO_MANY_REQUEST");
  EXPECT_EQ(third.Header("Retry-After"), "1");
  StreamClient other = Open(lee);
  EXPECT_EQ(other.Next().name, "ready");
  ExpectError(Send("GET", "/api/timeline/stream", As(lee)), 503, "SERVICE_UNAVAILABLE");
  EXPECT_EQ(feed_->stats().live.watches, 3u);
}

}  // namespace
}  // namespace dailyfeed::http

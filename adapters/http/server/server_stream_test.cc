// Answers that go on: chunks, the end from either side, slow clients, draining.
#include <gtest/gtest.h>

#include <memory>
#include <mutex>
#include <string>
#include <utility>

#include "adapters/http/server/server.h"
#include "adapters/http/server/server_test_support.h"
#include "tools/test_support/http_client.h"

namespace dailyfeed::http {
namespace {

using test_support::HttpClient;

// What the test says, the stream sends.
class Script {
 public:
  void Say(std::string_view text) {
    std::lock_guard lock(mutex_);
    waiting_.append(text);
    if (wake_) wake_();
  }
  void End() {
    std::lock_guard lock(mutex_);
    over_ = true;
    if (wake_) wake_();
  }
  bool gone() {
    std::lock_guard lock(mutex_);
    return gone_;
  }
  bool taken() {
    std::lock_guard lock(mutex_);
    return waiting_.empty();
  }

  static std::unique_ptr<BodyStream> Play(const std::shared_ptr<Script>& script) {
    class Stream final : public BodyStream {
     public:
      explicit Stream(std::shared_ptr<Script> script) : script_(std::move(script)) {}
      ~Stream() override {
        std::lock_guard lock(script_->mutex_);
        script_->gone_ = true;
      }
      void Begin(absl::AnyInvocable<void() const> wake) override {
        std::lock_guard lock(script_->mutex_);
        script_->wake_ = std::move(wake);
      }
      bool Take(std::string* bytes) override {
        std::lock_guard lock(script_->mutex_);
        *bytes = std::exchange(script_->waiting_, {});
        return !script_->over_;
      }

     private:
      const std::shared_ptr<Script> script_;
    };
    return std::make_unique<Stream>(script);
  }

 private:
  std::mutex mutex_;
  absl::AnyInvocable<void() const> wake_;
  std::string waiting_;
  bool over_ = false;
  bool gone_ = false;
};

class ServerStreamTest : public testing::Test {
 protected:
  void Start(ServerOptions options = {}) { server_ = StartServer(&handler_, std::move(options)); }

  std::shared_ptr<Script> script_ = std::make_shared<Script>();
  TestHandler handler_{[this](HttpRequest, Respond respond) {
    HttpResponse response = TextResponse("");
    response.stream = Script::Play(script_);
    respond(std::move(response));
  }};
  std::unique_ptr<Server> server_;
};

TEST_F(ServerStreamTest, SendsChunksAsTheyComeAndTheEnd) {
  Start();
  HttpClient client(server_->port());
  ASSERT_TRUE(client.Connect().ok());
  ASSERT_TRUE(client.Send("GET /s HTTP/1.1\r\nHost: a\r\n\r\n").ok());
  const auto head = client.ReceiveUntil("\r\n\r\n");
  ASSERT_TRUE(head.ok()) << head.status();
  EXPECT_NE(head->find("Transfer-Encoding: chunked\r\n"), std::string::npos) << *head;
  EXPECT_NE(head->find("Connection: close\r\n"), std::string::npos) << *head;
  EXPECT_EQ(head->find("Content-Length"), std::string::npos) << *head;
  script_->Say("hello");
  EXPECT_EQ(client.ReceiveUntil("hello\r\n").value_or("nothing"), "5\r\nhello\r\n");
  EXPECT_EQ(server_->stats().requests_in_flight, 0u);
  script_->Say("0123456789abcdef");
  EXPECT_EQ(client.ReceiveUntil("f\r\n").value_or("nothing"), "10\r\n0123456789abcdef\r\n");
  script_->End();
  EXPECT_EQ(client.ReceiveUntilClosed().value_or("nothing"), "0\r\n\r\n");
  WaitUntil([&] { return script_->gone(); });
  WaitUntil([&] { return server_->stats().requests_total == 1; });
}

TEST_F(ServerStreamTest, AnOldClientReadsUntilTheConnectionCloses) {
  Start();
  HttpClient client(server_->port());
  ASSERT_TRUE(client.Connect().ok());
  ASSERT_TRUE(client.Send("GET /s HTTP/1.0\r\n\r\n").ok());
  ASSERT_TRUE(client.ReceiveUntil("\r\n\r\n").ok());
  script_->Say("hello");
  EXPECT_EQ(client.ReceiveUntil("hello").value_or("nothing"), "hello");
  script_->End();
  EXPECT_EQ(client.ReceiveUntilClosed().value_or("nothing"), "");
}

TEST_F(ServerStreamTest, HeadHasNoBody) {
  Start();
  HttpClient client(server_->port());
  const auto reply = client.Request("HEAD", "/s");
  ASSERT_TRUE(reply.ok()) << reply.status();
  EXPECT_EQ(reply->status, 200);
  EXPECT_TRUE(script_->gone());
  // GET has no length that HEAD could name.
  EXPECT_TRUE(reply->HeaderValues("Content-Length").empty());
}

TEST_F(ServerStreamTest, IsToldWhenTheClientGoes) {
  Start();
  for (const bool reset : {false, true}) {
    script_ = std::make_shared<Script>();
    HttpClient client(server_->port());
    ASSERT_TRUE(client.Connect().ok());
    ASSERT_TRUE(client.Send("GET /s HTTP/1.1\r\nHost: a\r\n\r\n").ok());
    ASSERT_TRUE(client.ReceiveUntil("\r\n\r\n").ok());
    EXPECT_FALSE(script_->gone());
    client.Close(reset);
    WaitUntil([&] { return script_->gone(); });
  }
  script_->Say("to nobody");
  WaitUntil([&] { return server_->stats().connections_open == 0; });
}

TEST_F(ServerStreamTest, AClientThatDoesNotReadIsDropped) {
  ServerOptions options;
  options.write_timeout = absl::Milliseconds(50);
  Start(std::move(options));
  HttpClient client(server_->port());
  ASSERT_TRUE(client.Connect().ok());
  ASSERT_TRUE(client.Send("GET /s HTTP/1.1\r\nHost: a\r\n\r\n").ok());
  ASSERT_TRUE(client.ReceiveUntil("\r\n\r\n").ok());
  // More than both sockets hold.
  const std::string much(64u << 20, 'x');
  script_->Say(much);
  WaitUntil([&] { return script_->gone(); });
}

TEST_F(ServerStreamTest, DrainingEndsIt) {
  Start();
  HttpClient client(server_->port());
  ASSERT_TRUE(client.Connect().ok());
  ASSERT_TRUE(client.Send("GET /s HTTP/1.1\r\nHost: a\r\n\r\n").ok());
  ASSERT_TRUE(client.ReceiveUntil("\r\n\r\n").ok());
  script_->Say("hello");
  ASSERT_TRUE(client.ReceiveUntil("hello\r\n").ok());
  EXPECT_TRUE(server_->Drain(absl::Seconds(20)));
  EXPECT_EQ(client.ReceiveUntilClosed().value_or("nothing"), "0\r\n\r\n");
}

TEST_F(ServerStreamTest, AClientThatTalksOnIsCut) {
  Start();
  HttpClient client(server_->port());
  ASSERT_TRUE(client.Connect().ok());
  ASSERT_TRUE(client.Send("GET /s HTTP/1.1\r\nHost: a\r\n\r\n").ok());
  ASSERT_TRUE(client.ReceiveUntil("\r\n\r\n").ok());
  client.Send(std::string(1u << 20, 'x')).IgnoreError();  // may be cut before it is through
  WaitUntil([&] { return script_->gone(); });
}

}  // namespace
}  // namespace dailyfeed::http

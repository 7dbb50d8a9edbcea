// What a well-behaved client sees.
#include "adapters/http/server/server.h"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <atomic>
#include <map>
#include <mutex>
#include <set>
#include <thread>
#include <vector>

#include "adapters/http/server/server_test_support.h"
#include "tools/test_support/http_client.h"

namespace dailyfeed::http {
namespace {

using test_support::HttpClient;

TEST(ServerTest, AnswersWithTheStandardHeaders) {
  TestHandler handler([](HttpRequest request, Respond respond) {
    EXPECT_EQ(request.method, "GET");
    EXPECT_EQ(request.target, "/a/b?c=d");
    EXPECT_EQ(request.Header("x-THING"), "1");
    EXPECT_EQ(request.peer_address, "127.0.0.1");
    EXPECT_EQ(request.request_id.size(), 15u);
    HttpResponse response = TextResponse("hello");
    response.headers = {{"Set-Cookie", "a=1"}, {"Set-Cookie", "b=2"}, {"X-Evil", "a\r\nb: c"}};
    respond(std::move(response));
  });
  auto server = StartServer(&handler);
  HttpClient client(server->port());
  auto reply = client.Request("GET", "/a/b?c=d", {{"X-Thing", "1"}});
  ASSERT_TRUE(reply.ok()) << reply.status();
  EXPECT_EQ(reply->status, 200);
  EXPECT_EQ(reply->body, "hello");
  EXPECT_EQ(reply->Header("Content-Type"), "text/plain");
  EXPECT_EQ(reply->Header("Content-Length"), "5");
  EXPECT_EQ(reply->HeaderValues("Set-Cookie"), (std::vector<std::string>{"a=1", "b=2"}));
  EXPECT_EQ(reply->Header("X-Evil"), "a  b: c");
  EXPECT_EQ(reply->Header("Connection"), "");
  EXPECT_EQ(reply->Header("Date").size(), std::string("Sun, 06 Nov 1994 08:49:37 GMT").size());
}

TEST(ServerTest, KeepsTheConnection) {
  TestHandler handler;
  auto server = StartServer(&handler);
  HttpClient client(server->port());
  for (int i = 0; i < 100; ++i) {
    auto reply = client.Request("POST", fmt::format("/{}", i), {}, fmt::format("body {}", i));
    ASSERT_TRUE(reply.ok()) << reply.status();
    EXPECT_EQ(reply->body, fmt::format("POST /{} body {}", i, i));
  }
  EXPECT_EQ(server->stats().connections_accepted, 1u);
  WaitUntil([&] { return server->stats().requests_total == 100; });  // counted when written
  EXPECT_EQ(server->stats().requests_in_flight, 0u);
}

TEST(ServerTest, AnswersPipelinedRequestsInOrder) {
  TestHandler handler;
  auto server = StartServer(&handler);
  HttpClient client(server->port());
  std::string bytes;
  for (int i = 0; i < 200; ++i) {
    bytes += fmt::format("POST /{} HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc", i);
  }
  ASSERT_TRUE(client.Send(bytes).ok());
  for (int i = 0; i < 200; ++i) {
    auto reply = client.Receive();
    ASSERT_TRUE(reply.ok()) << reply.status();
    EXPECT_EQ(reply->body, fmt::format("POST /{} abc", i));
  }
}

TEST(ServerTest, ReadsTheNextRequestOnlyAfterTheAnswer) {
  ParkedRequests parked;
  TestHandler handler(parked.Park());
  auto server = StartServer(&handler);
  HttpClient client(server->port());
  ASSERT_TRUE(
      client.Send("GET /1 HTTP/1.1\r\nHost: a\r\n\r\nGET /2 HTTP/1.1\r\nHost: a\r\n\r\n").ok());
  auto [first, respond_first] = parked.Take();
  EXPECT_EQ(first.target, "/1");
  EXPECT_EQ(server->stats().requests_in_flight, 1u);
  respond_first(TextResponse("one"));
  EXPECT_EQ(client.Receive()->body, "one");
  auto [second, respond_second] = parked.Take();
  EXPECT_EQ(second.target, "/2");
  respond_second(TextResponse("two"));
  EXPECT_EQ(client.Receive()->body, "two");
}

// RFC 9112, section 3.2.2.
TEST(ServerTest, TakesTargetsInAbsoluteForm) {
  TestHandler handler(
      [](HttpRequest request, Respond respond) { respond(TextResponse(request.target)); });
  auto server = StartServer(&handler);
  HttpClient client(server->port());
  const struct {
    const char* sent;
    const char* seen;
  } rows[] = {{"http://a:80/b/c?d=/e", "/b/c?d=/e"},
              {"HTTPS://a", "/"},
              {"http://a?b=c", "/?b=c"},
              {"ftp://a/b", "ftp://a/b"},
              {"/b://c/d", "/b://c/d"},
              {"*", "*"}};
  for (const auto& row : rows) {
    auto reply = client.Request("GET", row.sent, {{"Host", "a"}});
    ASSERT_TRUE(reply.ok()) << reply.status();
    EXPECT_EQ(reply->body, row.seen);
  }
}

TEST(ServerTest, HeadHasTheLengthAndNoBody) {
  TestHandler handler;
  auto server = StartServer(&handler);
  HttpClient client(server->port());
  auto reply = client.Request("HEAD", "/x");
  ASSERT_TRUE(reply.ok());
  EXPECT_EQ(reply->Header("Content-Length"), "8");
  EXPECT_EQ(client.Request("GET", "/x")->body, "GET /x ");
  EXPECT_EQ(server->stats().connections_accepted, 1u);
}

TEST(ServerTest, NoContentHasNoLength) {
  TestHandler handler([](HttpRequest, Respond respond) { respond(TextResponse("ignored", 204)); });
  auto server = StartServer(&handler);
  HttpClient client(server->port());
  for (int i = 0; i < 2; ++i) {
    auto reply = client.Request("GET", "/x");
    ASSERT_TRUE(reply.ok());
    EXPECT_EQ(reply->status, 204);
    EXPECT_EQ(reply->Header("Content-Length"), "");
  }
}

TEST(ServerTest, Http10ClosesUnlessAskedNotTo) {
  TestHandler handler;
  auto server = StartServer(&handler);
  HttpClient client(server->port());
  ASSERT_TRUE(client.Send("GET /x HTTP/1.0\r\nConnection: keep-alive\r\n\r\n").ok());
  EXPECT_EQ(client.Receive()->Header("Connection"), "keep-alive");
  ASSERT_TRUE(client.Send("GET /x HTTP/1.0\r\n\r\n").ok());
  EXPECT_EQ(client.Receive()->Header("Connection"), "close");
  EXPECT_EQ(*client.ReceiveUntilClosed(), "");
}

TEST(ServerTest, ClosesWhenAsked) {
  TestHandler handler;
  auto server = StartServer(&handler);
  HttpClient client(server->port());
  ASSERT_TRUE(client.Send("GET /x HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n").ok());
  auto all = client.ReceiveUntilClosed();
  ASSERT_TRUE(all.ok());
  EXPECT_NE(all->find("Connection: close\r\n"), std::string::npos);
  EXPECT_NE(all->find("GET /x "), std::string::npos);
}

TEST(ServerTest, ReadsChunkedBodies) {
  TestHandler handler;
  auto server = StartServer(&handler);
  const std::string request =
      "POST /c HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
      "5\r\nhello\r\n1;ext=\"x\"\r\n \r\n005\r\nworld\r\n0\r\nX-Trailer: dropped\r\n\r\n";
  HttpClient client(server->port());
  ASSERT_TRUE(client.Send(request + request).ok());
  EXPECT_EQ(client.Receive()->body, "POST /c hello world");
  EXPECT_EQ(client.Receive()->body, "POST /c hello world");
}

TEST(ServerTest, ReadsRequestsThatComeByteByByte) {
  TestHandler handler;
  auto server = StartServer(&handler);
  HttpClient client(server->port());
  const std::string requests =
      "\r\nPOST /c HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
      "5\r\nhello\r\n1\r\n!\r\n0\r\n\r\n"
      "POST /empty HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
      "POST /l HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc"
      "GET /g HTTP/1.1\r\nHost: a\r\n\r\n";
  for (const char byte : requests) ASSERT_TRUE(client.Send({&byte, 1}).ok());
  EXPECT_EQ(client.Receive()->body, "POST /c hello!");
  EXPECT_EQ(client.Receive()->body, "POST /empty ");
  EXPECT_EQ(client.Receive()->body, "POST /l abc");
  EXPECT_EQ(client.Receive()->body, "GET /g ");
}

TEST(ServerTest, SaysContinueWhenAsked) {
  TestHandler handler;
  auto server = StartServer(&handler);
  HttpClient client(server->port());
  ASSERT_TRUE(client
                  .Send("POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n"
                        "Expect: 100-continue\r\n\r\n")
                  .ok());
  EXPECT_EQ(client.Receive()->status, 100);
  ASSERT_TRUE(client.Send("abc").ok());
  EXPECT_EQ(client.Receive()->body, "POST /x abc");
}

TEST(ServerTest, LargeBodiesBothWays) {
  TestHandler handler;
  auto server = StartServer(&handler);
  HttpClient client(server->port());
  const std::string body(1u << 20, 'x');
  for (int i = 0; i < 3; ++i) {
    auto reply = client.Request("POST", "/x", {}, body);
    ASSERT_TRUE(reply.ok()) << reply.status();
    EXPECT_EQ(reply->body, "POST /x " + body);
  }
}

TEST(ServerTest, RespondWorksFromAnyThread) {
  std::mutex mutex;
  std::vector<std::thread> threads;
  TestHandler handler([&](HttpRequest request, Respond respond) {
    std::lock_guard lock(mutex);
    threads.emplace_back([target = request.target, respond = std::move(respond)]() mutable {
      respond(TextResponse(target));
    });
  });
  auto server = StartServer(&handler);
  HttpClient client(server->port());
  for (int i = 0; i < 50; ++i) {
    auto reply = client.Request("GET", fmt::format("/{}", i));
    ASSERT_TRUE(reply.ok()) << reply.status();
    EXPECT_EQ(reply->body, fmt::format("/{}", i));
  }
  server.reset();
  for (std::thread& thread : threads) thread.join();
}

TEST(ServerTest, ARespondThatIsDroppedAnswers500) {
  TestHandler handler([](HttpRequest request, Respond respond) {
    if (request.target == "/elsewhere") {
      std::thread([dropped = std::move(respond)] {}).join();
    }
  });
  auto server = StartServer(&handler);
  HttpClient client(server->port());
  for (const char* target : {"/here", "/elsewhere"}) {
    auto reply = client.Request("GET", target);
    ASSERT_TRUE(reply.ok()) << reply.status();
    EXPECT_EQ(reply->status, 500);
    EXPECT_EQ(reply->body, fmt::format(R"({{"refused":500,"target":"{}"}})", target));
  }
}

TEST(ServerTest, RespondAfterTheClientOrTheServerHasGoneDoesNothing) {
  ParkedRequests parked;
  TestHandler handler(parked.Park());
  auto server = StartServer(&handler);
  HttpClient client(server->port());
  ASSERT_TRUE(client.Send("GET /1 HTTP/1.1\r\nHost: a\r\n\r\n").ok());
  auto first = parked.Take();
  client.Close(/*reset=*/true);
  first.second(TextResponse("nobody"));
  WaitUntil([&] { return server->stats().connections_open == 0; });
  EXPECT_EQ(server->stats().requests_in_flight, 0u);

  HttpClient called(server->port()), dropped(server->port());
  ASSERT_TRUE(called.Send("GET /2 HTTP/1.1\r\nHost: a\r\n\r\n").ok());
  auto second = parked.Take();
  ASSERT_TRUE(dropped.Send("GET /3 HTTP/1.1\r\nHost: a\r\n\r\n").ok());
  auto third = parked.Take();
  server.reset();
  second.second(TextResponse("nobody"));
  third.second = nullptr;
}

TEST(ServerTest, RecordsEveryAnswer) {
  TestHandler handler([](HttpRequest, Respond respond) {
    HttpResponse response = TextResponse("abc", 404);
    response.route = "/posts/{id}";
    response.error_code = "POST_NOT_FOUND";
    response.member_id = 7;
    respond(std::move(response));
  });
  std::mutex mutex;
  std::vector<RequestRecord> records;
  ServerOptions options;
  options.on_request = [&](const RequestRecord& record) {
    std::lock_guard lock(mutex);
    records.push_back(record);
  };
  auto server = StartServer(&handler, std::move(options));
  HttpClient client(server->port());
  ASSERT_TRUE(client.Request("POST", "/posts/1?secret=2", {}, "hello").ok());
  ASSERT_TRUE(client.Send("nonsense\r\n\r\n").ok());
  ASSERT_TRUE(client.ReceiveUntilClosed().ok());
  server.reset();
  ASSERT_EQ(records.size(), 2u);
  EXPECT_EQ(records[0].method, "POST");
  EXPECT_EQ(records[0].path, "/posts/1");
  EXPECT_EQ(records[0].route, "/posts/{id}");
  EXPECT_EQ(records[0].error_code, "POST_NOT_FOUND");
  EXPECT_EQ(records[0].member_id, 7u);
  EXPECT_EQ(records[0].status, 404);
  EXPECT_EQ(records[0].peer_address, "127.0.0.1");
  EXPECT_GT(records[0].bytes_in, 50u);
  EXPECT_GT(records[0].bytes_out, 50u);
  EXPECT_GT(records[0].duration, absl::ZeroDuration());
  EXPECT_EQ(records[1].status, 400);
  EXPECT_EQ(records[1].error_code, "REFUSED_400");
  EXPECT_EQ(records[1].member_id, 0u);
  EXPECT_NE(records[0].request_id, records[1].request_id);
}

TEST(ServerTest, StartSaysWhatIsWrong) {
  TestHandler handler;
  auto server = StartServer(&handler);
  ServerOptions taken;
  taken.port = server->port();
  auto second = Server::Start(&handler, std::move(taken));
  EXPECT_EQ(second.status(), absl::UnavailableError(fmt::format(
                                 "address already in use: 127.0.0.1:{}", server->port())));
  ServerOptions nonsense;
  nonsense.host = "no where";
  EXPECT_EQ(Server::Start(&handler, std::move(nonsense)).status().code(),
            absl::StatusCode::kInvalidArgument);
  ServerOptions zero;
  zero.connections_max = 0;
  EXPECT_EQ(Server::Start(&handler, std::move(zero)).status().code(),
            absl::StatusCode::kInvalidArgument);
}

TEST(ServerTest, ListensOnAName) {
  TestHandler handler;
  ServerOptions options;
  options.host = "localhost";
  auto server = Server::Start(&handler, std::move(options));
  ASSERT_TRUE(server.ok()) << server.status();
  EXPECT_NE((*server)->port(), 0);
}

TEST(ServerTest, SaysWhetherItCouldListen) {
  TestHandler handler;
  auto server = StartServer(&handler);
  EXPECT_EQ(
      CheckCanListen("127.0.0.1", server->port()),
      absl::UnavailableError(fmt::format("address already in use: 127.0.0.1:{}", server->port())));
  EXPECT_EQ(CheckCanListen("127.0.0.1", 0), absl::OkStatus());
  EXPECT_TRUE(absl::IsInvalidArgument(CheckCanListen("no where", 0)));
}

TEST(ServerTest, MoreThreadsThanTheSystemHasFilesForIsAnError) {
  TestHandler handler;
  ServerOptions beyond;
  beyond.threads = ServerOptions::kThreadsMax + 1;
  EXPECT_TRUE(absl::IsInvalidArgument(Server::Start(&handler, std::move(beyond)).status()));

  rlimit before;
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &before), 0);
  rlimit few = before;
  few.rlim_cur = 32;
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &few), 0);
  ServerOptions many;
  many.threads = ServerOptions::kThreadsMax;
  const absl::Status status = Server::Start(&handler, std::move(many)).status();
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &before), 0);
  EXPECT_TRUE(absl::IsResourceExhausted(status)) << status;
  EXPECT_NE(status.message().find("cannot start the HTTP server"), absl::string_view::npos);
}

TEST(ServerTest, ConnectionsBeyondTheRefusalsAreClosedWithoutAWord) {
  TestHandler handler;
  ServerOptions options;
  options.connections_max = 1;
  options.refusals_at_once_max = 0;
  auto server = Server::Start(&handler, std::move(options));
  ASSERT_TRUE(server.ok()) << server.status();
  HttpClient served((*server)->port());
  ASSERT_TRUE(served.Request("GET", "/x").ok());
  HttpClient beyond((*server)->port());
  ASSERT_TRUE(beyond.Connect().ok());
  EXPECT_FALSE(beyond.Receive().ok());
  EXPECT_EQ((*server)->stats().connections_refused, 1u);
}

// The client neither stops sending nor closes: what is beyond the limit closes
// the connection, long before the time does.
TEST(ServerTest, LingersForSoManyBytesOnly) {
  TestHandler handler;
  ServerOptions options;
  options.linger_timeout = absl::Hours(1);
  options.linger_bytes_max = 1000;
  auto server = Server::Start(&handler, std::move(options));
  ASSERT_TRUE(server.ok()) << server.status();
  HttpClient client((*server)->port());
  ASSERT_TRUE(client.Send("POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 5000000\r\n\r\n").ok());
  auto reply = client.Receive();
  ASSERT_TRUE(reply.ok()) << reply.status();
  EXPECT_EQ(reply->status, 413);
  ASSERT_TRUE(client.Send(std::string(2000, 'x')).ok());
  while ((*server)->stats().connections_open > 0) std::this_thread::yield();
}

TEST(ServerTest, ServesAThousandConnections) {
  TestHandler handler;
  auto server = StartServer(&handler);
  std::vector<HttpClient> clients;
  for (int i = 0; i < 1000; ++i) clients.emplace_back(server->port());
  for (int round = 0; round < 2; ++round) {
    for (HttpClient& client : clients) {
      ASSERT_TRUE(client.Send("GET /x HTTP/1.1\r\nHost: a\r\n\r\n").ok());
    }
    for (HttpClient& client : clients) {
      auto reply = client.Receive();
      ASSERT_TRUE(reply.ok()) << reply.status();
      ASSERT_EQ(reply->body, "GET /x ");
    }
  }
  EXPECT_EQ(server->stats().connections_open, 1000u);
  clients.clear();
  WaitUntil([&] { return server->stats().connections_open == 0; });
}

}  // namespace
}  // namespace dailyfeed::http

// What clients can do wrong, on purpose or not: each gets its refusal in the
// handler's form, nothing reaches the handler, and nothing stays behind.
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sys/socket.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <memory>
#include <mutex>
#include <optional>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "adapters/http/server/server_test_support.h"
#include "tools/test_support/http_client.h"

namespace dailyfeed::http {
namespace {

using test_support::HttpClient;
using test_support::HttpReply;

// Sends `bytes`, returns the answer and checks that it is the last.
HttpReply Refused(uint16_t port, const std::string& bytes) {
  HttpClient client(port);
  // The server may have refused before it had everything.
  (void)client.Send(bytes);
  auto reply = client.Receive(/*head=*/bytes.rfind("HEAD ", 0) == 0);
  EXPECT_TRUE(reply.ok()) << reply.status() << " after " << bytes.substr(0, 200);
  if (!reply.ok()) return {};
  EXPECT_EQ(reply->Header("Connection"), "close") << bytes.substr(0, 200);
  auto rest = client.ReceiveUntilClosed();
  EXPECT_EQ(rest.value_or("reset"), "") << bytes.substr(0, 200);
  return *reply;
}

class HostileTest : public ::testing::Test {
 protected:
  void Start(ServerOptions options = {}, size_t body_limit = 1000) {
    handler_.emplace(
        [this](HttpRequest request, Respond respond) {
          ++handled_;
          TestHandler::Echo(std::move(request), std::move(respond));
        },
        body_limit);
    server_ = StartServer(&*handler_, std::move(options));
  }
  void ExpectNothingLeft() {
    WaitUntil([&] { return server_->stats().connections_open == 0; });
    EXPECT_EQ(server_->stats().requests_in_flight, 0u);
  }
  uint16_t port() const { return server_->port(); }

  std::atomic<int> handled_{0};
  std::optional<TestHandler> handler_;
  std::unique_ptr<Server> server_;
};

TEST_F(HostileTest, MalformedRequestsAre400) {
  Start();
  const std::string cases[] = {
      "nonsense\r\n\r\n",
      "GET\r\n\r\n",
      "GET / HTTP/2.0\r\nHost: a\r\n\r\n",
      "GET / HTTP/1.1\nHost: a\n\n",
      "GET /a b HTTP/1.1\r\nHost: a\r\n\r\n",
      "GET /\x01 HTTP/1.1\r\nHost: a\r\n\r\n",
      "G(T / HTTP/1.1\r\nHost: a\r\n\r\n",
      "GET / HTTP/1.1\r\nHost : a\r\n\r\n",
      "GET / HTTP/1.1\r\n: a\r\n\r\n",
      "GET / HTTP/1.1\r\nHost: a\r\nX: a\rb\r\n\r\n",
      std::string("GET / HTTP/1.1\r\nHost: a\r\nX: a") + '\0' + "b\r\n\r\n",
      "GET / HTTP/1.1\r\n\r\n",                        // no Host
      "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",  // two
      "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: x\r\n\r\n",
      "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n",
      "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999999999999\r\n\r\n",
      "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
      // Which of several lengths counts differs among servers, even among equal ones.
      "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\nx",
      "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5, 5\r\n\r\nhello",
      "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: +5\r\n\r\nhello",
      "POST / HTTP/1.1\r\nHost: a\r\nContent-Length:\r\n\r\n",
      // Folded lines, which some take together and others do not.
      "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n",
      "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\t0\r\n\r\n0123456789",
      "GET / HTTP/1.1\r\nHost: a\r\nX: a\r\n b\r\n\r\n",
      "GET / HTTP/1.1\r\nHost: a\r\nX: a\r\n \r\n\r\n",
      "GET / HTTP/1.1\r\n Host: a\r\nHost: a\r\n\r\n",
      // Hosts that are none.
      "GET / HTTP/1.1\r\nHost: a b/c\r\n\r\n",
      "GET / HTTP/1.1\r\nHost: a/c\r\n\r\n",
      "GET / HTTP/1.1\r\nHost: user@a\r\n\r\n",
      "GET / HTTP/1.1\r\nHost: a:8x\r\n\r\n",
      "GET / HTTP/1.1\r\nHost: a:1:2\r\n\r\n",
      "GET / HTTP/1.1\r\nHost: a, b\r\n\r\n",
      "GET / HTTP/1.1\r\nHost: [::1\r\n\r\n",
      "GET / HTTP/1.1\r\nHost: [::1]x\r\n\r\n",
      "GET / HTTP/1.1\r\nHost: a\x7F\r\n\r\n",
      // A target in absolute form that names another host, or none.
      "GET http://b/ HTTP/1.1\r\nHost: a\r\n\r\n",
      "GET http://a:81/ HTTP/1.1\r\nHost: a\r\n\r\n",
      "GET http://a/ HTTP/1.1\r\nHost:\r\n\r\n",
      "GET http:///x HTTP/1.1\r\nHost:\r\n\r\n",
      "GET http://user@a/ HTTP/1.1\r\nHost: a\r\n\r\n",
      // What one server reads as chunked and another does not.
      "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
      "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nContent-Length: 1\r\n\r\n",
      "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\n\r\n",
      "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n",
      "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: xchunked\r\n\r\n",
      "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
      "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n\r\n",
      "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nabc\r\n0\r\n\r\n",
      "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
      "fffffffffffffffff\r\n\r\n",
  };
  for (const std::string& bytes : cases) {
    EXPECT_EQ(Refused(port(), bytes).status, 400) << bytes;
  }
  EXPECT_EQ(handled_, 0);
  ExpectNothingLeft();
}

TEST_F(HostileTest, HostsAndAbsoluteTargetsThatAgreeAreServed) {
  Start();
  HttpClient client(port());
  for (const char* head :
       {"GET /x HTTP/1.1\r\nHost: a.example\r\n", "GET /x HTTP/1.1\r\nHost: a:8080\r\n",
        "GET /x HTTP/1.1\r\nHost: [::1]:80\r\n", "GET /x HTTP/1.1\r\nHost:\r\n",
        "GET /x HTTP/1.1\r\nHost: x_y%20z\r\n", "GET http://a/x HTTP/1.1\r\nHost: A\r\n",
        "GET HTTP://a:80/x HTTP/1.1\r\nHost: a\r\n",
        "GET https://a/x HTTP/1.1\r\nHost: a:443\r\n"}) {
    ASSERT_TRUE(client.Send(std::string(head) + "\r\n").ok());
    const auto reply = client.Receive();
    ASSERT_TRUE(reply.ok()) << head << reply.status();
    EXPECT_EQ(reply->body, "GET /x ") << head;
  }
}

TEST_F(HostileTest, RefusalsNameTheTargetWhenItIsKnown) {
  Start();
  EXPECT_EQ(Refused(port(), "GET /here HTTP/1.1\r\nHost: a\r\nbad\r\n\r\n").body,
            R"({"refused":400,"target":"/here"})");
  EXPECT_EQ(Refused(port(), "HEAD /here HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n").body, "");
}

TEST_F(HostileTest, AHeaderAboveTheLimitIs431) {
  Start();
  const std::string line = "X-Flood: " + std::string(1000, 'x') + "\r\n";
  std::string flood = "GET / HTTP/1.1\r\nHost: a\r\n";
  for (int i = 0; i < 100; ++i) flood += line;
  EXPECT_EQ(Refused(port(), flood).status, 431);
  EXPECT_EQ(Refused(port(), "GET /" + std::string(100'000, 'a')).status, 431);
  EXPECT_EQ(Refused(port(), "GET / HTTP/1.1\r\nHost: a\r\nX: " + std::string(100'000, 'a')).status,
            431);
  std::string many = "GET / HTTP/1.1\r\nHost: a\r\n";
  for (int i = 0; i < 300; ++i) many += "A: b\r\n";
  EXPECT_EQ(Refused(port(), many + "\r\n").status, 431);
  EXPECT_EQ(handled_, 0);
  ExpectNothingLeft();
}

TEST_F(HostileTest, TheHeaderLimitCountsEveryByteOnce) {
  ServerOptions options;
  options.header_bytes_max = 1000;
  Start(std::move(options));
  const std::string begin = "GET / HTTP/1.1\r\nHost: a\r\nX: ", end = "\r\n\r\n";
  const std::string fits = begin + std::string(1000 - begin.size() - end.size(), 'x') + end;
  HttpClient client(port());
  ASSERT_TRUE(client.Send(fits + fits).ok());
  EXPECT_EQ(client.Receive()->status, 200);
  EXPECT_EQ(client.Receive()->status, 200);
  for (const char byte : fits) ASSERT_TRUE(client.Send({&byte, 1}).ok());
  EXPECT_EQ(client.Receive()->status, 200);
  const std::string too_long = begin + std::string(1001 - begin.size() - end.size(), 'x') + end;
  EXPECT_EQ(Refused(port(), too_long).status, 431);
  // In pieces, so that complete lines are parsed before the limit is reached.
  HttpClient slow(port());
  ASSERT_TRUE(slow.Send("GET / HTTP/1.1\r\nHost: a\r\n").ok());
  int status = 0;
  for (int i = 0; i < 200 && status == 0; ++i) {
    if (!slow.Send("Abcdefg: hijklmn\r\n").ok()) break;
    char byte;
    if (::recv(slow.socket(), &byte, 1, MSG_PEEK | MSG_DONTWAIT) == 1)
      status = slow.Receive()->status;
  }
  if (status == 0) status = slow.Receive()->status;
  EXPECT_EQ(status, 431);
}

TEST_F(HostileTest, ABodyAboveTheLimitIs413) {
  Start();
  // Declared: refused before it is read, although the client waits for a word.
  HttpClient client(port());
  ASSERT_TRUE(client
                  .Send("POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 1001\r\n"
                        "Expect: 100-continue\r\n\r\n")
                  .ok());
  auto reply = client.Receive();
  ASSERT_TRUE(reply.ok());
  EXPECT_EQ(reply->status, 413);
  EXPECT_EQ(reply->body, R"({"refused":413,"target":"/x"})");
  EXPECT_EQ(client.ReceiveUntilClosed().value_or("reset"), "");

  const std::string declared = "POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: ";
  EXPECT_EQ(Refused(port(), declared + "5000000\r\n\r\n" + std::string(5'000'000, 'x')).status,
            413);
  EXPECT_EQ(Refused(port(), declared + "18446744073709551615\r\n\r\n").status, 413);

  const std::string chunked = "POST /x HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
  EXPECT_EQ(Refused(port(), chunked + "3e9\r\n").status, 413);
  EXPECT_EQ(Refused(port(), chunked + "ffffffffffffffff\r\n").status, 413);
  std::string pieces = chunked;
  for (int i = 0; i < 11; ++i) pieces += "64\r\n" + std::string(100, 'x') + "\r\n";
  EXPECT_EQ(Refused(port(), pieces).status, 413);
  EXPECT_EQ(handled_, 0);

  HttpClient exact(port());
  EXPECT_EQ(exact.Request("POST", "/x", {}, std::string(1000, 'x'))->status, 200);
  std::string ten = chunked;
  for (int i = 0; i < 10; ++i) ten += "64\r\n" + std::string(100, 'x') + "\r\n";
  ASSERT_TRUE(exact.Send(ten + "0\r\n\r\n").ok());
  EXPECT_EQ(exact.Receive()->status, 200);
}

TEST_F(HostileTest, AChunkHeaderWithoutEndIs400) {
  Start();
  const std::string chunked = "POST /x HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
  EXPECT_EQ(Refused(port(), chunked + "1;x=" + std::string(100'000, 'x')).status, 400);
  std::string trailers = chunked + "0\r\n";
  for (int i = 0; i < 10'000; ++i) trailers += "Trailer: x\r\n";
  EXPECT_EQ(Refused(port(), trailers).status, 400);
}

TEST_F(HostileTest, AnUnknownExpectationIs417) {
  Start();
  EXPECT_EQ(
      Refused(port(), "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nExpect: tea\r\n\r\n")
          .status,
      417);
}

TEST_F(HostileTest, ASlowRequestIs408) {
  ServerOptions options;
  options.request_timeout = absl::Milliseconds(50);
  options.header_bytes_max = 64u << 20;  // not what is tested
  Start(std::move(options));
  EXPECT_EQ(Refused(port(), "GET /slow HTTP/1.1\r\nHost: a\r\n").status, 408);
  EXPECT_EQ(Refused(port(), "GET /slow HTTP/1.1\r\nHost: a\r\n").body,
            R"({"refused":408,"target":"/slow"})");
  EXPECT_EQ(Refused(port(), "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\na").status,
            408);

  // A byte now and then does not help.
  HttpClient drip(port());
  ASSERT_TRUE(drip.Send("GET / HTTP/1.1\r\nHost: a\r\nX: ").ok());
  char byte;
  while (::recv(drip.socket(), &byte, 1, MSG_PEEK | MSG_DONTWAIT) != 1) {
    if (!drip.Send("x").ok()) break;
  }
  auto told = drip.Receive();
  ASSERT_TRUE(told.ok()) << told.status();
  EXPECT_EQ(told->status, 408);
  EXPECT_EQ(handled_, 0);
}

// A body may take longer than the timeout, as long as enough of it comes.
TEST_F(HostileTest, ASteadyUploadMayTakeLongerThanTheTimeout) {
  constexpr auto kTimeout = std::chrono::milliseconds(400);
  constexpr size_t kPieces = 400;
  const std::string piece(1000, 'x');
  ServerOptions options;
  options.request_timeout = absl::FromChrono(kTimeout);
  options.body_bytes_per_second_min = 2500;  // a piece: as much time again as the timeout
  Start(std::move(options), /*body_limit=*/1 << 20);
  const auto chunk = [&] { return fmt::format("{:x}\r\n{}\r\n", piece.size(), piece); };
  const std::string kHeads[] = {
      fmt::format("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: {}\r\n\r\n",
                  kPieces * piece.size()),
      "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"};
  for (const std::string& head : kHeads) {
    SCOPED_TRACE(head);
    const bool chunked = head.find("chunked") != std::string::npos;
    HttpClient client(port());
    // So much comes at once that the rest has minutes.
    std::string begin = head;
    for (size_t sent = 1; sent < kPieces; ++sent) begin += chunked ? chunk() : piece;
    ASSERT_TRUE(client.Send(begin).ok());
    // The client falls silent for longer than the timeout: nothing cuts it.
    char byte;
    const auto silence = std::chrono::steady_clock::now() + 2 * kTimeout;
    while (std::chrono::steady_clock::now() < silence) {
      ASSERT_NE(::recv(client.socket(), &byte, 1, MSG_PEEK | MSG_DONTWAIT), 1);
      std::this_thread::yield();
    }
    ASSERT_TRUE(client.Send(chunked ? chunk() + "0\r\n\r\n" : piece).ok());
    const auto reply = client.Receive();
    ASSERT_TRUE(reply.ok()) << reply.status();
    EXPECT_EQ(reply->status, 200);
  }
  // Somebody who announces much and sends little is cut as ever.
  HttpClient trickle(port());
  ASSERT_TRUE(trickle.Send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n").ok());
  char byte;
  while (::recv(trickle.socket(), &byte, 1, MSG_PEEK | MSG_DONTWAIT) != 1) {
    if (!trickle.Send("x").ok()) break;
    // Well below what earns the time that passes meanwhile.
    const auto pause = std::chrono::steady_clock::now() + std::chrono::milliseconds(1);
    while (std::chrono::steady_clock::now() < pause) std::this_thread::yield();
  }
  const auto told = trickle.Receive();
  ASSERT_TRUE(told.ok()) << told.status();
  EXPECT_EQ(told->status, 408);
}

TEST_F(HostileTest, IdleConnectionsAreClosed) {
  ServerOptions options;
  options.idle_timeout = absl::Milliseconds(50);
  Start(std::move(options));
  HttpClient never(port()), once(port());
  ASSERT_TRUE(never.Connect().ok());
  EXPECT_EQ(once.Request("GET", "/")->status, 200);
  EXPECT_EQ(never.ReceiveUntilClosed().value_or("reset"), "");
  EXPECT_EQ(once.ReceiveUntilClosed().value_or("reset"), "");
  ExpectNothingLeft();
}

TEST_F(HostileTest, ConnectionsCutAtAnyByteLeaveNothing) {
  std::mutex mutex;
  std::vector<int> statuses;
  ServerOptions options;
  options.on_request = [&](const RequestRecord& record) {
    std::lock_guard lock(mutex);
    statuses.push_back(record.status);
  };
  Start(std::move(options));
  const std::string requests[] = {
      "POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 20\r\n\r\n01234567890123456789",
      "POST /x HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
  };
  size_t cut = 0;
  for (const std::string& request : requests) {
    for (size_t length = 0; length < request.size(); ++length) {
      for (const bool reset : {false, true}) {
        HttpClient client(port());
        ASSERT_TRUE(client.Send(request.substr(0, length)).ok());
        client.Close(reset);
        ++cut;
      }
      // Half closed: the client still listens, and is told.
      if (length == 0) continue;
      HttpClient half(port());
      ASSERT_TRUE(half.Send(request.substr(0, length)).ok());
      half.CloseSending();
      EXPECT_EQ(half.Receive()->status, 400) << length;
    }
  }
  ASSERT_GT(cut, 200u);
  WaitUntil([&] {
    const ServerStats stats = server_->stats();
    return stats.connections_open == 0 && stats.connections_accepted >= cut;
  });
  EXPECT_EQ(handled_, 0);
  std::lock_guard lock(mutex);
  for (const int status : statuses) EXPECT_TRUE(status == 400 || status == 499) << status;
}

TEST_F(HostileTest, RandomBytesNeverBreakTheServer) {
  ServerOptions options;
  options.request_timeout = absl::Milliseconds(200);
  Start(std::move(options));
  const char* seed_text = std::getenv("DAILYFEED_SEED");
  const uint64_t seed = seed_text != nullptr ? std::strtoull(seed_text, nullptr, 10) : 1;
  SCOPED_TRACE(fmt::format(
      "bazel test //adapters/http:server_hostile_test --test_env=DAILYFEED_SEED={}", seed));
  std::mt19937_64 random(seed);
  const std::string pieces[] = {"GET / HTTP/1.1\r\n",
                                "POST /x HTTP/1.1\r\n",
                                "Host: a\r\n",
                                "Content-Length: 5\r\n",
                                "Transfer-Encoding: chunked\r\n",
                                "Expect: 100-continue\r\n",
                                "Connection: close\r\n",
                                "\r\n",
                                "5\r\nhello\r\n",
                                "0\r\n",
                                "0\r\n\r\n",
                                "hello",
                                " folded\r\n",
                                "\r",
                                "\n",
                                ":",
                                ",",
                                "HTTP/1.0\r\n",
                                "HEAD /h HTTP/1.1\r\n",
                                "A: b\r\n",
                                "5;q=\"\\\"\"\r\n",
                                "X: \t \r\n"};
  for (int round = 0; round < 300; ++round) {
    std::string bytes;
    for (uint64_t n = random() % 20; n > 0; --n) {
      if (random() % 8 == 0) {
        bytes.push_back(static_cast<char>(random()));
      } else {
        bytes += pieces[random() % std::size(pieces)];
      }
    }
    if (!bytes.empty() && random() % 4 == 0) {
      bytes[random() % bytes.size()] = static_cast<char>(random());
    }
    HttpClient client(port());
    for (size_t at = 0; at < bytes.size();) {
      const size_t n = std::min<size_t>(bytes.size() - at, 1 + random() % 12);
      if (!client.Send(std::string_view(bytes).substr(at, n)).ok()) break;
      at += n;
    }
    if (random() % 2 == 0) client.CloseSending();
    client.Close(random() % 2 == 0);
  }
  WaitUntil([&] { return server_->stats().connections_open == 0; });
  HttpClient client(port());
  EXPECT_EQ(client.Request("GET", "/alive")->status, 200);
}

TEST_F(HostileTest, TooManyConnectionsAre503) {
  ServerOptions options;
  options.connections_max = 2;
  Start(std::move(options));
  HttpClient first(port()), second(port()), third(port());
  EXPECT_EQ(first.Request("GET", "/")->status, 200);
  EXPECT_EQ(second.Request("GET", "/")->status, 200);
  ASSERT_TRUE(third.Connect().ok());
  auto refused = third.Receive();
  ASSERT_TRUE(refused.ok()) << refused.status();
  EXPECT_EQ(refused->status, 503);
  EXPECT_EQ(refused->Header("Retry-After"), "1");
  EXPECT_EQ(refused->Header("Connection"), "close");
  EXPECT_EQ(server_->stats().connections_refused, 1u);
  first.Close();
  third.Close();
  WaitUntil([&] { return server_->stats().connections_open == 1; });
  EXPECT_EQ(third.Request("GET", "/")->status, 200);
}

TEST(HostileServerTest, TooManyRequestsInFlightAre503AndKeepTheConnection) {
  ParkedRequests parked;
  TestHandler handler(parked.Park());
  ServerOptions options;
  options.requests_in_flight_max = 2;
  auto server = StartServer(&handler, std::move(options));
  HttpClient first(server->port()), second(server->port()), third(server->port());
  ASSERT_TRUE(first.Send("GET /1 HTTP/1.1\r\nHost: a\r\n\r\n").ok());
  auto one = parked.Take();
  ASSERT_TRUE(second.Send("GET /2 HTTP/1.1\r\nHost: a\r\n\r\n").ok());
  auto two = parked.Take();
  for (int i = 0; i < 3; ++i) {
    auto refused = third.Request("GET", "/3");
    ASSERT_TRUE(refused.ok());
    EXPECT_EQ(refused->status, 503);
    EXPECT_EQ(refused->Header("Retry-After"), "1");
    EXPECT_EQ(refused->Header("Connection"), "");
  }
  one.second(TextResponse("one"));
  EXPECT_EQ(first.Receive()->body, "one");
  ASSERT_TRUE(third.Send("GET /3 HTTP/1.1\r\nHost: a\r\n\r\n").ok());
  parked.Take().second(TextResponse("three"));
  EXPECT_EQ(third.Receive()->body, "three");
  two.second(TextResponse("two"));
  EXPECT_EQ(second.Receive()->body, "two");
  EXPECT_EQ(server->stats().connections_accepted, 3u);
}

TEST(HostileServerTest, BodiesAboveTheCommonBudgetAre503) {
  ParkedRequests parked;
  TestHandler handler(parked.Park());
  ServerOptions options;
  options.body_bytes_in_flight_max = 1000;
  auto server = StartServer(&handler, std::move(options));
  const std::string request =
      "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 600\r\n\r\n" + std::string(600, 'x');
  HttpClient first(server->port()), second(server->port());
  ASSERT_TRUE(first.Send(request).ok());
  auto held = parked.Take();
  EXPECT_EQ(Refused(server->port(), request).status, 503);
  held.second(TextResponse("done"));
  EXPECT_EQ(first.Receive()->body, "done");
  ASSERT_TRUE(second.Send(request).ok());
  parked.Take().second(TextResponse("room again"));
  EXPECT_EQ(second.Receive()->body, "room again");
}

TEST(HostileServerTest, AClientThatDoesNotReadIsCut) {
  const std::string big(8u << 20, 'x');  // more than both sockets' buffers hold
  TestHandler handler([&](HttpRequest, Respond respond) { respond(TextResponse(big)); });
  std::atomic<int> reported{0};
  ServerOptions options;
  options.write_timeout = absl::Milliseconds(100);
  options.on_request = [&](const RequestRecord& record) {
    EXPECT_LT(record.bytes_out, big.size());
    ++reported;
  };
  auto server = StartServer(&handler, std::move(options));
  HttpClient client(server->port());
  // Pipelined: while the first answer waits, no other is made.
  std::string requests;
  for (int i = 0; i < 100; ++i) requests += "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
  ASSERT_TRUE(client.Send(requests).ok());
  WaitUntil([&] { return server->stats().connections_accepted == 1; });
  WaitUntil([&] { return server->stats().connections_open == 0; });
  EXPECT_EQ(reported, 1);
}

TEST(ServerDrainTest, FinishesWhatIsInFlightAndClosesTheRest) {
  ParkedRequests parked;
  TestHandler handler([&](HttpRequest request, Respond respond) {
    if (request.target == "/park") return parked.Park()(std::move(request), std::move(respond));
    TestHandler::Echo(std::move(request), std::move(respond));
  });
  auto server = StartServer(&handler);
  HttpClient busy(server->port()), idle(server->port()), silent(server->port()),
      halfway(server->port());
  EXPECT_EQ(idle.Request("GET", "/")->status, 200);
  ASSERT_TRUE(silent.Connect().ok());
  ASSERT_TRUE(busy.Send("GET /park HTTP/1.1\r\nHost: a\r\n\r\n").ok());
  auto [request, respond] = parked.Take();
  ASSERT_TRUE(halfway.Send("GET /halfway HTTP/1.1\r\nHo").ok());
  WaitUntil([&] { return server->stats().connections_open == 4; });

  std::atomic<bool> drained{false};
  std::thread drain([&] { drained = server->Drain(absl::Seconds(60)); });
  EXPECT_EQ(idle.ReceiveUntilClosed().value_or("reset"), "");
  EXPECT_EQ(silent.ReceiveUntilClosed().value_or("reset"), "");
  // The acceptor is closed.
  WaitUntil([&] { return !HttpClient(server->port()).Connect().ok(); });
  // A request on its way is still read and answered.
  ASSERT_TRUE(halfway.Send("st: a\r\n\r\n").ok());
  auto late = halfway.Receive();
  ASSERT_TRUE(late.ok()) << late.status();
  EXPECT_EQ(late->body, "GET /halfway ");
  EXPECT_EQ(late->Header("Connection"), "close");
  halfway.Close();
  EXPECT_FALSE(drained);
  respond(TextResponse("finished"));
  auto reply = busy.Receive();
  ASSERT_TRUE(reply.ok()) << reply.status();
  EXPECT_EQ(reply->body, "finished");
  EXPECT_EQ(reply->Header("Connection"), "close");
  busy.Close();
  drain.join();
  EXPECT_TRUE(drained);
  EXPECT_EQ(server->stats().connections_open, 0u);
}

TEST(ServerDrainTest, CutsWhatDoesNotEnd) {
  ParkedRequests parked;
  TestHandler handler(parked.Park());
  auto server = StartServer(&handler);
  HttpClient client(server->port());
  ASSERT_TRUE(client.Send("GET /1 HTTP/1.1\r\nHost: a\r\n\r\n").ok());
  auto held = parked.Take();
  EXPECT_FALSE(server->Drain(absl::Milliseconds(20)));
  EXPECT_EQ(server->stats().connections_open, 0u);
  EXPECT_FALSE(client.Receive().ok());
  held.second(TextResponse("too late"));
}

TEST(ServerDrainTest, WithoutConnectionsItIsImmediate) {
  TestHandler handler;
  auto server = StartServer(&handler);
  EXPECT_TRUE(server->Drain(absl::Seconds(60)));
  EXPECT_TRUE(server->Drain(absl::Seconds(60)));
}

}  // namespace
}  // namespace dailyfeed::http

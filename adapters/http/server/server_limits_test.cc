// What all clients share, and how the server keeps one of them from taking it:
// connections, descriptors, memory for bodies, time.
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <unistd.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "adapters/http/server/server_test_support.h"
#include "tools/test_support/http_client.h"

namespace dailyfeed::http {
namespace {

using test_support::HttpClient;

// All connections are taken by clients that say nothing: the one that has been
// silent longest yields to each new one.
TEST(ServerLimitsTest, WhenAllConnectionsAreTakenTheLongestIdleOneYields) {
  ServerOptions options;
  options.threads = 1;
  options.connections_max = 2;
  options.idle_yield_after = absl::ZeroDuration();
  TestHandler handler;
  auto server = StartServer(&handler, std::move(options));
  const uint16_t port = server->port();
  HttpClient first(port), second(port), third(port), fourth(port);
  ASSERT_TRUE(first.Connect().ok());
  WaitUntil([&] { return server->stats().connections_accepted == 1; });
  EXPECT_EQ(second.Request("GET", "/")->status, 200);
  EXPECT_EQ(third.Request("GET", "/")->status, 200);
  EXPECT_EQ(first.ReceiveUntilClosed().value_or("reset"), "");
  EXPECT_TRUE(second.connected());
  EXPECT_EQ(fourth.Request("GET", "/")->status, 200);
  EXPECT_EQ(second.ReceiveUntilClosed().value_or("reset"), "");
  EXPECT_EQ(third.Request("GET", "/")->status, 200);
  EXPECT_EQ(server->stats().connections_refused, 0u);
}

TEST(ServerLimitsTest, ABusyConnectionDoesNotYield) {
  ParkedRequests parked;
  TestHandler handler(parked.Park());
  ServerOptions options;
  options.threads = 1;
  options.connections_max = 1;
  options.idle_yield_after = absl::ZeroDuration();
  auto server = StartServer(&handler, std::move(options));
  HttpClient busy(server->port()), other(server->port());
  ASSERT_TRUE(busy.Send("GET /1 HTTP/1.1\r\nHost: a\r\n\r\n").ok());
  auto one = parked.Take();
  ASSERT_TRUE(other.Connect().ok());
  EXPECT_EQ(other.Receive()->status, 503);
  one.second(TextResponse("one"));
  EXPECT_EQ(busy.Receive()->body, "one");
}

TEST(ServerLimitsTest, OneAddressDoesNotTakeAllConnections) {
  TestHandler handler;
  handler.group_connections_as = "127.0.0.0/8";
  ServerOptions options;
  options.connections_per_address_max = 2;
  auto server = StartServer(&handler, std::move(options));
  HttpClient first(server->port()), second(server->port()), third(server->port());
  EXPECT_EQ(first.Request("GET", "/")->status, 200);
  EXPECT_EQ(second.Request("GET", "/")->status, 200);
  ASSERT_TRUE(third.Connect().ok());
  EXPECT_EQ(third.Receive()->status, 503);
  EXPECT_EQ(server->stats().connections_refused, 1u);
  second.Close();
  third.Close();
  WaitUntil([&] { return server->stats().connections_open == 1; });
  EXPECT_EQ(third.Request("GET", "/")->status, 200);
}

// The process has no descriptors left: idle connections give theirs back, and
// the server does not take these for new connections.
TEST(ServerLimitsTest, WithoutDescriptorsIdleConnectionsAreClosed) {
  TestHandler handler;
  ServerOptions options;
  options.threads = 1;
  auto server = StartServer(&handler, std::move(options));
  std::vector<HttpClient> idle;
  for (int i = 0; i < 40; ++i) {
    idle.emplace_back(server->port());
    ASSERT_EQ(idle.back().Request("GET", "/")->status, 200);
  }
  HttpClient waiting(server->port());
  std::vector<int> taken;
  for (int fd = dup(0); fd >= 0; fd = dup(0)) taken.push_back(fd);
  ASSERT_FALSE(taken.empty());
  // The client's own end needs the only one that is free.
  close(taken.back());
  taken.pop_back();
  ASSERT_TRUE(waiting.Connect().ok());
  WaitUntil([&] { return server->stats().connections_open <= 40 - 16; });
  for (int i = 0; i < 10; ++i) {
    const int fd = dup(0);
    EXPECT_GE(fd, 0) << "a store would not have got a descriptor";
    if (fd >= 0) taken.push_back(fd);
  }
  for (const int fd : taken) close(fd);
  EXPECT_EQ(idle.back().Request("GET", "/")->status, 200);
}

// Uploads that are announced, begun and never finished leave room for a login.
TEST(ServerLimitsTest, UploadsLeaveRoomForSmallBodies) {
  TestHandler handler(TestHandler::Echo, 10u << 20);
  ServerOptions options;
  options.body_bytes_in_flight_max = 1u << 20;
  auto server = StartServer(&handler, std::move(options));
  const std::string upload = "POST /upload HTTP/1.1\r\nHost: a\r\nContent-Length: 300000\r\n\r\n" +
                             std::string(299'999, 'x');
  std::vector<HttpClient> uploads;
  std::vector<pollfd> answers;
  for (int i = 0; i < 6; ++i) {
    uploads.emplace_back(server->port());
    (void)uploads.back().Send(upload);
    answers.push_back({.fd = uploads.back().socket(), .events = POLLIN, .revents = 0});
  }
  // At most three of them fit; the others are told at once.
  for (int refused = 0; refused < 3;) refused = poll(answers.data(), answers.size(), -1);
  for (int i = 0; i < 20; ++i) {
    HttpClient login(server->port());
    ASSERT_TRUE(login.Send("POST /login HTTP/1.1\r\nHost: a\r\nContent-Length: 60\r\n\r\n").ok());
    ASSERT_TRUE(login.Send(std::string(60, 'y')).ok());
    EXPECT_EQ(login.Receive()->status, 200);
  }
}

TEST(ServerLimitsTest, OneAddressHasALimitForItsLargeBodies) {
  TestHandler handler(TestHandler::Echo, 10u << 20);
  handler.group_bodies_as = "192.0.2.7";
  ServerOptions options;
  options.body_bytes_per_address_max = 200'000;
  auto server = StartServer(&handler, std::move(options));
  const std::string begun = "POST /upload HTTP/1.1\r\nHost: a\r\nContent-Length: 150000\r\n\r\n" +
                            std::string(149'999, 'x');
  HttpClient first(server->port());
  ASSERT_TRUE(first.Send(begun).ok());
  WaitUntil([&] { return server->stats().body_bytes >= 149'999; });
  HttpClient second(server->port());
  (void)second.Send(begun);
  EXPECT_EQ(second.Receive()->status, 503);
  ASSERT_TRUE(first.Send("x").ok());
  EXPECT_EQ(first.Receive()->status, 200);
  HttpClient third(server->port());
  ASSERT_TRUE(third.Send(begun + "x").ok());
  EXPECT_EQ(third.Receive()->status, 200);
}

// Bytes that came at once buy no long wait.
TEST(ServerLimitsTest, AnUploadThatStopsIsCutAfterTheLongestPause) {
  TestHandler handler(TestHandler::Echo, 10u << 20);
  ServerOptions options;
  options.body_pause_max = absl::Milliseconds(100);
  options.body_bytes_per_second_min = 1;  // 100,000 bytes would give a day
  auto server = StartServer(&handler, std::move(options));
  HttpClient client(server->port());
  ASSERT_TRUE(client
                  .Send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 200000\r\n\r\n" +
                        std::string(100'000, 'x'))
                  .ok());
  EXPECT_EQ(client.Receive()->status, 408);
}

TEST(ServerLimitsTest, WhatIsNotAdmittedIsAnsweredBeforeItsBody) {
  TestHandler handler(TestHandler::Echo, 10u << 20);
  handler.admission_status = 401;
  auto server = StartServer(&handler);
  const std::string head = "POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 10000000\r\n";
  for (const std::string& bytes :
       {head + "\r\n", head + "Expect: 100-continue\r\n\r\n",
        head + "\r\n" + std::string(1000, 'x'),
        std::string("POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhell"),
        std::string("POST /x HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n")}) {
    HttpClient client(server->port());
    ASSERT_TRUE(client.Send(bytes).ok());
    const auto reply = client.Receive();
    ASSERT_TRUE(reply.ok()) << bytes.substr(0, 100) << reply.status();
    EXPECT_EQ(reply->status, 401);
    EXPECT_EQ(reply->Header("Connection"), "close");
  }
  // A small body that is here already: the handler decides, the connection stays.
  HttpClient client(server->port());
  EXPECT_EQ(client.Request("POST", "/x", {}, "hello")->body, "POST /x hello");
  EXPECT_TRUE(client.connected());
}

}  // namespace
}  // namespace dailyfeed::http

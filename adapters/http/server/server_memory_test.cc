// Ten thousand clients that have asked once and stay connected.
#include <gtest/gtest.h>
#include <malloc.h>
#include <sys/resource.h>

#include <vector>

#include "adapters/http/server/server_test_support.h"
#include "tools/test_support/http_client.h"

namespace dailyfeed::http {
namespace {

using test_support::HttpClient;

constexpr size_t kConnections = 10'000;
constexpr size_t kFilesBesides = 100;
// 2 KiB of it is the read buffer.
constexpr size_t kBytesPerConnectionMax = 6 * 1024;

size_t HeapBytes() {
  const struct mallinfo2 info = ::mallinfo2();
  return info.uordblks + info.hblkhd;
}

TEST(ServerMemoryTest, IdleConnectionsAreSmall) {
  rlimit files{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &files), 0);
  files.rlim_cur = files.rlim_max;
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &files), 0);
  // Both ends are in this process.
  const size_t connections = std::min<size_t>(kConnections, (files.rlim_max - kFilesBesides) / 2);
  ASSERT_GT(connections, 100u);

  TestHandler handler([](HttpRequest, Respond respond) {
    respond(TextResponse(std::string(50'000, 'x')));  // forgotten once it is sent
  });
  ServerOptions options;
  options.idle_timeout = absl::Hours(1);
  options.connections_max = kConnections;
  auto server = StartServer(&handler, std::move(options));
  std::vector<HttpClient> clients;
  clients.reserve(connections);
  for (size_t i = 0; i < connections; ++i) clients.emplace_back(server->port());
  // What both sides allocate once.
  const std::string long_query(8000, 'q');
  ASSERT_EQ(clients[0].Request("POST", "/?" + long_query, {}, std::string(100'000, 'b'))->status,
            200);

  const size_t before = HeapBytes();
  for (HttpClient& client : clients) {
    auto reply = client.Request("POST", "/?" + long_query, {}, std::string(100'000, 'b'));
    ASSERT_TRUE(reply.ok()) << reply.status();
    ASSERT_EQ(reply->body.size(), 50'000u);
  }
  EXPECT_EQ(server->stats().connections_open, connections);
  const size_t grown = HeapBytes() - std::min(before, HeapBytes());
  RecordProperty("bytes_per_connection", static_cast<int>(grown / connections));
  EXPECT_LT(grown / connections, kBytesPerConnectionMax);
}

}  // namespace
}  // namespace dailyfeed::http

#include "tools/cli/request_log.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <string>
#include <thread>
#include <vector>

namespace dailyfeed::cli {
namespace {

std::string ContentOf(std::FILE* file) {
  std::rewind(file);
  std::string content;
  char buffer[4096];
  for (size_t n; (n = std::fread(buffer, 1, sizeof(buffer), file)) > 0;) content.append(buffer, n);
  return content;
}

TEST(RequestLogTest, OneJsonObjectALine) {
  std::FILE* file = std::tmpfile();
  {
    RequestLog log(file);
    http::RequestRecord record;
    record.request_id = "r1";
    record.method = "GET";
    record.path = "/api/\"x\"\n\xed\xa0\x80";
    record.route = "/api/{x}";
    record.status = 404;
    record.error_code = "NOT_FOUND";
    record.member_id = 7;
    record.peer_address = "127.0.0.1";
    record.bytes_out = 12;
    record.duration = absl::Microseconds(180);
    log.Request(record);
    log.Event("listening", {{"http", "127.0.0.1:8080"}});
  }
  const std::string content = ContentOf(file);
  EXPECT_NE(content.find(R"("event":"request","requestId":"r1","method":"GET",)"
                         R"("path":"/api/\"x\"\u000a\u00ed\u00a0\u0080","route":"/api/{x}",)"
                         R"("status":404,"errorCode":"NOT_FOUND","member":7,"peer":"127.0.0.1",)"
                         R"("bytesIn":0,"bytesOut":12,"durationUs":180})"
                         "\n"),
            std::string::npos)
      << content;
  EXPECT_NE(content.find(R"("event":"listening","http":"127.0.0.1:8080"})"), std::string::npos);
  std::fclose(file);
}

TEST(RequestLogTest, EveryLineOfEveryThreadArrivesWhole) {
  constexpr int kThreads = 4, kLines = 500;
  std::FILE* file = std::tmpfile();
  {
    RequestLog log(file, size_t{64} << 20);
    std::vector<std::thread> threads;
    for (int i = 0; i < kThreads; ++i) {
      threads.emplace_back([&log] {
        for (int j = 0; j < kLines; ++j) log.Event("x", {{"n", std::string(j, 'a')}});
      });
    }
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(log.dropped(), 0u);
  }
  const std::string content = ContentOf(file);
  size_t lines = 0;
  for (size_t at = 0; at < content.size(); ++lines) {
    const size_t end = content.find('\n', at);
    ASSERT_NE(end, std::string::npos);
    EXPECT_TRUE(content.substr(at, end - at).starts_with(R"({"time":")"));
    EXPECT_TRUE(content.substr(at, end - at).ends_with("\"}"));
    at = end + 1;
  }
  EXPECT_EQ(lines, size_t{kThreads * kLines});
  std::fclose(file);
}

TEST(RequestLogTest, AReaderWhoDoesNotReadStopsNobody) {
  std::signal(SIGPIPE, SIG_IGN);
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  std::FILE* out = fdopen(ends[1], "w");
  constexpr size_t kBufferedMax = 4096;
  {
    RequestLog log(out, kBufferedMax);
    // Much more than pipe and buffer hold together.
    for (int i = 0; i < 1000; ++i) log.Event("x", {{"n", std::string(1000, 'a')}});
    EXPECT_GT(log.dropped(), 0u);
    close(ends[0]);  // ends the write that waits
  }
  std::fclose(out);
}

}  // namespace
}  // namespace dailyfeed::cli

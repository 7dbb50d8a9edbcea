#include "adapters/logging/logging.h"

#include <unistd.h>

#include <boost/json.hpp>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include "gtest/gtest.h"

namespace dailyfeed::logging {
namespace {

namespace json = boost::json;

TEST(LoggingTest, ALineIsOneJsonObject) {
  const std::string line =
      FormatLine(1'764'000'000'123'456'789, Level::kWarning, "a \"quoted\" message",
                 {{"text", "tab\tand\nbreak"}, {"number", 42}});
  const json::object object = json::parse(line).as_object();
  EXPECT_EQ(object.at("time"), "2025-11-24T16:00:00.123456Z");
  EXPECT_EQ(object.at("level"), "warning");
  EXPECT_EQ(object.at("message"), "a \"quoted\" message");
  EXPECT_EQ(object.at("text"), "tab\tand\nbreak");
  EXPECT_EQ(object.at("number"), 42);
  EXPECT_EQ(line.find('\n'), std::string::npos);
}

TEST(LoggingTest, BytesThatAreNotTextStayOneValidLine) {
  const std::string line =
      FormatLine(0, Level::kError, "bad", {{"path", std::string("/\xff\xfe\0x", 6)}});
  EXPECT_NO_THROW(json::parse(line)) << line;
}

TEST(LoggingTest, ValuesOfStrangersDoNotSteerATerminal) {
  const std::string line = FormatLine(0, Level::kInfo, "request",
                                      {{"path",
                                        "/\x1B[2J\x7F\xC2\x9B"
                                        "2J"}});
  EXPECT_NE(line.find(R"("path":"/\u001b[2J\u007f\u009b2J")"), std::string::npos) << line;
}

TEST(LoggingTest, EveryLineOfEveryThreadArrivesWhole) {
  const std::string path = ::testing::TempDir() + "/log";
  const int saved = dup(STDERR_FILENO);
  ASSERT_NE(std::freopen(path.c_str(), "w", stderr), nullptr);
  constexpr int kThreads = 4, kLines = 200;
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([t] {
      for (int i = 0; i < kLines; ++i) Log(Level::kInfo, "line", {{"thread", t}, {"i", i}});
    });
  }
  for (std::thread& thread : threads) thread.join();
  Flush();
  dup2(saved, STDERR_FILENO);
  std::ifstream file(path);
  std::string line;
  int lines = 0;
  while (std::getline(file, line)) {
    ++lines;
    EXPECT_EQ(json::parse(line).at("message"), "line");
  }
  EXPECT_EQ(lines, kThreads * kLines);
  EXPECT_EQ(DroppedLines(), 0u);
}

// stderr is a pipe that nobody reads, so the writer is stuck with one line.
TEST(LoggingTest, LinesBeyondTheQueueAreDroppedAndCounted) {
  Flush();
  const int saved = dup(STDERR_FILENO);
  int pipe_ends[2];
  ASSERT_EQ(pipe(pipe_ends), 0);
  ASSERT_GE(dup2(pipe_ends[1], STDERR_FILENO), 0);
  SetQueueLinesMax(3);
  const std::string long_text(1u << 20, 'x');  // more than a pipe holds
  const uint64_t before = DroppedLines();
  Log(Level::kInfo, long_text);
  char first = 0;
  ASSERT_EQ(read(pipe_ends[0], &first, 1), 1);  // being written: out of the queue
  for (int i = 0; i < 5; ++i) Log(Level::kInfo, "line");
  EXPECT_EQ(DroppedLines() - before, 2u);
  SetQueueLinesMax(kQueueLinesMaxDefault);
  Log(Level::kInfo, "line");
  EXPECT_EQ(DroppedLines() - before, 2u);
  EXPECT_FALSE(Flush(absl::ZeroDuration()));
  EXPECT_FALSE(Flush(absl::Milliseconds(1)));
  std::thread reader([&] {
    char buffer[4096];
    while (read(pipe_ends[0], buffer, sizeof(buffer)) > 0) {
    }
  });
  EXPECT_TRUE(Flush(absl::InfiniteDuration()));
  dup2(saved, STDERR_FILENO);
  close(pipe_ends[1]);
  reader.join();
  close(pipe_ends[0]);
}

}  // namespace
}  // namespace dailyfeed::logging

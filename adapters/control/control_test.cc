#include <fcntl.h>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <atomic>
#include <cstring>
#include <filesystem>
#include <thread>

#include "adapters/control/control_client.h"
#include "adapters/control/control_server.h"

namespace dailyfeed::control {
namespace {

class TextOutput final : public ControlOutput {
 public:
  bool Write(std::string_view text) override {
    text_ += text;
    return text_.size() < enough_;
  }
  bool Wanted() override { return text_.size() < enough_; }
  const std::string& text() const { return text_; }
  void StopAfter(size_t bytes) { enough_ = bytes; }

 private:
  std::string text_;
  size_t enough_ = SIZE_MAX;
};

class ControlTest : public testing::Test {
 protected:
  ControlTest() {
    std::string name = testing::TempDir() + "/control.XXXXXX";
    directory_ = ::mkdtemp(name.data());
    options_.directory = directory_;
  }
  ~ControlTest() override { std::filesystem::remove_all(directory_); }

  void Serve(ControlHandler handler) {
    auto server = ControlServer::Start(options_, std::move(handler));
    ASSERT_TRUE(server.ok()) << server.status();
    server_ = *std::move(server);
  }
  void ServeEcho() {
    Serve([](const ControlRequest& request, ControlOutput& output) {
      output.Write(request.command);
      for (const auto& [name, value] : request.arguments) output.Write(" " + name + "=" + value);
      return ControlResult{};
    });
  }
  std::string SocketPath() const { return options_.directory + "/" + std::string(kSocketName); }
  absl::StatusOr<ControlResult> Ask(const ControlRequest& request, TextOutput* output) {
    return AskServer(options_.directory, request, *output);
  }
  // A connection that a test reads and writes itself.
  LocalSocket Connect() {
    auto connection = ConnectTo(SocketPath());
    EXPECT_TRUE(connection.ok()) << connection.status();
    return LocalSocket(*std::move(connection), -1);
  }
  absl::StatusOr<std::string> Answer(LocalSocket& socket) {
    return socket.ReadLine(kReplyBytesMax, absl::InfiniteDuration());
  }

  std::string directory_;
  ControlServerOptions options_;
  std::unique_ptr<ControlServer> server_;
};

TEST_F(ControlTest, AnswersWithTextAndExitCode) {
  Serve([](const ControlRequest& request, ControlOutput& output) {
    output.Write("\"quoted\"\n");
    output.Write("Wörter\n");
    return ControlResult{.exit_code = 1, .error = "no " + request.arguments.at("key")};
  });
  TextOutput output;
  const auto result = Ask({.command = "unpark", .arguments = {{"key", "post/9"}}}, &output);
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_EQ(output.text(), "\"quoted\"\nWörter\n");
  EXPECT_EQ(result->exit_code, 1);
  EXPECT_EQ(result->error, "no post/9");
}

TEST_F(ControlTest, OutputOfAnyBytesAndLengthArrivesAsItIs) {
  std::string text;
  for (int i = 0; i < 300'000; ++i) text.push_back(static_cast<char>(i * 7 % 256));
  Serve([&text](const ControlRequest&, ControlOutput& output) {
    output.Write(text);
    return ControlResult{};
  });
  TextOutput output;
  ASSERT_TRUE(Ask({.command = "all"}, &output).ok());
  EXPECT_TRUE(output.text() == text);
}

TEST_F(ControlTest, WhatIsNoRequestIsRefusedWithASentence) {
  ServeEcho();
  for (const std::string line :
       {"", "log cat", "[]", "{}", R"({"command":7})", R"({"command":"a","arguments":{"limit":3}})",
        R"({"command":"a")"}) {
    LocalSocket socket = Connect();
    ASSERT_TRUE(socket.Write(line + "\n", absl::InfiniteDuration()).ok());
    const auto answer = Answer(socket);
    ASSERT_TRUE(answer.ok()) << line << ": " << answer.status();
    const auto reply = ParseReply(*answer);
    ASSERT_TRUE(reply.ok());
    EXPECT_EQ(reply->exit_code, 2) << line;
    EXPECT_TRUE(reply->error.starts_with("a request is one line like")) << reply->error;
  }
}

TEST_F(ControlTest, AClientThatFloodsIsCutOff) {
  options_.request_bytes_max = 1000;
  ServeEcho();
  LocalSocket socket = Connect();
  // The server may close before it has read everything.
  socket.Write(std::string(1 << 20, 'x'), absl::InfiniteDuration()).IgnoreError();
  const auto answer = Answer(socket);
  if (answer.ok()) {
    EXPECT_EQ(ParseReply(*answer)->exit_code, 2) << *answer;
  }
  EXPECT_FALSE(Answer(socket).ok());
  TextOutput output;
  EXPECT_TRUE(Ask({.command = "next"}, &output).ok());
  EXPECT_EQ(output.text(), "next");
}

TEST_F(ControlTest, AClientThatSendsNothingIsCutOff) {
  options_.request_timeout = absl::Milliseconds(20);
  options_.clients_max = 1;
  ServeEcho();
  LocalSocket silent = Connect();
  TextOutput output;
  EXPECT_TRUE(Ask({.command = "next"}, &output).ok());
  EXPECT_EQ(output.text(), "next");
  const auto answer = Answer(silent);
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_EQ(ParseReply(*answer)->exit_code, 2);
}

TEST_F(ControlTest, AClientThatReadsNothingIsCutOff) {
  options_.write_timeout = absl::Milliseconds(20);
  std::atomic<int> ended = 0;
  Serve([&ended](const ControlRequest&, ControlOutput& output) {
    const std::string piece(100'000, 'x');
    while (output.Write(piece)) {
    }
    ended = 1;
    ended.notify_all();
    return ControlResult{};
  });
  LocalSocket socket = Connect();
  ASSERT_TRUE(socket.Write("{\"command\":\"endless\"}\n", absl::InfiniteDuration()).ok());
  ended.wait(0);
}

TEST_F(ControlTest, ACommandLearnsThatItsClientHasGone) {
  std::atomic<int> state = 0;
  Serve([&state](const ControlRequest&, ControlOutput& output) {
    state = 1;
    state.notify_all();
    while (output.Wanted()) std::this_thread::yield();
    state = 2;
    state.notify_all();
    return ControlResult{};
  });
  {
    LocalSocket socket = Connect();
    ASSERT_TRUE(socket.Write("{\"command\":\"long\"}\n", absl::InfiniteDuration()).ok());
    state.wait(0);
  }
  state.wait(1);
}

TEST_F(ControlTest, StoppingEndsEveryWait) {
  std::atomic<int> state = 0;
  Serve([&state](const ControlRequest&, ControlOutput& output) {
    state = 1;
    state.notify_all();
    while (output.Wanted()) std::this_thread::yield();
    return ControlResult{};
  });
  LocalSocket silent = Connect();
  LocalSocket waiting = Connect();
  ASSERT_TRUE(waiting.Write("{\"command\":\"long\"}\n", absl::InfiniteDuration()).ok());
  state.wait(0);
  server_ = nullptr;
  EXPECT_FALSE(Answer(waiting).ok());
  EXPECT_FALSE(Answer(silent).ok());
  EXPECT_FALSE(std::filesystem::exists(SocketPath()));
  TextOutput output;
  EXPECT_TRUE(absl::IsNotFound(Ask({.command = "next"}, &output).status()));
}

TEST_F(ControlTest, MoreClientsThanThreadsAreAllAnswered) {
  options_.clients_max = 2;
  ServeEcho();
  std::vector<std::thread> clients;
  std::atomic<int> answered = 0;
  for (int i = 0; i < 12; ++i) {
    clients.emplace_back([this, &answered] {
      TextOutput output;
      const auto result = Ask({.command = "a"}, &output);
      if (result.ok() && output.text() == "a") ++answered;
    });
  }
  for (std::thread& client : clients) client.join();
  EXPECT_EQ(answered, 12);
}

TEST_F(ControlTest, AReaderWhoHasEnoughEndsTheCommand) {
  Serve([](const ControlRequest&, ControlOutput& output) {
    while (output.Write("line\n")) {
    }
    return ControlResult{.exit_code = 1, .error = "not seen"};
  });
  TextOutput output;
  output.StopAfter(1);
  const auto result = Ask({.command = "endless"}, &output);
  ASSERT_TRUE(result.ok());
  EXPECT_EQ(result->exit_code, 0);
}

TEST_F(ControlTest, TheSocketIsForItsOwnerAndReplacesThatOfADeadServer) {
  // What a killed server leaves: a file that nobody listens behind.
  {
    auto dead = ListenAt(SocketPath());
    ASSERT_TRUE(dead.ok());
  }
  TextOutput output;
  EXPECT_TRUE(absl::IsNotFound(Ask({.command = "a"}, &output).status()));
  ServeEcho();
  struct stat info;
  ASSERT_EQ(::stat(SocketPath().c_str(), &info), 0);
  EXPECT_TRUE(S_ISSOCK(info.st_mode));
  EXPECT_EQ(info.st_mode & 0777, 0600u);
  EXPECT_TRUE(Ask({.command = "a"}, &output).ok());
}

TEST_F(ControlTest, PathsLongerThanASocketAddressWork) {
  options_.directory = directory_ + "/" + std::string(200, 'd');
  std::filesystem::create_directory(options_.directory);
  ServeEcho();
  TextOutput output;
  const auto result = Ask({.command = "a", .arguments = {{"b", "c"}}}, &output);
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_EQ(output.text(), "a b=c");
  server_ = nullptr;
  EXPECT_FALSE(std::filesystem::exists(SocketPath()));
}

TEST_F(ControlTest, ADirectoryThatIsMissingIsNamed) {
  options_.directory = directory_ + "/absent";
  const auto server = ControlServer::Start(options_, {});
  EXPECT_TRUE(absl::IsNotFound(server.status())) << server.status();
  options_.directory = directory_ + "/absent/" + std::string(200, 'd');
  EXPECT_TRUE(absl::IsNotFound(ControlServer::Start(options_, {}).status()));
}

}  // namespace
}  // namespace dailyfeed::control

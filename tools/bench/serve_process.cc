#include "tools/bench/serve_process.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <fstream>
#include <sstream>
#include <string_view>
#include <vector>

#include "absl/time/clock.h"
#include "core/base/status_macros.h"

namespace dailyfeed::bench {
namespace {

constexpr absl::Duration kPoll = absl::Milliseconds(1);
constexpr absl::Duration kPatience = absl::Minutes(10);

class Socket {
 public:
  Socket() : fd_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {}
  ~Socket() { close(fd_); }
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;
  int fd() const { return fd_; }

 private:
  const int fd_;
};

sockaddr_in Loopback(uint16_t port) {
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  return address;
}

// That nobody listens on at the moment.
absl::StatusOr<uint16_t> FreePort() {
  const Socket probe;
  sockaddr_in address = Loopback(0);
  socklen_t size = sizeof(address);
  if (bind(probe.fd(), reinterpret_cast<sockaddr*>(&address), size) != 0 ||
      getsockname(probe.fd(), reinterpret_cast<sockaddr*>(&address), &size) != 0) {
    return absl::InternalError("no free port");
  }
  return ntohs(address.sin_port);
}

bool IsReady(uint16_t port) {
  const Socket client;
  const sockaddr_in address = Loopback(port);
  if (connect(client.fd(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0) {
    return false;
  }
  constexpr std::string_view kRequest =
      "GET /readyz HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n";
  if (send(client.fd(), kRequest.data(), kRequest.size(), MSG_NOSIGNAL) < 0) return false;
  constexpr std::string_view kGood = "HTTP/1.1 200";
  std::string answer;
  char buffer[512];
  for (ssize_t n;
       answer.size() < kGood.size() && (n = recv(client.fd(), buffer, sizeof(buffer), 0)) > 0;) {
    answer.append(buffer, static_cast<size_t>(n));
  }
  return answer.starts_with(kGood);
}

// fork and exec of this program, everything it prints appended to `log_file`.
absl::StatusOr<pid_t> Spawn(std::vector<std::string> words, const std::string& log_file) {
  std::vector<char*> arguments;
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  const int log = open(log_file.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  if (log < 0) return absl::InternalError(fmt::format("cannot write {}", log_file));
  const pid_t pid = fork();
  if (pid == 0) {
    dup2(log, STDOUT_FILENO);
    dup2(log, STDERR_FILENO);
    execv("/proc/self/exe", arguments.data());
    _exit(127);
  }
  close(log);
  if (pid < 0) return absl::InternalError("fork failed");
  return pid;
}

std::string EndOf(const std::string& log_file) {
  constexpr size_t kTail = 1000;
  std::ostringstream text;
  text << std::ifstream(log_file).rdbuf();
  const std::string all = text.str();
  return all.substr(all.size() - std::min(all.size(), kTail));
}

}  // namespace

absl::StatusOr<absl::Duration> TimeToReady(const std::string& directory,
                                           const std::string& log_file) {
  ASSIGN_OR_RETURN(const uint16_t port, FreePort());
  const absl::Time start = absl::Now();
  ASSIGN_OR_RETURN(const pid_t pid,
                   Spawn({"dailyfeed", "serve", "--data-dir=" + directory,
                          fmt::format("--http=127.0.0.1:{}", port), "--monitor=127.0.0.1:0"},
                         log_file));
  bool ready = false;
  while (!ready && absl::Now() < start + kPatience) {
    if (waitpid(pid, nullptr, WNOHANG) == pid) {
      return absl::AbortedError("dailyfeed serve ended while starting:\n" + EndOf(log_file));
    }
    ready = IsReady(port);
    if (!ready) absl::SleepFor(kPoll);
  }
  const absl::Duration elapsed = absl::Now() - start;
  kill(pid, SIGKILL);
  waitpid(pid, nullptr, 0);
  if (!ready) return absl::DeadlineExceededError("dailyfeed serve did not become ready");
  return elapsed;
}

}  // namespace dailyfeed::bench

#include "tools/test_support/gateway_process.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <sstream>
#include <utility>

#include "absl/time/clock.h"
#include "tools/test_support/http_client.h"

namespace dailyfeed::test_support {
namespace {

constexpr absl::Duration kPoll = absl::Milliseconds(10);

// fork and exec with stdout and stderr to `output_fd`.
absl::StatusOr<pid_t> Spawn(const std::vector<std::string>& command, int output_fd) {
  std::vector<char*> argv;
  for (const std::string& word : command) argv.push_back(const_cast<char*>(word.c_str()));
  argv.push_back(nullptr);
  const pid_t pid = fork();
  if (pid < 0) return absl::InternalError("fork failed");
  if (pid == 0) {
    dup2(output_fd, STDOUT_FILENO);
    dup2(output_fd, STDERR_FILENO);
    execv(argv[0], argv.data());
    _exit(127);
  }
  return pid;
}

std::string LastLines(const std::string& text) {
  constexpr size_t kTail = 2000;
  return text.size() <= kTail ? text : text.substr(text.size() - kTail);
}

}  // namespace

uint16_t FreePort() {
  const int fd = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  uint16_t port = 0;
  if (bind(fd, reinterpret_cast<sockaddr*>(&address), size) == 0 &&
      getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size) == 0) {
    port = ntohs(address.sin_port);
  }
  close(fd);
  return port;
}

absl::StatusOr<Finished> RunProcess(const std::vector<std::string>& command) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return absl::InternalError("pipe failed");
  absl::StatusOr<pid_t> pid = Spawn(command, ends[1]);
  close(ends[1]);
  if (!pid.ok()) return pid.status();
  Finished finished;
  char buffer[4096];
  for (ssize_t n; (n = read(ends[0], buffer, sizeof(buffer))) > 0;) {
    finished.output.append(buffer, static_cast<size_t>(n));
  }
  close(ends[0]);
  int status = 0;
  waitpid(*pid, &status, 0);
  finished.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return finished;
}

GatewayProcess::GatewayProcess(std::string binary, std::string data_directory,
                               std::vector<std::string> arguments)
    : binary_(std::move(binary)),
      data_directory_(std::move(data_directory)),
      arguments_(std::move(arguments)),
      port_(FreePort()),
      monitor_port_(FreePort()) {}

GatewayProcess::~GatewayProcess() { Kill(); }

std::string GatewayProcess::Output() const {
  std::ostringstream text;
  text << std::ifstream(data_directory_ + ".log").rdbuf();
  return text.str();
}

absl::Status GatewayProcess::Start(absl::Duration patience) {
  std::vector<std::string> command = {binary_, "serve", "--data-dir=" + data_directory_,
                                      fmt::format("--http=127.0.0.1:{}", port_),
                                      fmt::format("--monitor=127.0.0.1:{}", monitor_port_)};
  command.insert(command.end(), arguments_.begin(), arguments_.end());
  const int log =
      open((data_directory_ + ".log").c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  absl::StatusOr<pid_t> pid = Spawn(command, log);
  close(log);
  if (!pid.ok()) return pid.status();
  pid_ = *pid;
  const absl::Time end = absl::Now() + patience;
  while (absl::Now() < end) {
    if (waitpid(pid_, nullptr, WNOHANG) == pid_) {
      pid_ = -1;
      return absl::AbortedError("the gateway ended while starting:\n" + LastLines(Output()));
    }
    HttpClient client(port_);
    absl::StatusOr<HttpReply> reply = client.Request("GET", "/readyz");
    if (reply.ok() && reply->status == 200) return absl::OkStatus();
    absl::SleepFor(kPoll);
  }
  Kill();
  return absl::DeadlineExceededError("the gateway did not become ready:\n" + LastLines(Output()));
}

void GatewayProcess::Kill() {
  if (pid_ < 0) return;
  kill(pid_, SIGKILL);
  waitpid(pid_, nullptr, 0);
  pid_ = -1;
}

absl::StatusOr<int> GatewayProcess::Terminate(absl::Duration patience) {
  if (pid_ < 0) return absl::FailedPreconditionError("not running");
  kill(pid_, SIGTERM);
  const absl::Time end = absl::Now() + patience;
  while (absl::Now() < end) {
    int status = 0;
    if (waitpid(pid_, &status, WNOHANG) == pid_) {
      pid_ = -1;
      return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    }
    absl::SleepFor(kPoll);
  }
  Kill();
  return absl::DeadlineExceededError("the gateway did not end after SIGTERM");
}

}  // namespace dailyfeed::test_support

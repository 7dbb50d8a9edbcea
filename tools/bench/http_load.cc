#include "tools/bench/http_load.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <string_view>
#include <thread>
#include <utility>

#include "absl/time/clock.h"
#include "core/base/status_macros.h"

namespace dailyfeed::bench {
namespace {

struct Connection {
  int socket = -1;
  int64_t sent_ns = 0;
  std::string head;         // until the end of the answer's head was found
  size_t body_missing = 0;  // afterwards
  bool in_body = false;
};

absl::StatusOr<int> Connect(uint16_t port) {
  const int fd = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof(address)) != 0) {
    close(fd);
    return absl::UnavailableError(fmt::format("cannot connect to port {}", port));
  }
  const int on = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
  fcntl(fd, F_SETFL, O_NONBLOCK);
  return fd;
}

// One thread's connections.
class Worker {
 public:
  Worker(const std::vector<std::string>& requests, size_t first)
      : requests_(requests), next_(first), poll_(epoll_create1(0)), buffer_(64u << 10) {}
  ~Worker() {
    for (Connection& connection : connections_) close(connection.socket);
    close(poll_);
  }

  absl::Status Open(uint16_t port, int count) {
    connections_.resize(static_cast<size_t>(count));
    for (Connection& connection : connections_) {
      ASSIGN_OR_RETURN(connection.socket, Connect(port));
      epoll_event event = {};
      event.events = EPOLLIN;
      event.data.ptr = &connection;
      epoll_ctl(poll_, EPOLL_CTL_ADD, connection.socket, &event);
    }
    return absl::OkStatus();
  }

  absl::Status Run(absl::Time end) {
    for (Connection& connection : connections_) RETURN_IF_ERROR(Send(connection));
    constexpr int kEvents = 256;
    epoll_event events[kEvents];
    while (absl::Now() < end) {
      const int count = epoll_wait(poll_, events, kEvents, 100);
      for (int i = 0; i < count; ++i) {
        RETURN_IF_ERROR(Receive(*static_cast<Connection*>(events[i].data.ptr)));
      }
    }
    return absl::OkStatus();
  }

  const Histogram& latency() const { return latency_; }
  uint64_t bytes() const { return bytes_; }

 private:
  // Requests are far smaller than a socket's buffer, so one send takes all.
  absl::Status Send(Connection& connection) {
    const std::string& request = requests_[next_++ % requests_.size()];
    connection.sent_ns = absl::GetCurrentTimeNanos();
    const ssize_t sent = send(connection.socket, request.data(), request.size(), MSG_NOSIGNAL);
    if (sent != static_cast<ssize_t>(request.size())) {
      return absl::UnavailableError("a request could not be sent");
    }
    return absl::OkStatus();
  }

  absl::Status Receive(Connection& connection) {
    for (;;) {
      const ssize_t n = recv(connection.socket, buffer_.data(), buffer_.size(), 0);
      if (n < 0 && (errno == EAGAIN || errno == EINTR)) return absl::OkStatus();
      if (n <= 0) return absl::UnavailableError("the server closed a connection");
      bytes_ += static_cast<uint64_t>(n);
      RETURN_IF_ERROR(Take(connection, {buffer_.data(), static_cast<size_t>(n)}));
      if (static_cast<size_t>(n) < buffer_.size()) return absl::OkStatus();
    }
  }

  absl::Status Take(Connection& connection, std::string_view bytes) {
    if (!connection.in_body) {
      connection.head.append(bytes);
      const size_t end = connection.head.find("\r\n\r\n");
      if (end == std::string::npos) return absl::OkStatus();
      RETURN_IF_ERROR(ReadHead(connection, end + 4));
    } else {
      connection.body_missing -= std::min(connection.body_missing, bytes.size());
    }
    if (connection.body_missing > 0) return absl::OkStatus();
    latency_.Record(static_cast<uint64_t>(absl::GetCurrentTimeNanos() - connection.sent_ns));
    connection.in_body = false;
    connection.head.clear();
    return Send(connection);
  }

  absl::Status ReadHead(Connection& connection, size_t head_bytes) {
    const std::string_view head(connection.head.data(), head_bytes);
    if (!head.starts_with("HTTP/1.1 200 ")) {
      return absl::UnavailableError(std::string(head.substr(0, head.find('\r'))));
    }
    constexpr std::string_view kLength = "\r\nContent-Length: ";
    const size_t at = head.find(kLength);
    if (at == std::string_view::npos) return absl::UnavailableError("an answer without a length");
    const size_t length = std::strtoull(head.data() + at + kLength.size(), nullptr, 10);
    const size_t received = connection.head.size() - head_bytes;
    connection.body_missing = length - std::min(length, received);
    connection.in_body = true;
    return absl::OkStatus();
  }

  const std::vector<std::string>& requests_;
  size_t next_;
  const int poll_;
  std::vector<char> buffer_;
  std::vector<Connection> connections_;
  Histogram latency_;
  uint64_t bytes_ = 0;
};

}  // namespace

absl::StatusOr<HttpLoad> RunHttpLoad(uint16_t port, const std::vector<std::string>& requests,
                                     const HttpLoadOptions& options) {
  std::vector<std::unique_ptr<Worker>> workers;
  for (int t = 0; t < options.threads; ++t) {
    const size_t first = requests.size() * static_cast<size_t>(t) / options.threads;
    workers.push_back(std::make_unique<Worker>(requests, first));
    RETURN_IF_ERROR(workers.back()->Open(port, options.connections / options.threads));
  }
  std::vector<absl::Status> statuses(workers.size());
  std::vector<std::thread> threads;
  const absl::Time start = absl::Now();
  for (size_t t = 0; t < workers.size(); ++t) {
    threads.emplace_back([&, t] { statuses[t] = workers[t]->Run(start + options.duration); });
  }
  for (std::thread& thread : threads) thread.join();
  const double seconds = absl::ToDoubleSeconds(absl::Now() - start);
  HttpLoad load;
  uint64_t bytes = 0;
  for (size_t t = 0; t < workers.size(); ++t) {
    RETURN_IF_ERROR(statuses[t]);
    load.latency.Merge(workers[t]->latency());
    bytes += workers[t]->bytes();
  }
  const double answers = static_cast<double>(load.latency.count());
  load.per_second = answers / seconds;
  load.bytes_per_answer = static_cast<double>(bytes) / answers;
  return load;
}

}  // namespace dailyfeed::bench

#include "tools/test_support/http_client.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "fmt/format.h"

namespace dailyfeed::test_support {
namespace {

constexpr size_t kReadBytes = 64u << 10;

absl::Status ErrnoStatus(std::string_view what) {
  if (errno == EAGAIN || errno == EWOULDBLOCK) {
    return absl::DeadlineExceededError(fmt::format("{}: no answer in time", what));
  }
  return absl::UnavailableError(fmt::format("{}: {}", what, std::strerror(errno)));
}

bool SameName(const std::string& a, std::string_view b) {
  return absl::EqualsIgnoreCase(a, absl::string_view(b.data(), b.size()));
}

bool Names(const HttpHeaders& headers, std::string_view name) {
  for (const auto& header : headers) {
    if (SameName(header.first, name)) return true;
  }
  return false;
}

}  // namespace

std::string_view HttpReply::Header(std::string_view name) const {
  for (const auto& [key, value] : headers) {
    if (SameName(key, name)) return value;
  }
  return {};
}

std::vector<std::string> HttpReply::HeaderValues(std::string_view name) const {
  std::vector<std::string> values;
  for (const auto& [key, value] : headers) {
    if (SameName(key, name)) values.push_back(value);
  }
  return values;
}

HttpClient::HttpClient(uint16_t port, std::string host, absl::Duration patience)
    : port_(port), host_(std::move(host)), patience_(patience) {}

HttpClient::~HttpClient() { Close(); }

HttpClient::HttpClient(HttpClient&& other) noexcept
    : port_(other.port_),
      host_(std::move(other.host_)),
      patience_(other.patience_),
      socket_(std::exchange(other.socket_, -1)),
      buffer_(std::move(other.buffer_)) {}

HttpClient& HttpClient::operator=(HttpClient&& other) noexcept {
  if (this == &other) return *this;
  Close();
  port_ = other.port_;
  host_ = std::move(other.host_);
  patience_ = other.patience_;
  socket_ = std::exchange(other.socket_, -1);
  buffer_ = std::move(other.buffer_);
  return *this;
}

absl::Status HttpClient::Connect() {
  Close();
  socket_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (socket_ < 0) return ErrnoStatus("socket");
  const timeval patience = absl::ToTimeval(patience_);
  const int one = 1;
  ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
  ::setsockopt(socket_, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
  ::setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port_);
  if (::inet_pton(AF_INET, host_.c_str(), &address.sin_addr) != 1) {
    Close();
    return absl::InvalidArgumentError(fmt::format("not an IPv4 address: {}", host_));
  }
  if (::connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof(address)) != 0) {
    absl::Status status = ErrnoStatus(fmt::format("connect to {}:{}", host_, port_));
    Close();
    return status;
  }
  return absl::OkStatus();
}

absl::Status HttpClient::Send(std::string_view bytes) {
  if (!connected()) {
    if (absl::Status status = Connect(); !status.ok()) return status;
  }
  while (!bytes.empty()) {
    const ssize_t sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent < 0) return ErrnoStatus("send");
    bytes.remove_prefix(static_cast<size_t>(sent));
  }
  return absl::OkStatus();
}

absl::StatusOr<bool> HttpClient::Fill() {
  if (!connected()) return absl::UnavailableError("not connected");
  char chunk[kReadBytes];
  ssize_t got;
  do {
    got = ::recv(socket_, chunk, sizeof(chunk), 0);
  } while (got < 0 && errno == EINTR);
  if (got < 0) return ErrnoStatus("receive");
  buffer_.append(chunk, static_cast<size_t>(got));
  return got > 0;
}

absl::StatusOr<std::string> HttpClient::TakeLine() {
  size_t end;
  while ((end = buffer_.find("\r\n")) == std::string::npos) {
    absl::StatusOr<bool> more = Fill();
    if (!more.ok()) return more.status();
    if (!*more) return absl::UnavailableError("the server closed before the end of a line");
  }
  std::string line = buffer_.substr(0, end);
  buffer_.erase(0, end + 2);
  return line;
}

absl::StatusOr<std::string> HttpClient::TakeBytes(size_t n) {
  while (buffer_.size() < n) {
    absl::StatusOr<bool> more = Fill();
    if (!more.ok()) return more.status();
    if (!*more) return absl::UnavailableError("the server closed before the end of a body");
  }
  std::string bytes = buffer_.substr(0, n);
  buffer_.erase(0, n);
  // Tests hold thousands of clients and measure what the server holds.
  if (buffer_.empty()) buffer_.shrink_to_fit();
  return bytes;
}

absl::StatusOr<std::string> HttpClient::TakeChunkedBody() {
  std::string body;
  for (;;) {
    absl::StatusOr<std::string> size_line = TakeLine();
    if (!size_line.ok()) return size_line.status();
    const size_t size = std::strtoull(size_line->c_str(), nullptr, 16);
    absl::StatusOr<std::string> chunk = TakeBytes(size);
    if (!chunk.ok()) return chunk.status();
    body += *chunk;
    absl::StatusOr<std::string> end = TakeLine();
    if (!end.ok()) return end.status();
    if (size == 0) return body;
  }
}

absl::StatusOr<HttpReply> HttpClient::Receive(bool head) {
  absl::StatusOr<std::string> line = TakeLine();
  if (!line.ok()) return line.status();
  HttpReply reply;
  if (!absl::StartsWith(*line, "HTTP/1.1 ") || line->size() < 12 ||
      !absl::SimpleAtoi(line->substr(9, 3), &reply.status)) {
    return absl::DataLossError(fmt::format("not a status line: {}", *line));
  }
  for (;;) {
    line = TakeLine();
    if (!line.ok()) return line.status();
    if (line->empty()) break;
    const size_t colon = line->find(':');
    if (colon == std::string::npos) {
      return absl::DataLossError(fmt::format("not a header line: {}", *line));
    }
    reply.headers.emplace_back(line->substr(0, colon),
                               std::string(absl::StripAsciiWhitespace(line->substr(colon + 1))));
  }
  const bool bodyless =
      head || reply.status / 100 == 1 || reply.status == 204 || reply.status == 304;
  if (bodyless) return reply;
  absl::StatusOr<std::string> body;
  if (SameName(std::string(reply.Header("Transfer-Encoding")), "chunked")) {
    body = TakeChunkedBody();
  } else if (Names(reply.headers, "Content-Length")) {
    size_t length = 0;
    if (!absl::SimpleAtoi(std::string(reply.Header("Content-Length")), &length)) {
      return absl::DataLossError("Content-Length is not a number");
    }
    body = TakeBytes(length);
  } else {
    body = ReceiveUntilClosed();
  }
  if (!body.ok()) return body.status();
  reply.body = *std::move(body);
  return reply;
}

absl::StatusOr<std::string> HttpClient::ReceiveUntil(std::string_view end) {
  for (;;) {
    if (const size_t at = buffer_.find(end); at != std::string::npos)
      return TakeBytes(at + end.size());
    absl::StatusOr<bool> more = Fill();
    if (!more.ok()) return more.status();
    if (!*more) return absl::UnavailableError("the server closed after: " + buffer_);
  }
}

absl::StatusOr<std::string> HttpClient::ReceiveUntilClosed() {
  for (;;) {
    absl::StatusOr<bool> more = Fill();
    if (!more.ok()) return more.status();
    if (!*more) return std::exchange(buffer_, {});
  }
}

bool HttpClient::ClosedMeanwhile() {
  char byte;
  const ssize_t got = ::recv(socket_, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
  return got == 0 || (got < 0 && errno != EAGAIN && errno != EWOULDBLOCK);
}

absl::StatusOr<HttpReply> HttpClient::Request(std::string_view method, std::string_view target,
                                              const HttpHeaders& headers, std::string_view body) {
  if (connected() && ClosedMeanwhile()) Close();
  std::string bytes = fmt::format("{} {} HTTP/1.1\r\n", method, target);
  if (!Names(headers, "Host")) bytes += fmt::format("Host: {}:{}\r\n", host_, port_);
  for (const auto& [name, value] : headers) bytes += fmt::format("{}: {}\r\n", name, value);
  const bool usually_has_body = method == "POST" || method == "PUT" || method == "PATCH";
  if ((usually_has_body || !body.empty()) && !Names(headers, "Content-Length") &&
      !Names(headers, "Transfer-Encoding")) {
    bytes += fmt::format("Content-Length: {}\r\n", body.size());
  }
  bytes += "\r\n";
  bytes += body;
  // A server that refuses early answers and closes while we still send; the
  // answer is there to be read even when sending failed.
  const absl::Status sent = Send(bytes);
  if (!sent.ok() && !connected()) return sent;
  absl::StatusOr<HttpReply> reply = Receive(method == "HEAD");
  if (!reply.ok()) {
    Close();
    return sent.ok() ? reply.status() : sent;
  }
  if (absl::EqualsIgnoreCase(std::string(reply->Header("Connection")), "close")) Close();
  return reply;
}

void HttpClient::CloseSending() {
  if (connected()) ::shutdown(socket_, SHUT_WR);
}

void HttpClient::Close(bool reset) {
  if (!connected()) return;
  if (reset) {
    const linger abort{1, 0};
    ::setsockopt(socket_, SOL_SOCKET, SO_LINGER, &abort, sizeof(abort));
  }
  ::close(socket_);
  socket_ = -1;
  buffer_.clear();
}

}  // namespace dailyfeed::test_support

#include "adapters/control/local_socket.h"

#include <errno.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "absl/time/clock.h"
#include "core/base/status_macros.h"

namespace dailyfeed::control {
namespace {

constexpr mode_t kSocketMode = 0600;
constexpr int kWaitingClientsMax = 16;
constexpr size_t kReadBytes = 16u << 10;

// The address of `path`. The system takes at most 107 bytes; a longer path is
// reached through a descriptor of its directory, which `directory` keeps open.
absl::StatusOr<sockaddr_un> AddressOf(const std::string& path, FileDescriptor* directory) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::string short_path = path;
  if (path.size() >= sizeof(address.sun_path)) {
    const size_t slash = path.rfind('/');
    const std::string parent = slash == std::string::npos ? "." : path.substr(0, slash);
    ASSIGN_OR_RETURN(*directory, OpenFile(parent, O_PATH | O_DIRECTORY));
    short_path = fmt::format("/proc/self/fd/{}/{}", directory->number(), path.substr(slash + 1));
    if (short_path.size() >= sizeof(address.sun_path)) return FileError(ENAMETOOLONG, "use", path);
  }
  std::memcpy(address.sun_path, short_path.data(), short_path.size());
  return address;
}

FileDescriptor NewSocket() {
  return FileDescriptor(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
}

}  // namespace

absl::StatusOr<FileDescriptor> ListenAt(const std::string& path) {
  FileDescriptor directory;
  ASSIGN_OR_RETURN(const sockaddr_un address, AddressOf(path, &directory));
  FileDescriptor socket = NewSocket();
  if (!socket.is_open()) return FileError(errno, "make the socket", path);
  RETURN_IF_ERROR(RemoveFile(path));
  if (::bind(socket.number(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0) {
    return FileError(errno, "make the socket", path);
  }
  // Nobody can connect before listen, so the mode is right from the first moment.
  if (::chmod(path.c_str(), kSocketMode) != 0) return FileError(errno, "protect", path);
  if (::listen(socket.number(), kWaitingClientsMax) != 0) return FileError(errno, "use", path);
  return socket;
}

absl::StatusOr<FileDescriptor> ConnectTo(const std::string& path) {
  FileDescriptor directory;
  ASSIGN_OR_RETURN(const sockaddr_un address, AddressOf(path, &directory));
  FileDescriptor socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!socket.is_open()) return FileError(errno, "make a socket for", path);
  while (::connect(socket.number(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) !=
         0) {
    if (errno == EINTR) continue;
    if (errno == ECONNREFUSED || errno == ENOTSOCK) errno = ENOENT;
    return FileError(errno, "connect to", path);
  }
  return socket;
}

absl::Status LocalSocket::Await(short events, absl::Time deadline) const {
  for (;;) {
    std::array<pollfd, 2> waits = {pollfd{socket_.number(), events, 0}, pollfd{stop_, POLLIN, 0}};
    const absl::Duration left = std::max(deadline - absl::Now(), absl::ZeroDuration());
    const int wait_ms =
        left > absl::Hours(1)
            ? 3'600'000
            : static_cast<int>(absl::ToInt64Milliseconds(absl::Ceil(left, absl::Milliseconds(1))));
    const int ready = ::poll(waits.data(), stop_ < 0 ? 1 : 2, wait_ms);
    if (ready < 0 && errno != EINTR) return FileError(errno, "wait for", "a control client");
    if (stop_ >= 0 && waits[1].revents != 0) return absl::CancelledError("the server stops");
    if (ready > 0 && waits[0].revents != 0) return absl::OkStatus();
    if (absl::Now() >= deadline) return absl::DeadlineExceededError("the peer is too slow");
  }
}

absl::StatusOr<std::string> LocalSocket::ReadLine(size_t bytes_max, absl::Duration timeout) {
  const absl::Time deadline = absl::Now() + timeout;
  size_t searched = 0;
  for (;;) {
    if (const size_t end = received_.find('\n', searched); end != std::string::npos) {
      if (end > bytes_max) break;
      std::string line = received_.substr(0, end);
      received_.erase(0, end + 1);
      return line;
    }
    searched = received_.size();
    if (searched > bytes_max) break;
    RETURN_IF_ERROR(Await(POLLIN, deadline));
    std::array<char, kReadBytes> bytes;
    const ssize_t got = ::recv(socket_.number(), bytes.data(), bytes.size(), MSG_DONTWAIT);
    if (got > 0) {
      received_.append(bytes.data(), static_cast<size_t>(got));
    } else if (got == 0) {
      return absl::UnavailableError("the connection was closed");
    } else if (errno != EINTR && errno != EAGAIN) {
      return absl::UnavailableError("the connection broke");
    }
  }
  return absl::OutOfRangeError(fmt::format("a line is at most {} bytes long", bytes_max));
}

absl::Status LocalSocket::Write(std::string_view text, absl::Duration timeout) {
  const absl::Time deadline = absl::Now() + timeout;
  while (!text.empty()) {
    RETURN_IF_ERROR(Await(POLLOUT, deadline));
    const ssize_t sent =
        ::send(socket_.number(), text.data(), text.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent >= 0) {
      text.remove_prefix(static_cast<size_t>(sent));
    } else if (errno != EINTR && errno != EAGAIN) {
      return absl::UnavailableError("the connection was closed");
    }
  }
  return absl::OkStatus();
}

bool LocalSocket::PeerWaits() const {
  std::array<pollfd, 2> waits = {pollfd{socket_.number(), 0, 0}, pollfd{stop_, POLLIN, 0}};
  if (::poll(waits.data(), stop_ < 0 ? 1 : 2, 0) <= 0) return true;
  return waits[0].revents == 0 && (stop_ < 0 || waits[1].revents == 0);
}

bool LocalSocket::PeerIsOwner() const {
  ucred peer{};
  socklen_t size = sizeof(peer);
  if (::getsockopt(socket_.number(), SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0) return false;
  return peer.uid == ::geteuid() || peer.uid == 0;
}

}  // namespace dailyfeed::control

#include "adapters/control/control_server.h"

#include <errno.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>

#include "core/base/status_macros.h"

namespace dailyfeed::control {
namespace {

constexpr int kExitUsage = 2;
// Output is sent in pieces of about this size: small enough that a line with
// every byte escaped stays below kReplyBytesMax.
constexpr size_t kPieceBytes = 32u << 10;
constexpr int kAcceptPauseMs = 100;

std::string PathOf(const ControlServerOptions& options) {
  return options.directory + "/" + std::string(kSocketName);
}

// Sends what a command writes, in pieces.
class SocketOutput final : public ControlOutput {
 public:
  SocketOutput(LocalSocket* socket, absl::Duration timeout) : socket_(socket), timeout_(timeout) {}

  bool Write(std::string_view text) override {
    while (open_ && !text.empty()) {
      const size_t taken = std::min(text.size(), kPieceBytes - waiting_.size());
      waiting_.append(text.substr(0, taken));
      text.remove_prefix(taken);
      if (waiting_.size() == kPieceBytes) Flush();
    }
    return open_;
  }
  bool Wanted() override { return open_ && socket_->PeerWaits(); }

  void Finish(const ControlResult& result) {
    Flush();
    Send({.exit_code = result.exit_code, .error = result.error});
  }

 private:
  void Flush() {
    if (waiting_.empty()) return;
    Send({.text = std::exchange(waiting_, {})});
  }
  void Send(const ControlReply& reply) {
    if (open_) open_ = socket_->Write(FormatReply(reply) + "\n", timeout_).ok();
  }

  LocalSocket* const socket_;
  const absl::Duration timeout_;
  std::string waiting_;
  bool open_ = true;
};

}  // namespace

absl::StatusOr<std::unique_ptr<ControlServer>> ControlServer::Start(ControlServerOptions options,
                                                                    ControlHandler handler) {
  FileDescriptor stop(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!stop.is_open()) return FileError(errno, "wait at", PathOf(options));
  ASSIGN_OR_RETURN(FileDescriptor listener, ListenAt(PathOf(options)));
  return std::unique_ptr<ControlServer>(new ControlServer(std::move(options), std::move(handler),
                                                          std::move(listener), std::move(stop)));
}

ControlServer::ControlServer(ControlServerOptions options, ControlHandler handler,
                             FileDescriptor listener, FileDescriptor stop)
    : options_(std::move(options)),
      handler_(std::move(handler)),
      listener_(std::move(listener)),
      stop_(std::move(stop)) {
  for (size_t i = 0; i < options_.clients_max; ++i) threads_.emplace_back([this] { Serve(); });
}

ControlServer::~ControlServer() {
  const uint64_t one = 1;
  const ssize_t written = ::write(stop_.number(), &one, sizeof(one));
  static_cast<void>(written);  // an eventfd at 0 always takes a 1
  for (std::thread& thread : threads_) thread.join();
  RemoveFile(PathOf(options_)).IgnoreError();
}

void ControlServer::Serve() {
  for (;;) {
    std::array<pollfd, 2> waits = {pollfd{listener_.number(), POLLIN, 0},
                                   pollfd{stop_.number(), POLLIN, 0}};
    if (::poll(waits.data(), waits.size(), -1) < 0) continue;
    if (waits[1].revents != 0) return;
    FileDescriptor connection(
        ::accept4(listener_.number(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
    if (connection.is_open()) {
      Answer(std::move(connection));
    } else if (errno != EAGAIN && errno != EINTR && errno != ECONNABORTED) {
      // No descriptor or no memory is free: the client waits, and so does this thread.
      pollfd stop = {stop_.number(), POLLIN, 0};
      ::poll(&stop, 1, kAcceptPauseMs);
    }
  }
}

void ControlServer::Answer(FileDescriptor connection) {
  LocalSocket socket(std::move(connection), stop_.number());
  if (!socket.PeerIsOwner()) return;
  SocketOutput output(&socket, options_.write_timeout);
  absl::StatusOr<std::string> line =
      socket.ReadLine(options_.request_bytes_max, options_.request_timeout);
  absl::StatusOr<ControlRequest> request =
      line.ok() ? ParseRequest(*line) : absl::StatusOr<ControlRequest>(line.status());
  if (request.ok()) return output.Finish(handler_(*request, output));
  output.Finish({.exit_code = kExitUsage, .error = std::string(request.status().message())});
}

}  // namespace dailyfeed::control

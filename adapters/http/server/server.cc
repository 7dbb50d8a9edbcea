#include "adapters/http/server/server.h"

#include <algorithm>
#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>
#include <chrono>
#include <optional>
#include <random>
#include <stdexcept>
#include <thread>
#include <vector>

#include "adapters/http/server/io_thread.h"
#include "adapters/http/server/listening.h"
#include "core/base/check.h"
#include "core/base/status_macros.h"
#include "fmt/format.h"

namespace dailyfeed::http {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;

// After accepting failed (no file descriptors left).
constexpr std::chrono::milliseconds kAcceptPause(50);

// Accepts on one thread and deals the sockets out in turn.
class Acceptor {
 public:
  Acceptor(ServerState* state, std::vector<IoThread*> threads)
      : state_(*state),
        threads_(std::move(threads)),
        acceptor_(threads_[0]->context()),
        pause_(threads_[0]->context().get_executor()) {}

  absl::Status Listen(const std::string& host, uint16_t port) {
    RETURN_IF_ERROR(http::Listen(host, port, &acceptor_));
    error_code ec;
    port_ = acceptor_.local_endpoint(ec).port();
    return absl::OkStatus();
  }

  uint16_t port() const { return port_; }

  // On the first thread, from here on.
  void Accept() {
    IoThread* const thread = threads_[next_++ % threads_.size()];
    socket_.emplace(thread->context());
    acceptor_.async_accept(*socket_, [this, thread](const error_code& ec) {
      if (ec == asio::error::operation_aborted || !acceptor_.is_open()) return;
      if (ec) return Pause();
      Deal(thread, *std::move(socket_));
      Accept();
    });
  }

  void Close() {
    error_code ignored;
    acceptor_.close(ignored);
    pause_.cancel();
  }

 private:
  void Pause() {
    pause_.expires_after(kAcceptPause);
    pause_.async_wait([this](const error_code& ec) {
      if (!ec && acceptor_.is_open()) Accept();
    });
  }

  void Deal(IoThread* thread, Socket socket) {
    const uint64_t open = state_.connections_open.load(std::memory_order_relaxed);
    const uint64_t most = state_.options.connections_max;
    const bool serve = open < most;
    auto& counter = serve ? state_.connections_accepted : state_.connections_refused;
    counter.fetch_add(1, std::memory_order_relaxed);
    if (open >= most + state_.options.refusals_at_once_max) return;  // closes it
    state_.connections_open.fetch_add(1, std::memory_order_acq_rel);
    const auto admission = serve ? IoThread::Admission::kServe : IoThread::Admission::kRefuse;
    if (thread == threads_[0]) return thread->Adopt(std::move(socket), admission);
    asio::post(thread->context(), [thread, admission, socket = std::move(socket)]() mutable {
      thread->Adopt(std::move(socket), admission);
    });
  }

  ServerState& state_;
  const std::vector<IoThread*> threads_;
  ListeningSocket acceptor_;
  asio::basic_waitable_timer<std::chrono::steady_clock,
                             asio::wait_traits<std::chrono::steady_clock>, Executor>
      pause_;
  std::optional<Socket> socket_;
  size_t next_ = 0;
  uint16_t port_ = 0;
};

std::string RandomIdPrefix() {
  static constexpr char kDigits[] = "0123456789abcdefghjkmnpqrstvwxyz";
  static constexpr int kLength = 7;
  std::random_device random;
  std::string prefix;
  for (int i = 0; i < kLength; ++i) prefix.push_back(kDigits[random() % 32]);
  return prefix;
}

absl::Status CheckOptions(const ServerOptions& options) {
  const bool positive =
      options.connections_max > 0 && options.header_bytes_max > 0 &&
      options.header_fields_max > 0 && options.requests_in_flight_max > 0 &&
      options.body_bytes_per_second_min > 0 && options.request_timeout > absl::ZeroDuration() &&
      options.idle_timeout > absl::ZeroDuration() && options.write_timeout > absl::ZeroDuration() &&
      options.linger_timeout > absl::ZeroDuration() && options.threads >= 0;
  if (!positive) {
    return absl::InvalidArgumentError("every limit and timeout of the HTTP server is above zero");
  }
  if (options.threads > ServerOptions::kThreadsMax) {
    return absl::InvalidArgumentError(
        fmt::format("threads of the HTTP server is {}, it must be at most {}", options.threads,
                    ServerOptions::kThreadsMax));
  }
  return absl::OkStatus();
}

class BeastServer : public Server {
 public:
  BeastServer(Handler* handler, ServerOptions options) {
    state_.handler = handler;
    state_.options = std::move(options);
    state_.id_prefix = RandomIdPrefix();
  }

  ~BeastServer() override {
    for (IoThread* io : io_) io->Stop();
    for (std::thread& thread : threads_) thread.join();
    acceptor_.reset();
    for (IoThread* io : io_) {
      io->Close();
      io->Unref();
    }
  }

  // Throws when the system has no more threads or files.
  absl::Status Listen() {
    int threads = state_.options.threads;
    if (threads == 0) threads = std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
    for (int i = 0; i < threads; ++i) io_.push_back(new IoThread(&state_, i));
    acceptor_.emplace(&state_, io_);
    RETURN_IF_ERROR(acceptor_->Listen(state_.options.host, state_.options.port));
    asio::post(io_[0]->context(), [this] { acceptor_->Accept(); });
    for (IoThread* io : io_) threads_.emplace_back([io] { io->Run(); });
    return absl::OkStatus();
  }

  uint16_t port() const override { return acceptor_->port(); }

  ServerStats stats() const override {
    ServerStats stats;
    stats.connections_open = state_.connections_open.load(std::memory_order_relaxed);
    stats.connections_accepted = state_.connections_accepted.load(std::memory_order_relaxed);
    stats.connections_refused = state_.connections_refused.load(std::memory_order_relaxed);
    stats.requests_in_flight = state_.requests_in_flight.load(std::memory_order_relaxed);
    for (const IoThread* io : io_) stats.requests_total += io->requests_total();
    return stats;
  }

  bool Drain(absl::Duration patience) override {
    state_.draining.store(true, std::memory_order_release);
    asio::post(io_[0]->context(), [this] { acceptor_->Close(); });
    for (IoThread* io : io_) asio::post(io->context(), [io] { io->DrainConnections(); });
    if (WaitUntilClosed(patience)) return true;
    for (IoThread* io : io_) asio::post(io->context(), [io] { io->CutConnections(); });
    WaitUntilClosed(absl::InfiniteDuration());
    return false;
  }

 private:
  bool WaitUntilClosed(absl::Duration patience) {
    const auto closed = [this] {
      return state_.connections_open.load(std::memory_order_acquire) == 0;
    };
    std::unique_lock lock(state_.mutex);
    if (patience == absl::InfiniteDuration()) {
      state_.all_closed.wait(lock, closed);
      return true;
    }
    return state_.all_closed.wait_for(lock, absl::ToChronoNanoseconds(patience), closed);
  }

  ServerState state_;
  std::vector<IoThread*> io_;  // referenced
  std::optional<Acceptor> acceptor_;
  std::vector<std::thread> threads_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<Server>> Server::Start(Handler* handler, ServerOptions options) {
  DAILYFEED_CHECK(handler != nullptr);
  RETURN_IF_ERROR(CheckOptions(options));
  auto server = std::make_unique<BeastServer>(handler, std::move(options));
  // Asio and threads say in exceptions that the system has no more files or threads.
  try {
    RETURN_IF_ERROR(server->Listen());
  } catch (const std::runtime_error& error) {
    return absl::ResourceExhaustedError(
        fmt::format("cannot start the HTTP server: {}", error.what()));
  }
  return server;
}

absl::Status CheckCanListen(const std::string& host, uint16_t port) {
  try {
    asio::io_context context;
    ListeningSocket socket(context);
    return Listen(host, port, &socket);
  } catch (const std::runtime_error& error) {
    return absl::ResourceExhaustedError(fmt::format("cannot make a socket: {}", error.what()));
  }
}

}  // namespace dailyfeed::http

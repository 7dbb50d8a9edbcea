#include "adapters/http/server/server.h"

#include <algorithm>
#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/post.hpp>
#include <chrono>
#include <optional>
#include <random>
#include <stdexcept>
#include <thread>
#include <vector>

#include "adapters/http/server/io_thread.h"
#include "adapters/logging/logging.h"
#include "core/base/check.h"
#include "core/base/status_macros.h"
#include "fmt/format.h"

namespace dailyfeed::http {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;

using ListeningSocket = asio::basic_socket_acceptor<asio::ip::tcp, Executor>;

// After accepting failed (no file descriptors left).
constexpr std::chrono::milliseconds kAcceptPause(50);
// So many connections are given up then, so that others find descriptors; and for
// so long at least the server does without them.
constexpr uint64_t kConnectionsGivenUp = 16;
constexpr SteadyNs kGivenUpForNs = 10'000'000'000;

constexpr int kListenBacklog = 4096;

absl::StatusOr<asio::ip::address> AddressOf(const std::string& host) {
  error_code ec;
  const auto written = asio::ip::make_address(host, ec);
  if (!ec) return written;
  asio::io_context context;
  asio::ip::tcp::resolver resolver(context);
  const auto found = resolver.resolve(host, "", ec);
  if (ec || found.empty()) {
    return absl::InvalidArgumentError(
        fmt::format("\"{}\" is neither an IP address nor a name with one: {}", host,
                    ec ? ec.message() : "it has none"));
  }
  for (const auto& entry : found) {
    if (entry.endpoint().address().is_v4()) return entry.endpoint().address();
  }
  return found.begin()->endpoint().address();
}

// Binds and listens. `host` is an IP address or a name; of the addresses of a
// name the first IPv4 one counts, or the first.
absl::Status Listen(const std::string& host, uint16_t port, ListeningSocket* socket) {
  ASSIGN_OR_RETURN(const asio::ip::address address, AddressOf(host));
  const asio::ip::tcp::endpoint endpoint(address, port);
  error_code ec;
  socket->open(endpoint.protocol(), ec);
  if (!ec) socket->set_option(asio::socket_base::reuse_address(true), ec);
  if (!ec) socket->bind(endpoint, ec);
  if (!ec) socket->listen(kListenBacklog, ec);
  if (!ec) return absl::OkStatus();
  if (ec == asio::error::address_in_use) {
    return absl::UnavailableError(fmt::format("address already in use: {}:{}", host, port));
  }
  return absl::UnavailableError(
      fmt::format("cannot listen on {}:{}: {}", host, port, ec.message()));
}

// Accepts on one thread and deals the sockets out in turn.
class Acceptor {
 public:
  Acceptor(ServerState* state, std::vector<IoThread*> threads)
      : state_(*state),
        threads_(std::move(threads)),
        acceptor_(threads_[0]->context()),
        pause_(threads_[0]->context().get_executor()),
        connections_max_(state->options.connections_max) {}

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
      if (ec) return OnFailure(ec);
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
  // Without descriptors the stores cannot go on either, and a failed write stops
  // them for good: connections yield, and the next ones are not accepted in
  // their place.
  void OnFailure(const error_code& ec) {
    if (ec == asio::error::no_descriptors ||
        ec == boost::system::errc::too_many_files_open_in_system) {
      const uint64_t open = state_.connections_open.load(std::memory_order_relaxed);
      const bool first = connections_max_ == state_.options.connections_max;
      connections_max_ = open > kConnectionsGivenUp ? open - kConnectionsGivenUp : 1;
      given_up_at_ = SteadyNow();
      const size_t each = kConnectionsGivenUp / threads_.size() + 1;
      for (IoThread* thread : threads_) {
        asio::post(thread->context(), [thread, each] {
          thread->CloseIdle(each, absl::ZeroDuration());
          thread->Reap();
        });
      }
      if (first) {
        logging::Log(logging::Level::kWarning, "no file descriptors left for connections",
                     {{"reason", ec.message()}, {"connections", open}});
      }
    }
    pause_.expires_after(kAcceptPause);
    pause_.async_wait([this](const error_code& cancelled) {
      if (!cancelled && acceptor_.is_open()) Accept();
    });
  }

  uint64_t ConnectionsMax() {
    const uint64_t configured = state_.options.connections_max;
    if (connections_max_ < configured && SteadyNow() - given_up_at_ > kGivenUpForNs) {
      connections_max_ = std::min(configured, connections_max_ + kConnectionsGivenUp);
      given_up_at_ = SteadyNow();
    }
    return connections_max_;
  }

  void Deal(IoThread* thread, Socket socket) {
    const uint64_t open = state_.connections_open.load(std::memory_order_relaxed);
    const uint64_t most = ConnectionsMax();
    if (open >= most + state_.options.refusals_at_once_max) {
      state_.connections_refused.fetch_add(1, std::memory_order_relaxed);
      return;  // closes it
    }
    Accepted accepted{.socket = std::move(socket)};
    error_code ec;
    const auto peer = accepted.socket.remote_endpoint(ec);
    if (!ec) accepted.peer = peer.address().to_string();
    std::string group = state_.handler->ConnectionGroup(accepted.peer);
    IoThread::Room room = open < most ? IoThread::Room::kFree : IoThread::Room::kFull;
    if (state_.connections_by_address.Add(group, 1, state_.options.connections_per_address_max)) {
      accepted.address_group = std::move(group);
    } else {
      room = IoThread::Room::kNone;
    }
    state_.connections_open.fetch_add(1, std::memory_order_acq_rel);
    if (thread == threads_[0]) return thread->Adopt(std::move(accepted), room);
    asio::post(thread->context(), [thread, room, accepted = std::move(accepted)]() mutable {
      thread->Adopt(std::move(accepted), room);
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
  uint64_t connections_max_;  // at most that of the options
  SteadyNs given_up_at_ = 0;  // when it was lowered, or raised again
};

std::string RandomIdPrefix() {
  static constexpr int kLength = 7;
  std::random_device random;
  std::string prefix;
  for (int i = 0; i < kLength; ++i) prefix.push_back(kIdDigits[random() % kIdDigits.size()]);
  return prefix;
}

absl::Status CheckOptions(const ServerOptions& options) {
  const bool positive =
      options.connections_max > 0 && options.header_bytes_max > 0 &&
      options.header_fields_max > 0 && options.requests_in_flight_max > 0 &&
      options.body_bytes_per_second_min > 0 && options.request_timeout > absl::ZeroDuration() &&
      options.body_pause_max > absl::ZeroDuration() &&
      options.idle_yield_after >= absl::ZeroDuration() &&
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
  BeastServer(Handler* handler, ServerOptions options) : state_(handler, std::move(options)) {
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
    stats.body_bytes = state_.bodies.bytes();
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

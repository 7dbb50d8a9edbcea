// One thread of the server: an io_context, the connections on it, their
// timeouts and the answers that come in from other threads. Internal.
//
// Everything of a connection happens on its thread. Only Resolve may be called
// from others, also long after the server has gone: the holder of a Responder
// keeps the IoThread, and nothing else, alive.
#ifndef DAILYFEED_ADAPTERS_HTTP_SERVER_IO_THREAD_H_
#define DAILYFEED_ADAPTERS_HTTP_SERVER_IO_THREAD_H_

#include <atomic>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "adapters/http/server/address_tally.h"
#include "adapters/http/server/body_budget.h"
#include "adapters/http/server/handler.h"
#include "adapters/http/server/response_head.h"
#include "adapters/http/server/server.h"

namespace dailyfeed::http {

class Connection;

using Executor = boost::asio::io_context::executor_type;
using Socket = boost::asio::basic_stream_socket<boost::asio::ip::tcp, Executor>;

// Nanoseconds of the steady clock.
using SteadyNs = int64_t;
SteadyNs SteadyNow();

// The 32 digits of request ids, without i, l, o and u, which people mistake.
inline constexpr std::string_view kIdDigits = "0123456789abcdefghjkmnpqrstvwxyz";

// A connection as it was accepted.
struct Accepted {
  Socket socket;
  std::string peer;           // its address
  std::string address_group;  // the address that it is counted for; empty: it is not
};

// What the threads of one server share.
struct ServerState {
  ServerState(Handler* api, ServerOptions settings)
      : handler(api),
        options(std::move(settings)),
        bodies({.bytes_max = options.body_bytes_in_flight_max,
                .small_bytes_max = options.small_body_bytes_max,
                .bytes_per_address_max = options.body_bytes_per_address_max}) {}

  Handler* const handler;
  const ServerOptions options;
  std::string id_prefix;  // of request ids, random for each server
  std::atomic<bool> draining{false};
  std::atomic<uint64_t> connections_open{0};
  std::atomic<uint64_t> connections_accepted{0};
  std::atomic<uint64_t> connections_refused{0};
  std::atomic<uint64_t> requests_in_flight{0};
  BodyBudget bodies;
  AddressTally connections_by_address;
  // Signalled, while draining, when connections_open becomes 0.
  std::mutex mutex;
  std::condition_variable all_closed;
};

// Names one request on one connection of a thread.
struct Ticket {
  static constexpr int kSlotBits = 24;
  uint64_t value = 0;

  static Ticket Make(uint32_t slot, uint64_t sequence) { return {sequence << kSlotBits | slot}; }
  uint32_t slot() const { return value & ((1u << kSlotBits) - 1); }
};

class IoThread {
 public:
  IoThread(ServerState* state, int index);
  IoThread(const IoThread&) = delete;
  IoThread& operator=(const IoThread&) = delete;

  // Shared by the server and every unanswered request.
  void Ref() { references_.fetch_add(1, std::memory_order_relaxed); }
  void Unref();

  // The thread's main; returns after Stop.
  void Run();
  void Stop();
  // After Run has returned: closes all connections; answers that still come in
  // are dropped from now on.
  void Close();

  // Any thread. Moves from `response`; null: there is no answer.
  void Resolve(Ticket ticket, HttpResponse* response);
  // Any thread: the body that answers this request has more.
  void Wake(Ticket ticket);

  boost::asio::io_context& context() { return context_; }
  // On this thread only, from here on.
  enum class Room {
    kFree,  // serve it
    kFull,  // serve it in place of a connection that has been idle for idle_yield_after
    kNone,  // refuse it
  };
  void Adopt(Accepted accepted, Room room);
  // Closes the connections that have been idle longest, up to `count` of those
  // that have been idle for `idle_for`, and returns how many.
  size_t CloseIdle(size_t count, absl::Duration idle_for);
  void DrainConnections();
  void CutConnections();

  // For connections.
  ServerState& state() { return *state_; }
  Ticket NextTicket(uint32_t slot) { return Ticket::Make(slot, ++sequence_); }
  std::string NextRequestId();
  std::string_view DateNow();
  std::string* head_scratch() { return &head_scratch_; }
  RequestRecord* record_scratch() { return &record_scratch_; }
  void CountRequest() {
    requests_total_.store(requests_total_.load(std::memory_order_relaxed) + 1,
                          std::memory_order_relaxed);
  }
  uint64_t requests_total() const { return requests_total_.load(std::memory_order_relaxed); }
  // A connection is closed and no operation of it is under way any more.
  void Finished(uint32_t slot) { finished_.push_back(slot); }
  // Frees the finished ones; last thing of every handler of an operation.
  void Reap();

 private:
  ~IoThread();

  void DrainMailbox();
  void ResolveHere(Ticket ticket, HttpResponse* response);
  void PostMailbox();
  void ArmSweep();
  void Sweep();

  ServerState* state_;
  const int index_;
  std::atomic<int> references_{1};
  boost::asio::io_context context_{1};  // run by one thread
  boost::asio::executor_work_guard<Executor> work_{context_.get_executor()};
  boost::asio::basic_waitable_timer<std::chrono::steady_clock,
                                    boost::asio::wait_traits<std::chrono::steady_clock>, Executor>
      sweep_timer_{context_.get_executor()};
  std::chrono::nanoseconds sweep_interval_;

  std::vector<std::unique_ptr<Connection>> slots_;
  std::vector<uint32_t> free_slots_;
  std::vector<uint32_t> finished_;
  SteadyNs no_idle_until_ = 0;  // no connection has been idle long enough before
  uint64_t sequence_ = 0;
  uint64_t request_ids_ = 0;
  std::atomic<uint64_t> requests_total_{0};
  DateLine date_line_;
  std::string head_scratch_;
  RequestRecord record_scratch_;

  struct Answer {
    Ticket ticket;
    bool given = false;
    HttpResponse response;
  };
  std::mutex mailbox_mutex_;
  bool mailbox_closed_ = false;
  std::vector<Answer> mailbox_;
  std::vector<Ticket> wakes_;
  std::vector<Answer> mailbox_taken_;
  std::vector<Ticket> wakes_taken_;
};

// The Respond of one request: answers once, or, dropped without a call, with 500.
// Two words, so that it fits into a Respond without an allocation.
class Responder {
 public:
  Responder(IoThread* thread, Ticket ticket) : thread_(thread), ticket_(ticket) { thread_->Ref(); }
  Responder(Responder&& other) noexcept
      : thread_(std::exchange(other.thread_, nullptr)), ticket_(other.ticket_) {}
  Responder& operator=(Responder&&) = delete;
  ~Responder() {
    if (thread_ != nullptr) Resolve(nullptr);
  }
  void operator()(HttpResponse response) {
    if (thread_ != nullptr) Resolve(&response);
  }

 private:
  void Resolve(HttpResponse* response) {
    IoThread* thread = std::exchange(thread_, nullptr);
    thread->Resolve(ticket_, response);
    thread->Unref();
  }

  IoThread* thread_;
  Ticket ticket_;
};

// What a BodyStream calls when it has more.
class Waker {
 public:
  Waker(IoThread* thread, Ticket ticket) : thread_(thread), ticket_(ticket) { thread_->Ref(); }
  Waker(Waker&& other) noexcept
      : thread_(std::exchange(other.thread_, nullptr)), ticket_(other.ticket_) {}
  Waker& operator=(Waker&&) = delete;
  ~Waker() {
    if (thread_ != nullptr) thread_->Unref();
  }
  void operator()() const { thread_->Wake(ticket_); }

 private:
  IoThread* thread_;
  Ticket ticket_;
};

}  // namespace dailyfeed::http

#endif  // DAILYFEED_ADAPTERS_HTTP_SERVER_IO_THREAD_H_

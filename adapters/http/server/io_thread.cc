#include "adapters/http/server/io_thread.h"

#include <pthread.h>

#include <algorithm>
#include <boost/asio/post.hpp>
#include <chrono>
#include <ctime>

#include "adapters/http/server/connection.h"
#include "core/base/check.h"
#include "fmt/format.h"

namespace dailyfeed::http {
namespace {

thread_local IoThread* current_thread = nullptr;

constexpr SteadyNs kSweepMinNs = 5'000'000;
constexpr SteadyNs kSweepMaxNs = 250'000'000;
// A timeout is noticed at most this part of it late.
constexpr int kSweepsPerTimeout = 8;

constexpr int kIdCounterDigits = 8;

}  // namespace

SteadyNs SteadyNow() { return std::chrono::steady_clock::now().time_since_epoch().count(); }

IoThread::IoThread(ServerState* state, int index) : state_(state), index_(index) {
  const ServerOptions& options = state->options;
  const SteadyNs shortest = absl::ToInt64Nanoseconds(
      std::min({options.request_timeout, options.idle_timeout, options.write_timeout}));
  sweep_interval_ =
      std::chrono::nanoseconds(std::clamp(shortest / kSweepsPerTimeout, kSweepMinNs, kSweepMaxNs));
}

IoThread::~IoThread() = default;

void IoThread::Unref() {
  if (references_.fetch_sub(1, std::memory_order_acq_rel) == 1) delete this;
}

void IoThread::Run() {
  ::pthread_setname_np(::pthread_self(), fmt::format("http-{}", index_).c_str());
  current_thread = this;
  ArmSweep();
  context_.run();
  current_thread = nullptr;
}

void IoThread::Stop() { context_.stop(); }

void IoThread::Close() {
  std::vector<Answer> unread;
  {
    std::lock_guard lock(mailbox_mutex_);
    mailbox_closed_ = true;
    unread.swap(mailbox_);
  }
  slots_.clear();
}

void IoThread::Resolve(Ticket ticket, HttpResponse* response) {
  if (current_thread == this) return ResolveHere(ticket, response);
  std::lock_guard lock(mailbox_mutex_);
  if (mailbox_closed_) return;
  Answer& answer = mailbox_.emplace_back();
  answer.ticket = ticket;
  answer.given = response != nullptr;
  if (answer.given) answer.response = std::move(*response);
  if (mailbox_.size() + wakes_.size() == 1) PostMailbox();
}

void IoThread::Wake(Ticket ticket) {
  std::lock_guard lock(mailbox_mutex_);
  if (mailbox_closed_) return;
  wakes_.push_back(ticket);
  if (mailbox_.size() + wakes_.size() == 1) PostMailbox();
}

void IoThread::PostMailbox() {
  boost::asio::post(context_, [this] { DrainMailbox(); });
}

void IoThread::DrainMailbox() {
  {
    std::lock_guard lock(mailbox_mutex_);
    mailbox_taken_.swap(mailbox_);
    wakes_taken_.swap(wakes_);
  }
  for (Answer& answer : mailbox_taken_) {
    ResolveHere(answer.ticket, answer.given ? &answer.response : nullptr);
  }
  mailbox_taken_.clear();
  for (const Ticket ticket : wakes_taken_) {
    Connection* connection = slots_[ticket.slot()].get();
    if (connection != nullptr && connection->Streams(ticket)) connection->ContinueStream();
  }
  wakes_taken_.clear();
  Reap();
}

void IoThread::ResolveHere(Ticket ticket, HttpResponse* response) {
  state_->requests_in_flight.fetch_sub(1, std::memory_order_relaxed);
  DAILYFEED_CHECK(ticket.slot() < slots_.size());
  Connection* connection = slots_[ticket.slot()].get();
  if (connection == nullptr || !connection->AwaitsAnswer(ticket)) return;  // cut since
  connection->Answer(response);
}

size_t IoThread::CloseIdle(size_t count, absl::Duration idle_for) {
  const SteadyNs now = SteadyNow();
  const SteadyNs before = now - absl::ToInt64Nanoseconds(idle_for);
  if (idle_for > absl::ZeroDuration() && now < no_idle_until_) return 0;
  std::vector<std::pair<SteadyNs, Connection*>> idle;
  SteadyNs longest_idle = now;
  for (auto& connection : slots_) {
    const auto since = connection == nullptr ? std::nullopt : connection->IdleSince();
    if (!since) continue;
    longest_idle = std::min(longest_idle, *since);
    if (*since <= before) idle.emplace_back(*since, connection.get());
  }
  // A client that connects again and again must not cost a look at every slot each time.
  if (idle.empty()) no_idle_until_ = longest_idle + absl::ToInt64Nanoseconds(idle_for);
  const size_t closing = std::min(count, idle.size());
  std::partial_sort(idle.begin(), idle.begin() + static_cast<ptrdiff_t>(closing), idle.end());
  for (size_t i = 0; i < closing; ++i) idle[i].second->Close();
  return closing;
}

void IoThread::Adopt(Accepted accepted, Room room) {
  if (room == Room::kFull && CloseIdle(1, state_->options.idle_yield_after) == 0) {
    room = Room::kNone;
  }
  auto& counter = room == Room::kNone ? state_->connections_refused : state_->connections_accepted;
  counter.fetch_add(1, std::memory_order_relaxed);
  if (free_slots_.empty()) {
    DAILYFEED_CHECK(slots_.size() < (1u << Ticket::kSlotBits));
    free_slots_.push_back(static_cast<uint32_t>(slots_.size()));
    slots_.emplace_back();
  }
  const uint32_t slot = free_slots_.back();
  free_slots_.pop_back();
  slots_[slot] = std::make_unique<Connection>(this, std::move(accepted), slot);
  slots_[slot]->Start(room != Room::kNone);
  Reap();
}

void IoThread::DrainConnections() {
  for (auto& connection : slots_) {
    if (connection != nullptr) connection->BeginDrain();
  }
  Reap();
}

void IoThread::CutConnections() {
  for (auto& connection : slots_) {
    if (connection != nullptr) connection->Close();
  }
  Reap();
}

void IoThread::Reap() {
  if (finished_.empty()) return;
  for (const uint32_t slot : finished_) {
    slots_[slot].reset();
    free_slots_.push_back(slot);
  }
  const uint64_t gone = finished_.size();
  finished_.clear();
  const uint64_t before = state_->connections_open.fetch_sub(gone, std::memory_order_acq_rel);
  if (before == gone && state_->draining.load(std::memory_order_acquire)) {
    std::lock_guard lock(state_->mutex);
    state_->all_closed.notify_all();
  }
}

std::string IoThread::NextRequestId() {
  // Short enough to live inside a std::string: prefix, thread and counter.
  std::string id = state_->id_prefix;
  const uint64_t number = request_ids_++ | static_cast<uint64_t>(index_) << 32;
  for (int digit = kIdCounterDigits - 1; digit >= 0; --digit) {
    id.push_back(kIdDigits[number >> (5 * digit) & 31]);
  }
  return id;
}

std::string_view IoThread::DateNow() { return date_line_.At(std::time(nullptr)); }

void IoThread::ArmSweep() {
  sweep_timer_.expires_after(sweep_interval_);
  sweep_timer_.async_wait([this](const boost::system::error_code& ec) {
    if (ec) return;
    Sweep();
    ArmSweep();
  });
}

void IoThread::Sweep() {
  const SteadyNs now = SteadyNow();
  for (auto& connection : slots_) {
    if (connection != nullptr) connection->CheckDeadline(now);
  }
  Reap();
}

}  // namespace dailyfeed::http

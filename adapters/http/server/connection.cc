#include "adapters/http/server/connection.h"

#include <algorithm>
#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>
#include <utility>

#include "core/base/check.h"
#include "core/base/text.h"

namespace dailyfeed::http {
namespace {

namespace asio = boost::asio;

constexpr int kBadRequest = 400;
constexpr int kRequestTimeout = 408;
constexpr int kPayloadTooLarge = 413;
constexpr int kExpectationFailed = 417;
constexpr int kClientClosedRequest = 499;
constexpr int kInternalServerError = 500;
constexpr int kServiceUnavailable = 503;
constexpr char kRetryAfterSeconds[] = "1";

// An idle connection keeps this much; a usual request fits.
constexpr size_t kIdleBufferBytes = 2048;
constexpr size_t kBodyReadBytesMax = 64u << 10;
constexpr size_t kIdleTextBytesMax = 256;
// Pipelined requests answered before other connections get their turn.
constexpr int kRequestsPerTurnMax = 16;

constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";

bool WouldBlock(const boost::system::error_code& ec) {
  return ec == asio::error::would_block || ec == asio::error::try_again;
}

// Assigning an empty value would keep the memory.
template <typename Container>
void Free(Container& container) {
  Container().swap(container);
}

std::string_view Bytes(const boost::beast::flat_buffer& buffer) {
  return {static_cast<const char*>(buffer.data().data()), buffer.size()};
}

}  // namespace

Connection::Connection(IoThread* thread, Accepted accepted, uint32_t slot)
    : thread_(thread),
      state_(thread->state()),
      socket_(std::move(accepted.socket)),
      slot_(slot),
      // What the parser can leave unread, and one read more.
      buffer_(state_.options.header_bytes_max + 3 * kBodyReadBytesMax),
      peer_(std::move(accepted.peer)),
      address_group_(std::move(accepted.address_group)),
      body_claim_(&state_.bodies) {}

Connection::~Connection() {
  state_.connections_by_address.Subtract(address_group_, 1,
                                         state_.options.connections_per_address_max);
}

SteadyNs Connection::DeadlineIn(absl::Duration timeout) const {
  return now_ + absl::ToInt64Nanoseconds(timeout);
}

void Connection::Start(bool serve) {
  now_ = SteadyNow();
  request_begin_ = now_;
  error_code ec;
  socket_.non_blocking(true, ec);
  if (!ec) socket_.set_option(asio::ip::tcp::no_delay(true), ec);
  if (ec) return Close();
  if (!serve) return RefuseAndClose(kServiceUnavailable);
  deadline_ = DeadlineIn(state_.options.idle_timeout);
  StartRead();
  if (state_.draining.load(std::memory_order_acquire)) BeginDrain();
}

void Connection::Close() {
  if (phase_ == Phase::kClosed) return;
  phase_ = Phase::kClosed;
  deadline_ = 0;
  error_code ignored;
  socket_.close(ignored);
  parser_.reset();
  response_.stream.reset();
  body_claim_.Release();
  if (operations_ == 0) thread_->Finished(slot_);
}

// Reading -------------------------------------------------------------------

void Connection::StartRead() {
  socket_.async_read_some(buffer_.prepare(ReadSize()), Operation(&Connection::OnRead));
}

size_t Connection::ReadSize() const {
  if (phase_ == Phase::kLingering) return kBodyReadBytesMax;
  if (parser_ && parser_->header_done()) {
    const uint64_t rest = parser_->remaining_length().value_or(parser_->request().body.size());
    return std::clamp<uint64_t>(rest, kIdleBufferBytes, kBodyReadBytesMax);
  }
  return std::clamp(buffer_.size(), kIdleBufferBytes, kBodyReadBytesMax);
}

void Connection::OnRead(const error_code& ec, size_t bytes) {
  if (phase_ == Phase::kLingering) {
    linger_bytes_ += bytes;
    if (ec || linger_bytes_ > state_.options.linger_bytes_max) return Close();
    return StartRead();
  }
  if (timed_out_) return RefuseAndClose(kRequestTimeout);
  if (ec) return OnReadEnd(ec);
  buffer_.commit(bytes);
  Process();
}

void Connection::OnReadEnd(const error_code& ec) {
  if (phase_ == Phase::kReading && ec == asio::error::eof) return RefuseAndClose(kBadRequest);
  if (phase_ == Phase::kReading) {
    TakePartial();
    response_ = HttpResponse();
    bytes_out_ = 0;
    Report(kClientClosedRequest);
    return Close();
  }
  // Cancelled because we drain, but a request came in just now: serve it.
  error_code ignored;
  if (ec == asio::error::operation_aborted && socket_.available(ignored) > 0) return StartRead();
  Close();
}

void Connection::Process() {
  if (processing_) return;  // the handler answered at once: the loop below goes on
  processing_ = true;
  int served = 0;
  while (phase_ == Phase::kIdle || phase_ == Phase::kReading) {
    if (ParseSome() == Step::kNeedBytes) {
      StartRead();
      break;
    }
    if (phase_ == Phase::kIdle && ++served == kRequestsPerTurnMax) {
      asio::post(socket_.get_executor(), [operation = Operation(&Connection::OnTurn)]() mutable {
        operation(error_code(), 0);
      });
      break;
    }
  }
  processing_ = false;
}

void Connection::OnTurn(const error_code&, size_t) { Process(); }

Connection::Step Connection::ParseSome() {
  if (!parser_ && !BeginRequest()) return Step::kNeedBytes;
  const bool in_header = !parser_->header_done();
  if (!in_header && !MakeRoomForBody()) {
    RefuseAndClose(kServiceUnavailable);
    return Step::kGoOn;
  }
  const size_t taken = parser_->Feed(Bytes(buffer_));
  buffer_.consume(taken);
  bytes_in_ += taken;
  int refusal = parser_->refusal();
  const bool header_ended = in_header && parser_->header_done();
  if (refusal == 0 && header_ended) refusal = CheckHeader();
  if (refusal == 0 && !in_header) ExtendDeadline();
  if (refusal != 0) {
    RefuseAndClose(refusal);
    return Step::kGoOn;
  }
  if (phase_ != Phase::kReading) return Step::kGoOn;
  if (parser_->done()) {
    Dispatch();
    return Step::kGoOn;
  }
  if (!header_ended) return Step::kNeedBytes;
  // The body may be here already; if not, the client may be waiting for a word.
  if (buffer_.size() == 0) SendContinue();
  return Step::kGoOn;
}

// False: nothing of a request is here.
bool Connection::BeginRequest() {
  // Old clients send an empty line after a body (RFC 9112, 2.2).
  const std::string_view bytes = Bytes(buffer_);
  buffer_.consume(std::min(bytes.find_first_not_of("\r\n"), bytes.size()));
  if (buffer_.size() == 0) {
    BecomeIdle();
    return false;
  }
  phase_ = Phase::kReading;
  request_begin_ = now_;
  deadline_ = DeadlineIn(state_.options.request_timeout);
  bytes_in_ = 0;
  parser_.emplace(ParserLimits{state_.options.header_bytes_max, state_.options.header_fields_max});
  return true;
}

int Connection::CheckHeader() {
  HttpRequest& request = parser_->request();
  request.peer_address = peer_;
  request.request_id = thread_->NextRequestId();
  if (!parser_->has_body()) return 0;
  const std::string_view expect = request.Header("Expect");
  if (!expect.empty() && !EqualsIgnoringCase(expect, "100-continue")) return kExpectationFailed;
  const size_t limit = state_.handler->BodyLimit(request);
  if (parser_->declared_length().value_or(0) > limit) return kPayloadTooLarge;
  parser_->set_body_limit(limit);
  const size_t here = std::min(buffer_.size(), state_.options.small_body_bytes_max);
  if (parser_->declared_length() && *parser_->declared_length() <= here) return 0;
  Admission admission = state_.handler->Admit(request);
  body_claim_.set_address_group(std::move(admission.address_group));
  if (admission.refusal) {
    TakePartial();
    SendLast(*std::move(admission.refusal));
  }
  return 0;
}

// The parser appends to the body; here the body gets the memory for that, so
// that what is counted is what is held.
bool Connection::MakeRoomForBody() {
  std::string& body = parser_->request().body;
  const uint64_t most = parser_->declared_length().value_or(parser_->body_bytes_max());
  const uint64_t wanted = std::min<uint64_t>(body.size() + buffer_.size(), most);
  if (wanted <= body.capacity()) return true;
  const size_t capacity = std::max(wanted, std::min<uint64_t>(2 * body.capacity(), most));
  if (!body_claim_.GrowTo(capacity)) return false;
  body.reserve(capacity);
  return true;
}

// By the bytes that have come and not by those announced, so that a client that
// sends nothing of a long body is cut no later than others; and no further than
// the longest pause from now on, so that bytes sent at once buy no long wait.
void Connection::ExtendDeadline() {
  const double rate = static_cast<double>(state_.options.body_bytes_per_second_min);
  const absl::Duration more =
      absl::Seconds(static_cast<double>(parser_->request().body.size()) / rate);
  const absl::Duration all = state_.options.request_timeout + more;
  deadline_ = std::min(request_begin_ + absl::ToInt64Nanoseconds(all),
                       DeadlineIn(state_.options.body_pause_max));
}

void Connection::SendContinue() {
  if (parser_->http_1_0() || parser_->request().Header("Expect").empty()) return;
  error_code ec;
  const size_t sent = socket_.write_some(asio::buffer(kContinue.data(), kContinue.size()), ec);
  // A client whose window has no room for this line does not read its answers.
  if (ec || sent != kContinue.size()) Close();
}

// Handling ------------------------------------------------------------------

void Connection::Dispatch() {
  HttpRequest request = std::move(parser_->request());
  http_1_0_ = parser_->http_1_0();
  close_after_ = !parser_->wants_keep_alive();
  parser_.reset();
  Remember(request);
  phase_ = Phase::kHandling;
  deadline_ = 0;
  const uint64_t in_flight = state_.requests_in_flight.fetch_add(1, std::memory_order_relaxed);
  if (in_flight >= state_.options.requests_in_flight_max) {
    state_.requests_in_flight.fetch_sub(1, std::memory_order_relaxed);
    return Send(Refusal(kServiceUnavailable, request));
  }
  ticket_ = thread_->NextTicket(slot_);
  state_.handler->Handle(std::move(request), Responder(thread_, ticket_));
}

void Connection::Remember(const HttpRequest& request) {
  method_ = request.method;
  target_ = request.target;
  request_id_ = request.request_id;
  head_ = method_ == "HEAD";
}

void Connection::Answer(HttpResponse* response) {
  DAILYFEED_CHECK(phase_ == Phase::kHandling);
  now_ = SteadyNow();
  if (response != nullptr) {
    Send(std::move(*response));
  } else {
    HttpRequest request;
    request.method = method_;
    request.target = target_;
    request.peer_address = peer_;
    request.request_id = request_id_;
    Send(Refusal(kInternalServerError, request));
  }
  Process();
}

HttpRequest Connection::TakePartial() {
  HttpRequest partial;
  if (parser_) {
    partial = std::move(parser_->request());
    http_1_0_ = parser_->http_1_0();
    parser_.reset();
  }
  partial.body.clear();
  partial.peer_address = peer_;
  if (partial.request_id.empty()) partial.request_id = thread_->NextRequestId();
  Remember(partial);
  return partial;
}

void Connection::RefuseAndClose(int status) {
  const HttpRequest partial = TakePartial();
  SendLast(Refusal(status, partial));
}

void Connection::SendLast(HttpResponse response) {
  close_after_ = true;
  linger_ = true;
  Send(std::move(response));
}

HttpResponse Connection::Refusal(int status, const HttpRequest& partial) {
  HttpResponse response = state_.handler->Refuse(status, partial);
  const bool says_when = std::any_of(
      response.headers.begin(), response.headers.end(),
      [](const auto& header) { return EqualsIgnoringCase(header.first, "Retry-After"); });
  if (status == kServiceUnavailable && !says_when) {
    response.headers.emplace_back("Retry-After", kRetryAfterSeconds);
  }
  return response;
}

// Writing -------------------------------------------------------------------

void Connection::Send(HttpResponse&& response) {
  response_ = std::move(response);
  body_claim_.Release();
  // A body without a known end has no length that HEAD could name.
  const BodyFraming framing =
      response_.stream != nullptr ? BodyFraming::kUntilClose : BodyFraming::kLength;
  if (head_) response_.stream.reset();
  if (response_.stream != nullptr) return BeginStream();
  if (state_.draining.load(std::memory_order_relaxed)) close_after_ = linger_ = true;
  const ConnectionHeader connection = close_after_ ? ConnectionHeader::kClose
                                      : http_1_0_  ? ConnectionHeader::kKeepAlive
                                                   : ConnectionHeader::kNone;
  std::string& head = *thread_->head_scratch();
  head.clear();
  AppendResponseHead(response_, thread_->DateNow(), connection, framing, &head);
  if (head_ || IsBodyless(response_.status)) response_.body.clear();

  const std::array<asio::const_buffer, 2> buffers = {asio::buffer(head),
                                                     asio::buffer(response_.body)};
  error_code ec;
  size_t written = socket_.write_some(buffers, ec);
  if (WouldBlock(ec)) {
    ec = {};
    written = 0;
  }
  bytes_out_ = written;
  if (ec) {
    Report(response_.status);
    return Close();
  }
  if (written == head.size() + response_.body.size()) return FinishAnswer();

  phase_ = Phase::kWriting;
  deadline_ = DeadlineIn(state_.options.write_timeout);
  if (written < head.size()) head_rest_.assign(head, written);
  body_sent_ = written - std::min(written, head.size());
  SendRest();
}

void Connection::SendRest() {
  const std::array<asio::const_buffer, 2> buffers = {asio::buffer(head_rest_),
                                                     asio::buffer(response_.body) + body_sent_};
  socket_.async_write_some(buffers, Operation(&Connection::OnWritten));
}

void Connection::OnWritten(const error_code& ec, size_t bytes) {
  bytes_out_ += bytes;
  if (ec) {
    Report(response_.status);
    return Close();
  }
  const size_t of_head = std::min(bytes, head_rest_.size());
  head_rest_.erase(0, of_head);
  body_sent_ += bytes - of_head;
  if (!head_rest_.empty() || body_sent_ < response_.body.size()) return SendRest();
  FinishAnswer();
  Process();
}

void Connection::FinishAnswer() {
  Report(response_.status);
  // Freed, not cleared: thousands of idle connections keep nothing.
  Free(response_.body);
  Free(response_.headers);
  if (!close_after_) {
    phase_ = Phase::kIdle;
    deadline_ = DeadlineIn(state_.options.idle_timeout);
    return;
  }
  if (linger_ || buffer_.size() > 0) return Linger();
  Close();
}

void Connection::Report(int status) {
  thread_->CountRequest();
  if (!state_.options.on_request) return;
  RequestRecord& record = *thread_->record_scratch();
  record.request_id = request_id_;
  record.method = method_;
  record.path.assign(target_, 0, target_.find('?'));
  record.route = std::move(response_.route);
  record.error_code = std::move(response_.error_code);
  record.peer_address = peer_;
  record.status = status;
  record.member_id = response_.member_id;
  record.bytes_in = bytes_in_;
  record.bytes_out = bytes_out_;
  record.duration = absl::Nanoseconds(SteadyNow() - request_begin_);
  state_.options.on_request(record);
}

// Between requests, and the end ----------------------------------------------

void Connection::BecomeIdle() {
  if (buffer_.capacity() > kIdleBufferBytes) buffer_.shrink_to_fit();
  if (target_.capacity() > kIdleTextBytesMax) Free(target_);
}

void Connection::Linger() {
  error_code ignored;
  socket_.shutdown(Socket::shutdown_send, ignored);
  phase_ = Phase::kLingering;
  deadline_ = DeadlineIn(state_.options.linger_timeout);
  linger_bytes_ = buffer_.size();
  buffer_.consume(buffer_.size());
  StartRead();
}

std::optional<SteadyNs> Connection::IdleSince() const {
  if (phase_ != Phase::kIdle || deadline_ == 0) return std::nullopt;
  return deadline_ - absl::ToInt64Nanoseconds(state_.options.idle_timeout);
}

void Connection::CheckDeadline(SteadyNs now) {
  if (deadline_ == 0 || now < deadline_) return;
  now_ = now;
  deadline_ = 0;
  error_code ignored;
  switch (phase_) {
    case Phase::kReading:
      timed_out_ = true;
      socket_.cancel(ignored);
      return;
    case Phase::kWriting:
    case Phase::kStreaming:
      Report(response_.status);
      return Close();
    case Phase::kIdle:
    case Phase::kLingering:
      return Close();
    case Phase::kHandling:
    case Phase::kClosed:
      return;
  }
}

void Connection::BeginDrain() {
  error_code ignored;
  if (phase_ == Phase::kIdle) socket_.cancel(ignored);
  if (phase_ == Phase::kLingering) Close();
  if (phase_ == Phase::kStreaming) EndStream();
}

}  // namespace dailyfeed::http

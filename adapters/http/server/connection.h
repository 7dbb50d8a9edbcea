// One client's connection: reads a request, hands it to the handler, writes the
// answer, reads the next. Internal; lives on its IoThread.
#ifndef DAILYFEED_ADAPTERS_HTTP_SERVER_CONNECTION_H_
#define DAILYFEED_ADAPTERS_HTTP_SERVER_CONNECTION_H_

#include <boost/beast/core/flat_buffer.hpp>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "adapters/http/server/body_budget.h"
#include "adapters/http/server/io_thread.h"
#include "adapters/http/server/request_parser.h"

namespace dailyfeed::http {

class Connection {
 public:
  Connection(IoThread* thread, Accepted accepted, uint32_t slot);
  ~Connection();

  // Serves the client, or tells it that there are too many.
  void Start(bool serve);
  // When the connection fell idle; nullopt while it is busy.
  std::optional<SteadyNs> IdleSince() const;
  bool AwaitsAnswer(Ticket ticket) const {
    return phase_ == Phase::kHandling && ticket.value == ticket_.value;
  }
  // Moves the handler's answer away; null: it gave none.
  void Answer(HttpResponse* response);
  bool Streams(Ticket ticket) const {
    return phase_ == Phase::kStreaming && ticket.value == ticket_.value;
  }
  // The body under way has more.
  void ContinueStream();
  void CheckDeadline(SteadyNs now);
  void BeginDrain();
  void Close();

 private:
  enum class Phase {
    kIdle,       // nothing of a request is here
    kReading,    // a part of one is
    kHandling,   // the handler has it
    kWriting,    // its answer did not fit into the socket at once
    kStreaming,  // its answer has begun and goes on
    kLingering,  // answered for the last time; the client may still be sending
    kClosed,
  };
  // What to do after parsing: read more, or look at the phase again.
  enum class Step { kNeedBytes, kGoOn };

  using error_code = boost::system::error_code;

  void Process();
  Step ParseSome();
  bool BeginRequest();
  // The status to refuse with, or 0. May have answered already.
  int CheckHeader();
  bool MakeRoomForBody();
  void ExtendDeadline();
  void SendContinue();
  void Dispatch();
  void Remember(const HttpRequest& request);

  void StartRead();
  void OnRead(const error_code& ec, size_t bytes);
  void OnReadEnd(const error_code& ec);
  void OnTurn(const error_code& ec, size_t bytes);
  size_t ReadSize() const;

  // Refuses what was read of a request and closes afterwards.
  void RefuseAndClose(int status);
  void SendLast(HttpResponse response);
  HttpRequest TakePartial();
  HttpResponse Refusal(int status, const HttpRequest& partial);
  void Send(HttpResponse&& response);
  void SendRest();
  void OnWritten(const error_code& ec, size_t bytes);
  void FinishAnswer();

  // connection_stream.cc
  void BeginStream();
  void WriteStream();
  void OnStreamWritten(const error_code& ec, size_t bytes);
  void ReadStray();
  void OnStrayRead(const error_code& ec, size_t bytes);
  void EndStream();
  void FinishStream();

  void Report(int status);
  void Linger();
  void BecomeIdle();
  SteadyNs DeadlineIn(absl::Duration timeout) const;
  // Runs `handler` when the operation is over, then frees what is finished.
  template <typename Handler>
  auto Operation(Handler handler);

  IoThread* const thread_;
  ServerState& state_;
  Socket socket_;
  const uint32_t slot_;
  Phase phase_ = Phase::kIdle;
  bool processing_ = false;   // Process is on the stack
  bool timed_out_ = false;    // the read under way was cancelled by its deadline
  bool close_after_ = false;  // this answer is the last
  bool linger_ = false;       // and the client may be sending meanwhile
  bool head_ = false;         // the request is a HEAD
  bool http_1_0_ = false;
  int operations_ = 0;  // asynchronous ones under way
  Ticket ticket_;
  SteadyNs now_ = 0;       // when the current event began
  SteadyNs deadline_ = 0;  // of the phase; 0: none
  SteadyNs request_begin_ = 0;
  boost::beast::flat_buffer buffer_;
  std::optional<RequestParser> parser_;

  // The request being answered, for the record of it.
  std::string method_, target_, request_id_, peer_, address_group_;
  size_t bytes_in_ = 0;
  size_t bytes_out_ = 0;
  BodyBudget::Claim body_claim_;
  size_t linger_bytes_ = 0;
  HttpResponse response_;
  std::string head_rest_;  // of a header block that did not fit
  size_t body_sent_ = 0;

  // A body without a known end.
  std::string stream_bytes_;  // framed, on their way
  size_t stream_sent_ = 0;    // of them
  bool stream_over_ = false;  // the last bytes are in stream_bytes_
};

template <typename Handler>
auto Connection::Operation(Handler handler) {
  ++operations_;
  return [this, handler](const error_code& ec, size_t bytes) {
    IoThread* const thread = thread_;
    --operations_;
    if (phase_ != Phase::kClosed) {
      now_ = SteadyNow();
      (this->*handler)(ec, bytes);
    } else if (operations_ == 0) {
      thread->Finished(slot_);
    }
    thread->Reap();
  };
}

}  // namespace dailyfeed::http

#endif  // DAILYFEED_ADAPTERS_HTTP_SERVER_CONNECTION_H_

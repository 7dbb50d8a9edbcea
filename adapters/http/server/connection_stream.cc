// The part of a connection that sends a body without a known end.
#include <boost/asio/buffer.hpp>
#include <iterator>
#include <utility>

#include "adapters/http/server/connection.h"
#include "fmt/format.h"

namespace dailyfeed::http {
namespace {

constexpr std::string_view kLastChunk = "0\r\n\r\n";
// A client has nothing to say while its answer goes on.
constexpr size_t kStrayBytesMax = 64u << 10;
constexpr size_t kStrayReadBytes = 512;

// One chunk of the chunked coding (RFC 9112, section 7.1).
void AppendChunk(std::string_view bytes, std::string* out) {
  fmt::format_to(std::back_inserter(*out), "{:x}\r\n", bytes.size());
  out->append(bytes);
  out->append("\r\n");
}

}  // namespace

void Connection::BeginStream() {
  close_after_ = true;
  phase_ = Phase::kStreaming;
  stream_over_ = false;
  stream_sent_ = 0;
  bytes_out_ = 0;
  AppendResponseHead(response_, thread_->DateNow(), ConnectionHeader::kClose,
                     http_1_0_ ? BodyFraming::kUntilClose : BodyFraming::kChunks, &stream_bytes_);
  response_.stream->Begin(Waker(thread_, ticket_));
  WriteStream();
  // The only way to learn that the client has gone.
  linger_bytes_ = buffer_.size();
  buffer_.consume(buffer_.size());
  ReadStray();
  if (state_.draining.load(std::memory_order_acquire)) EndStream();
}

void Connection::ContinueStream() {
  if (!stream_bytes_.empty() || stream_over_) return;  // when that is written
  std::string bytes;
  stream_over_ = response_.stream == nullptr || !response_.stream->Take(&bytes);
  if (http_1_0_) {
    stream_bytes_ = std::move(bytes);
  } else {
    if (!bytes.empty()) AppendChunk(bytes, &stream_bytes_);
    if (stream_over_) stream_bytes_.append(kLastChunk);
  }
  now_ = SteadyNow();
  if (!stream_bytes_.empty()) return WriteStream();
  if (stream_over_) FinishStream();
}

// The client has write_timeout to take each piece.
void Connection::WriteStream() {
  if (stream_sent_ == 0) deadline_ = DeadlineIn(state_.options.write_timeout);
  const auto rest = boost::asio::buffer(stream_bytes_) + stream_sent_;
  socket_.async_write_some(rest, Operation(&Connection::OnStreamWritten));
}

void Connection::OnStreamWritten(const error_code& ec, size_t bytes) {
  bytes_out_ += bytes;
  stream_sent_ += bytes;
  if (ec) return FinishStream();
  if (stream_sent_ < stream_bytes_.size()) return WriteStream();
  deadline_ = 0;
  stream_sent_ = 0;
  stream_bytes_.clear();
  if (stream_over_) return FinishStream();
  ContinueStream();
}

void Connection::ReadStray() {
  socket_.async_read_some(buffer_.prepare(kStrayReadBytes), Operation(&Connection::OnStrayRead));
}

void Connection::OnStrayRead(const error_code& ec, size_t bytes) {
  linger_bytes_ += bytes;
  if (ec || linger_bytes_ > kStrayBytesMax) return FinishStream();
  ReadStray();
}

// The server drains: the body ends here.
void Connection::EndStream() {
  response_.stream.reset();
  ContinueStream();
}

void Connection::FinishStream() {
  Report(response_.status);
  Close();
}

}  // namespace dailyfeed::http

#include "tools/cli/request_log.h"

#include <fmt/format.h>

#include "absl/time/clock.h"
#include "absl/time/time.h"

namespace dailyfeed::cli {
namespace {

std::string TimeNow() {
  return absl::FormatTime("%Y-%m-%d%ET%H:%M:%E3SZ", absl::Now(), absl::UTCTimeZone());
}

}  // namespace

std::string QuoteForLog(std::string_view text) {
  std::string quoted = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      quoted += '\\';
      quoted += c;
    } else if (byte < 0x20 || byte >= 0x7f) {
      quoted += fmt::format("\\u{:04x}", byte);
    } else {
      quoted += c;
    }
  }
  quoted += '"';
  return quoted;
}

RequestLog::RequestLog(std::FILE* out, size_t buffered_bytes_max)
    : out_(out), buffered_bytes_max_(buffered_bytes_max), writer_([this] { Run(); }) {}

RequestLog::~RequestLog() {
  {
    std::lock_guard<std::mutex> lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  writer_.join();
}

void RequestLog::Request(const http::RequestRecord& record) {
  Append(fmt::format(
      R"({{"time":"{}","event":"request","requestId":{},"method":{},"path":{},"route":{},)"
      R"("status":{},"errorCode":{},"member":{},"peer":{},"bytesIn":{},"bytesOut":{},)"
      "\"durationUs\":{}}}\n",
      TimeNow(), QuoteForLog(record.request_id), QuoteForLog(record.method),
      QuoteForLog(record.path), QuoteForLog(record.route), record.status,
      QuoteForLog(record.error_code), record.member_id, QuoteForLog(record.peer_address),
      record.bytes_in, record.bytes_out, absl::ToInt64Microseconds(record.duration)));
}

void RequestLog::Event(std::string_view event, const Fields& fields) {
  std::string line = fmt::format(R"({{"time":"{}","event":{})", TimeNow(), QuoteForLog(event));
  for (const auto& [name, text] : fields) {
    line += fmt::format(",{}:{}", QuoteForLog(name), QuoteForLog(text));
  }
  Append(line + "}\n");
}

uint64_t RequestLog::dropped() const {
  std::lock_guard<std::mutex> lock(mutex_);
  return dropped_;
}

void RequestLog::Append(std::string line) {
  {
    std::lock_guard<std::mutex> lock(mutex_);
    if (buffer_.size() + line.size() > buffered_bytes_max_) {
      ++dropped_;
      return;
    }
    buffer_ += line;
  }
  changed_.notify_one();
}

void RequestLog::Run() {
  uint64_t dropped_said = 0;
  std::unique_lock<std::mutex> lock(mutex_);
  while (true) {
    changed_.wait(lock, [this] { return stopping_ || !buffer_.empty(); });
    if (buffer_.empty()) return;
    std::string lines;
    lines.swap(buffer_);
    const uint64_t dropped = dropped_;
    lock.unlock();
    if (dropped != dropped_said) {
      lines += fmt::format(R"({{"time":"{}","event":"log lines dropped","total":{}}})"
                           "\n",
                           TimeNow(), dropped);
      dropped_said = dropped;
    }
    std::fwrite(lines.data(), 1, lines.size(), out_);
    std::fflush(out_);
    lock.lock();
  }
}

}  // namespace dailyfeed::cli

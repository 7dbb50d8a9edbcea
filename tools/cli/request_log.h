// The log of the server: one JSON object a line, on stderr.
//
//   {"time":"2026-11-21T04:00:00.123Z","event":"request","requestId":"...","method":"GET",
//    "path":"/api/posts","route":"/api/posts","status":200,"errorCode":"","member":7,
//    "peer":"127.0.0.1","bytesIn":0,"bytesOut":512,"durationUs":180}
//
// Whoever writes never waits for whoever reads: lines go through a bounded
// buffer, and when the reader is too slow they are dropped and counted.
//
// Threads: everything from any thread.
#ifndef DAILYFEED_TOOLS_CLI_REQUEST_LOG_H_
#define DAILYFEED_TOOLS_CLI_REQUEST_LOG_H_

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "adapters/http/server.h"

namespace dailyfeed::cli {

class RequestLog {
 public:
  // `out` is not owned.
  explicit RequestLog(std::FILE* out, size_t buffered_bytes_max = size_t{1} << 20);
  // Writes what is buffered.
  ~RequestLog();
  RequestLog(const RequestLog&) = delete;
  RequestLog& operator=(const RequestLog&) = delete;

  void Request(const http::RequestRecord& record);
  // {"time":..., "event": event, name: text, ...}
  using Fields = std::vector<std::pair<std::string_view, std::string>>;
  void Event(std::string_view event, const Fields& fields = {});

  uint64_t dropped() const;

 private:
  void Append(std::string line);
  void Run();

  std::FILE* const out_;
  const size_t buffered_bytes_max_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::string buffer_;
  uint64_t dropped_ = 0;
  bool stopping_ = false;
  std::thread writer_;
};

// `text` as a JSON string, quotes included. Bytes outside printable ASCII are
// escaped one by one, so that a log line is ASCII whatever a client sent.
std::string QuoteForLog(std::string_view text);

}  // namespace dailyfeed::cli

#endif  // DAILYFEED_TOOLS_CLI_REQUEST_LOG_H_

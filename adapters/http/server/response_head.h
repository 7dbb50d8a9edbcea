// The header block of an answer. Internal to the server.
#ifndef DAILYFEED_ADAPTERS_HTTP_SERVER_RESPONSE_HEAD_H_
#define DAILYFEED_ADAPTERS_HTTP_SERVER_RESPONSE_HEAD_H_

#include <ctime>
#include <string>
#include <string_view>

#include "adapters/http/server/handler.h"

namespace dailyfeed::http {

// "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n", made once a second. One thread.
class DateLine {
 public:
  std::string_view At(std::time_t now);

 private:
  std::time_t made_for_ = -1;
  std::string line_;
};

enum class ConnectionHeader { kNone, kClose, kKeepAlive };

// How the client knows where the body ends (RFC 9112, section 6).
enum class BodyFraming { kLength, kChunks, kUntilClose };

// True for answers that have neither a body nor a length: 1xx, 204, 304.
bool IsBodyless(int status);

// Appends status line, headers and the empty line. Control characters in
// header values are replaced by spaces, so that no value can begin a header.
void AppendResponseHead(const HttpResponse& response, std::string_view date_line,
                        ConnectionHeader connection, BodyFraming framing, std::string* out);

}  // namespace dailyfeed::http

#endif  // DAILYFEED_ADAPTERS_HTTP_SERVER_RESPONSE_HEAD_H_

// The line between the HTTP server, which knows connections and bytes, and the
// API, which knows routes and dailyfeed.
//
//   class Echo : public Handler {
//     void Handle(HttpRequest request, Respond respond) override {
//       respond({.status = 200, .body = request.body});
//     }
//     HttpResponse Refuse(int status, const HttpRequest&) override { return {.status = status}; }
//     size_t BodyLimit(const HttpRequest&) const override { return 1 << 20; }
//   };
#ifndef DAILYFEED_ADAPTERS_HTTP_SERVER_HANDLER_H_
#define DAILYFEED_ADAPTERS_HTTP_SERVER_HANDLER_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/functional/any_invocable.h"

namespace dailyfeed::http {

struct HttpRequest {
  std::string method;  // "GET", upper case as received
  std::string target;  // path and query, as received
  // In order of arrival, names as received.
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
  std::string peer_address;  // of the connection, without the port
  std::string request_id;    // given by the server, unique; also in the log line

  // The first header of that name, without regard to case; empty when absent.
  std::string_view Header(std::string_view name) const;
  // The values of all headers of that name as one list, joined with ", ". For
  // headers whose value is a list: several lines of one mean the same as one
  // line (RFC 9110, 5.3). Empty when absent.
  std::string HeaderList(std::string_view name) const;
  bool HasHeader(std::string_view name) const;
};

// A body without a known end: sent as it comes, until it ends or the client goes.
// The answer has no Content-Length; HTTP/1.1 clients get it in chunks, and the
// connection is closed after it. The server destroys it when it will send no more
// of it: the body ended, the client has gone, or the server closes.
//
// Threads: its functions are called on one I/O thread and must not block.
class BodyStream {
 public:
  virtual ~BodyStream() = default;
  // Once, before Take. `wake` says that there is more to take, or that it is
  // the end; from any thread, also after the stream was destroyed.
  virtual void Begin(absl::AnyInvocable<void() const> wake) = 0;
  // Moves to `bytes` what there is, maybe nothing. Called again when all of it
  // is on its way to the client and after `wake`. False: that was the end.
  virtual bool Take(std::string* bytes) = 0;
};

struct HttpResponse {
  int status = 200;
  std::string content_type = "application/json";
  // Besides Content-Type, Content-Length, Date and Connection, which the server
  // writes. May repeat a name (Set-Cookie).
  std::vector<std::pair<std::string, std::string>> headers;
  // More of them, written as they are: complete lines, each with its "\r\n". A
  // constant: it must outlive the answer. Spares every answer copies of the
  // headers that are always the same.
  std::string_view header_lines;
  // Also filled for HEAD; the server then sends only its length.
  std::string body;
  std::unique_ptr<BodyStream> stream = {};  // instead of `body`
  // For the log line and metrics: the route pattern ("/api/posts/{postId}"),
  // the symbolic error code and the acting member.
  std::string route;
  std::string error_code;
  uint64_t member_id = 0;
};

// What the handler says of a request whose body has not been read.
struct Admission {
  // The answer, when the body is not wanted. It is sent instead of reading the
  // body, and the connection is closed after it.
  std::optional<HttpResponse> refusal = {};
  // The address for which the bytes of the body are counted, see
  // ServerOptions::body_bytes_per_address_max; empty: they are not.
  std::string address_group = {};
};

// Call exactly once, from any thread.
using Respond = absl::AnyInvocable<void(HttpResponse)>;

// Threads: Handle is called on the server's I/O threads, concurrently, and
// must not block there for longer than a read of the disk.
class Handler {
 public:
  virtual ~Handler() = default;
  virtual void Handle(HttpRequest request, Respond respond) = 0;

  // What the server answers when it refuses a request before there is one to
  // handle (header flood: 431, body above the limit: 413, malformed: 400, slow:
  // 408, overload: 503). In the API's own error form. `partial` has the headers
  // when they were read; what is wrong with them may be answered instead.
  virtual HttpResponse Refuse(int status, const HttpRequest& partial) = 0;

  // The body limit of this request in bytes, asked after its header was read.
  virtual size_t BodyLimit(const HttpRequest& header) const = 0;

  // Asked once the header of a request has been read and its body has not, before
  // the client is told to send it ("100 Continue") and before memory is spent on
  // it. Not asked for a small body that arrived together with its header: Handle
  // sees it at once. Handle decides again about what was admitted.
  virtual Admission Admit(const HttpRequest&) { return {}; }

  // The address for which a connection of this peer is counted, see
  // ServerOptions::connections_per_address_max; empty: it is not.
  virtual std::string ConnectionGroup(const std::string& /*peer_address*/) const { return {}; }
};

}  // namespace dailyfeed::http

#endif  // DAILYFEED_ADAPTERS_HTTP_SERVER_HANDLER_H_

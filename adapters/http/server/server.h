// An HTTP/1.1 server on Boost.Beast: an io_context a core, keep-alive, limits,
// a graceful end. Knows nothing of the API; see handler.h.
//
//   ASSIGN_OR_RETURN(auto server, Server::Start(&api, {.host = "127.0.0.1", .port = 8080}));
//   server->Drain(absl::Seconds(10));   // on SIGTERM
//
// Threads: everything from any thread.
#ifndef DAILYFEED_ADAPTERS_HTTP_SERVER_SERVER_H_
#define DAILYFEED_ADAPTERS_HTTP_SERVER_SERVER_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "absl/functional/any_invocable.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "adapters/http/server/handler.h"

namespace dailyfeed::http {

// One line of the access log, and what the metrics are made of. Status 499: the
// client cut the connection before its request was complete; nothing was sent.
struct RequestRecord {
  std::string request_id, method, route, error_code, peer_address;
  std::string path;  // without the query
  int status = 0;
  uint64_t member_id = 0;
  size_t bytes_in = 0, bytes_out = 0;
  absl::Duration duration;
};

struct ServerOptions {
  static constexpr int kThreadsMax = 256;

  std::string host = "127.0.0.1";  // or a name: its first IPv4 address, or its first
  uint16_t port = 0;               // 0: any free one, see port()
  int threads = 0;                 // 0: one a core
  // Beyond: a new connection takes the place of the one that has been idle longest,
  // if that is idle_yield_after or more; else it is answered 503 and closed.
  size_t connections_max = 10000;
  absl::Duration idle_yield_after = absl::Seconds(1);
  // Of one address, as Handler::ConnectionGroup counts it; beyond: as above, 503.
  // 0: no limit.
  size_t connections_per_address_max = 1000;
  // Connections above these limits that are told 503; beyond, closed at once.
  size_t refusals_at_once_max = 256;
  size_t header_bytes_max = 16u << 10;
  size_t header_fields_max = 200;
  size_t requests_in_flight_max = 4096;  // beyond: 503 with Retry-After
  // Memory of bodies held at once, by all requests; beyond: 503 with Retry-After,
  // closed. An eighth is kept for bodies of at most small_body_bytes_max.
  size_t body_bytes_in_flight_max = 256u << 20;
  size_t small_body_bytes_max = 64u << 10;
  // The same for the larger bodies of one address, as Admission::address_group
  // names it; 0: no limit.
  size_t body_bytes_per_address_max = 64u << 20;
  // To send one request; every so many bytes of a body that have come give a second
  // more, but a client that sends nothing is waited for no longer than the pause.
  absl::Duration request_timeout = absl::Seconds(10);
  size_t body_bytes_per_second_min = 32u << 10;
  absl::Duration body_pause_max = absl::Seconds(30);
  absl::Duration idle_timeout = absl::Seconds(60);   // between requests
  absl::Duration write_timeout = absl::Seconds(30);  // to take one answer
  // Closing a socket with unread bytes resets it, and the client may lose the
  // answer: what still comes before the end is read and dropped, up to these.
  absl::Duration linger_timeout = absl::Seconds(2);
  size_t linger_bytes_max = 32u << 20;
  // Called for every answered request, on an I/O thread. May be empty.
  absl::AnyInvocable<void(const RequestRecord&) const> on_request;
};

struct ServerStats {
  uint64_t connections_open = 0, connections_accepted = 0, connections_refused = 0;
  uint64_t requests_in_flight = 0, requests_total = 0;
  uint64_t body_bytes = 0;  // of request bodies, held now
};

class Server {
 public:
  // Listening when it returns. `handler` is not owned.
  // UNAVAILABLE "address already in use: 127.0.0.1:8080" and the like;
  // RESOURCE_EXHAUSTED: the system has no more files or threads.
  static absl::StatusOr<std::unique_ptr<Server>> Start(Handler* handler, ServerOptions options);
  // Closes everything at once.
  virtual ~Server() = default;

  virtual uint16_t port() const = 0;
  virtual ServerStats stats() const = 0;

  // Accepts no more connections, answers what is being handled, closes idle
  // connections; returns when all are closed or after `patience`. False: some
  // had to be cut.
  virtual bool Drain(absl::Duration patience) = 0;
};

// Whether a server could listen there now: the errors of Server::Start.
absl::Status CheckCanListen(const std::string& host, uint16_t port);

}  // namespace dailyfeed::http

#endif  // DAILYFEED_ADAPTERS_HTTP_SERVER_SERVER_H_

// The HTTP API of dailyfeed over one open data directory: routing, envelopes,
// errors, authentication, cursors. See docs/reference/http.md.
#ifndef DAILYFEED_ADAPTERS_HTTP_API_API_H_
#define DAILYFEED_ADAPTERS_HTTP_API_API_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "adapters/http/server/handler.h"

namespace dailyfeed {
class Dailyfeed;
}

namespace dailyfeed::http {

struct ApiOptions {
  std::vector<std::string> cors_origins = {"http://localhost:3000", "http://localhost:3001"};
  std::vector<std::string> trusted_proxies;  // for X-Forwarded-For; exact addresses
  bool secure_cookies = true;                // false: development over plain HTTP
  std::string default_cover_url = "https://cdn-icons-png.flaticon.com/512/10302/10302971.png";
  size_t body_bytes_max = 1u << 20;
  uint32_t page_size_max = 100;
  uint32_t ids_max = 1000;
  int password_threads = 1;         // argon2id, off the request threads
  size_t password_queue_max = 256;  // beyond: 503 with Retry-After
  // Sign-ups, logins and changes of a password of one address that wait or run;
  // beyond: 503 with Retry-After for this address. 0: off.
  size_t password_jobs_per_address_max = 128;
  // Writes of sessions (refresh, logout), off the request threads.
  int session_threads = 2;
  size_t session_queue_max = 1024;  // beyond: 503 with Retry-After
  // Searches, off the request threads.
  int search_threads = 2;
  size_t search_queue_max = 256;  // beyond: 503 with Retry-After
  // Of one member that wait or run; beyond: 503 with Retry-After for this member. 0:
  // off. Members take turns, and one has all but one of the threads.
  size_t search_jobs_per_member_max = 32;
  // Decoding and scaling of uploaded pictures, off the request threads.
  int picture_threads = 2;
  size_t picture_queue_max = 64;  // beyond: 503 with Retry-After
  // Uploads of one member that wait or run; beyond: 503 with Retry-After for this
  // member. 0: off. Members take turns, and one has all but one of the threads.
  size_t picture_jobs_per_member_max = 8;
  // What an upload may have around its file: boundaries, headers, other parts.
  size_t upload_overhead_bytes_max = 64u << 10;
  uint32_t failed_logins_max = 20;                // per e-mail; 0: off
  uint32_t failed_logins_per_address_max = 1000;  // 0: off
  absl::Duration failed_logins_window = absl::Minutes(10);
  // Each failure of an e-mail in the window holds back the answer to the next
  // one by so much more.
  absl::Duration failed_login_delay_step = absl::Milliseconds(50);
  absl::Duration failed_login_delay_max = absl::Seconds(1);
  size_t delayed_answers_max = 4096;              // beyond: 503 with Retry-After
  size_t failed_logins_remembered_max = 100'000;  // e-mails, and as many addresses
  size_t stream_bytes_max = 64u << 10;            // of a live stream, waiting for its client
  absl::Duration stream_heartbeat = absl::Seconds(15);
  // Adds the start page at "/": the state of the system, the API to try in the
  // browser, and the sample logins of this file, when it exists:
  // [{"email": "kim@example.com", "password": "...", "name": "Kim"}, ...].
  bool start_page = false;
  std::string sample_logins_file;
};

class Api : public Handler {
 public:
  // `feed` is not owned and must outlive the API and the server that calls it.
  static std::unique_ptr<Api> Create(Dailyfeed* feed, ApiOptions options);

  // Has a worker load what the first upload would wait for. Returns at once;
  // what goes wrong stands in the log.
  virtual void WarmUp() = 0;

  // Health answers turn to 503 and new requests are refused: before a drain.
  virtual void BeginDrain() = 0;
};

}  // namespace dailyfeed::http

#endif  // DAILYFEED_ADAPTERS_HTTP_API_API_H_

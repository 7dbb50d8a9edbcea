// A blocking HTTP/1.1 client over one TCP connection, for tests.
//
//   HttpClient client(server->port());
//   auto reply = client.Request("GET", "/livez");
//   EXPECT_EQ(reply->status, 200);
//
//   client.Send("GET / HTT");          // raw bytes, for hostile tests
//   client.CloseSending();
//   client.Receive();                  // whatever the server answers
//
// Threads: one at a time.
#ifndef DAILYFEED_TOOLS_TEST_SUPPORT_HTTP_CLIENT_H_
#define DAILYFEED_TOOLS_TEST_SUPPORT_HTTP_CLIENT_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace dailyfeed::test_support {

using HttpHeaders = std::vector<std::pair<std::string, std::string>>;

struct HttpReply {
  int status = 0;
  HttpHeaders headers;  // in order of arrival
  std::string body;

  // The first header of that name, without regard to case; empty when absent.
  std::string_view Header(std::string_view name) const;
  // Every value of that name, in order.
  std::vector<std::string> HeaderValues(std::string_view name) const;
};

class HttpClient {
 public:
  // Connects at the first use. Every wait for the server ends after `patience`.
  explicit HttpClient(uint16_t port, std::string host = "127.0.0.1",
                      absl::Duration patience = absl::Seconds(30));
  ~HttpClient();
  HttpClient(HttpClient&& other) noexcept;
  HttpClient& operator=(HttpClient&& other) noexcept;

  // One request and its answer on the kept-alive connection; connects anew when
  // the server has closed it since. Adds Host, and Content-Length when there is
  // a body or the method usually has one, unless `headers` name them.
  absl::StatusOr<HttpReply> Request(std::string_view method, std::string_view target,
                                    const HttpHeaders& headers = {}, std::string_view body = {});

  // Raw access. UNAVAILABLE when the connection is refused or cut,
  // DEADLINE_EXCEEDED after the patience.
  absl::Status Connect();
  absl::Status Send(std::string_view bytes);
  // The next answer; pass `head` for the answer to a HEAD request. 100 Continue
  // is an answer too.
  absl::StatusOr<HttpReply> Receive(bool head = false);
  // Everything up to and with `end`, of an answer that goes on.
  absl::StatusOr<std::string> ReceiveUntil(std::string_view end);
  // Everything until the server closes.
  absl::StatusOr<std::string> ReceiveUntilClosed();
  // Ends our half of the connection.
  void CloseSending();
  // Closes; with `reset` by a RST instead of a FIN.
  void Close(bool reset = false);
  bool connected() const { return socket_ >= 0; }
  int socket() const { return socket_; }

 private:
  // Reads more bytes into buffer_. False: the server closed.
  absl::StatusOr<bool> Fill();
  absl::StatusOr<std::string> TakeLine();
  absl::StatusOr<std::string> TakeBytes(size_t n);
  absl::StatusOr<std::string> TakeChunkedBody();
  bool ClosedMeanwhile();

  uint16_t port_;
  std::string host_;
  absl::Duration patience_;
  int socket_ = -1;
  std::string buffer_;
};

}  // namespace dailyfeed::test_support

#endif  // DAILYFEED_TOOLS_TEST_SUPPORT_HTTP_CLIENT_H_

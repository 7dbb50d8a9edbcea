// One HTTP request from bytes, on Beast's parser. Internal to the server.
//
// Beast does the grammar; this class writes straight into an HttpRequest, holds
// the limits that Beast does not (bytes of the header over several reads, number
// of fields, the handler's limit of the body) and refuses what a proxy in front
// could read differently: Transfer-Encoding other than chunked, more than one
// Host or Content-Length, a Content-Length that is a list, folded header lines, a
// Host that names no host, a target in absolute form that names another one.
#ifndef DAILYFEED_ADAPTERS_HTTP_SERVER_REQUEST_PARSER_H_
#define DAILYFEED_ADAPTERS_HTTP_SERVER_REQUEST_PARSER_H_

#include <boost/beast/http/basic_parser.hpp>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "adapters/http/server/handler.h"

namespace dailyfeed::http {

struct ParserLimits {
  size_t header_bytes_max = 0;
  size_t header_fields_max = 0;
};

class RequestParser : private boost::beast::http::basic_parser<true> {
 public:
  explicit RequestParser(const ParserLimits& limits);

  // Takes what it can use of `bytes` and returns how much that was. Stops at
  // the end of the header, so that the caller can look at it; goes on with the
  // body at the next call. Bytes that were not taken must be given again, with
  // more behind them.
  size_t Feed(std::string_view bytes);

  // The status to refuse the request with; 0 while nothing is wrong. Once it
  // is set the parser takes no more.
  int refusal() const { return refusal_; }
  bool header_done() const { return is_header_done(); }
  bool done() const { return is_done(); }

  // After the header.
  bool wants_keep_alive() const { return keep_alive(); }
  bool http_1_0() const { return http_1_0_; }
  bool has_body() const { return !is_done(); }
  // nullopt: chunked.
  std::optional<uint64_t> declared_length() const;
  std::optional<uint64_t> remaining_length() const;
  void set_body_limit(size_t limit) { body_limit_ = limit; }

  HttpRequest& request() { return request_; }
  const HttpRequest& request() const { return request_; }
  size_t body_bytes_max() const { return body_limit_; }

 private:
  using error_code = boost::beast::error_code;
  using string_view = boost::beast::string_view;

  void on_request_impl(boost::beast::http::verb method, string_view method_text, string_view target,
                       int version, error_code& ec) override;
  void on_response_impl(int code, string_view reason, int version, error_code& ec) override;
  void on_field_impl(boost::beast::http::field field, string_view name, string_view value,
                     error_code& ec) override;
  void on_header_impl(error_code& ec) override;
  void on_body_init_impl(const boost::optional<std::uint64_t>& length, error_code& ec) override;
  std::size_t on_body_impl(string_view bytes, error_code& ec) override;
  void on_chunk_header_impl(std::uint64_t size, string_view extensions, error_code& ec) override;
  std::size_t on_chunk_body_impl(std::uint64_t remaining, string_view bytes,
                                 error_code& ec) override;
  void on_finish_impl(error_code& ec) override;

  void Refuse(int status, error_code& ec);
  // Beast asserts that it gets no fewer than this once a chunked body ends.
  bool TooFewForChunk(size_t bytes) const;

  ParserLimits limits_;
  size_t body_limit_ = 0;
  size_t header_bytes_ = 0;
  int refusal_ = 0;
  int hosts_ = 0;
  int lengths_ = 0;  // Content-Length headers
  bool http_1_0_ = false;
  std::string authority_;  // of a target in absolute form
  HttpRequest request_;
};

}  // namespace dailyfeed::http

#endif  // DAILYFEED_ADAPTERS_HTTP_SERVER_REQUEST_PARSER_H_

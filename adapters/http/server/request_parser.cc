#include "adapters/http/server/request_parser.h"

#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <limits>

#include "core/base/check.h"

namespace dailyfeed::http {
namespace {

namespace beast = boost::beast;

constexpr int kBadRequest = 400;
constexpr int kPayloadTooLarge = 413;
constexpr int kHeaderTooLarge = 431;

// "0\r\n\r\n": no chunked body ends in fewer bytes.
constexpr size_t kLastChunkBytes = 5;
// More is given to the body as it arrives, not because a client announced it.
constexpr size_t kBodyReserveMax = 64u << 10;
constexpr size_t kUsualFields = 12;

// The path and query of a target in absolute form, "http://host/path?query",
// which every server must take (RFC 9112, section 3.2.2); others as they are.
std::string_view OriginForm(std::string_view target) {
  const size_t scheme = target.find("://");
  if (target.empty() || target.front() == '/' || scheme == std::string_view::npos) return target;
  const std::string_view name = target.substr(0, scheme);
  if (!beast::iequals({name.data(), name.size()}, "http") &&
      !beast::iequals({name.data(), name.size()}, "https"))
    return target;
  const size_t path = target.find_first_of("/?", scheme + 3);
  return path == std::string_view::npos ? std::string_view("/") : target.substr(path);
}

}  // namespace

RequestParser::RequestParser(const ParserLimits& limits) : limits_(limits) {
  // Ours are counted over all reads; Beast's only over what it is given at once.
  header_limit(std::numeric_limits<uint32_t>::max());
  body_limit(boost::none);
}

size_t RequestParser::Feed(std::string_view bytes) {
  DAILYFEED_CHECK(!done() && refusal_ == 0);
  if (bytes.empty() || TooFewForChunk(bytes.size())) return 0;
  const bool in_header = !header_done();
  eager(!in_header);
  error_code ec;
  const size_t taken = put(boost::asio::const_buffer(bytes.data(), bytes.size()), ec);
  const bool more = ec == beast::http::error::need_more;
  if (in_header) {
    header_bytes_ += taken;
    const size_t pending = header_done() ? 0 : bytes.size() - taken;
    if (refusal_ == 0 && header_bytes_ + pending > limits_.header_bytes_max) {
      refusal_ = kHeaderTooLarge;
    }
  } else if (more && bytes.size() - taken > limits_.header_bytes_max) {
    refusal_ = kBadRequest;  // a chunk header or trailer without end
  }
  if (ec && !more && refusal_ == 0) refusal_ = kBadRequest;
  return taken;
}

bool RequestParser::TooFewForChunk(size_t bytes) const {
  return header_done() && chunked() && bytes < kLastChunkBytes;
}

std::optional<uint64_t> RequestParser::declared_length() const {
  if (chunked()) return std::nullopt;
  return content_length().value_or(0);
}

std::optional<uint64_t> RequestParser::remaining_length() const {
  if (chunked()) return std::nullopt;
  return content_length_remaining().value_or(0);
}

void RequestParser::Refuse(int status, error_code& ec) {
  refusal_ = status;
  ec = beast::http::error::bad_field;
}

void RequestParser::on_request_impl(beast::http::verb, string_view method_text, string_view target,
                                    int version, error_code&) {
  request_.method.assign(method_text.data(), method_text.size());
  const std::string_view origin = OriginForm({target.data(), target.size()});
  request_.target = origin.starts_with('?') ? "/" : "";
  request_.target += origin;
  request_.headers.reserve(kUsualFields);
  http_1_0_ = version < 11;
}

void RequestParser::on_response_impl(int, string_view, int, error_code&) { DAILYFEED_CHECK(false); }

void RequestParser::on_field_impl(beast::http::field field, string_view name, string_view value,
                                  error_code& ec) {
  // Trailers say nothing that was not due in the header: dropped.
  if (header_done()) return;
  if (request_.headers.size() >= limits_.header_fields_max) return Refuse(kHeaderTooLarge, ec);
  if (field == beast::http::field::host && ++hosts_ > 1) return Refuse(kBadRequest, ec);
  if (field == beast::http::field::transfer_encoding &&
      (http_1_0_ || !beast::iequals(value, "chunked"))) {
    return Refuse(kBadRequest, ec);
  }
  request_.headers.emplace_back(std::piecewise_construct,
                                std::forward_as_tuple(name.data(), name.size()),
                                std::forward_as_tuple(value.data(), value.size()));
}

void RequestParser::on_header_impl(error_code& ec) {
  if (hosts_ == 0 && !http_1_0_) Refuse(kBadRequest, ec);
}

void RequestParser::on_body_init_impl(const boost::optional<std::uint64_t>& length, error_code&) {
  if (!length) return;
  request_.body.reserve(std::min<uint64_t>(*length, kBodyReserveMax));
}

std::size_t RequestParser::on_body_impl(string_view bytes, error_code& ec) {
  if (bytes.size() > body_limit_ - request_.body.size()) {
    Refuse(kPayloadTooLarge, ec);
    return 0;
  }
  request_.body.append(bytes.data(), bytes.size());
  return bytes.size();
}

void RequestParser::on_chunk_header_impl(std::uint64_t size, string_view, error_code& ec) {
  if (size > body_limit_ - request_.body.size()) Refuse(kPayloadTooLarge, ec);
}

std::size_t RequestParser::on_chunk_body_impl(std::uint64_t, string_view bytes, error_code& ec) {
  return on_body_impl(bytes, ec);
}

void RequestParser::on_finish_impl(error_code&) {}

}  // namespace dailyfeed::http

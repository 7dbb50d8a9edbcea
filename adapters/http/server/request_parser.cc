#include "adapters/http/server/request_parser.h"

#include <boost/asio/buffer.hpp>
#include <limits>

#include "core/base/check.h"
#include "core/base/hex.h"
#include "core/base/text.h"

namespace dailyfeed::http {
namespace {

namespace beast = boost::beast;

constexpr int kBadRequest = 400;
constexpr int kPayloadTooLarge = 413;
constexpr int kHeaderTooLarge = 431;

// "0\r\n\r\n": no chunked body ends in fewer bytes.
constexpr size_t kLastChunkBytes = 5;
constexpr size_t kUsualFields = 12;

// Takes "http://host:port" off a target in absolute form, which every server must
// take (RFC 9112, section 3.2.2); nullopt for every other target.
std::optional<std::string_view> TakeAuthority(std::string_view* target) {
  const size_t scheme = target->find("://");
  if (target->empty() || target->front() == '/' || scheme == std::string_view::npos) {
    return std::nullopt;
  }
  const std::string_view name = target->substr(0, scheme);
  if (!EqualsIgnoringCase(name, "http") && !EqualsIgnoringCase(name, "https")) return std::nullopt;
  target->remove_prefix(scheme + 3);
  const std::string_view authority = target->substr(0, target->find_first_of("/?"));
  target->remove_prefix(authority.size());
  return authority;
}

bool IsDigits(std::string_view text) {
  return text.find_first_not_of("0123456789") == std::string_view::npos;
}

// uri-host [ ":" port ] (RFC 9110, 7.2); it may be empty.
bool IsHost(std::string_view text) {
  size_t end = 0;
  if (text.starts_with('[')) {
    const size_t bracket = text.find(']');
    if (bracket == std::string_view::npos) return false;
    for (const char c : text.substr(1, bracket - 1)) {
      if (HexDigitValue(c) < 0 && c != ':' && c != '.') return false;
    }
    end = bracket + 1;
  } else {
    static constexpr std::string_view kOthers = "-._~!$&'()*+,;=%";
    const auto of_name = [](char c) {
      const char lower = AsciiLower(c);
      return (lower >= 'a' && lower <= 'z') || (c >= '0' && c <= '9') ||
             kOthers.find(c) != std::string_view::npos;
    };
    while (end < text.size() && of_name(text[end])) ++end;
  }
  const std::string_view port = text.substr(end);
  return port.empty() || (port.front() == ':' && IsDigits(port.substr(1)));
}

std::string_view WithoutDefaultPort(std::string_view host) {
  for (const std::string_view port : {":80", ":443", ":"}) {
    if (host.ends_with(port)) return host.substr(0, host.size() - port.size());
  }
  return host;
}

// A line that begins with a blank continues the one before it (RFC 9112, 5.2).
bool HasFoldedLine(std::string_view header) {
  for (size_t end = header.find('\n'); end != std::string_view::npos;
       end = header.find('\n', end + 1)) {
    if (end + 1 < header.size() && (header[end + 1] == ' ' || header[end + 1] == '\t')) return true;
  }
  return false;
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
    // Beast takes a folded field in one piece.
    if (refusal_ == 0 && HasFoldedLine(bytes.substr(0, taken))) refusal_ = kBadRequest;
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
                                    int version, error_code& ec) {
  request_.method.assign(method_text.data(), method_text.size());
  std::string_view origin(target.data(), target.size());
  if (const auto authority = TakeAuthority(&origin)) {
    if (authority->empty() || !IsHost(*authority)) return Refuse(kBadRequest, ec);
    authority_ = *authority;
    if (!origin.starts_with('/')) request_.target = "/";
  }
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
  const std::string_view text(value.data(), value.size());
  if (field == beast::http::field::host) {
    if (++hosts_ > 1 || !IsHost(text)) return Refuse(kBadRequest, ec);
    if (!authority_.empty() &&
        !EqualsIgnoringCase(WithoutDefaultPort(authority_), WithoutDefaultPort(text))) {
      return Refuse(kBadRequest, ec);
    }
  }
  if (field == beast::http::field::content_length && (++lengths_ > 1 || !IsDigits(text))) {
    return Refuse(kBadRequest, ec);
  }
  if (field == beast::http::field::transfer_encoding &&
      (http_1_0_ || !EqualsIgnoringCase(text, "chunked"))) {
    return Refuse(kBadRequest, ec);
  }
  request_.headers.emplace_back(std::piecewise_construct,
                                std::forward_as_tuple(name.data(), name.size()),
                                std::forward_as_tuple(text));
}

void RequestParser::on_header_impl(error_code& ec) {
  if (hosts_ == 0 && !http_1_0_) Refuse(kBadRequest, ec);
}

void RequestParser::on_body_init_impl(const boost::optional<std::uint64_t>&, error_code&) {}

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

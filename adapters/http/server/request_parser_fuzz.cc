// The request parser against any bytes. The first byte says in how large pieces
// the rest arrives; what comes out must not depend on it.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/http/server/request_parser.h"
#include "core/base/check.h"

namespace dailyfeed::http {
namespace {

constexpr ParserLimits kLimits = {.header_bytes_max = 1024, .header_fields_max = 20};
constexpr size_t kBodyMax = 512;

// Parses requests one behind the other, as a connection does, until one is
// refused or the bytes end.
std::vector<HttpRequest> Parse(std::string_view bytes, size_t piece) {
  std::vector<HttpRequest> requests;
  std::string buffer;
  std::optional<RequestParser> parser;
  while (!bytes.empty()) {
    buffer.append(bytes.substr(0, piece));
    bytes.remove_prefix(std::min(piece, bytes.size()));
    while (!buffer.empty()) {
      if (!parser) parser.emplace(kLimits);
      const bool in_header = !parser->header_done();
      const size_t taken = parser->Feed(buffer);
      DAILYFEED_CHECK(taken <= buffer.size());
      buffer.erase(0, taken);
      if (parser->refusal() != 0) return requests;
      const bool header_ended = in_header && parser->header_done();
      if (header_ended) {
        if (parser->declared_length().value_or(0) > kBodyMax) return requests;
        parser->set_body_limit(kBodyMax);
      }
      DAILYFEED_CHECK(parser->request().body.size() <= kBodyMax);
      if (parser->done()) {
        requests.push_back(parser->request());
        parser.reset();
      } else if (!header_ended) {
        break;  // more bytes
      }
    }
  }
  return requests;
}

void Compare(const std::vector<HttpRequest>& a, const std::vector<HttpRequest>& b) {
  DAILYFEED_CHECK(a.size() == b.size());
  for (size_t i = 0; i < a.size(); ++i) {
    DAILYFEED_CHECK(a[i].method == b[i].method);
    DAILYFEED_CHECK(a[i].target == b[i].target);
    DAILYFEED_CHECK(a[i].headers == b[i].headers);
    DAILYFEED_CHECK(a[i].body == b[i].body);
    DAILYFEED_CHECK(a[i].headers.size() <= kLimits.header_fields_max);
  }
}

}  // namespace
}  // namespace dailyfeed::http

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace dailyfeed::http;
  if (size == 0) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  const std::vector<HttpRequest> whole = Parse(bytes, bytes.size());
  Compare(whole, Parse(bytes, 1));
  Compare(whole, Parse(bytes, std::max<size_t>(1, data[0])));
  return 0;
}

// Forms against any bytes: the first line is the Content-Type, the rest the body.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/http/text/multipart.h"
#include "core/base/check.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace dailyfeed::http;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const size_t line = std::min(text.find('\n'), text.size());
  const std::string_view body = text.substr(std::min(line + 1, text.size()));
  const std::optional<std::string> boundary = MultipartBoundary(text.substr(0, line));
  if (!boundary) return 0;
  std::vector<MultipartPart> parts;
  if (!ParseMultipart(body, *boundary, &parts)) return 0;
  DAILYFEED_CHECK(parts.size() <= kMultipartPartsMax);
  const char* end = body.data();
  std::string again;
  for (const MultipartPart& part : parts) {
    // Views of the body, in order.
    DAILYFEED_CHECK(part.body.data() >= end);
    end = part.body.data() + part.body.size();
    DAILYFEED_CHECK(end <= body.data() + body.size());
    again += "--" + *boundary + "\r\n\r\n" + std::string(part.body) + "\r\n";
  }
  again += "--" + *boundary + "--";
  std::vector<MultipartPart> same;
  DAILYFEED_CHECK(ParseMultipart(again, *boundary, &same) && same.size() == parts.size());
  for (size_t i = 0; i < same.size(); ++i) DAILYFEED_CHECK(same[i].body == parts[i].body);
  return 0;
}

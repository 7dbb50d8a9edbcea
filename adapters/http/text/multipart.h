// Reads multipart/form-data (RFC 7578), as browsers and command-line clients
// write it.
//
//   const std::optional<std::string> boundary = MultipartBoundary(content_type);
//   std::vector<MultipartPart> parts;
//   if (!boundary || !ParseMultipart(body, *boundary, &parts)) ...   // 400
//   const MultipartPart* image = FindPart(parts, "image");
//
// Nothing is copied: the parts are views of the body. Text before the first
// boundary and behind the last is passed over, names of headers and parameters
// are read without regard to case. A body without its last boundary was cut
// off and is refused.
//
// Pure functions. Threads: from any.
#ifndef DAILYFEED_ADAPTERS_HTTP_TEXT_MULTIPART_H_
#define DAILYFEED_ADAPTERS_HTTP_TEXT_MULTIPART_H_

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace dailyfeed::http {

inline constexpr size_t kMultipartPartsMax = 100;
inline constexpr size_t kMultipartHeaderBytesMax = 8192;  // of one part

struct MultipartPart {
  std::string name;       // of Content-Disposition; empty when it has none
  std::string_view body;  // of the part, a view of what was parsed
};

// The boundary that a Content-Type header names; nullopt for every other type, and when the
// boundary is missing or not one that RFC 2046 allows.
std::optional<std::string> MultipartBoundary(std::string_view content_type);

// False when the body is not made of parts, was cut off, or has more parts or
// longer headers than allowed; `parts` is then undefined.
bool ParseMultipart(std::string_view body, std::string_view boundary,
                    std::vector<MultipartPart>* parts);

// The first part of that name; null when there is none.
const MultipartPart* FindPart(const std::vector<MultipartPart>& parts, std::string_view name);

}  // namespace dailyfeed::http

#endif  // DAILYFEED_ADAPTERS_HTTP_TEXT_MULTIPART_H_

// Reading a request target: its path, its query, the numbers and picture ids in
// them. The functions take any bytes.
//
//   SplitTarget target = SplitRequestTarget("/api/posts/7?size=20");
//   QueryParameter(target.query, "size");   // "20"
//
// Pure functions. Threads: from any.
#ifndef DAILYFEED_ADAPTERS_HTTP_TEXT_URI_H_
#define DAILYFEED_ADAPTERS_HTTP_TEXT_URI_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace dailyfeed::http {

// "%EA%B0%80" -> "가". A '%' without two hexadecimal digits stays as it is.
// With `plus_is_space` a '+' becomes a space: queries, not paths.
std::string PercentDecode(std::string_view text, bool plus_is_space);

// The path before '?' and the query behind it. The fragment, which no client
// sends, counts as query.
struct SplitTarget {
  std::string_view path;
  std::string_view query;
};
SplitTarget SplitRequestTarget(std::string_view target);

// The value of the first parameter of that name, decoded; nullopt when absent.
// A name without '=' has the value "".
std::optional<std::string> QueryParameter(std::string_view query, std::string_view name);

// A number of a query as the paging rules read it: nullopt when `text` is not
// an integer; values beyond the range of int64_t are its ends.
std::optional<int64_t> ParseSaturated(std::string_view text);

// An id of a path: nullopt unless it is made of digits and positive. An id
// above the largest possible one is read as the largest, which nobody has.
std::optional<uint64_t> ParsePathId(std::string_view text);

// The 16 bytes of a picture's id: the last segment of the path of `url` without
// query and extension (contract 7.8). nullopt when that is not a UUID.
std::optional<std::string> PictureIdOfUrl(std::string_view url);

}  // namespace dailyfeed::http

#endif  // DAILYFEED_ADAPTERS_HTTP_TEXT_URI_H_

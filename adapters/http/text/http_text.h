// Reading the texts of a request that are not JSON: path, query, cookies,
// Accept-Language, Authorization. They take any bytes.
//
// Pure functions. Threads: from any.
#ifndef DAILYFEED_ADAPTERS_HTTP_TEXT_HTTP_TEXT_H_
#define DAILYFEED_ADAPTERS_HTTP_TEXT_HTTP_TEXT_H_

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

// The first cookie of that name in a Cookie header; nullopt when absent.
// Surrounding double quotes are part of the value.
std::optional<std::string_view> Cookie(std::string_view header, std::string_view name);

// What the sentences of an answer are written in.
enum class Language { kKorean, kEnglish };

// Korean unless the header prefers a kind of English over every kind of
// Korean. Equal weights: the one named first.
Language PreferredLanguage(std::string_view accept_language);

// The token of an Authorization header: "Bearer" in any case, once or
// repeated. nullopt when it is missing, empty or of another scheme.
std::optional<std::string_view> BearerToken(std::string_view authorization);

// 1 to 128 visible ASCII characters.
bool IsIdempotencyKey(std::string_view text);

bool EqualsIgnoringCase(std::string_view a, std::string_view b);

}  // namespace dailyfeed::http

#endif  // DAILYFEED_ADAPTERS_HTTP_TEXT_HTTP_TEXT_H_

// Reading the values of request headers: cookies, languages, tokens, ranges. The
// functions take any bytes.
//
//   BearerToken("bearer abc");                  // "abc"
//   PreferredLanguage("fr, en;q=0.5");          // Language::kEnglish
//   ParseByteRange("bytes=0-99", size).length   // 100, when there are so many
//
// Pure functions. Threads: from any.
#ifndef DAILYFEED_ADAPTERS_HTTP_TEXT_HEADERS_H_
#define DAILYFEED_ADAPTERS_HTTP_TEXT_HEADERS_H_

#include <cstdint>
#include <optional>
#include <string_view>

namespace dailyfeed::http {

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

// What a Range header asks for; one range of bytes is honoured (RFC 9110, 14).
struct ByteRange {
  enum class Kind {
    kWhole,          // no range, or one that is passed over: several, malformed
    kPart,           // `length` bytes from `first` on, at least 1
    kUnsatisfiable,  // begins behind the end
  };
  Kind kind = Kind::kWhole;
  uint64_t first = 0;
  uint64_t length = 0;
};

// `size` is that of the whole, at least 1.
ByteRange ParseByteRange(std::string_view header, uint64_t size);

}  // namespace dailyfeed::http

#endif  // DAILYFEED_ADAPTERS_HTTP_TEXT_HEADERS_H_

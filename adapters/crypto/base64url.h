// Base64url without padding (RFC 4648, section 5), strict: one text for every
// bytes. Padding, other alphabets, white space and set bits behind the last
// byte are refused, so nobody can write one token in two ways.
#ifndef DAILYFEED_ADAPTERS_CRYPTO_BASE64URL_H_
#define DAILYFEED_ADAPTERS_CRYPTO_BASE64URL_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace dailyfeed {

std::string Base64UrlEncode(std::string_view bytes);

// Bytes written to `out`; nullopt when `text` is not base64url or would give
// more than `capacity` bytes.
std::optional<size_t> Base64UrlDecode(std::string_view text, char* out, size_t capacity);

}  // namespace dailyfeed

#endif  // DAILYFEED_ADAPTERS_CRYPTO_BASE64URL_H_

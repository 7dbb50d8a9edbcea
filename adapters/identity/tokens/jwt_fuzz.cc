// The JWT parser against any bytes: as a whole token, as the JSON of a header
// and as the JSON of claims. What it accepts it can write again.
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "adapters/crypto/base64url.h"
#include "adapters/identity/tokens/jwt.h"
#include "core/base/check.h"

namespace dailyfeed {
namespace {

void CheckBase64(std::string_view text) {
  std::array<char, kJwtLengthMax> bytes;
  const auto size = Base64UrlDecode(text, bytes.data(), bytes.size());
  if (size) DAILYFEED_CHECK(Base64UrlEncode({bytes.data(), *size}) == text);
}

void CheckHeader(std::string_view header) {
  const auto kid = ParseJwtHeader(header);
  if (!kid) return;
  DAILYFEED_CHECK(!kid->empty());
  DAILYFEED_CHECK(ParseJwtHeader(MakeJwtHeader(*kid)) == *kid);
}

void CheckClaims(std::string_view payload) {
  static const HmacSha256* const key = new HmacSha256("a key for the fuzzer");
  const auto claims = ParseJwtClaims(payload);
  if (!claims) return;
  DAILYFEED_CHECK(claims->member > 0 && claims->member <= kMaxId);
  DAILYFEED_CHECK(claims->issued_at >= 0 && claims->expires_at >= 0);
  DAILYFEED_CHECK(!claims->token_id.empty() && !claims->session_id.empty());
  const std::string token = SignJwt("h", *claims, *key);
  const auto jwt = Jwt::Split(token);
  if (!jwt) {
    DAILYFEED_CHECK(token.size() > kJwtLengthMax);
    return;
  }
  DAILYFEED_CHECK(key->Verify(jwt->signed_part, jwt->signature));
  const auto again = ParseJwtClaims(jwt->payload);
  DAILYFEED_CHECK(again.has_value());
  DAILYFEED_CHECK(again->token_id == claims->token_id);
  DAILYFEED_CHECK(again->session_id == claims->session_id);
  DAILYFEED_CHECK(again->member == claims->member);
  DAILYFEED_CHECK(again->issued_at == claims->issued_at);
  DAILYFEED_CHECK(again->expires_at == claims->expires_at);
}

void Run(std::string_view text) {
  CheckBase64(text);
  if (const auto jwt = Jwt::Split(text)) {
    DAILYFEED_CHECK(text.size() <= kJwtLengthMax);
    const std::string signature = Base64UrlEncode({jwt->signature.data(), jwt->signature.size()});
    DAILYFEED_CHECK(std::string(jwt->header) + "." + std::string(jwt->payload) == jwt->signed_part);
    DAILYFEED_CHECK(std::string(jwt->signed_part) + "." + signature == text);
    CheckHeader(jwt->header);
    CheckClaims(jwt->payload);
  }
  const std::string encoded = Base64UrlEncode(text);
  CheckHeader(encoded);
  CheckClaims(encoded);
}

}  // namespace
}  // namespace dailyfeed

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  dailyfeed::Run({reinterpret_cast<const char*>(data), size});
  return 0;
}

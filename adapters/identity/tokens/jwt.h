// The one kind of JSON Web Token dailyfeed issues: HS256, a `kid`, six claims.
//
// Parsing is strict, because everything that reaches it comes from strangers:
// exactly three parts, base64url in its one spelling, flat JSON objects without
// escapes or repeated fields, `alg` HS256 and nothing else. A token this
// program did not write is not a token.
//
//   std::optional<Jwt> jwt = Jwt::Split(text);
//   std::optional<std::string> kid = jwt ? ParseJwtHeader(jwt->header) : std::nullopt;
//   if (kid && key.Verify(jwt->signed_part, jwt->signature)) claims = ParseJwtClaims(jwt->payload);
//
// Threads: pure functions.
#ifndef DAILYFEED_ADAPTERS_IDENTITY_TOKENS_JWT_H_
#define DAILYFEED_ADAPTERS_IDENTITY_TOKENS_JWT_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "adapters/crypto/hmac_sha256.h"
#include "adapters/identity/tokens/claim_text.h"
#include "core/domain/types.h"

namespace dailyfeed {

// Ours have some 420 characters. Longer texts are refused unread.
inline constexpr size_t kJwtLengthMax = 1024;

// The parts of a token, views into its text; only the signature is decoded.
struct Jwt {
  std::string_view header;       // base64url
  std::string_view payload;      // base64url
  std::string_view signed_part;  // header "." payload
  Sha256Digest signature;

  static std::optional<Jwt> Split(std::string_view token);
};

struct JwtClaims {
  ClaimText token_id;      // jti
  ClaimText session_id;    // sid
  MemberId member = 0;     // id; `sub` is the same number as text
  int64_t issued_at = 0;   // iat, seconds since 1970
  int64_t expires_at = 0;  // exp
};

// The `kid`; nullopt when the header is not ours.
std::optional<std::string> ParseJwtHeader(std::string_view header);
// nullopt when a claim is missing, repeated, of the wrong type, too long or out
// of range.
std::optional<JwtClaims> ParseJwtClaims(std::string_view payload);

// The header part of every token signed with key `kid`.
std::string MakeJwtHeader(std::string_view kid);
std::string SignJwt(std::string_view header, const JwtClaims& claims, const HmacSha256& key);

}  // namespace dailyfeed

#endif  // DAILYFEED_ADAPTERS_IDENTITY_TOKENS_JWT_H_

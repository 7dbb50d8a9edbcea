#include "adapters/http/guard/authentication.h"

#include <fmt/format.h>

#include "adapters/http/text/http_text.h"
#include "core/base/check.h"

namespace dailyfeed::http {
namespace {

enum class CookieState { kAbsent, kInvalid, kValid };

// `member` 0: not known whose it has to be.
CookieState CheckCookie(const HttpRequest& request, const Identity& identity, MemberId member) {
  const std::optional<std::string_view> token = RefreshTokenOf(request);
  if (!token) return CookieState::kAbsent;
  const std::optional<MemberId> owner = identity.CheckRefreshToken(*token);
  const bool valid = owner && (member == 0 || *owner == member);
  return valid ? CookieState::kValid : CookieState::kInvalid;
}

std::string_view RefreshIf(bool refresh) { return refresh ? kRefreshNeededHeader : kReloginHeader; }

bool IsSafe(std::string_view method) { return method == "GET" || method == "HEAD"; }

}  // namespace

Authentication Authenticate(const HttpRequest& request, const Identity& identity) {
  const std::optional<std::string_view> jwt = BearerToken(request.Header("Authorization"));
  if (!jwt) {
    const bool refresh = CheckCookie(request, identity, 0) == CookieState::kValid;
    return {ApiError::kBearerTokenMissing, RefreshIf(refresh), {}};
  }
  TokenCheck token = identity.CheckAccessToken(*jwt);
  switch (token.state) {
    case TokenState::kValid:
      return {std::nullopt, {}, std::move(token)};
    case TokenState::kValidOlderKey:
      return {std::nullopt, IsSafe(request.method) ? kRefreshNeededHeader : std::string_view(),
              std::move(token)};
    case TokenState::kMalformed:
    case TokenState::kRevoked:
      return {ApiError::kInvalidToken, kReloginHeader, {}};
    case TokenState::kUnknownKey: {
      const bool refresh = CheckCookie(request, identity, 0) == CookieState::kValid;
      return {ApiError::kJwtKeyExpired, RefreshIf(refresh), {}};
    }
    case TokenState::kExpired: {
      const CookieState cookie = CheckCookie(request, identity, token.member);
      return {ApiError::kJwtExpired, RefreshIf(cookie != CookieState::kInvalid), {}};
    }
  }
  DAILYFEED_CHECK(false);
}

std::optional<std::string_view> RefreshTokenOf(const HttpRequest& request) {
  for (const auto& [name, value] : request.headers) {
    if (!EqualsIgnoringCase(name, "Cookie")) continue;
    if (const auto token = Cookie(value, kRefreshCookie)) return token;
  }
  return std::nullopt;
}

std::string RefreshCookie(std::string_view refresh_token, absl::Duration lifetime, bool secure) {
  return fmt::format("{}={}; Path=/; Max-Age={}; HttpOnly; {}", kRefreshCookie, refresh_token,
                     absl::ToInt64Seconds(lifetime),
                     secure ? "Secure; SameSite=Strict" : "SameSite=Lax");
}

}  // namespace dailyfeed::http

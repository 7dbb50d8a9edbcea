#include "adapters/http/guard/authentication.h"

#include <fmt/format.h>

#include <utility>

#include "adapters/http/text/headers.h"
#include "core/base/check.h"
#include "core/base/text.h"

namespace dailyfeed::http {
namespace {

// Whose cookie it is, when a refresh would accept it.
std::optional<MemberId> CookieOwner(const HttpRequest& request, const Identity& identity) {
  const std::optional<std::string_view> token = RefreshTokenOf(request);
  return token ? identity.CheckRefreshToken(*token) : std::nullopt;
}

std::string_view RefreshIf(bool refresh) { return refresh ? kRefreshNeededHeader : kReloginHeader; }

bool IsSafe(std::string_view method) { return method == "GET" || method == "HEAD"; }

// What 2.7 says of a token in this state.
Authentication Judge(TokenCheck token, const HttpRequest& request, const Identity& identity) {
  switch (token.state) {
    case TokenState::kValid:
      return {std::nullopt, {}, std::move(token)};
    case TokenState::kValidOlderKey:
      return {std::nullopt, IsSafe(request.method) ? kRefreshNeededHeader : std::string_view(),
              std::move(token)};
    case TokenState::kMalformed:
    case TokenState::kRevoked:
      return {ApiError::kInvalidToken, kReloginHeader, {}};
    case TokenState::kUnknownKey:
      return {ApiError::kJwtKeyExpired, RefreshIf(CookieOwner(request, identity).has_value()), {}};
    case TokenState::kExpired: {
      const bool refresh =
          !RefreshTokenOf(request) || CookieOwner(request, identity) == token.member;
      return {ApiError::kJwtExpired, RefreshIf(refresh), {}};
    }
  }
  DAILYFEED_CHECK(false);
}

Authentication WithoutToken(const HttpRequest& request, const Identity& identity) {
  return {ApiError::kBearerTokenMissing, RefreshIf(CookieOwner(request, identity).has_value()), {}};
}

}  // namespace

Authentication Authenticate(const HttpRequest& request, const Identity& identity) {
  const std::optional<std::string_view> jwt = BearerToken(request.Header("Authorization"));
  return jwt ? Judge(identity.CheckAccessToken(*jwt), request, identity)
             : WithoutToken(request, identity);
}

Authentication AuthenticateLogout(const HttpRequest& request, const Identity& identity) {
  const std::optional<std::string_view> jwt = BearerToken(request.Header("Authorization"));
  TokenCheck token = jwt ? identity.CheckAccessToken(*jwt) : TokenCheck{};
  if (token.state == TokenState::kExpired) return {std::nullopt, {}, std::move(token)};
  if (!jwt || token.state == TokenState::kUnknownKey) {
    if (const std::optional<MemberId> member = CookieOwner(request, identity)) {
      return {std::nullopt, {}, {.member = *member}};
    }
  }
  return jwt ? Judge(std::move(token), request, identity) : WithoutToken(request, identity);
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

// Who is calling: the token check of the contract, section 2.7, and the
// attributes of the refresh cookie, 2.2.
#ifndef DAILYFEED_ADAPTERS_HTTP_GUARD_AUTHENTICATION_H_
#define DAILYFEED_ADAPTERS_HTTP_GUARD_AUTHENTICATION_H_

#include <optional>
#include <string>
#include <string_view>

#include "absl/time/time.h"
#include "adapters/http/server/handler.h"
#include "adapters/http/text/errors.h"
#include "adapters/identity/identity.h"

namespace dailyfeed::http {

inline constexpr std::string_view kRefreshNeededHeader = "X-Token-Refresh-Needed";
inline constexpr std::string_view kReloginHeader = "X-Relogin-Required";
inline constexpr std::string_view kRefreshCookie = "refresh_token";

// What the token check says. With `error` the answer is 401 and carries exactly
// one of the two headers; without, at most kRefreshNeededHeader.
struct Authentication {
  std::optional<ApiError> error;
  std::string_view header;  // one of the two names, or empty
  TokenCheck token;         // without error
};

Authentication Authenticate(const HttpRequest& request, const Identity& identity);

// The same for a logout (contract 2.6): an authentic token that has only expired
// names the session, and without a token that this server can read a valid
// cookie does. With a cookie alone `token` has a member and no session.
Authentication AuthenticateLogout(const HttpRequest& request, const Identity& identity);

// The first refresh cookie of the request; nullopt when there is none.
std::optional<std::string_view> RefreshTokenOf(const HttpRequest& request);

// The value of Set-Cookie. An empty token with no lifetime deletes the cookie.
std::string RefreshCookie(std::string_view refresh_token, absl::Duration lifetime, bool secure);

}  // namespace dailyfeed::http

#endif  // DAILYFEED_ADAPTERS_HTTP_GUARD_AUTHENTICATION_H_

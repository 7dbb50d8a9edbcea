// What a request says about who sends it: the Authorization header, cookies,
// the peer's address; and the wanted language.
//
// Total over any bytes. Threads: from any.
#ifndef DAILYFEED_ADAPTERS_HTTP_CREDENTIALS_H_
#define DAILYFEED_ADAPTERS_HTTP_CREDENTIALS_H_

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/http/api_errors.h"
#include "adapters/http/handler.h"

namespace dailyfeed::http {

// The token behind "Bearer ", the scheme in any case and repeated or not;
// empty when the header has none.
std::string_view BearerToken(std::string_view authorization);

// The value of a cookie in all Cookie headers; nullopt when it is not there.
std::optional<std::string_view> FindCookie(const HttpRequest& request, std::string_view name);

// English when Accept-Language prefers `en` over `ko`; else Korean.
Language PreferredLanguage(std::string_view accept_language);

// The peer, or what a trusted proxy says it is: the last address of
// X-Forwarded-For that is not itself a trusted proxy.
std::string ClientAddress(const HttpRequest& request,
                          const std::vector<std::string>& trusted_proxies);

// `refresh_token=<value>; Path=/; ...` as section 2.2 of the contract says. An
// empty value with `max_age_seconds` 0 deletes the cookie.
std::string RefreshCookie(std::string_view value, int64_t max_age_seconds, bool secure);

}  // namespace dailyfeed::http

#endif  // DAILYFEED_ADAPTERS_HTTP_CREDENTIALS_H_

// Passwords that may be guesses: how login and the change of a password slow
// down and refuse them (login_throttle.h), and how one address is kept from
// taking all of the work on passwords (places_per_address.h). Internal to the API.
#ifndef DAILYFEED_ADAPTERS_HTTP_API_PASSWORD_ATTEMPTS_H_
#define DAILYFEED_ADAPTERS_HTTP_API_PASSWORD_ATTEMPTS_H_

#include <optional>
#include <string_view>

#include "absl/status/status.h"
#include "adapters/http/api/call.h"
#include "adapters/http/guard/login_throttle.h"

namespace dailyfeed::http {

// Before work for a password is queued. False: too much of the same address
// waits or runs already; the call was answered 503 with Retry-After.
bool TakePasswordPlace(CallPtr& call);

// With a place (TakePasswordPlace). nullopt: too many failed or are under way,
// answered 429 with Retry-After; or there is no place.
std::optional<LoginThrottle::Attempt> BeginPasswordAttempt(CallPtr& call, std::string_view account);

// Answers the error of an attempt, which is over: a wrong password stays counted and is
// answered when its delay has passed, without holding a thread; any other error
// says nothing about the password and does not count.
void FailPasswordAttempt(CallPtr call, const absl::Status& status,
                         const LoginThrottle::Attempt& attempt);

}  // namespace dailyfeed::http

#endif  // DAILYFEED_ADAPTERS_HTTP_API_PASSWORD_ATTEMPTS_H_

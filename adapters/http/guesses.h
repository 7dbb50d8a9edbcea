// Passwords that may be guesses: how login and the change of a password slow
// down and refuse them (login_throttle.h). Internal to the API.
#ifndef DAILYFEED_ADAPTERS_HTTP_GUESSES_H_
#define DAILYFEED_ADAPTERS_HTTP_GUESSES_H_

#include <optional>
#include <string_view>

#include "absl/status/status.h"
#include "adapters/http/call.h"
#include "adapters/http/login_throttle.h"

namespace dailyfeed::http {

// nullopt: too many failed; the call was answered 429 with Retry-After.
std::optional<LoginThrottle::Attempt> BeginGuess(CallPtr& call, std::string_view account);

// Answers the error of an attempt: a wrong password stays counted and is
// answered when its delay has passed, without holding a thread; any other error
// says nothing about the password and does not count.
void FailGuess(CallPtr call, const absl::Status& status, const LoginThrottle::Attempt& attempt);

}  // namespace dailyfeed::http

#endif  // DAILYFEED_ADAPTERS_HTTP_GUESSES_H_

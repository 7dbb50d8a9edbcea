// Slows down and then refuses whoever guesses passwords: failed attempts are
// counted for each account and for each address.
//
//   LoginThrottle throttle({.account_failures_max = 20, .window = absl::Minutes(10), ...});
//   LoginThrottle::Attempt attempt = throttle.Begin(account, address, now);
//   if (attempt.refused_for) return TooMany(*attempt.refused_for);
//   ... check the password ...
//   throttle.Failed(attempt);             // each attempt ends with one of these
//   throttle.Succeeded(attempt);
//   throttle.Undo(attempt);               // it was never checked
//   AnswerAfter(attempt.delay_if_failed)  // when it failed
//
// Attempts under way take places of the limits too; see login_limiter.h.
//
// The answer to a failure is held back by one step for each earlier one of the
// account in the window, up to a maximum. An address may fail as often as an
// account before its answers are held back: people share addresses. A success
// forgets the failures of its account, not those of its address: or an
// attacker with one account could go on for ever.
//
// Addresses are counted as AddressGroup (client_address.h) says.
// Threads: from any.
#ifndef DAILYFEED_ADAPTERS_HTTP_GUARD_LOGIN_THROTTLE_H_
#define DAILYFEED_ADAPTERS_HTTP_GUARD_LOGIN_THROTTLE_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "absl/time/time.h"
#include "adapters/http/guard/login_limiter.h"

namespace dailyfeed::http {

struct LoginThrottleOptions {
  uint32_t account_failures_max = 20;    // 0: no limit and no delay
  uint32_t address_failures_max = 1000;  // the same
  absl::Duration window = absl::Minutes(10);
  absl::Duration delay_step = absl::Milliseconds(50);
  absl::Duration delay_max = absl::Seconds(1);
  size_t accounts_max = 100'000;   // remembered; see LoginLimiter
  size_t addresses_max = 100'000;  // the same
};

class LoginThrottle {
 public:
  struct Attempt {
    std::optional<absl::Duration> refused_for;
    absl::Duration delay_if_failed;
    std::string account, address;  // what it is counted for
    LoginLimiter::Attempt by_account, by_address;
  };

  explicit LoginThrottle(LoginThrottleOptions options);

  // An address that is empty is not known and not limited.
  Attempt Begin(std::string_view account, std::string_view address, absl::Time now);
  void Failed(const Attempt& attempt);
  void Succeeded(const Attempt& attempt);
  void Undo(const Attempt& attempt);

  uint64_t refused() const { return refused_.load(std::memory_order_relaxed); }

 private:
  const LoginThrottleOptions options_;
  LoginLimiter accounts_;
  LoginLimiter addresses_;
  std::atomic<uint64_t> refused_ = 0;
};

}  // namespace dailyfeed::http

#endif  // DAILYFEED_ADAPTERS_HTTP_GUARD_LOGIN_THROTTLE_H_

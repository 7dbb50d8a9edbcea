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
// Attempts under way take places of the limits too; see LoginLimiter.
//
// The answer to a failure is held back by one step for each earlier one of the
// account in the window, up to a maximum. An address may fail as often as an
// account before its answers are held back: people share addresses. A success
// forgets the failures of its account, not those of its address: or an
// attacker with one account could go on for ever.
//
// Addresses are counted as AddressGroup (addresses.h) says.
// Threads: from any.
#ifndef DAILYFEED_ADAPTERS_HTTP_GUARD_LOGIN_THROTTLE_H_
#define DAILYFEED_ADAPTERS_HTTP_GUARD_LOGIN_THROTTLE_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <list>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "absl/time/time.h"

namespace dailyfeed::http {

// Limits the failures of each key (an e-mail, an address): so many within a
// window, then none until it has passed.
//
//   LoginLimiter limiter(20, absl::Minutes(10), 100'000);
//   LoginLimiter::Attempt attempt = limiter.Begin(key, now);
//   if (attempt.refused_for) return TooMany(*attempt.refused_for);
//   ... check the password ...
//   limiter.Failed(key, attempt);      // each attempt ends with one of these
//   limiter.Succeeded(key, attempt);
//   limiter.Undo(key, attempt);        // it was never checked
//
// An attempt under way may become a failure, so it takes a place of the limit
// until it has ended: those at the same time cannot slip past together. But only
// failures close the window; whoever finds no place because of attempts under
// way may try again at once.
//
// The window begins with the attempt that fails first. Memory is bounded: of
// more keys than `keys_max` those whose window began first are forgotten.
class LoginLimiter {
 public:
  // `failures_max` 0: no limit.
  LoginLimiter(uint32_t failures_max, absl::Duration window, size_t keys_max);

  struct Attempt {
    // nullopt: it may be made. Otherwise when to try again: the rest of the
    // window, or kBusy when attempts under way take the places that are left.
    std::optional<absl::Duration> refused_for;
    uint32_t earlier = 0;  // in the window before this one, failed or under way
    uint64_t window = 0;   // where it is counted
  };
  static constexpr absl::Duration kBusy = absl::Seconds(1);

  Attempt Begin(const std::string& key, absl::Time now);
  void Failed(const std::string& key, const Attempt& attempt);
  // Forgets the failures of the key.
  void Succeeded(const std::string& key, const Attempt& attempt);
  void Undo(const std::string& key, const Attempt& attempt);

  size_t size() const;

 private:
  struct Entry {
    std::string key;
    absl::Time window_end;
    uint64_t window = 0;
    uint32_t failures = 0;
    uint32_t under_way = 0;
  };
  using Entries = std::list<Entry>;
  // Of the attempt's window, in which it is then no longer under way; null: that
  // has passed or is forgotten.
  Entry* EndAttempt(const std::string& key, const Attempt& attempt);
  void EraseIfEmpty(const std::string& key);
  void Erase(Entries::iterator entry);

  const uint32_t failures_max_;
  const absl::Duration window_;
  const size_t keys_max_;
  mutable std::mutex mutex_;
  uint64_t windows_ = 0;  // ever begun
  Entries entries_;       // by the end of the window, the earliest first
  std::unordered_map<std::string, Entries::iterator> by_key_;
};

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

// Failed logins per account: after `failures_max` within a window, every
// attempt is refused until the window has passed. A success forgets them.
//
//   if (auto wait = limiter.Admit(digest, now)) -> 429, Retry-After: *wait
//   limiter.Record(digest, succeeded, now);
//
// Bounded: at most `kAccountsMax` accounts are remembered; the window that
// ends first goes first.
//
// Threads: from any.
#ifndef DAILYFEED_ADAPTERS_HTTP_LOGIN_LIMITER_H_
#define DAILYFEED_ADAPTERS_HTTP_LOGIN_LIMITER_H_

#include <cstdint>
#include <mutex>
#include <optional>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/time/time.h"

namespace dailyfeed::http {

class LoginLimiter {
 public:
  static constexpr size_t kAccountsMax = 100'000;

  // `failures_max` 0: never refuses.
  LoginLimiter(uint32_t failures_max, absl::Duration window)
      : failures_max_(failures_max), window_(window) {}

  // How long to wait; nullopt: go on, and call Record with the outcome.
  std::optional<absl::Duration> Admit(const std::string& account, absl::Time now);
  void Record(const std::string& account, bool succeeded, absl::Time now);
  // Instead of Record: the attempt was not made.
  void Cancel(const std::string& account);

 private:
  struct Account {
    uint32_t failures = 0;
    uint32_t running = 0;  // admitted, not recorded yet
    absl::Time window_end;
  };
  void MakeRoom(absl::Time now);

  const uint32_t failures_max_;
  const absl::Duration window_;
  std::mutex mutex_;
  absl::flat_hash_map<std::string, Account> accounts_;
};

}  // namespace dailyfeed::http

#endif  // DAILYFEED_ADAPTERS_HTTP_LOGIN_LIMITER_H_

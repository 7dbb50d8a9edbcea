// Limits failed logins per e-mail: so many within a window that begins with the
// first failure, then none until it has passed. A success forgets them.
//
//   LoginLimiter limiter(20, absl::Minutes(10), 100'000);
//   if (auto wait = limiter.Begin(digest, now)) return TooMany(*wait);
//   ... check the password ...
//   limiter.Succeeded(digest);       // or: nothing, a failure stays counted
//   limiter.Undo(digest);            // or: it was never checked
//
// An attempt counts when it begins, so that attempts at the same time cannot
// slip past the limit together. Memory is bounded: of more e-mails than
// `emails_max` those whose window began first are forgotten.
//
// Threads: from any.
#ifndef DAILYFEED_ADAPTERS_HTTP_LOGIN_LIMITER_H_
#define DAILYFEED_ADAPTERS_HTTP_LOGIN_LIMITER_H_

#include <cstddef>
#include <cstdint>
#include <list>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>

#include "absl/time/time.h"

namespace dailyfeed::http {

class LoginLimiter {
 public:
  // `failures_max` 0: no limit.
  LoginLimiter(uint32_t failures_max, absl::Duration window, size_t emails_max);

  // nullopt: the attempt may be made and is counted. Otherwise how long no
  // attempt will be allowed.
  std::optional<absl::Duration> Begin(const std::string& email_digest, absl::Time now);
  void Succeeded(const std::string& email_digest);
  void Undo(const std::string& email_digest);

  size_t size() const;

 private:
  struct Entry {
    std::string email_digest;
    absl::Time window_end;
    uint32_t attempts = 0;
  };
  using Entries = std::list<Entry>;
  void Erase(Entries::iterator entry);

  const uint32_t failures_max_;
  const absl::Duration window_;
  const size_t emails_max_;
  mutable std::mutex mutex_;
  Entries entries_;  // by the end of the window, the earliest first
  std::unordered_map<std::string, Entries::iterator> by_email_;
};

}  // namespace dailyfeed::http

#endif  // DAILYFEED_ADAPTERS_HTTP_LOGIN_LIMITER_H_

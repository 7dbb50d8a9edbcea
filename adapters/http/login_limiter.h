// Limits the failures of each key (an e-mail, an address): so many within a
// window that begins with the first, then none until it has passed.
//
//   LoginLimiter limiter(20, absl::Minutes(10), 100'000);
//   LoginLimiter::Attempt attempt = limiter.Begin(key, now);
//   if (attempt.refused_for) return TooMany(*attempt.refused_for);
//   ... check the password ...
//   limiter.Succeeded(key);       // or: nothing, a failure stays counted
//   limiter.Undo(key);            // or: it was never checked
//
// An attempt counts when it begins, so that attempts at the same time cannot
// slip past the limit together. Memory is bounded: of more keys than
// `keys_max` those whose window began first are forgotten.
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
  LoginLimiter(uint32_t failures_max, absl::Duration window, size_t keys_max);

  struct Attempt {
    // nullopt: it may be made and is counted. Otherwise how long none will be.
    std::optional<absl::Duration> refused_for;
    uint32_t earlier = 0;  // counted in the window before this one
  };
  Attempt Begin(const std::string& key, absl::Time now);
  // Forgets the failures of the key.
  void Succeeded(const std::string& key);
  void Undo(const std::string& key);

  size_t size() const;

 private:
  struct Entry {
    std::string key;
    absl::Time window_end;
    uint32_t attempts = 0;
  };
  using Entries = std::list<Entry>;
  void Erase(Entries::iterator entry);

  const uint32_t failures_max_;
  const absl::Duration window_;
  const size_t keys_max_;
  mutable std::mutex mutex_;
  Entries entries_;  // by the end of the window, the earliest first
  std::unordered_map<std::string, Entries::iterator> by_key_;
};

}  // namespace dailyfeed::http

#endif  // DAILYFEED_ADAPTERS_HTTP_LOGIN_LIMITER_H_

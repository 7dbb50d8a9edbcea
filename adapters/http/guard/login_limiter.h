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
//
// Threads: from any.
#ifndef DAILYFEED_ADAPTERS_HTTP_GUARD_LOGIN_LIMITER_H_
#define DAILYFEED_ADAPTERS_HTTP_GUARD_LOGIN_LIMITER_H_

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

}  // namespace dailyfeed::http

#endif  // DAILYFEED_ADAPTERS_HTTP_GUARD_LOGIN_LIMITER_H_

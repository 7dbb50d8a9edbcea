#include "adapters/http/guard/login_throttle.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "adapters/http/guard/addresses.h"
#include "core/base/check.h"

namespace dailyfeed::http {

LoginLimiter::LoginLimiter(uint32_t failures_max, absl::Duration window, size_t keys_max)
    : failures_max_(failures_max), window_(window), keys_max_(keys_max) {
  DAILYFEED_CHECK(keys_max > 0);
}

LoginLimiter::Attempt LoginLimiter::Begin(const std::string& key, absl::Time now) {
  if (failures_max_ == 0) return {};
  std::lock_guard lock(mutex_);
  while (!entries_.empty() && entries_.front().window_end <= now) Erase(entries_.begin());
  auto known = by_key_.find(key);
  if (known == by_key_.end()) {
    if (entries_.size() >= keys_max_) Erase(entries_.begin());
    entries_.push_back({.key = key, .window_end = now + window_, .window = ++windows_});
    known = by_key_.emplace(key, std::prev(entries_.end())).first;
  }
  Entry& entry = *known->second;
  const uint32_t earlier = entry.failures + entry.under_way;
  if (entry.failures >= failures_max_) return {entry.window_end - now, earlier, entry.window};
  if (earlier >= failures_max_) return {kBusy, earlier, entry.window};
  if (entry.failures == 0) {  // nothing is remembered yet: this may be the first
    entry.window_end = now + window_;
    entries_.splice(entries_.end(), entries_, known->second);
  }
  ++entry.under_way;
  return {std::nullopt, earlier, entry.window};
}

void LoginLimiter::Failed(const std::string& key, const Attempt& attempt) {
  std::lock_guard lock(mutex_);
  if (Entry* const entry = EndAttempt(key, attempt)) ++entry->failures;
}

void LoginLimiter::Succeeded(const std::string& key, const Attempt& attempt) {
  std::lock_guard lock(mutex_);
  EndAttempt(key, attempt);
  const auto known = by_key_.find(key);
  if (known != by_key_.end()) known->second->failures = 0;
  EraseIfEmpty(key);
}

void LoginLimiter::Undo(const std::string& key, const Attempt& attempt) {
  std::lock_guard lock(mutex_);
  EndAttempt(key, attempt);
  EraseIfEmpty(key);
}

size_t LoginLimiter::size() const {
  std::lock_guard lock(mutex_);
  return entries_.size();
}

LoginLimiter::Entry* LoginLimiter::EndAttempt(const std::string& key, const Attempt& attempt) {
  const auto known = by_key_.find(key);
  if (known == by_key_.end() || known->second->window != attempt.window) return nullptr;
  Entry& entry = *known->second;
  DAILYFEED_CHECK(entry.under_way > 0);
  --entry.under_way;
  return &entry;
}

void LoginLimiter::EraseIfEmpty(const std::string& key) {
  const auto known = by_key_.find(key);
  if (known == by_key_.end()) return;
  if (known->second->failures == 0 && known->second->under_way == 0) Erase(known->second);
}

void LoginLimiter::Erase(Entries::iterator entry) {
  by_key_.erase(entry->key);
  entries_.erase(entry);
}

LoginThrottle::LoginThrottle(LoginThrottleOptions options)
    : options_(std::move(options)),
      accounts_(options_.account_failures_max, options_.window, options_.accounts_max),
      addresses_(options_.address_failures_max, options_.window, options_.addresses_max) {}

LoginThrottle::Attempt LoginThrottle::Begin(std::string_view account, std::string_view address,
                                            absl::Time now) {
  Attempt attempt;
  attempt.account = account;
  attempt.by_account = accounts_.Begin(attempt.account, now);
  attempt.refused_for = attempt.by_account.refused_for;
  if (!attempt.refused_for && !address.empty()) {
    attempt.address = AddressGroup(address);
    attempt.by_address = addresses_.Begin(attempt.address, now);
    attempt.refused_for = attempt.by_address.refused_for;
    if (attempt.refused_for) accounts_.Undo(attempt.account, attempt.by_account);
  }
  if (attempt.refused_for) {
    refused_.fetch_add(1, std::memory_order_relaxed);
    return attempt;
  }
  const uint32_t free = options_.account_failures_max;
  const uint32_t of_address =
      attempt.by_address.earlier > free ? attempt.by_address.earlier - free : 0;
  attempt.delay_if_failed = std::min(
      options_.delay_max, options_.delay_step * std::max(attempt.by_account.earlier, of_address));
  return attempt;
}

void LoginThrottle::Failed(const Attempt& attempt) {
  accounts_.Failed(attempt.account, attempt.by_account);
  if (!attempt.address.empty()) addresses_.Failed(attempt.address, attempt.by_address);
}

void LoginThrottle::Succeeded(const Attempt& attempt) {
  accounts_.Succeeded(attempt.account, attempt.by_account);
  if (!attempt.address.empty()) addresses_.Undo(attempt.address, attempt.by_address);
}

void LoginThrottle::Undo(const Attempt& attempt) {
  accounts_.Undo(attempt.account, attempt.by_account);
  if (!attempt.address.empty()) addresses_.Undo(attempt.address, attempt.by_address);
}

}  // namespace dailyfeed::http

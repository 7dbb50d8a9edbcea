#include "adapters/http/guard/login_limiter.h"

#include <iterator>

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

}  // namespace dailyfeed::http

#include "adapters/http/login_limiter.h"

#include "core/domain/check.h"

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
    entries_.push_back({key, now + window_, 0});
    known = by_key_.emplace(key, std::prev(entries_.end())).first;
  }
  Entry& entry = *known->second;
  if (entry.attempts >= failures_max_) return {entry.window_end - now, entry.attempts};
  return {std::nullopt, entry.attempts++};
}

void LoginLimiter::Succeeded(const std::string& key) {
  std::lock_guard lock(mutex_);
  auto known = by_key_.find(key);
  if (known != by_key_.end()) Erase(known->second);
}

void LoginLimiter::Undo(const std::string& key) {
  std::lock_guard lock(mutex_);
  auto known = by_key_.find(key);
  if (known == by_key_.end() || known->second->attempts == 0) return;
  if (--known->second->attempts == 0) Erase(known->second);
}

size_t LoginLimiter::size() const {
  std::lock_guard lock(mutex_);
  return entries_.size();
}

void LoginLimiter::Erase(Entries::iterator entry) {
  by_key_.erase(entry->key);
  entries_.erase(entry);
}

}  // namespace dailyfeed::http

#include "adapters/http/login_limiter.h"

#include "core/domain/check.h"

namespace dailyfeed::http {

LoginLimiter::LoginLimiter(uint32_t failures_max, absl::Duration window, size_t emails_max)
    : failures_max_(failures_max), window_(window), emails_max_(emails_max) {
  DAILYFEED_CHECK(emails_max > 0);
}

std::optional<absl::Duration> LoginLimiter::Begin(const std::string& email_digest, absl::Time now) {
  if (failures_max_ == 0) return std::nullopt;
  std::lock_guard lock(mutex_);
  while (!entries_.empty() && entries_.front().window_end <= now) Erase(entries_.begin());
  auto known = by_email_.find(email_digest);
  if (known == by_email_.end()) {
    if (entries_.size() >= emails_max_) Erase(entries_.begin());
    entries_.push_back({email_digest, now + window_, 0});
    known = by_email_.emplace(email_digest, std::prev(entries_.end())).first;
  }
  Entry& entry = *known->second;
  if (entry.attempts >= failures_max_) return entry.window_end - now;
  ++entry.attempts;
  return std::nullopt;
}

void LoginLimiter::Succeeded(const std::string& email_digest) {
  std::lock_guard lock(mutex_);
  auto known = by_email_.find(email_digest);
  if (known != by_email_.end()) Erase(known->second);
}

void LoginLimiter::Undo(const std::string& email_digest) {
  std::lock_guard lock(mutex_);
  auto known = by_email_.find(email_digest);
  if (known == by_email_.end() || known->second->attempts == 0) return;
  if (--known->second->attempts == 0) Erase(known->second);
}

size_t LoginLimiter::size() const {
  std::lock_guard lock(mutex_);
  return entries_.size();
}

void LoginLimiter::Erase(Entries::iterator entry) {
  by_email_.erase(entry->email_digest);
  entries_.erase(entry);
}

}  // namespace dailyfeed::http

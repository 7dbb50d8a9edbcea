#include "adapters/http/login_limiter.h"

#include <algorithm>

namespace dailyfeed::http {

std::optional<absl::Duration> LoginLimiter::Admit(const std::string& account, absl::Time now) {
  if (failures_max_ == 0) return std::nullopt;
  std::lock_guard<std::mutex> lock(mutex_);
  auto found = accounts_.find(account);
  if (found == accounts_.end()) {
    MakeRoom(now);
    found = accounts_.try_emplace(account).first;
  }
  Account& state = found->second;
  if (state.failures > 0 && now >= state.window_end) state.failures = 0;
  // Attempts under way count as failures once there was one, so that a burst
  // cannot try more passwords than the limit.
  if (state.failures > 0 && state.failures + state.running >= failures_max_) {
    return state.window_end - now;
  }
  ++state.running;
  return std::nullopt;
}

void LoginLimiter::Record(const std::string& account, bool succeeded, absl::Time now) {
  if (failures_max_ == 0) return;
  std::lock_guard<std::mutex> lock(mutex_);
  auto found = accounts_.find(account);
  if (found == accounts_.end()) return;
  Account& state = found->second;
  if (state.running > 0) --state.running;
  if (succeeded) {
    state.failures = 0;
  } else if (state.failures++ == 0) {
    state.window_end = now + window_;
  }
  if (state.failures == 0 && state.running == 0) accounts_.erase(found);
}

void LoginLimiter::Cancel(const std::string& account) {
  std::lock_guard<std::mutex> lock(mutex_);
  auto found = accounts_.find(account);
  if (found == accounts_.end()) return;
  if (found->second.running > 0) --found->second.running;
  if (found->second.failures == 0 && found->second.running == 0) accounts_.erase(found);
}

void LoginLimiter::MakeRoom(absl::Time now) {
  if (accounts_.size() < kAccountsMax) return;
  absl::erase_if(accounts_, [&](const auto& entry) {
    return entry.second.running == 0 && now >= entry.second.window_end;
  });
  if (accounts_.size() < kAccountsMax) return;
  const auto first = std::min_element(
      accounts_.begin(), accounts_.end(),
      [](const auto& a, const auto& b) { return a.second.window_end < b.second.window_end; });
  accounts_.erase(first);
}

}  // namespace dailyfeed::http

#include "adapters/http/guard/login_throttle.h"

#include <algorithm>
#include <utility>

#include "adapters/http/guard/client_address.h"

namespace dailyfeed::http {

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

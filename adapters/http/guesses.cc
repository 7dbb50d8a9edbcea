#include "adapters/http/guesses.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace dailyfeed::http {

std::optional<LoginThrottle::Attempt> BeginGuess(CallPtr& call, std::string_view account) {
  LoginThrottle::Attempt attempt =
      call->services().logins.Begin(account, call->LimitedAddress(), call->Now());
  if (!attempt.refused_for) return attempt;
  const int64_t seconds = absl::ToInt64Seconds(absl::Ceil(*attempt.refused_for, absl::Seconds(1)));
  call->AddHeader("Retry-After", fmt::format("{}", std::max<int64_t>(1, seconds)));
  Call::Fail(std::move(call), ApiError::kTooManyRequest);
  return std::nullopt;
}

void FailGuess(CallPtr call, const absl::Status& status, const LoginThrottle::Attempt& attempt) {
  ApiServices& services = call->services();
  if (ErrorCodeOf(status) != ErrorCode::kMemberPasswordInvalid) {
    services.logins.Undo(attempt);
    return Call::Fail(std::move(call), status);
  }
  if (attempt.delay_if_failed <= absl::ZeroDuration()) return Call::Fail(std::move(call), status);
  // When too many wait the job goes, and with it the call, which answers that
  // the service is unavailable.
  services.later.After(attempt.delay_if_failed, [call = std::move(call), status]() mutable {
    Call::Fail(std::move(call), status);
  });
}

}  // namespace dailyfeed::http

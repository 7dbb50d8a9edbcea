#include "adapters/http/api/password_attempts.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace dailyfeed::http {

bool TakePasswordPlace(CallPtr& call) {
  if (call->TakePasswordPlace()) return true;
  Call::Fail(std::move(call), ApiError::kServiceUnavailable);
  return false;
}

std::optional<LoginThrottle::Attempt> BeginPasswordAttempt(CallPtr& call,
                                                           std::string_view account) {
  LoginThrottle& logins = call->services().logins;
  LoginThrottle::Attempt attempt = logins.Begin(account, call->LimitedAddress(), call->SteadyNow());
  if (!attempt.refused_for) {
    if (TakePasswordPlace(call)) return attempt;
    logins.Undo(attempt);
    return std::nullopt;
  }
  const int64_t seconds = absl::ToInt64Seconds(absl::Ceil(*attempt.refused_for, absl::Seconds(1)));
  call->AddHeader("Retry-After", fmt::format("{}", std::max<int64_t>(1, seconds)));
  Call::Fail(std::move(call), ApiError::kTooManyRequest);
  return std::nullopt;
}

void FailPasswordAttempt(CallPtr call, const absl::Status& status,
                         const LoginThrottle::Attempt& attempt) {
  ApiServices& services = call->services();
  call->ReleasePasswordPlace();  // an answer that is held back works on nothing
  if (ErrorCodeOf(status) != ErrorCode::kMemberPasswordInvalid) {
    services.logins.Undo(attempt);
    return Call::Fail(std::move(call), status);
  }
  services.logins.Failed(attempt);
  if (attempt.delay_if_failed <= absl::ZeroDuration()) return Call::Fail(std::move(call), status);
  // When too many wait the job goes, and with it the call, which answers that
  // the service is unavailable.
  services.later.After(attempt.delay_if_failed, [call = std::move(call), status]() mutable {
    Call::Fail(std::move(call), status);
  });
}

}  // namespace dailyfeed::http

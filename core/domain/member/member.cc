#include "core/domain/member/member.h"

#include <optional>
#include <utility>
#include <vector>

#include "core/domain/check.h"
#include "core/domain/decision_rows.h"
#include "core/domain/errors.h"
#include "core/domain/member/registration.h"
#include "core/domain/streams.h"

namespace dailyfeed {

absl::StatusOr<Events> Decide(const MemberState& state, const SignUp& command,
                              const Context& context) {
  std::vector<Violation> violations;
  if (auto violation = CheckHandle(command.handle, "handle"); violation.has_value()) {
    violations.push_back(*std::move(violation));
  }
  if (!IsPrivacyLevel(command.privacy_level)) {
    violations.push_back({.field = "privacyLevel", .rule = Violation::Rule::kNotAllowed});
  }
  if (!violations.empty()) return MakeViolations(violations);
  // People cannot cause these: a host that does not go through registration can.
  if (command.email_digest.empty()) {
    return MakeError(ErrorCode::kInvalidRequest, "sign-up without an e-mail digest");
  }
  if (command.subject_id.size() != kSubjectIdBytes) {
    return MakeError(ErrorCode::kInvalidRequest, "a subject id has 16 bytes");
  }
  if (state.email_taken) return MakeError(ErrorCode::kMemberAlreadyExists);
  if (state.handle_taken) return MakeError(ErrorCode::kMemberHandleAlreadyExists);
  DAILYFEED_CHECK(context.new_id != 0);

  v1::Payload payload;
  v1::MemberSignedUp& event = *payload.mutable_member_signed_up();
  event.set_member_id(context.new_id);
  event.set_handle(command.handle);
  event.set_email_digest(command.email_digest);
  event.set_subject_id(command.subject_id);
  event.set_sealed_profile(command.sealed_profile);
  event.set_privacy_level(command.privacy_level);
  return Events{MakeEvent(std::move(payload))};
}

absl::StatusOr<MemberState> Evolve(MemberState state, const v1::MemberSignedUp& event) {
  if (state.signed_up) return absl::FailedPreconditionError("the member has signed up before");
  if (state.email_taken) return absl::FailedPreconditionError("the e-mail belongs to a member");
  if (state.handle_taken) return absl::FailedPreconditionError("the handle belongs to a member");
  state.signed_up = true;
  state.handle_taken = true;
  state.email_taken = true;
  state.handle = event.handle();
  state.email_digest = event.email_digest();
  state.subject_id = event.subject_id();
  return state;
}

}  // namespace dailyfeed

#include "core/domain/member/member.h"

#include <optional>
#include <utility>
#include <vector>

#include "core/base/check.h"
#include "core/base/status_macros.h"
#include "core/domain/decision_rows.h"
#include "core/domain/errors.h"
#include "core/domain/member/member_rules.h"
#include "core/domain/streams.h"

namespace dailyfeed {

namespace {

absl::Status CheckLive(const MemberState& state) {
  if (state.signed_up && !state.withdrawn) return absl::OkStatus();
  return absl::FailedPreconditionError("not a live member");
}

Violation WrongPrivacyLevel() {
  return {.field = "privacyLevel", .rule = Violation::Rule::kNotAllowed};
}

}  // namespace

absl::StatusOr<Events> Decide(const MemberState& state, const SignUp& command,
                              const Context& context) {
  std::vector<Violation> violations;
  if (auto violation = CheckHandle(command.handle, "handle"); violation.has_value()) {
    violations.push_back(*std::move(violation));
  }
  if (!IsPrivacyLevel(command.privacy_level)) {
    violations.push_back(WrongPrivacyLevel());
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

absl::StatusOr<Events> Decide(const MemberState&, const UpdateProfile& command,
                              const Context& context) {
  if (command.privacy_level.has_value() && !IsPrivacyLevel(*command.privacy_level)) {
    return MakeViolations({WrongPrivacyLevel()});
  }
  if (command.sealed_changes.empty()) {
    return MakeError(ErrorCode::kInvalidRequest, "a profile update without sealed changes");
  }
  v1::Payload payload;
  v1::ProfileUpdated& event = *payload.mutable_profile_updated();
  event.set_member_id(context.actor);
  event.set_sealed_changes(command.sealed_changes);
  if (command.privacy_level.has_value()) event.set_privacy_level(*command.privacy_level);
  return Events{MakeEvent(std::move(payload))};
}

absl::StatusOr<Events> Decide(const MemberState& state, const ChangeHandle& command,
                              const Context& context) {
  if (auto violation = CheckHandle(command.handle, "newHandle"); violation.has_value()) {
    return MakeViolations({*std::move(violation)});
  }
  if (state.handle_taken || command.handle == state.handle) {
    return MakeError(ErrorCode::kMemberHandleAlreadyExists);
  }
  v1::Payload payload;
  payload.mutable_handle_changed()->set_member_id(context.actor);
  payload.mutable_handle_changed()->set_handle(command.handle);
  return Events{MakeEvent(std::move(payload))};
}

absl::StatusOr<Events> Decide(const MemberState& state, const WithdrawMember&,
                              const Context& context) {
  v1::Payload payload;
  payload.mutable_member_withdrawn()->set_member_id(context.actor);
  payload.mutable_member_withdrawn()->set_subject_id(state.subject_id);
  return Events{MakeEvent(std::move(payload))};
}

absl::StatusOr<Events> Decide(const MemberState& state, const CompleteWithdrawal&,
                              const Context& context) {
  if (!state.withdrawn || state.erased) {
    return MakeError(ErrorCode::kMemberForbidden, "no withdrawal to complete");
  }
  v1::Payload payload;
  payload.mutable_member_erased()->set_member_id(context.actor);
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

absl::StatusOr<MemberState> Evolve(MemberState state, const v1::ProfileUpdated&) {
  RETURN_IF_ERROR(CheckLive(state));
  return state;
}

absl::StatusOr<MemberState> Evolve(MemberState state, const v1::HandleChanged& event) {
  RETURN_IF_ERROR(CheckLive(state));
  if (state.handle_taken) return absl::FailedPreconditionError("the handle belongs to a member");
  if (event.handle() == state.handle) {
    return absl::FailedPreconditionError("the member has this handle");
  }
  state.handle = event.handle();
  return state;
}

absl::StatusOr<MemberState> Evolve(MemberState state, const v1::MemberWithdrawn& event) {
  RETURN_IF_ERROR(CheckLive(state));
  if (event.subject_id() != state.subject_id) {
    return absl::FailedPreconditionError("the subject is another one's");
  }
  state.withdrawn = true;
  state.handle.clear();
  state.email_digest.clear();
  return state;
}

absl::StatusOr<MemberState> Evolve(MemberState state, const v1::MemberErased&) {
  if (!state.withdrawn) return absl::FailedPreconditionError("the member has not withdrawn");
  if (state.erased) return absl::FailedPreconditionError("the member was erased before");
  state.erased = true;
  state.subject_id.clear();
  return state;
}

}  // namespace dailyfeed

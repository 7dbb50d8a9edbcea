// The member aggregate: an account, its unique handle and e-mail.
#ifndef DAILYFEED_CORE_DOMAIN_MEMBER_MEMBER_H_
#define DAILYFEED_CORE_DOMAIN_MEMBER_MEMBER_H_

#include <string>

#include "absl/status/statusor.h"
#include "core/domain/commands.h"
#include "core/domain/context.h"
#include "core/domain/events.pb.h"
#include "core/domain/types.h"

namespace dailyfeed {

// One member, and whether the handle and the e-mail in question belong to
// another member. A member is live from the sign-up to the withdrawal.
struct MemberState {
  bool signed_up = false;
  bool withdrawn = false;
  bool erased = false;
  bool handle_taken = false;
  bool email_taken = false;
  std::string handle;
  std::string email_digest;
  std::string subject_id;
};

// INVALID_REQUEST for a malformed handle, privacy level, digest or subject;
// then kMemberAlreadyExists; then kMemberHandleAlreadyExists.
absl::StatusOr<Events> Decide(const MemberState& state, const SignUp& command,
                              const Context& context);

// INVALID_REQUEST for a privacy level that is none, or without changes.
absl::StatusOr<Events> Decide(const MemberState& state, const UpdateProfile& command,
                              const Context& context);

// INVALID_REQUEST for a malformed handle (`newHandle`), then
// kMemberHandleAlreadyExists when another member has the handle, or the member
// has it in exactly this spelling. A member may change the case of their handle.
absl::StatusOr<Events> Decide(const MemberState& state, const ChangeHandle& command,
                              const Context& context);

// Never refused: the actor is live.
absl::StatusOr<Events> Decide(const MemberState& state, const WithdrawMember& command,
                              const Context& context);

// kMemberForbidden unless the actor is withdrawn and not erased yet.
absl::StatusOr<Events> Decide(const MemberState& state, const CompleteWithdrawal& command,
                              const Context& context);

// Every Evolve of the domain: FAILED_PRECONDITION, saying why, when the event
// cannot follow the state.
absl::StatusOr<MemberState> Evolve(MemberState state, const v1::MemberSignedUp& event);
absl::StatusOr<MemberState> Evolve(MemberState state, const v1::ProfileUpdated& event);
absl::StatusOr<MemberState> Evolve(MemberState state, const v1::HandleChanged& event);
absl::StatusOr<MemberState> Evolve(MemberState state, const v1::MemberWithdrawn& event);
absl::StatusOr<MemberState> Evolve(MemberState state, const v1::MemberErased& event);

}  // namespace dailyfeed

#endif  // DAILYFEED_CORE_DOMAIN_MEMBER_MEMBER_H_

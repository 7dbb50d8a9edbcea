// The follow aggregate: whom one member follows.
#ifndef DAILYFEED_CORE_DOMAIN_FOLLOW_FOLLOW_H_
#define DAILYFEED_CORE_DOMAIN_FOLLOW_FOLLOW_H_

#include <cstdint>

#include "absl/status/statusor.h"
#include "core/domain/commands.h"
#include "core/domain/context.h"
#include "core/domain/events.pb.h"

namespace dailyfeed {

// One member's relation to one other, and how many they follow in all.
struct FollowState {
  bool followee_live = false;
  bool following = false;
  uint64_t followings = 0;
};

// In this order: kFollowSelfNotAllowed, kMemberNotFound,
// kFollowRelationshipAlreadyExists, kFollowLimitExceeds.
absl::StatusOr<Events> Decide(const FollowState& state, const FollowMember& command,
                              const Context& context);
// kMemberNotFound, then kFollowRelationshipNotFound.
absl::StatusOr<Events> Decide(const FollowState& state, const UnfollowMember& command,
                              const Context& context);

absl::StatusOr<FollowState> Evolve(FollowState state, const v1::MemberFollowed& event);
absl::StatusOr<FollowState> Evolve(FollowState state, const v1::MemberUnfollowed& event);

}  // namespace dailyfeed

#endif  // DAILYFEED_CORE_DOMAIN_FOLLOW_FOLLOW_H_

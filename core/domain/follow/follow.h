// The follow aggregate: whom one member follows.
#ifndef DAILYFEED_CORE_DOMAIN_FOLLOW_FOLLOW_H_
#define DAILYFEED_CORE_DOMAIN_FOLLOW_FOLLOW_H_

#include <compare>
#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "core/domain/commands.h"
#include "core/domain/context.h"
#include "core/domain/events.pb.h"
#include "core/domain/types.h"

namespace dailyfeed {

// One member's relation to one other, and how many they follow in all.
struct FollowState {
  bool followee_live = false;
  bool following = false;
  uint64_t followings = 0;
};

// What a ReleaseFollows names: whether its actor may be released, and those
// relations of its lists that exist, each once.
struct ReleaseState {
  struct Relation {
    MemberId follower_id = 0;
    MemberId followee_id = 0;
    friend auto operator<=>(const Relation&, const Relation&) = default;
  };
  bool actor_withdrawn = false;  // and not erased
  std::vector<Relation> relations;
};

// In this order: kFollowSelfNotAllowed, kMemberNotFound,
// kFollowRelationshipAlreadyExists, kFollowLimitExceeds.
absl::StatusOr<Events> Decide(const FollowState& state, const FollowMember& command,
                              const Context& context);
// kMemberNotFound, then kFollowRelationshipNotFound.
absl::StatusOr<Events> Decide(const FollowState& state, const UnfollowMember& command,
                              const Context& context);

// INVALID_REQUEST above kReleasedFollowsMax ids, kMemberForbidden unless the
// actor is withdrawn, kFollowRelationshipNotFound when there is nothing to
// release: whoever releases everything is done then.
absl::StatusOr<Events> Decide(const ReleaseState& state, const ReleaseFollows& command,
                              const Context& context);

absl::StatusOr<FollowState> Evolve(FollowState state, const v1::MemberFollowed& event);
absl::StatusOr<FollowState> Evolve(FollowState state, const v1::MemberUnfollowed& event);

}  // namespace dailyfeed

#endif  // DAILYFEED_CORE_DOMAIN_FOLLOW_FOLLOW_H_

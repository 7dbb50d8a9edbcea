#include "core/domain/follow/follow.h"

#include <utility>

#include "core/domain/errors.h"
#include "core/domain/streams.h"

namespace dailyfeed {

absl::StatusOr<Events> Decide(const FollowState& state, const FollowMember& command,
                              const Context& context) {
  if (command.followee_id == context.actor) return MakeError(ErrorCode::kFollowSelfNotAllowed);
  if (!state.followee_live) return MakeError(ErrorCode::kMemberNotFound);
  if (state.following) return MakeError(ErrorCode::kFollowRelationshipAlreadyExists);
  if (state.followings >= context.limits.followings_max) {
    return MakeError(ErrorCode::kFollowLimitExceeds);
  }
  v1::Payload payload;
  payload.mutable_member_followed()->set_follower_id(context.actor);
  payload.mutable_member_followed()->set_followee_id(command.followee_id);
  return Events{MakeEvent(std::move(payload))};
}

absl::StatusOr<Events> Decide(const FollowState& state, const UnfollowMember& command,
                              const Context& context) {
  if (!state.followee_live) return MakeError(ErrorCode::kMemberNotFound);
  if (!state.following) return MakeError(ErrorCode::kFollowRelationshipNotFound);
  v1::Payload payload;
  payload.mutable_member_unfollowed()->set_follower_id(context.actor);
  payload.mutable_member_unfollowed()->set_followee_id(command.followee_id);
  return Events{MakeEvent(std::move(payload))};
}

absl::StatusOr<Events> Decide(const ReleaseState& state, const ReleaseFollows& command,
                              const Context&) {
  if (command.follower_ids.size() + command.followee_ids.size() > kReleasedFollowsMax) {
    return MakeError(ErrorCode::kInvalidRequest, "too many relations for one command");
  }
  if (!state.actor_withdrawn) {
    return MakeError(ErrorCode::kMemberForbidden, "only withdrawn members are released");
  }
  if (state.relations.empty()) return MakeError(ErrorCode::kFollowRelationshipNotFound);
  Events events;
  events.reserve(state.relations.size());
  for (const ReleaseState::Relation& relation : state.relations) {
    v1::Payload payload;
    payload.mutable_member_unfollowed()->set_follower_id(relation.follower_id);
    payload.mutable_member_unfollowed()->set_followee_id(relation.followee_id);
    payload.mutable_member_unfollowed()->set_by_withdrawal(true);
    events.push_back(MakeEvent(std::move(payload)));
  }
  return events;
}

absl::StatusOr<FollowState> Evolve(FollowState state, const v1::MemberFollowed& event) {
  if (event.follower_id() == event.followee_id()) {
    return absl::FailedPreconditionError("nobody follows themselves");
  }
  if (!state.followee_live) return absl::FailedPreconditionError("the followee is not a member");
  if (state.following) return absl::FailedPreconditionError("the relation exists already");
  state.following = true;
  ++state.followings;
  return state;
}

absl::StatusOr<FollowState> Evolve(FollowState state, const v1::MemberUnfollowed&) {
  if (!state.following) return absl::FailedPreconditionError("there is no such relation");
  if (state.followings == 0) return absl::FailedPreconditionError("the followings count is 0");
  state.following = false;
  --state.followings;
  return state;
}

}  // namespace dailyfeed

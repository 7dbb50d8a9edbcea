// /api/members/follow: following and unfollowing.
#include <vector>

#include "adapters/http/answers.h"
#include "adapters/http/call.h"
#include "core/domain/status_macros.h"

namespace dailyfeed::http {
namespace {

constexpr std::string_view kTag = "Follows";

absl::StatusOr<Command> Follow(Call& call) {
  ASSIGN_OR_RETURN(const uint64_t member, call.PathId(0, "memberId"));
  return FollowMember{.followee_id = member};
}

absl::StatusOr<Command> Unfollow(Call& call) {
  ASSIGN_OR_RETURN(const uint64_t member, call.PathId(0, "memberId"));
  return UnfollowMember{.followee_id = member};
}

}  // namespace

void AddFollowRoutes(std::vector<Route>* routes) {
  routes->push_back({.method = "POST",
                     .pattern = "/api/members/follow/{memberId}",
                     .run = WriteFunctions{Follow, AnswerTrue},
                     .status = 201,
                     .tag = kTag,
                     .summary = "Follow a member",
                     .data_schema = "boolean",
                     .errors = "FOLLOW_SELF_NOT_ALLOWED MEMBER_NOT_FOUND "
                               "FOLLOW_RELATIONSHIP_ALREADY_EXISTS FOLLOW_LIMIT_EXCEEDS"});
  routes->push_back({.method = "DELETE",
                     .pattern = "/api/members/follow/{memberId}",
                     .run = WriteFunctions{Unfollow, AnswerTrue},
                     .status = 204,
                     .tag = kTag,
                     .summary = "Unfollow a member",
                     .data_schema = "boolean",
                     .errors = "MEMBER_NOT_FOUND FOLLOW_RELATIONSHIP_NOT_FOUND"});
}

}  // namespace dailyfeed::http

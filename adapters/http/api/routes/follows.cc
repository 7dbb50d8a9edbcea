// /api/members/follow: following and unfollowing, and whom one might follow.
#include <vector>

#include "adapters/http/api/answers.h"
#include "adapters/http/api/call.h"
#include "core/base/status_macros.h"

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

using Card = std::shared_ptr<const MemberCard>;

absl::Status Newcomers(Call& call, JsonWriter& data) {
  ASSIGN_OR_RETURN(const ListRequest list, call.List());
  Queries& queries = call.feed().queries();
  ASSIGN_OR_RETURN(Slice<Card> cards, queries.Recommended(call.member(), list.page));
  CountedPage<Card> page;
  page.rows = std::move(cards.rows);
  ASSIGN_OR_RETURN(page.total, queries.RecommendedCount(call.member()));
  const ObjectWriter& objects = call.objects();
  Call::NumberedPage(
      list, page, [&](const Card& card, JsonWriter& json) { objects.Summary(*card, json); }, data);
  return absl::OkStatus();
}

absl::Status MoreNewcomers(Call& call, JsonWriter& data) {
  ASSIGN_OR_RETURN(const ListRequest list, call.List());
  ASSIGN_OR_RETURN(const Slice<Card> cards,
                   call.feed().queries().Recommended(call.member(), list.page));
  const ObjectWriter& objects = call.objects();
  call.ScrollPage(
      list, cards, [&](const Card& card, JsonWriter& json) { objects.Summary(*card, json); }, data);
  return absl::OkStatus();
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
  routes->push_back({.method = "GET",
                     .pattern = "/api/members/follow/recommend/newbie",
                     .run = ReadFunction(Newcomers),
                     .paging = {.kind = Paging::Kind::kPage, .default_page = 0, .default_size = 10},
                     .tag = kTag,
                     .summary = "Members the caller does not follow, newest sign-up first",
                     .data_schema = "Page<Summary>"});
  // The first page that this endpoint is asked for is the second.
  routes->push_back(
      {.method = "GET",
       .pattern = "/api/members/follow/recommend/newbie/more",
       .run = ReadFunction(MoreNewcomers),
       .paging = {.kind = Paging::Kind::kCursor, .default_page = 1, .default_size = 10},
       .tag = kTag,
       .summary = "Members the caller does not follow, newest sign-up first",
       .data_schema = "ScrollPage<Summary>"});
}

}  // namespace dailyfeed::http

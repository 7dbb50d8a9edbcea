// /api/members/follow: following and unfollowing, and whom one might follow.
#include <vector>

#include "adapters/http/api/call.h"
#include "core/base/status_macros.h"

namespace dailyfeed::http {
namespace {

constexpr char kMemberId[] = "memberId";
constexpr std::string_view kTag = "Follows";

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
  RouteTable table(routes, kTag);
  table.Post("/api/members/follow/{memberId}",
             WriteFunctions{ById<FollowMember, &FollowMember::followee_id, kMemberId>, AnswerTrue},
             "Follow a member", "boolean",
             {.status = 201,
              .errors = "FOLLOW_SELF_NOT_ALLOWED MEMBER_NOT_FOUND "
                        "FOLLOW_RELATIONSHIP_ALREADY_EXISTS FOLLOW_LIMIT_EXCEEDS"});
  table.Delete(
      "/api/members/follow/{memberId}",
      WriteFunctions{ById<UnfollowMember, &UnfollowMember::followee_id, kMemberId>, AnswerTrue},
      "Unfollow a member", "boolean",
      {.status = 204, .errors = "MEMBER_NOT_FOUND FOLLOW_RELATIONSHIP_NOT_FOUND"});
  table.Get("/api/members/follow/recommend/newbie", Newcomers,
            "Members the caller does not follow, newest sign-up first", "Page<Summary>",
            {.paging = {.kind = Paging::Kind::kPage, .default_page = 0, .default_size = 10}});
  // The first page that this endpoint is asked for is the second.
  table.Get("/api/members/follow/recommend/newbie/more", MoreNewcomers,
            "Members the caller does not follow, newest sign-up first", "ScrollPage<Summary>",
            {.paging = {.kind = Paging::Kind::kCursor, .default_page = 1, .default_size = 10}});
}

}  // namespace dailyfeed::http

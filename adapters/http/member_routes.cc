// Members and the follow graph: sections 6.2 and 6.3 of the HTTP contract.
#include <string>
#include <utility>

#include "adapters/http/api_context.h"

namespace dailyfeed::http {
namespace {

constexpr PageDefaults kFirst{.page = 0, .size = 10};
// Section 6.2: what a client asks for after followers-followings.
constexpr PageDefaults kSecond{.page = 1, .size = 10};

using CardPtr = std::shared_ptr<const MemberCard>;
using CardSlice = Slice<CardPtr>;
using CardWriter = void (ObjectWriter::*)(const MemberCard&, JsonWriter&) const;

void AnswerCard(ApiContext& context, Exchange& exchange, absl::StatusOr<CardPtr> card,
                CardWriter write) {
  if (!card.ok()) return exchange.Fail(card.status());
  exchange.Succeed(200, [&](JsonWriter& json) { (context.objects.*write)(**card, json); });
}

void AnswerProfile(ApiContext& context, Exchange& exchange, absl::StatusOr<CardPtr> card) {
  if (!card.ok()) return exchange.Fail(card.status());
  const auto follows = context.queries().Follows((*card)->id);
  if (!follows.ok()) return exchange.Fail(follows.status());
  exchange.Succeed(200, [&](JsonWriter& json) { context.objects.Profile(**card, *follows, json); });
}

void Me(ApiContext& context, ExchangePtr exchange) {
  AnswerCard(context, *exchange, context.queries().Member(exchange->member), &ObjectWriter::Member);
}

void MySummary(ApiContext& context, ExchangePtr exchange) {
  AnswerCard(context, *exchange, context.queries().Member(exchange->member),
             &ObjectWriter::Summary);
}

void MyProfile(ApiContext& context, ExchangePtr exchange) {
  AnswerProfile(context, *exchange, context.queries().Member(exchange->member));
}

void MemberById(ApiContext& context, ExchangePtr exchange) {
  const MemberId id = PathId(*exchange);
  if (id == 0) return;
  AnswerCard(context, *exchange, context.queries().Member(id), &ObjectWriter::Member);
}

void SummaryById(ApiContext& context, ExchangePtr exchange) {
  const MemberId id = PathId(*exchange);
  if (id == 0) return;
  AnswerCard(context, *exchange, context.queries().Member(id), &ObjectWriter::Summary);
}

void ProfileById(ApiContext& context, ExchangePtr exchange) {
  const MemberId id = PathId(*exchange);
  if (id == 0) return;
  AnswerProfile(context, *exchange, context.queries().Member(id));
}

void ProfileByHandle(ApiContext& context, ExchangePtr exchange) {
  std::string_view handle = exchange->variables.at(0);
  while (handle.starts_with('@')) handle.remove_prefix(1);
  AnswerProfile(context, *exchange, context.queries().MemberByHandle(handle));
}

void WriteCards(ApiContext& context, const CardSlice& slice, const PageRequest& request,
                const std::string& list, MemberId caller, JsonWriter& json) {
  WriteScroll(slice, request, context.cursors, list, caller, json,
              [&](const CardPtr& card, JsonWriter& row) { context.objects.Summary(*card, row); });
}

// `base` is the path of the lists: "/api/members" or "/api/members/7".
void AnswerBothLists(ApiContext& context, Exchange& exchange, MemberId member,
                     const std::string& base) {
  const PageRequest request = context.Page(exchange, kFirst);
  const absl::StatusOr<CardPtr> card = context.queries().Member(member);
  if (!card.ok()) return exchange.Fail(card.status());
  const absl::StatusOr<CardSlice> followers = context.queries().Followers(member, request);
  if (!followers.ok()) return exchange.Fail(followers.status());
  const absl::StatusOr<CardSlice> followings = context.queries().Followings(member, request);
  if (!followings.ok()) return exchange.Fail(followings.status());
  exchange.Succeed(200, [&](JsonWriter& json) {
    json.BeginObject();
    json.Key("followers");
    WriteCards(context, *followers, request, base + "/followers/more", exchange.member, json);
    json.Key("followings");
    WriteCards(context, *followings, request, base + "/followings/more", exchange.member, json);
    json.EndObject();
  });
}

void MyLists(ApiContext& context, ExchangePtr exchange) {
  AnswerBothLists(context, *exchange, exchange->member, "/api/members");
}

void ListsById(ApiContext& context, ExchangePtr exchange) {
  const MemberId id = PathId(*exchange);
  if (id == 0) return;
  AnswerBothLists(context, *exchange, id, "/api/members/" + exchange->variables.at(0));
}

using FollowList = absl::StatusOr<CardSlice> (Queries::*)(MemberId, const PageRequest&) const;

void AnswerList(ApiContext& context, Exchange& exchange, MemberId member, PageDefaults defaults,
                FollowList list) {
  AnswerScroll(
      context, exchange, defaults,
      [&](const PageRequest& request) -> absl::StatusOr<CardSlice> {
        const absl::StatusOr<CardPtr> card = context.queries().Member(member);
        if (!card.ok()) return card.status();
        return (context.queries().*list)(member, request);
      },
      [&](const CardPtr& card, JsonWriter& json) { context.objects.Summary(*card, json); });
}

void MyFollowers(ApiContext& context, ExchangePtr exchange) {
  AnswerList(context, *exchange, exchange->member, kFirst, &Queries::Followers);
}

void MyFollowings(ApiContext& context, ExchangePtr exchange) {
  AnswerList(context, *exchange, exchange->member, kSecond, &Queries::Followings);
}

void FollowersById(ApiContext& context, ExchangePtr exchange) {
  if (const MemberId id = PathId(*exchange)) {
    AnswerList(context, *exchange, id, kFirst, &Queries::Followers);
  }
}

void FollowingsById(ApiContext& context, ExchangePtr exchange) {
  if (const MemberId id = PathId(*exchange)) {
    AnswerList(context, *exchange, id, kFirst, &Queries::Followings);
  }
}

void Follow(ApiContext& context, ExchangePtr exchange) {
  const MemberId id = PathId(*exchange);
  if (id == 0) return;
  SubmitWrite(context, std::move(exchange), FollowMember{.followee_id = id}, WrittenTrue(201));
}

void Unfollow(ApiContext& context, ExchangePtr exchange) {
  const MemberId id = PathId(*exchange);
  if (id == 0) return;
  SubmitWrite(context, std::move(exchange), UnfollowMember{.followee_id = id}, WrittenTrue(204));
}

Route Get(std::string_view pattern, RouteFunction function, std::string_view summary,
          std::string_view data, Paging paging = Paging::kNone) {
  return {.method = "GET",
          .pattern = pattern,
          .function = function,
          .summary = summary,
          .data_schema = data,
          .paging = paging};
}

}  // namespace

std::vector<Route> MemberRoutes() {
  return {
      Get("/api/members", Me, "The caller", "Member"),
      Get("/api/members/summary", MySummary, "The caller in short", "Summary"),
      Get("/api/members/profile", MyProfile, "The caller's profile", "MemberProfile"),
      Get("/api/members/profile/@{handle}", ProfileByHandle, "A profile by handle",
          "MemberProfile"),
      Get("/api/members/profile/{memberId}", ProfileById, "A profile", "MemberProfile"),
      Get("/api/members/followers-followings", MyLists,
          "The first page of both follow lists of the caller", "Summary", Paging::kTwoScrolls),
      Get("/api/members/followers/more", MyFollowers, "Who follows the caller, newest first",
          "Summary", Paging::kScroll),
      Get("/api/members/followings/more", MyFollowings, "Whom the caller follows, newest first",
          "Summary", Paging::kScroll),
      Get("/api/members/{memberId}", MemberById, "A member", "Member"),
      Get("/api/members/{memberId}/summary", SummaryById, "A member in short", "Summary"),
      Get("/api/members/{memberId}/profile", ProfileById, "A profile", "MemberProfile"),
      Get("/api/members/{memberId}/followers-followings", ListsById,
          "The first page of both follow lists of a member", "Summary", Paging::kTwoScrolls),
      Get("/api/members/{memberId}/followers/more", FollowersById,
          "Who follows a member, newest first", "Summary", Paging::kScroll),
      Get("/api/members/{memberId}/followings/more", FollowingsById,
          "Whom a member follows, newest first", "Summary", Paging::kScroll),
      {.method = "POST",
       .pattern = "/api/members/follow/{memberId}",
       .function = Follow,
       .summary = "Follow a member",
       .data_schema = "True",
       .status = 201},
      {.method = "DELETE",
       .pattern = "/api/members/follow/{memberId}",
       .function = Unfollow,
       .summary = "Unfollow a member",
       .data_schema = "True",
       .status = 204},
  };
}

}  // namespace dailyfeed::http

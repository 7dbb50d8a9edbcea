// /api/members: reads of members and their connections, and of many at once.
#include <string>
#include <vector>

#include "adapters/http/api/call.h"
#include "core/base/status_macros.h"
#include "core/base/text.h"

namespace dailyfeed::http {
namespace {

constexpr std::string_view kTag = "Members";
constexpr std::string_view kMyFollowers = "/api/members/followers/more";
constexpr std::string_view kMyFollowings = "/api/members/followings/more";
constexpr std::string_view kFollowers = "/api/members/{memberId}/followers/more";
constexpr std::string_view kFollowings = "/api/members/{memberId}/followings/more";

using Card = std::shared_ptr<const MemberCard>;

absl::Status WriteMember(Call& call, MemberId id, JsonWriter& data) {
  ASSIGN_OR_RETURN(const Card card, call.feed().queries().Member(id));
  call.objects().Member(*card, data);
  return absl::OkStatus();
}

absl::Status WriteSummary(Call& call, MemberId id, JsonWriter& data) {
  ASSIGN_OR_RETURN(const Card card, call.feed().queries().Member(id));
  call.objects().Summary(*card, data);
  return absl::OkStatus();
}

absl::Status WriteProfile(Call& call, const MemberCard& card, JsonWriter& data) {
  ASSIGN_OR_RETURN(const FollowCounts follows, call.feed().queries().Follows(card.id));
  call.objects().MemberProfile(card, follows, data);
  return absl::OkStatus();
}

absl::Status MyMember(Call& call, JsonWriter& data) {
  return WriteMember(call, call.member(), data);
}

absl::Status AnyMember(Call& call, JsonWriter& data) {
  ASSIGN_OR_RETURN(const uint64_t id, call.PathId(0, "id"));
  return WriteMember(call, id, data);
}

absl::Status MySummary(Call& call, JsonWriter& data) {
  return WriteSummary(call, call.member(), data);
}

absl::Status AnySummary(Call& call, JsonWriter& data) {
  ASSIGN_OR_RETURN(const uint64_t id, call.PathId(0, "memberId"));
  return WriteSummary(call, id, data);
}

absl::Status MyProfile(Call& call, JsonWriter& data) {
  ASSIGN_OR_RETURN(const Card card, call.feed().queries().Member(call.member()));
  return WriteProfile(call, *card, data);
}

absl::Status AnyProfile(Call& call, JsonWriter& data) {
  ASSIGN_OR_RETURN(const uint64_t id, call.PathId(0, "memberId"));
  ASSIGN_OR_RETURN(const Card card, call.feed().queries().Member(id));
  return WriteProfile(call, *card, data);
}

absl::Status ProfileOfHandle(Call& call, JsonWriter& data) {
  std::string_view handle = call.match().Parameter(0);
  while (handle.starts_with('@')) handle.remove_prefix(1);
  if (!IsValidUtf8(handle)) {
    return MakeViolations({{.field = "handle", .rule = Violation::Rule::kFormat}});
  }
  ASSIGN_OR_RETURN(const Card card, call.feed().queries().MemberByHandle(handle));
  return WriteProfile(call, *card, data);
}

void WriteCards(Call& call, const ListRequest& list, const Slice<Card>& cards, JsonWriter& data) {
  const ObjectWriter& objects = call.objects();
  call.ScrollPage(
      list, cards, [&](const Card& card, JsonWriter& json) { objects.Summary(*card, json); }, data);
}

absl::Status Followers(Call& call, MemberId member, uint64_t id_in_path, JsonWriter& data) {
  ASSIGN_OR_RETURN(const ListRequest list, call.List(id_in_path));
  ASSIGN_OR_RETURN(const Slice<Card> cards, call.feed().queries().Followers(member, list.page));
  WriteCards(call, list, cards, data);
  return absl::OkStatus();
}

absl::Status Followings(Call& call, MemberId member, uint64_t id_in_path, JsonWriter& data) {
  ASSIGN_OR_RETURN(const ListRequest list, call.List(id_in_path));
  ASSIGN_OR_RETURN(const Slice<Card> cards, call.feed().queries().Followings(member, list.page));
  WriteCards(call, list, cards, data);
  return absl::OkStatus();
}

// Each list carries the cursor of the endpoint that continues it.
absl::Status Both(Call& call, MemberId member, uint64_t id_in_path, JsonWriter& data) {
  ASSIGN_OR_RETURN(ListRequest list, call.List(id_in_path));
  Queries& queries = call.feed().queries();
  ASSIGN_OR_RETURN(const Slice<Card> followers, queries.Followers(member, list.page));
  ASSIGN_OR_RETURN(const Slice<Card> followings, queries.Followings(member, list.page));
  data.BeginObject();
  data.Key("followers");
  list.identity.name = id_in_path == 0 ? kMyFollowers : kFollowers;
  WriteCards(call, list, followers, data);
  data.Key("followings");
  list.identity.name = id_in_path == 0 ? kMyFollowings : kFollowings;
  WriteCards(call, list, followings, data);
  data.EndObject();
  return absl::OkStatus();
}

absl::Status MyFollowers(Call& call, JsonWriter& data) {
  return Followers(call, call.member(), 0, data);
}
absl::Status MyFollowings(Call& call, JsonWriter& data) {
  return Followings(call, call.member(), 0, data);
}
absl::Status MyConnections(Call& call, JsonWriter& data) {
  return Both(call, call.member(), 0, data);
}
absl::Status AnyFollowers(Call& call, JsonWriter& data) {
  ASSIGN_OR_RETURN(const uint64_t id, call.PathId(0, "memberId"));
  return Followers(call, id, id, data);
}
absl::Status AnyFollowings(Call& call, JsonWriter& data) {
  ASSIGN_OR_RETURN(const uint64_t id, call.PathId(0, "memberId"));
  return Followings(call, id, id, data);
}
absl::Status AnyConnections(Call& call, JsonWriter& data) {
  ASSIGN_OR_RETURN(const uint64_t id, call.PathId(0, "memberId"));
  return Both(call, id, id, data);
}

absl::Status WriteAll(Call& call, const std::vector<Card>& cards, JsonWriter& data) {
  data.BeginArray();
  for (const Card& card : cards) call.objects().Summary(*card, data);
  data.EndArray();
  return absl::OkStatus();
}

absl::Status MembersIn(Call& call, JsonWriter& data) {
  ASSIGN_OR_RETURN(const std::vector<MemberId> members,
                   call.BodyIds("ids", ErrorCode::kMemberIdsLimitExceeds));
  ASSIGN_OR_RETURN(const std::vector<Card> cards, call.feed().queries().Members(members));
  return WriteAll(call, cards, data);
}

absl::Status EveryoneIFollow(Call& call, JsonWriter& data) {
  ASSIGN_OR_RETURN(const std::vector<Card> cards,
                   call.feed().queries().FollowingsOf(call.member()));
  return WriteAll(call, cards, data);
}

Paging Cursor(uint32_t page) {
  return {.kind = Paging::Kind::kCursor, .default_page = page, .default_size = 10};
}
constexpr Paging kPage = {.kind = Paging::Kind::kPage, .default_page = 0, .default_size = 10};

void AddRead(RouteTable& table, std::string_view pattern, ReadFunction run,
             std::string_view summary, std::string_view data_schema, Paging paging = {}) {
  const bool of_somebody = pattern.find('{') != std::string_view::npos;
  table.Get(pattern, run, summary, data_schema,
            {.paging = paging, .errors = of_somebody ? "MEMBER_NOT_FOUND" : ""});
}

}  // namespace

void AddMemberRoutes(std::vector<Route>* routes) {
  RouteTable table(routes, kTag);
  AddRead(table, "/api/members", MyMember, "The caller", "Member");
  AddRead(table, "/api/members/profile", MyProfile, "The caller's profile", "MemberProfile");
  AddRead(table, "/api/members/profile/@{handle}", ProfileOfHandle, "The profile of a handle",
          "MemberProfile");
  AddRead(table, "/api/members/profile/{memberId}", AnyProfile, "The profile of a member",
          "MemberProfile");
  AddRead(table, "/api/members/{memberId}/profile", AnyProfile, "The profile of a member",
          "MemberProfile");
  AddRead(table, "/api/members/summary", MySummary, "The caller's summary", "Summary");
  AddRead(table, "/api/members/{memberId}/summary", AnySummary, "The summary of a member",
          "Summary");
  AddRead(table, "/api/members/{id}", AnyMember, "A member", "Member");
  AddRead(table, "/api/members/followers-followings", MyConnections,
          "Whom the caller is followed by and whom they follow, newest relation first",
          "FollowScrollPage", kPage);
  AddRead(table, kMyFollowers, MyFollowers, "The caller's followers, newest first",
          "ScrollPage<Summary>", Cursor(0));
  // The first page that this endpoint is asked for is the second.
  AddRead(table, kMyFollowings, MyFollowings, "Whom the caller follows, newest first",
          "ScrollPage<Summary>", Cursor(1));
  AddRead(table, "/api/members/{memberId}/followers-followings", AnyConnections,
          "Whom a member is followed by and whom they follow, newest relation first",
          "FollowScrollPage", kPage);
  AddRead(table, kFollowers, AnyFollowers, "Followers of a member, newest first",
          "ScrollPage<Summary>", Cursor(0));
  AddRead(table, kFollowings, AnyFollowings, "Whom a member follows, newest first",
          "ScrollPage<Summary>", Cursor(0));
  table.Post("/api/members/query/in", MembersIn, "The members with these ids, in their order",
             "Summary[]", {.request_schema = "IdsRequest", .errors = "MEMBER_IDS_LIMIT_EXCEEDS"});
  AddRead(table, "/api/members/query/followings", EveryoneIFollow,
          "Everyone the caller follows, newest first", "Summary[]");
}

}  // namespace dailyfeed::http

// /api/search, as far as it concerns follows: how many members follow each of
// the given ones.
#include <utility>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "adapters/http/api/call.h"
#include "core/base/status_macros.h"

namespace dailyfeed::http {
namespace {

constexpr std::string_view kTag = "Search";

absl::Status FollowersOfMany(Call& call, JsonWriter& data) {
  ASSIGN_OR_RETURN(std::vector<MemberId> ids,
                   call.BodyIds("toMemberIds", ErrorCode::kInvalidRequest));
  absl::flat_hash_set<MemberId> seen;
  std::erase_if(ids, [&seen](MemberId id) { return !seen.insert(id).second; });
  ASSIGN_OR_RETURN(const std::vector<FollowCounts> counts, call.feed().queries().FollowsOfAll(ids));
  data.BeginArray();
  for (size_t i = 0; i < ids.size(); ++i) {
    if (counts[i].followers == 0) continue;
    data.BeginObject();
    data.Field("toMemberId", ids[i]);
    data.Field("followingCount", counts[i].followers);
    data.EndObject();
  }
  data.EndArray();
  return absl::OkStatus();
}

}  // namespace

void AddSearchRoutes(std::vector<Route>* routes) {
  RouteTable table(routes, kTag);
  table.Post("/api/search/follow/following/query/count/in", FollowersOfMany,
             "How many members follow each of the given ones; without those "
             "whom nobody follows",
             "FollowerCount[]", {.request_schema = "ToMemberIdsRequest"});
}

}  // namespace dailyfeed::http

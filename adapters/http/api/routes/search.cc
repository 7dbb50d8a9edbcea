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

// The ids of a list in the body, each once; ids that nobody can have are left out.
absl::StatusOr<std::vector<uint64_t>> DistinctIds(Call& call, const JsonObject& body,
                                                  std::string_view field) {
  std::vector<Violation> violations;
  const std::vector<int64_t> numbers =
      body.Integers(field, &violations).value_or(std::vector<int64_t>());
  if (!violations.empty()) return MakeViolations(violations);
  if (numbers.size() > call.services().options.ids_max) {
    return MakeError(ErrorCode::kInvalidRequest, "more ids than may be asked for");
  }
  std::vector<uint64_t> ids;
  absl::flat_hash_set<int64_t> seen;
  for (const int64_t number : numbers) {
    if (number > 0 && seen.insert(number).second) ids.push_back(static_cast<uint64_t>(number));
  }
  return ids;
}

absl::Status FollowersOfMany(Call& call, JsonWriter& data) {
  JsonObject body;
  RETURN_IF_ERROR(call.ParseBody(&body));
  ASSIGN_OR_RETURN(const std::vector<MemberId> ids, DistinctIds(call, body, "toMemberIds"));
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
  routes->push_back({.method = "POST",
                     .pattern = "/api/search/follow/following/query/count/in",
                     .run = ReadFunction(FollowersOfMany),
                     .tag = kTag,
                     .summary = "How many members follow each of the given ones; without those "
                                "whom nobody follows",
                     .request_schema = "ToMemberIdsRequest",
                     .data_schema = "FollowerCount[]"});
}

}  // namespace dailyfeed::http

// The rows of the activities projection.
//
//   'a' member list time-desc position-desc -> varint type, post, comment, followee
//   'w' member                              -> (empty): the member withdrew
//   'd' ...                                 -> rows of withdrawn members that wait to
//                                              be removed (projections/posts/dead_rows.h)
//
// Every activity stands in the list of all (0), in the list of its type (the number
// of the type), and, when followers are shown it, in that of the banner (255). A page
// of any of them is one scan.
//
//   const ActivityRow row = {.activity = activity, .position = event.position()};
//   for (const std::string& key : activities::KeysOf(row)) {
//     batch.Put(key, activities::EncodeValue(activity));
//   }
//
// The listener keeps the same rows with the same keys, so that both can be compared
// byte by byte.
#ifndef DAILYFEED_PROJECTIONS_ACTIVITIES_ACTIVITY_ROWS_H_
#define DAILYFEED_PROJECTIONS_ACTIVITIES_ACTIVITY_ROWS_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "core/domain/events.pb.h"
#include "core/domain/types.h"
#include "projections/activities/activity.h"
#include "projections/codec/list_key.h"
#include "projections/runtime/projection.h"

namespace dailyfeed {

// An activity and its place in the log.
struct ActivityRow {
  Activity activity;
  Position position = 0;
  bool operator==(const ActivityRow&) const = default;
};

}  // namespace dailyfeed

namespace dailyfeed::activities {

using List = uint64_t;
inline constexpr List kAll = 0;
inline constexpr List kShown = 255;  // to followers
constexpr List OfType(v1::ActivityType type) { return static_cast<List>(type); }

// What the banner of a follower shows: what a member published, commented, liked and
// followed. Never what they read, took back or changed, nor that they came and went.
bool IsShown(v1::ActivityType type);

// Everything of a member.
std::string MemberPrefix(MemberId member);
std::string ListPrefix(MemberId member, List list);
std::string RowKey(MemberId member, List list, TimestampNs at, Position position);
// The key of every list the row stands in; that of kAll is the first.
std::vector<std::string> KeysOf(const ActivityRow& row);
// The time and the position of such a key.
absl::StatusOr<ListKey> DecodeRowKey(std::string_view key);
absl::StatusOr<List> ListOf(std::string_view key);

std::string EncodeValue(const Activity& activity);
absl::StatusOr<ActivityRow> DecodeRow(std::string_view key, std::string_view value);

// The rows of kAll of everybody who did not withdraw, in key order, until `visit`
// returns false.
absl::Status VisitLive(const ProjectionReader& rows,
                       absl::FunctionRef<bool(std::string_view key, std::string_view value)> visit);

std::string WithdrawnKey(MemberId member);
absl::StatusOr<MemberId> DecodeWithdrawnKey(std::string_view key);

}  // namespace dailyfeed::activities

#endif  // DAILYFEED_PROJECTIONS_ACTIVITIES_ACTIVITY_ROWS_H_

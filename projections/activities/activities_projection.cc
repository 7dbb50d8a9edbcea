#include "projections/activities/activities_projection.h"

#include <optional>
#include <string>

#include "core/base/status_macros.h"
#include "projections/activities/activity.h"
#include "projections/activities/activity_rows.h"
#include "projections/posts/dead_rows.h"

namespace dailyfeed {
namespace {

absl::StatusOr<bool> HasWithdrawn(MemberId member, ProjectionRows& rows) {
  std::string unused;
  return rows.Get(activities::WithdrawnKey(member), &unused);
}

absl::Status ApplyWithdrawn(MemberId member, ProjectionRows& rows) {
  ASSIGN_OR_RETURN(const bool before, HasWithdrawn(member, rows));
  if (before) return absl::OkStatus();
  rows.Put(activities::WithdrawnKey(member), {});
  return DeadRows(&rows).Add(activities::MemberPrefix(member));
}

absl::Status ApplyActivity(const v1::Event& event, ProjectionRows& rows) {
  const std::optional<Activity> activity = ActivityOf(event);
  if (!activity.has_value()) return absl::OkStatus();
  // What was under way when the member withdrew is theirs, too.
  ASSIGN_OR_RETURN(const bool withdrawn, HasWithdrawn(activity->member, rows));
  if (withdrawn) return absl::OkStatus();
  const std::string value = activities::EncodeValue(*activity);
  const ActivityRow row = {.activity = *activity, .position = event.position()};
  for (const std::string& key : activities::KeysOf(row)) rows.Put(key, value);
  return absl::OkStatus();
}

}  // namespace

absl::Status ActivitiesProjection::Apply(const v1::Event& event, ProjectionRows& rows) {
  const v1::Payload& payload = event.payload();
  switch (payload.kind_case()) {
    case v1::Payload::kMemberWithdrawn:
      RETURN_IF_ERROR(ApplyWithdrawn(payload.member_withdrawn().member_id(), rows));
      break;
    case v1::Payload::kPostViewed:
    case v1::Payload::kPostLiked:
    case v1::Payload::kPostUnliked:
    case v1::Payload::kCommentAdded:
    case v1::Payload::kPostPublished:
    case v1::Payload::kPostDeleted:
    case v1::Payload::kPostEdited:
    case v1::Payload::kMemberFollowed:
    case v1::Payload::kMemberUnfollowed:
    case v1::Payload::kCommentLiked:
    case v1::Payload::kCommentUnliked:
    case v1::Payload::kCommentEdited:
    case v1::Payload::kCommentDeleted:
    case v1::Payload::kMemberSignedUp:
    case v1::Payload::kActivityRecorded:
      RETURN_IF_ERROR(ApplyActivity(event, rows));
      break;
    case v1::Payload::kProfileUpdated:
    case v1::Payload::kHandleChanged:
    case v1::Payload::kMemberErased:
    case v1::Payload::kPictureAdded:
    case v1::Payload::kPictureDeleted:
      return absl::OkStatus();  // not among kinds()
    case v1::Payload::KIND_NOT_SET:
      return absl::UnimplementedError("an event without a payload this program knows");
  }
  return DeadRows(&rows).Sweep([&](std::string_view key) {
    rows.Delete(key);
    return absl::OkStatus();
  });
}

}  // namespace dailyfeed

// What every member did, newest first: all of it, by type, and what their followers
// are shown.
//
//   ActivitiesProjection activities;
//   runtime.Register(&activities);
//
// The activities of a member end with their withdrawal. No reader shows them from
// then on; the rows are removed by later events, a few each
// (projections/posts/dead_rows.h).
#ifndef DAILYFEED_PROJECTIONS_ACTIVITIES_ACTIVITIES_PROJECTION_H_
#define DAILYFEED_PROJECTIONS_ACTIVITIES_ACTIVITIES_PROJECTION_H_

#include <span>
#include <string_view>

#include "projections/activities/activity_units.h"
#include "projections/runtime/projection.h"

namespace dailyfeed {

class ActivitiesProjection : public Projection {
 public:
  static constexpr std::string_view kName = "activities";

  std::string_view name() const override { return kName; }
  uint32_t version() const override { return 1; }
  std::span<const v1::Payload::KindCase> kinds() const override { return kKinds; }
  absl::Status Apply(const v1::Event& event, ProjectionRows& rows) override;
  const UnitLaw* units() const override { return &units_; }

 private:
  static constexpr v1::Payload::KindCase kKinds[] = {
      v1::Payload::kPostPublished,    v1::Payload::kPostEdited,     v1::Payload::kPostDeleted,
      v1::Payload::kPostViewed,       v1::Payload::kPostLiked,      v1::Payload::kPostUnliked,
      v1::Payload::kCommentAdded,     v1::Payload::kCommentEdited,  v1::Payload::kCommentDeleted,
      v1::Payload::kCommentLiked,     v1::Payload::kCommentUnliked, v1::Payload::kMemberFollowed,
      v1::Payload::kMemberUnfollowed, v1::Payload::kMemberSignedUp, v1::Payload::kActivityRecorded,
      v1::Payload::kMemberWithdrawn};

  const ActivityUnits units_;
};

}  // namespace dailyfeed

#endif  // DAILYFEED_PROJECTIONS_ACTIVITIES_ACTIVITIES_PROJECTION_H_

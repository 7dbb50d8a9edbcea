// The follow graph. Counts always equal the length of the lists.
//
//   FollowsProjection follows;
//   runtime.Register(&follows);
#ifndef DAILYFEED_PROJECTIONS_FOLLOWS_FOLLOWS_PROJECTION_H_
#define DAILYFEED_PROJECTIONS_FOLLOWS_FOLLOWS_PROJECTION_H_

#include "projections/runtime/projection.h"

namespace dailyfeed {

class FollowsProjection : public Projection {
 public:
  static constexpr std::string_view kName = "follows";

  std::string_view name() const override { return kName; }
  uint32_t version() const override { return 1; }
  std::span<const v1::Payload::KindCase> kinds() const override { return kKinds; }
  // DATA_LOSS for a relation that is there twice, or ends without being there.
  absl::Status Apply(const v1::Event& event, ProjectionRows& rows) override;

 private:
  static constexpr v1::Payload::KindCase kKinds[] = {v1::Payload::kMemberFollowed,
                                                     v1::Payload::kMemberUnfollowed};

  absl::Status ApplyFollowed(const v1::Event& event, ProjectionRows& rows);
  absl::Status ApplyUnfollowed(const v1::MemberUnfollowed& event, ProjectionRows& rows);
};

}  // namespace dailyfeed

#endif  // DAILYFEED_PROJECTIONS_FOLLOWS_FOLLOWS_PROJECTION_H_

// The follow graph. Counts always equal the length of the lists.
//
//   FollowsProjection follows;
//   runtime.Register(&follows);
#ifndef DAILYFEED_PROJECTIONS_FOLLOWS_FOLLOWS_PROJECTION_H_
#define DAILYFEED_PROJECTIONS_FOLLOWS_FOLLOWS_PROJECTION_H_

#include <cstdint>
#include <memory>
#include <string_view>

#include "projections/follows/follow_units.h"
#include "projections/runtime/projection.h"

namespace dailyfeed {

class FollowsProjection : public Projection {
 public:
  static constexpr std::string_view kName = "follows";

  std::string_view name() const override { return kName; }
  uint32_t version() const override { return kVersion; }
  std::unique_ptr<Projection> As(uint32_t version, std::string_view settings) const override;
  std::span<const v1::Payload::KindCase> kinds() const override { return kKinds; }
  // DATA_LOSS for a relation that is there twice, or ends without being there.
  absl::Status Apply(const v1::Event& event, ProjectionRows& rows) override;
  const UnitLaw* units() const override { return &units_; }

 private:
  static constexpr uint32_t kFirstVersion = 1;
  static constexpr uint32_t kVersion = 2;

  static constexpr v1::Payload::KindCase kKinds[] = {v1::Payload::kMemberFollowed,
                                                     v1::Payload::kMemberUnfollowed};

  absl::Status ApplyFollowed(const v1::Event& event, ProjectionRows& rows);
  absl::Status ApplyUnfollowed(const v1::MemberUnfollowed& event, ProjectionRows& rows);

  const FollowUnits units_;
};

}  // namespace dailyfeed

#endif  // DAILYFEED_PROJECTIONS_FOLLOWS_FOLLOWS_PROJECTION_H_

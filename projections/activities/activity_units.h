// The units of the activities projection (projections/runtime/units.h): the member
// who acted, "member/7".
//
//   const ActivityUnits units;
//   EXPECT_EQ(units.UnitOf(testing::Liked(41, 7)), "member/7");
//
// Threads: any; has no state.
#ifndef DAILYFEED_PROJECTIONS_ACTIVITIES_ACTIVITY_UNITS_H_
#define DAILYFEED_PROJECTIONS_ACTIVITIES_ACTIVITY_UNITS_H_

#include <optional>
#include <string>
#include <string_view>

#include "projections/runtime/units.h"

namespace dailyfeed {

class ActivityUnits final : public UnitLaw {
 public:
  std::string UnitOf(const v1::Event& event) const override;
  absl::StatusOr<std::string> OwnerOf(std::string_view key, std::string_view value,
                                      ReadRow read) const override;
  std::optional<std::string> ContentOf(std::string_view key, std::string_view value) const override;
  absl::StatusOr<bool> IsDead(std::string_view key, std::string_view value,
                              ReadRow read) const override;
  absl::Status Complete(ProjectionRows& rows) const override;
  absl::Status Release(std::string_view key, ProjectionRows& rows) const override;
};

}  // namespace dailyfeed

#endif  // DAILYFEED_PROJECTIONS_ACTIVITIES_ACTIVITY_UNITS_H_

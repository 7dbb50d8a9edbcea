// The units of the follows projection (projections/runtime/units.h): a member and
// whom they follow, "member/7". The counts of a member are sums: the relations to
// them belong to their followers.
//
//   const FollowUnits units;
//   EXPECT_EQ(units.SumParts(follows::CountsKey(7)), 2u);
//
// Threads: any; has no state.
#ifndef DAILYFEED_PROJECTIONS_FOLLOWS_FOLLOW_UNITS_H_
#define DAILYFEED_PROJECTIONS_FOLLOWS_FOLLOW_UNITS_H_

#include <optional>
#include <string>
#include <string_view>

#include "projections/runtime/units.h"

namespace dailyfeed {

class FollowUnits final : public UnitLaw {
 public:
  std::string UnitOf(const v1::Event& event) const override;
  size_t SumParts(std::string_view key) const override;
  absl::StatusOr<std::string> OwnerOf(std::string_view key, std::string_view value,
                                      ReadRow read) const override;
};

}  // namespace dailyfeed

#endif  // DAILYFEED_PROJECTIONS_FOLLOWS_FOLLOW_UNITS_H_

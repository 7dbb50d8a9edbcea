// The units of the timelines projection (projections/runtime/units.h): a post,
// "post/41". The counts of posts by time are sums.
//
//   const TimelineUnits units;
//   EXPECT_EQ(units.SumParts(timelines::CountKey(0, second)), 1u);
//
// Threads: any; has no state.
#ifndef DAILYFEED_PROJECTIONS_TIMELINES_TIMELINE_UNITS_H_
#define DAILYFEED_PROJECTIONS_TIMELINES_TIMELINE_UNITS_H_

#include <optional>
#include <string>
#include <string_view>

#include "projections/runtime/units.h"

namespace dailyfeed {

class TimelineUnits final : public UnitLaw {
 public:
  std::string UnitOf(const v1::Event& event) const override;
  size_t SumParts(std::string_view key) const override;
  absl::StatusOr<std::string> OwnerOf(std::string_view key, std::string_view value,
                                      ReadRow read) const override;
};

}  // namespace dailyfeed

#endif  // DAILYFEED_PROJECTIONS_TIMELINES_TIMELINE_UNITS_H_

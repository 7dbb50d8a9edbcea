// The units of the pictures projection (projections/runtime/units.h): a member with
// all their pictures, "member/7", because a withdrawal ends them together.
//
//   const PictureUnits units;
//   EXPECT_EQ(units.UnitOf(picture_added), "member/7");
//
// Threads: any; has no state.
#ifndef DAILYFEED_PROJECTIONS_PICTURES_PICTURE_UNITS_H_
#define DAILYFEED_PROJECTIONS_PICTURES_PICTURE_UNITS_H_

#include <optional>
#include <string>
#include <string_view>

#include "projections/runtime/units.h"

namespace dailyfeed {

class PictureUnits final : public UnitLaw {
 public:
  std::string UnitOf(const v1::Event& event) const override;
  // Of a use of bytes through the row of the picture; empty when that is gone.
  absl::StatusOr<std::string> OwnerOf(std::string_view key, std::string_view value,
                                      ReadRow read) const override;
};

}  // namespace dailyfeed

#endif  // DAILYFEED_PROJECTIONS_PICTURES_PICTURE_UNITS_H_

// The units of the members projection (projections/runtime/units.h): a member,
// "member/7". How many live members there are is a sum. The row of a handle belongs
// to the member it names, and to another one after a change of handles.
//
//   const MemberUnits units;
//   EXPECT_EQ(units.UnitOf(handle_changed), "member/7");
//
// Threads: any; has no state.
#ifndef DAILYFEED_PROJECTIONS_MEMBERS_MEMBER_UNITS_H_
#define DAILYFEED_PROJECTIONS_MEMBERS_MEMBER_UNITS_H_

#include <optional>
#include <string>
#include <string_view>

#include "projections/runtime/units.h"

namespace dailyfeed {

class MemberUnits final : public UnitLaw {
 public:
  std::string UnitOf(const v1::Event& event) const override;
  size_t SumParts(std::string_view key) const override;
  absl::StatusOr<std::string> OwnerOf(std::string_view key, std::string_view value,
                                      ReadRow read) const override;
};

}  // namespace dailyfeed

#endif  // DAILYFEED_PROJECTIONS_MEMBERS_MEMBER_UNITS_H_

// Members by id and by handle, their profiles unsealed; live members by sign-up
// and how many they are; withdrawals that are not complete; who has no key
// though they did not withdraw.
//
// A member who withdrew, or whose key was destroyed, has no card: what they
// wrote stays, with no author to show.
//
//   MembersProjection members(&identity);
//   runtime.Register(&members);
#ifndef DAILYFEED_PROJECTIONS_MEMBERS_MEMBERS_PROJECTION_H_
#define DAILYFEED_PROJECTIONS_MEMBERS_MEMBERS_PROJECTION_H_

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/ports/personal_data.h"
#include "projections/members/member_units.h"
#include "projections/runtime/projection.h"

namespace dailyfeed {

class MembersProjection : public Projection {
 public:
  static constexpr std::string_view kName = "members";

  // `personal_data` is not owned.
  explicit MembersProjection(const PersonalDataReader* personal_data)
      : personal_data_(personal_data) {}

  std::string_view name() const override { return kName; }
  uint32_t version() const override { return kVersion; }
  std::unique_ptr<Projection> As(uint32_t version, std::string_view settings) const override;
  std::span<const v1::Payload::KindCase> kinds() const override { return kKinds; }
  absl::Status Apply(const v1::Event& event, ProjectionRows& rows) override;
  const UnitLaw* units() const override { return &units_; }
  // The card. What a card keeps when it is forgotten is in the log in the clear.
  std::vector<std::string> TracesOf(MemberId member) const override;
  absl::Status Forget(MemberId member, ProjectionRows& rows) const override;

 private:
  static constexpr uint32_t kFormerVersion = 3;
  static constexpr uint32_t kVersion = 4;

  static constexpr v1::Payload::KindCase kKinds[] = {
      v1::Payload::kMemberSignedUp, v1::Payload::kProfileUpdated, v1::Payload::kHandleChanged,
      v1::Payload::kMemberWithdrawn, v1::Payload::kMemberErased};

  absl::Status ApplySignedUp(const v1::Event& event, ProjectionRows& rows);
  absl::Status ApplyProfileUpdated(const v1::Event& event, ProjectionRows& rows);
  absl::Status ApplyHandleChanged(const v1::Event& event, ProjectionRows& rows);
  absl::Status ApplyWithdrawn(const v1::MemberWithdrawn& withdrawn, ProjectionRows& rows);

  const PersonalDataReader* personal_data_;
  const MemberUnits units_;
};

}  // namespace dailyfeed

#endif  // DAILYFEED_PROJECTIONS_MEMBERS_MEMBERS_PROJECTION_H_

// Live pictures: by id, by owner, and which stored bytes they use.
//
//   PicturesProjection pictures;
//   runtime.Register(&pictures);
//
// A withdrawal takes the pictures of the member with it; what must be removed
// of the stored bytes is kept until the log says that the member is erased.
#ifndef DAILYFEED_PROJECTIONS_PICTURES_PICTURES_PROJECTION_H_
#define DAILYFEED_PROJECTIONS_PICTURES_PICTURES_PROJECTION_H_

#include "projections/pictures/picture_units.h"
#include "projections/runtime/projection.h"

namespace dailyfeed {

class PicturesProjection : public Projection {
 public:
  static constexpr std::string_view kName = "pictures";

  std::string_view name() const override { return kName; }
  uint32_t version() const override { return 1; }
  std::span<const v1::Payload::KindCase> kinds() const override { return kKinds; }
  absl::Status Apply(const v1::Event& event, ProjectionRows& rows) override;
  const UnitLaw* units() const override { return &units_; }

 private:
  static constexpr v1::Payload::KindCase kKinds[] = {
      v1::Payload::kPictureAdded, v1::Payload::kPictureDeleted, v1::Payload::kMemberWithdrawn,
      v1::Payload::kMemberErased};

  absl::Status ApplyAdded(const v1::Event& event, ProjectionRows& rows);
  absl::Status ApplyDeleted(const v1::PictureDeleted& deleted, ProjectionRows& rows);
  absl::Status ApplyWithdrawn(MemberId member, ProjectionRows& rows);
  absl::Status ApplyErased(MemberId member, ProjectionRows& rows);

  const PictureUnits units_;
};

}  // namespace dailyfeed

#endif  // DAILYFEED_PROJECTIONS_PICTURES_PICTURES_PROJECTION_H_

// Comments, their counts, likes and lists.
//
// A comment that stops being live leaves every list in the same Apply: its
// whole subtree when it is deleted, all comments of a post when that is. Each
// comment pays for its own removal once, so the cost per event stays bounded
// in the long run, and no read ever has to step over dead rows, of which a
// member's list could otherwise have any number.
//
//   CommentsProjection comments;
//   runtime.Register(&comments);
#ifndef DAILYFEED_PROJECTIONS_COMMENTS_COMMENTS_PROJECTION_H_
#define DAILYFEED_PROJECTIONS_COMMENTS_COMMENTS_PROJECTION_H_

#include <string>

#include "projections/runtime/projection.h"

namespace dailyfeed {

class CommentsProjection : public Projection {
 public:
  static constexpr std::string_view kName = "comments";

  std::string_view name() const override { return kName; }
  uint32_t version() const override { return 1; }
  bool Handles(v1::Payload::KindCase kind) const override;
  // DATA_LOSS for an event that contradicts the rows.
  absl::Status Apply(const v1::Event& event, ProjectionRows& rows) override;
  // All comments of a post keep their order.
  std::string ParkingKey(const v1::Event& event) const override;

 private:
  absl::Status ApplyAdded(const v1::Event& event, ProjectionRows& rows);
  absl::Status ApplyEdited(const v1::Event& event, ProjectionRows& rows);
  absl::Status ApplyDeleted(const v1::Event& event, ProjectionRows& rows);
  absl::Status ApplyPostDeleted(const v1::Event& event, ProjectionRows& rows);
  absl::Status ApplyLiked(const v1::Event& event, ProjectionRows& rows);
  absl::Status ApplyUnliked(const v1::Event& event, ProjectionRows& rows);
};

}  // namespace dailyfeed

#endif  // DAILYFEED_PROJECTIONS_COMMENTS_COMMENTS_PROJECTION_H_

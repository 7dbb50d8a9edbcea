// Comments, their counts, likes and lists.
//
// A comment that is deleted leaves every list in the same Apply. The comments
// below it, and those of a deleted post, leave the lists of their authors a few
// at each later event (projections/posts/dead_rows.h), so no event costs more
// because of the size of another. Until then readers leave them out.
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
  std::span<const v1::Payload::KindCase> kinds() const override { return kKinds; }
  // DATA_LOSS for an event that contradicts the rows.
  absl::Status Apply(const v1::Event& event, ProjectionRows& rows) override;
  // All comments of a post keep their order.
  std::string ParkingKey(const v1::Event& event) const override;

 private:
  static constexpr v1::Payload::KindCase kKinds[] = {
      v1::Payload::kCommentAdded, v1::Payload::kCommentLiked,  v1::Payload::kCommentUnliked,
      v1::Payload::kPostDeleted,  v1::Payload::kCommentEdited, v1::Payload::kCommentDeleted};

  absl::Status ApplyPayload(const v1::Event& event, ProjectionRows& rows);
  absl::Status ApplyAdded(const v1::Event& event, ProjectionRows& rows);
  absl::Status ApplyEdited(const v1::Event& event, ProjectionRows& rows);
  absl::Status ApplyDeleted(const v1::Event& event, ProjectionRows& rows);
  absl::Status ApplyLiked(const v1::Event& event, ProjectionRows& rows);
  absl::Status ApplyUnliked(const v1::Event& event, ProjectionRows& rows);
};

}  // namespace dailyfeed

#endif  // DAILYFEED_PROJECTIONS_COMMENTS_COMMENTS_PROJECTION_H_

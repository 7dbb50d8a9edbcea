// The units of the comments projection (projections/runtime/units.h): the comments
// of a post, "post/41", with their likes. Rows of comments whose deletion waits
// (projections/posts/dead_rows.h) are no content.
//
//   CommentsProjection comments;
//   EXPECT_EQ(comments.units()->UnitOf(comment_added), "post/41");
//
// Threads: any; has no state.
#ifndef DAILYFEED_PROJECTIONS_COMMENTS_COMMENT_UNITS_H_
#define DAILYFEED_PROJECTIONS_COMMENTS_COMMENT_UNITS_H_

#include <optional>
#include <string>
#include <string_view>

#include "projections/runtime/units.h"

namespace dailyfeed {

class CommentsProjection;

class CommentUnits final : public UnitLaw {
 public:
  // Not owned: the projection whose units these are.
  explicit CommentUnits(const CommentsProjection* projection) : projection_(projection) {}

  std::string UnitOf(const v1::Event& event) const override;
  // Through the row of the comment itself; empty for a like of a comment that is gone.
  absl::StatusOr<std::string> OwnerOf(std::string_view key, std::string_view value,
                                      ReadRow read) const override;
  std::optional<std::string> ContentOf(std::string_view key, std::string_view value) const override;
  absl::StatusOr<bool> IsDead(std::string_view key, std::string_view value,
                              ReadRow read) const override;
  absl::Status Complete(ProjectionRows& rows) const override;
  absl::Status Release(std::string_view key, ProjectionRows& rows) const override;

 private:
  const CommentsProjection* const projection_;
};

}  // namespace dailyfeed

#endif  // DAILYFEED_PROJECTIONS_COMMENTS_COMMENT_UNITS_H_

// The units of the posts projection (projections/runtime/units.h): a post with its
// likes, views and comments, "post/41", owns all its rows. The comment rows of a
// deletion that waits (dead_rows.h) are no content.
//
//   const PostUnits units;
//   EXPECT_EQ(units.UnitOf(liked), "post/41");
//
// Threads: any; has no state.
#ifndef DAILYFEED_PROJECTIONS_POSTS_POST_UNITS_H_
#define DAILYFEED_PROJECTIONS_POSTS_POST_UNITS_H_

#include <optional>
#include <string>
#include <string_view>

#include "projections/runtime/units.h"

namespace dailyfeed {

class PostUnits final : public UnitLaw {
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

#endif  // DAILYFEED_PROJECTIONS_POSTS_POST_UNITS_H_

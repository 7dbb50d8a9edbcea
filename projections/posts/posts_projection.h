// Posts with their counts and likes, and the lists ranked by them.
//
// The counts row of a post is the one place a ranking is kept from: views,
// likes and live comments of all depths change there and nowhere else. The
// ranked rows are moved once a batch (Settle), not once an event.
//
//   PostsProjection posts({.view_weight = 1, .like_weight = 2, .zone = seoul});
//   runtime.Register(&posts);
#ifndef DAILYFEED_PROJECTIONS_POSTS_POSTS_PROJECTION_H_
#define DAILYFEED_PROJECTIONS_POSTS_POSTS_PROJECTION_H_

#include <string>

#include "absl/functional/function_ref.h"
#include "projections/posts/post_rows.h"
#include "projections/posts/post_units.h"
#include "projections/posts/ranking_options.h"
#include "projections/runtime/projection.h"

namespace dailyfeed {

class PostsProjection : public Projection {
 public:
  static constexpr std::string_view kName = "posts";

  explicit PostsProjection(const RankingOptions& options = {}) : options_(options) {}

  std::string_view name() const override { return kName; }
  uint32_t version() const override { return 3; }
  std::string settings() const override;
  // Whatever the weights and the zone: a score and a day are those of the rows.
  std::unique_ptr<Projection> As(uint32_t version, std::string_view settings) const override;
  std::span<const v1::Payload::KindCase> kinds() const override { return kKinds; }
  // DATA_LOSS for an event that contradicts the rows (a second like of one
  // member, a comment on a post that is not there).
  absl::Status Apply(const v1::Event& event, ProjectionRows& rows) override;
  // Moves a post to its place in the ranked lists.
  absl::Status Settle(std::string_view key, ProjectionRows& rows) override;
  // Everything that concerns one post keeps its order.
  std::string ParkingKey(const v1::Event& event) const override;
  const UnitLaw* units() const override { return &units_; }

 private:
  static constexpr v1::Payload::KindCase kKinds[] = {
      v1::Payload::kPostViewed,   v1::Payload::kPostLiked,     v1::Payload::kPostUnliked,
      v1::Payload::kCommentAdded, v1::Payload::kPostPublished, v1::Payload::kPostEdited,
      v1::Payload::kPostDeleted,  v1::Payload::kCommentDeleted};

  absl::Status ApplyPayload(const v1::Event& event, ProjectionRows& rows);
  absl::Status ApplyPublished(const v1::Event& event, ProjectionRows& rows);
  absl::Status ApplyEdited(const v1::Event& event, ProjectionRows& rows);
  absl::Status ApplyDeleted(const v1::Event& event, ProjectionRows& rows);
  absl::Status ApplyLiked(const v1::Event& event, ProjectionRows& rows);
  absl::Status ApplyUnliked(const v1::Event& event, ProjectionRows& rows);
  absl::Status ApplyCommentAdded(const v1::Event& event, ProjectionRows& rows);
  absl::Status ApplyCommentDeleted(const v1::Event& event, ProjectionRows& rows);
  absl::Status ChangeRow(const v1::Event& event, PostId post, ProjectionRows& rows,
                         absl::FunctionRef<bool(posts::CountsRow&)> change);
  absl::Status ChangeCounts(const v1::Event& event, PostId post, ProjectionRows& rows,
                            absl::FunctionRef<bool(PostCounts&)> change);
  posts::Place PlaceOf(const posts::CountsRow& row) const;

  const RankingOptions options_;
  const PostUnits units_;
};

// The post an event concerns; 0 when it concerns none.
PostId PostOf(const v1::Payload& payload);

}  // namespace dailyfeed

#endif  // DAILYFEED_PROJECTIONS_POSTS_POSTS_PROJECTION_H_

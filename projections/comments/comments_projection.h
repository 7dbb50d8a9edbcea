// Comments, their counts, likes and lists.
//
// A comment that is deleted leaves every list in the same Apply. The comments
// below it, and those of a deleted post, leave the lists of their authors a few
// at each later event (projections/posts/dead_rows.h), so no event costs more
// because of the size of another. Until then readers leave them out. How many
// comments are below one is changed in its ancestors at once, whatever the size
// of the subtree.
//
//   CommentsProjection comments;
//   runtime.Register(&comments);
#ifndef DAILYFEED_PROJECTIONS_COMMENTS_COMMENTS_PROJECTION_H_
#define DAILYFEED_PROJECTIONS_COMMENTS_COMMENTS_PROJECTION_H_

#include <memory>
#include <string>

#include "projections/comments/comment_rows.h"
#include "projections/comments/comment_units.h"
#include "projections/runtime/projection.h"

namespace dailyfeed {

class CommentsProjection : public Projection {
 public:
  static constexpr std::string_view kName = "comments";

  CommentsProjection() = default;
  CommentsProjection(const CommentsProjection&) = delete;
  CommentsProjection& operator=(const CommentsProjection&) = delete;

  std::string_view name() const override { return kName; }
  uint32_t version() const override { return version_; }
  // Version 1: what readers ask of its rows they have, but for the thread of a post
  // and the comments below a comment.
  std::unique_ptr<Projection> As(uint32_t version, std::string_view settings) const override;
  std::span<const v1::Payload::KindCase> kinds() const override { return kKinds; }
  // DATA_LOSS for an event that contradicts the rows.
  absl::Status Apply(const v1::Event& event, ProjectionRows& rows) override;
  // All comments of a post keep their order.
  std::string ParkingKey(const v1::Event& event) const override;
  const UnitLaw* units() const override { return &units_; }
  // All at once: the rows of comments that are dead (dead_rows.h).
  absl::Status RemoveDead(ProjectionRows& rows) const;

 private:
  static constexpr v1::Payload::KindCase kKinds[] = {
      v1::Payload::kCommentAdded, v1::Payload::kCommentLiked,  v1::Payload::kCommentUnliked,
      v1::Payload::kPostDeleted,  v1::Payload::kCommentEdited, v1::Payload::kCommentDeleted};

  static constexpr uint32_t kFirstVersion = 1;
  static constexpr uint32_t kVersion = 2;

  absl::Status ApplyPayload(const v1::Event& event, ProjectionRows& rows);
  absl::Status ApplyAdded(const v1::Event& event, ProjectionRows& rows);
  absl::Status ApplyEdited(const v1::Event& event, ProjectionRows& rows);
  absl::Status ApplyDeleted(const v1::Event& event, ProjectionRows& rows);
  absl::Status ApplyLiked(const v1::Event& event, ProjectionRows& rows);
  absl::Status ApplyUnliked(const v1::Event& event, ProjectionRows& rows);
  absl::Status TakeFromAncestors(const v1::Event& event, const CommentBody& body,
                                 const comments::Counts& counts, ProjectionRows& rows) const;
  absl::Status RemoveListed(std::string_view key, ProjectionRows& rows) const;
  absl::Status RemoveComment(const CommentBody& body, const comments::Counts& counts,
                             ProjectionRows& rows) const;
  void PutCounts(CommentId comment, comments::Counts counts, ProjectionRows& rows) const;
  bool has_threads() const { return version_ > kFirstVersion; }

  uint32_t version_ = kVersion;
  const CommentUnits units_{this};
};

}  // namespace dailyfeed

#endif  // DAILYFEED_PROJECTIONS_COMMENTS_COMMENTS_PROJECTION_H_

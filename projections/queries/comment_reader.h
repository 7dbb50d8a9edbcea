// Comments and their lists, straight from a pinned view, without dead comments
// (projections/comments/comment_rows.h).
//
//   const CommentReader comments(view.rows(comments_id));
//   ASSIGN_OR_RETURN(auto keys, comments.Keys(comments::List::kPost, post, {}, 0, 21));
//
// A plain value, for one query; the view must outlive it. Threads: any.
#ifndef DAILYFEED_PROJECTIONS_QUERIES_COMMENT_READER_H_
#define DAILYFEED_PROJECTIONS_QUERIES_COMMENT_READER_H_

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "projections/comments/comment_rows.h"
#include "projections/queries/answers.h"
#include "projections/runtime/projection.h"

namespace dailyfeed {

class CommentReader {
 public:
  explicit CommentReader(const ProjectionReader& rows) : rows_(rows) {}

  absl::StatusOr<bool> IsLive(CommentId comment) const;

  // Up to `count` comments of a list behind `after`, in the order of the list.
  absl::StatusOr<std::vector<ListKey>> Keys(comments::List list, uint64_t owner,
                                            const std::optional<ListKey>& after, uint64_t skip,
                                            size_t count) const;

  // How many members like each of the comments; 0 for one that is not live.
  absl::StatusOr<std::vector<uint64_t>> Likes(std::span<const CommentId> comments) const;

  // Fills everything but the author of views[i] for the comment keys[i].id. The
  // body of a comment that is not live stays null.
  absl::Status Load(MemberId viewer, std::span<const ListKey> keys,
                    std::span<CommentView> views) const;

 private:
  absl::StatusOr<bool> IsDead(const CommentBody& body) const;
  absl::StatusOr<std::vector<ListKey>> LiveKeys(const std::vector<ListKey>& keys) const;

  const ProjectionReader& rows_;
};

// OK: each view says how many comments are below it. UNAVAILABLE
// (kServiceUnavailable) while rows are live that do not know it.
absl::Status CheckTotalReplies(std::span<const CommentView> views);
// What a question is answered that rows of an older version cannot answer.
absl::Status CommentsAreBuilt();

}  // namespace dailyfeed

#endif  // DAILYFEED_PROJECTIONS_QUERIES_COMMENT_READER_H_

// Comments and the lists they stand in, straight from the store.
//
// Threads: everything from any thread.
#ifndef DAILYFEED_PROJECTIONS_QUERIES_COMMENT_READER_H_
#define DAILYFEED_PROJECTIONS_QUERIES_COMMENT_READER_H_

#include <memory>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "projections/comments/comment_rows.h"
#include "projections/queries/answers.h"
#include "projections/runtime/projection.h"

namespace dailyfeed {

// Up to `count` keys of a list whose rows are keys only, after the first `skip`.
absl::StatusOr<std::vector<ListKey>> ReadListKeys(
    const ProjectionReader& reader, const KeyRange& range, uint64_t skip, size_t count,
    absl::FunctionRef<absl::StatusOr<ListKey>(std::string_view)> decode);

class CommentReader {
 public:
  void set_reader(std::unique_ptr<ProjectionReader> reader) { reader_ = std::move(reader); }

  absl::StatusOr<bool> IsLive(CommentId comment) const;

  // Up to `count` comments of a list behind `after`, in the order of the list.
  absl::StatusOr<std::vector<ListKey>> Keys(comments::List list, uint64_t owner,
                                            const std::optional<ListKey>& after, uint64_t skip,
                                            size_t count) const;

  // Fills everything but the author of views[i] for the comment keys[i].id. The
  // body of a comment that is not live stays null.
  absl::Status Load(MemberId viewer, std::span<const ListKey> keys,
                    std::span<CommentView> views) const;

 private:
  std::unique_ptr<ProjectionReader> reader_;
};

}  // namespace dailyfeed

#endif  // DAILYFEED_PROJECTIONS_QUERIES_COMMENT_READER_H_

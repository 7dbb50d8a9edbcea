// All posts by the second of their creation: how many there are between two
// times, and any window of them, without counting or stepping over the rest.
//
//   const PostsByTime posts(view.rows(timelines_id), &deep_pages);
//   ASSIGN_OR_RETURN(PostsByTime::Window window, posts.Read(spans, 1'000'000, 20));
//
// A plain value, for one query; the view must outlive it. Threads: any.
#ifndef DAILYFEED_PROJECTIONS_QUERIES_POSTS_BY_TIME_H_
#define DAILYFEED_PROJECTIONS_QUERIES_POSTS_BY_TIME_H_

#include <span>
#include <vector>

#include "absl/status/statusor.h"
#include "core/domain/types.h"
#include "projections/codec/list_key.h"
#include "projections/queries/deep_pages.h"
#include "projections/runtime/projection.h"

namespace dailyfeed {

class PostsByTime {
 public:
  PostsByTime(const ProjectionReader& rows, DeepPages* deep_pages)
      : rows_(rows), deep_pages_(deep_pages) {}

  struct Window {
    uint64_t total = 0;         // posts in all the spans
    std::vector<ListKey> keys;  // newest first
  };
  // `spans` ascend and do not overlap. Up to `count` posts after leaving out
  // the `skip` newest. Cost: a few hundred counts, whatever lies between; and as
  // many steps as there are newer posts of the same second, which is bounded as a
  // deep page when they are many. RESOURCE_EXHAUSTED: see DeepPages.
  absl::StatusOr<Window> Read(std::span<const TimeSpan> spans, uint64_t skip, size_t count) const;

 private:
  const ProjectionReader& rows_;
  DeepPages* const deep_pages_;
};

}  // namespace dailyfeed

#endif  // DAILYFEED_PROJECTIONS_QUERIES_POSTS_BY_TIME_H_

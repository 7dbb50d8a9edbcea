// All posts by the second of their creation: how many there are between two
// times, and any window of them, without counting or stepping over the rest.
//
//   PostsByTime posts;
//   posts.set_reader(runtime->Reader("timelines"));
//   ASSIGN_OR_RETURN(PostsByTime::Window window, posts.Read(spans, 1'000'000, 20));
//
// One window is read as of one moment. Threads: from any.
#ifndef DAILYFEED_PROJECTIONS_QUERIES_POSTS_BY_TIME_H_
#define DAILYFEED_PROJECTIONS_QUERIES_POSTS_BY_TIME_H_

#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "projections/queries/answers.h"
#include "projections/runtime/projection.h"

namespace dailyfeed {

class PostsByTime {
 public:
  void set_reader(std::unique_ptr<ProjectionReader> reader) { reader_ = std::move(reader); }

  struct Window {
    uint64_t total = 0;         // posts in all the spans
    std::vector<ListKey> keys;  // newest first
  };
  // `spans` ascend and do not overlap. Up to `count` posts after leaving out
  // the `skip` newest. Cost: a few hundred counts, whatever lies between.
  absl::StatusOr<Window> Read(std::span<const TimeSpan> spans, uint64_t skip, size_t count) const;

 private:
  std::unique_ptr<ProjectionReader> reader_;
};

}  // namespace dailyfeed

#endif  // DAILYFEED_PROJECTIONS_QUERIES_POSTS_BY_TIME_H_

// Whom a member follows, as a packed list of ids, from memory when it is there.
//
//   ASSIGN_OR_RETURN(FollowingsPtr authors, followings.Load(viewer));
//
// Newest relation first. Threads: everything from any thread.
#ifndef DAILYFEED_PROJECTIONS_QUERIES_FOLLOWINGS_H_
#define DAILYFEED_PROJECTIONS_QUERIES_FOLLOWINGS_H_

#include <memory>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "core/domain/events.pb.h"
#include "core/domain/types.h"
#include "projections/queries/cache.h"
#include "projections/runtime/projection.h"

namespace dailyfeed {

using FollowingsPtr = std::shared_ptr<const std::vector<MemberId>>;

class Followings {
 public:
  explicit Followings(size_t bytes_max) : cache_(bytes_max) {}
  // Not owned: follow lists are read through it elsewhere too.
  void set_reader(const ProjectionReader* reader) { reader_ = reader; }

  // Never null.
  absl::StatusOr<FollowingsPtr> Load(MemberId member);

  void OnPublished(const std::vector<std::shared_ptr<const v1::Event>>& events);

  struct Entry {
    FollowingsPtr ids;
    size_t Bytes() const;
  };
  Cache<Entry>::Stats stats() const { return cache_.stats(); }

 private:
  Cache<Entry> cache_;
  const ProjectionReader* reader_ = nullptr;
};

}  // namespace dailyfeed

#endif  // DAILYFEED_PROJECTIONS_QUERIES_FOLLOWINGS_H_

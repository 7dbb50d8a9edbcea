// Whom a member follows, as a packed list of ids, from memory when it is there.
//
//   ASSIGN_OR_RETURN(FollowedAuthorsPtr authors, followings.Load(viewer));
//
// Newest relation first. Threads: everything from any thread.
#ifndef DAILYFEED_PROJECTIONS_HOME_FOLLOWED_AUTHORS_H_
#define DAILYFEED_PROJECTIONS_HOME_FOLLOWED_AUTHORS_H_

#include <memory>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "core/domain/events.pb.h"
#include "core/domain/types.h"
#include "projections/cache/cache.h"
#include "projections/runtime/projection.h"

namespace dailyfeed {

using FollowedAuthorsPtr = std::shared_ptr<const std::vector<MemberId>>;

class FollowedAuthors {
 public:
  explicit FollowedAuthors(size_t bytes_max) : cache_(bytes_max) {}
  // Not owned: follow lists are read through it elsewhere too.
  void set_reader(const ProjectionReader* reader) { reader_ = reader; }

  // Never null.
  absl::StatusOr<FollowedAuthorsPtr> Load(MemberId member);

  void OnEvent(const v1::Event& event);
  void OnReset();

  struct Entry {
    FollowedAuthorsPtr ids;
    size_t Bytes() const;
  };
  Cache<Entry>::Stats stats() const { return cache_.stats(); }

 private:
  Cache<Entry> cache_;
  const ProjectionReader* reader_ = nullptr;
};

}  // namespace dailyfeed

#endif  // DAILYFEED_PROJECTIONS_HOME_FOLLOWED_AUTHORS_H_

// Whom a member follows, as a packed list of ids, from memory when it is there.
//
//   ASSIGN_OR_RETURN(FollowedAuthorsPtr authors, followed.Load(view, viewer));
//
// Newest relation first. Threads: Load and counts from any, the rest from the
// runtime's.
#ifndef DAILYFEED_PROJECTIONS_HOME_FOLLOWED_AUTHORS_H_
#define DAILYFEED_PROJECTIONS_HOME_FOLLOWED_AUTHORS_H_

#include <memory>
#include <vector>

#include "absl/status/statusor.h"
#include "core/domain/events.pb.h"
#include "core/domain/types.h"
#include "projections/cache/cache.h"
#include "projections/runtime/runtime.h"

namespace dailyfeed {

using FollowedAuthorsPtr = std::shared_ptr<const std::vector<MemberId>>;

class FollowedAuthors final : public ProjectionObserver {
 public:
  // `follows`: the follows projection, which this observes.
  FollowedAuthors(Runtime* runtime, ProjectionId follows, size_t bytes_max)
      : follows_(follows), cache_(bytes_max) {
    runtime->Observe(follows, this);
  }

  // Never null.
  absl::StatusOr<FollowedAuthorsPtr> Load(const ReadView& view, MemberId member);
  CacheCounts counts() const { return cache_.counts(); }

  void OnEvent(const v1::Event& event) override;
  void OnReset(uint64_t epoch) override { cache_.Clear(epoch); }

 private:
  struct Entry {
    FollowedAuthorsPtr ids;
    size_t Bytes() const;
  };

  const ProjectionId follows_;
  Cache<Entry> cache_;
};

}  // namespace dailyfeed

#endif  // DAILYFEED_PROJECTIONS_HOME_FOLLOWED_AUTHORS_H_

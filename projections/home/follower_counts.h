// How many members follow an author, from memory when it is there.
//
//   std::vector<uint64_t> followers(authors.size());
//   RETURN_IF_ERROR(counts.Load(view, authors, followers));
//
// Threads: Load from any, the rest from the runtime's.
#ifndef DAILYFEED_PROJECTIONS_HOME_FOLLOWER_COUNTS_H_
#define DAILYFEED_PROJECTIONS_HOME_FOLLOWER_COUNTS_H_

#include <cstdint>
#include <span>

#include "absl/status/status.h"
#include "core/domain/events.pb.h"
#include "core/domain/types.h"
#include "projections/cache/cache.h"
#include "projections/runtime/runtime.h"

namespace dailyfeed {

class FollowerCounts final : public ProjectionObserver {
 public:
  // `follows`: the follows projection, which this observes.
  FollowerCounts(Runtime* runtime, ProjectionId follows, size_t bytes_max)
      : follows_(follows), cache_(bytes_max) {
    runtime->Observe(follows, this);
  }

  // counts[i] is that of authors[i]; 0 for unknown members.
  absl::Status Load(const ReadView& view, std::span<const MemberId> authors,
                    std::span<uint64_t> counts);

  void OnEvent(const v1::Event& event) override;
  void OnReset(uint64_t epoch) override { cache_.Clear(epoch); }

 private:
  struct Entry {
    uint64_t followers = 0;
    static constexpr size_t Bytes() { return 0; }
  };

  const ProjectionId follows_;
  Cache<Entry> cache_;
};

}  // namespace dailyfeed

#endif  // DAILYFEED_PROJECTIONS_HOME_FOLLOWER_COUNTS_H_

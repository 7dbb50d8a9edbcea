// How many members follow an author, from memory when it is there.
//
//   std::vector<uint64_t> followers(authors.size());
//   RETURN_IF_ERROR(counts.Load(authors, followers));
//
// Threads: everything from any thread.
#ifndef DAILYFEED_PROJECTIONS_HOME_FOLLOWER_COUNTS_H_
#define DAILYFEED_PROJECTIONS_HOME_FOLLOWER_COUNTS_H_

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "absl/status/status.h"
#include "core/domain/events.pb.h"
#include "core/domain/types.h"
#include "projections/cache/cache.h"
#include "projections/runtime/projection.h"

namespace dailyfeed {

class FollowerCounts {
 public:
  explicit FollowerCounts(size_t bytes_max) : cache_(bytes_max) {}
  // Not owned: the rows of the follows projection.
  void set_reader(const ProjectionReader* reader) { reader_ = reader; }

  // counts[i] is that of authors[i]; 0 for unknown members.
  absl::Status Load(std::span<const MemberId> authors, std::span<uint64_t> counts);

  void OnEvent(const v1::Event& event);
  void OnReset();

 private:
  struct Entry {
    uint64_t followers = 0;
    static constexpr size_t Bytes() { return 0; }
  };

  Cache<Entry> cache_;
  const ProjectionReader* reader_ = nullptr;
};

}  // namespace dailyfeed

#endif  // DAILYFEED_PROJECTIONS_HOME_FOLLOWER_COUNTS_H_

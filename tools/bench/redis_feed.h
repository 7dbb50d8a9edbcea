// The first page of a follow feed as one would build it on Redis: a sorted set
// of post ids for each member, hashes for posts, counts and authors, a set of
// likes. The peer of `bench feed`.
//
//   ASSIGN_OR_RETURN(auto redis, RedisFeed::Start(directory));
//   RETURN_IF_ERROR(redis->Load(viewer, page));
//   ASSIGN_OR_RETURN(std::vector<PostView> rows, redis->ReadPage(viewer, 20));
//
// Runs a redis-server of its own, without persistence, on a port of 127.0.0.1.
//
// Threads: one.
#ifndef DAILYFEED_TOOLS_BENCH_REDIS_FEED_H_
#define DAILYFEED_TOOLS_BENCH_REDIS_FEED_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "projections/queries/answers.h"

namespace dailyfeed::bench {

class RedisFeed {
 public:
  // NOT_FOUND: Debian's redis-server is not installed. `directory` exists.
  static absl::StatusOr<std::unique_ptr<RedisFeed>> Start(const std::string& directory);
  // Ends the server.
  virtual ~RedisFeed() = default;

  // Writes the rows of a viewer's feed and everything they show.
  virtual absl::Status Load(MemberId viewer, const std::vector<PostView>& rows) = 0;

  // The newest `size` posts of the viewer's feed, complete: ids, then posts,
  // counts and likes in one pipeline, then their authors in another.
  virtual absl::StatusOr<std::vector<PostView>> ReadPage(MemberId viewer, size_t size) = 0;
};

}  // namespace dailyfeed::bench

#endif  // DAILYFEED_TOOLS_BENCH_REDIS_FEED_H_

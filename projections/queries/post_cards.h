// Posts and their counts, from memory when they are there.
//
//   PostCards posts(options.post_bytes_max);
//   posts.set_reader(runtime->Reader("posts"));
//   RETURN_IF_ERROR(posts.Load(keys, views));   // views[i].body is null: not live
//
// Counts are brought up to date in place by every published event; an edit or
// a deletion drops the card. Threads: everything from any thread.
#ifndef DAILYFEED_PROJECTIONS_QUERIES_POST_CARDS_H_
#define DAILYFEED_PROJECTIONS_QUERIES_POST_CARDS_H_

#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "core/domain/events.pb.h"
#include "projections/cache/cache.h"
#include "projections/queries/answers.h"
#include "projections/runtime/projection.h"

namespace dailyfeed {

class PostCards {
 public:
  explicit PostCards(size_t bytes_max) : cache_(bytes_max) {}
  void set_reader(std::unique_ptr<ProjectionReader> reader) { reader_ = std::move(reader); }

  // Fills body and counts of views[i] for the post keys[i].id; as many views
  // as keys. The body of a post that is not live stays null.
  absl::Status Load(std::span<const ListKey> keys, std::span<PostView> views);

  void OnEvent(const v1::Event& event);
  void OnReset();

  struct Card {
    std::shared_ptr<const PostBody> body;
    PostCounts counts;
    Position position = 0;  // of the last event that is in `counts`
    size_t Bytes() const;
  };
  Cache<Card>::Stats stats() const { return cache_.stats(); }

 private:
  struct Miss {
    size_t at;
    Cache<Card>::Ticket ticket;
  };
  absl::Status LoadMisses(std::span<const ListKey> keys, std::span<PostView> views,
                          const std::vector<Miss>& misses);

  Cache<Card> cache_;
  std::unique_ptr<ProjectionReader> reader_;
};

}  // namespace dailyfeed

#endif  // DAILYFEED_PROJECTIONS_QUERIES_POST_CARDS_H_

// Posts and their counts, from memory when they are there.
//
//   PostCards cards(runtime, posts, options.post_bytes_max);
//   RETURN_IF_ERROR(cards.Load(view, keys, views));   // views[i].body is null: not live
//
// A new post is there at once, and its counts are brought up to date in place by
// every event; an edit or a deletion drops the card. Threads: Load and counts
// from any, the rest from the runtime's.
#ifndef DAILYFEED_PROJECTIONS_QUERIES_POST_CARDS_H_
#define DAILYFEED_PROJECTIONS_QUERIES_POST_CARDS_H_

#include <memory>
#include <span>

#include "absl/status/status.h"
#include "core/domain/events.pb.h"
#include "projections/cache/cache.h"
#include "projections/queries/answers.h"
#include "projections/runtime/runtime.h"

namespace dailyfeed {

class PostCards final : public ProjectionObserver {
 public:
  // `posts`: the posts projection, which this observes.
  PostCards(Runtime* runtime, ProjectionId posts, size_t bytes_max)
      : posts_(posts), cache_(bytes_max) {
    runtime->Observe(posts, this);
  }

  // Fills body and counts of views[i] for the post keys[i].id; as many views
  // as keys. The body of a post that is not live stays null.
  absl::Status Load(const ReadView& view, std::span<const ListKey> keys, std::span<PostView> views);
  CacheCounts counts() const { return cache_.counts(); }

  void OnEvent(const v1::Event& event) override;
  void OnReset(uint64_t epoch) override { cache_.Clear(epoch); }

 private:
  struct Card {
    std::shared_ptr<const PostBody> body;
    PostCounts counts;
    size_t Bytes() const;
  };
  void Add(const v1::Event& event);

  const ProjectionId posts_;
  Cache<Card> cache_;
};

}  // namespace dailyfeed

#endif  // DAILYFEED_PROJECTIONS_QUERIES_POST_CARDS_H_

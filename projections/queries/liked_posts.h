// Which posts a member likes, from memory when it is there.
//
// An entry holds the liked posts with the highest ids, the ones that first
// pages ask for; older ones are looked up in the store. Asking for a page costs
// one look-up and a binary search a post, whatever the answer.
//
//   RETURN_IF_ERROR(likes.Mark(view, viewer, views));   // sets views[i].liked
//
// Threads: Mark and counts from any, the rest from the runtime's.
#ifndef DAILYFEED_PROJECTIONS_QUERIES_LIKED_POSTS_H_
#define DAILYFEED_PROJECTIONS_QUERIES_LIKED_POSTS_H_

#include <span>
#include <vector>

#include "absl/status/status.h"
#include "core/domain/events.pb.h"
#include "projections/cache/cache.h"
#include "projections/queries/answers.h"
#include "projections/runtime/runtime.h"

namespace dailyfeed {

class LikedPosts final : public ProjectionObserver {
 public:
  // In one entry; 8 KiB.
  static constexpr size_t kIdsMax = 1024;

  // `posts`: the posts projection, which this observes.
  LikedPosts(Runtime* runtime, ProjectionId posts, size_t bytes_max)
      : posts_(posts), cache_(bytes_max) {
    runtime->Observe(posts, this);
  }

  // Sets `liked` of every view; their bodies are there.
  absl::Status Mark(const ReadView& view, MemberId member, std::span<PostView> views);
  CacheCounts counts() const { return cache_.counts(); }

  void OnEvent(const v1::Event& event) override;
  void OnReset(uint64_t epoch) override { cache_.Clear(epoch); }

 private:
  struct Entry {
    std::vector<PostId> ids;  // ascending
    PostId floor = 0;         // every liked post with an id from here on is in `ids`
    size_t Bytes() const;
    bool Has(PostId post) const;
    void Add(PostId post);
    void Remove(PostId post);
  };
  absl::StatusOr<Entry> Read(const ReadView& view, MemberId member) const;
  // Looks up the posts below `floor` in the store.
  absl::Status MarkOlder(const ReadView& view, MemberId member, PostId floor,
                         std::span<PostView> views) const;

  const ProjectionId posts_;
  Cache<Entry> cache_;
};

}  // namespace dailyfeed

#endif  // DAILYFEED_PROJECTIONS_QUERIES_LIKED_POSTS_H_

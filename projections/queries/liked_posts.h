// Which posts a member likes, from memory when it is there.
//
// An entry holds the liked posts with the highest ids, the ones that first
// pages ask for; older ones are looked up in the store. Asking for a page costs
// one look-up and a binary search a post, whatever the answer.
//
//   RETURN_IF_ERROR(likes.Mark(viewer, views));   // sets views[i].liked
//
// Threads: everything from any thread.
#ifndef DAILYFEED_PROJECTIONS_QUERIES_LIKED_POSTS_H_
#define DAILYFEED_PROJECTIONS_QUERIES_LIKED_POSTS_H_

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

class LikedPosts {
 public:
  // Of one member; 8 KiB.
  static constexpr size_t kIdsMax = 1024;

  explicit LikedPosts(size_t bytes_max) : cache_(bytes_max) {}
  void set_reader(std::unique_ptr<ProjectionReader> reader) { reader_ = std::move(reader); }

  // Sets `liked` of every view; their bodies are there.
  absl::Status Mark(MemberId member, std::span<PostView> views);

  void OnEvent(const v1::Event& event);
  void OnReset();

  struct Entry {
    std::vector<PostId> ids;  // ascending
    PostId floor = 0;         // every liked post with an id from here on is in `ids`
    size_t Bytes() const;
    bool Has(PostId post) const;
    void Add(PostId post);
    void Remove(PostId post);
  };
  Cache<Entry>::Stats stats() const { return cache_.stats(); }

 private:
  absl::StatusOr<Entry> Read(MemberId member) const;
  // Asks the store about the posts below `floor`.
  absl::Status MarkOlder(MemberId member, PostId floor, std::span<PostView> views) const;

  Cache<Entry> cache_;
  std::unique_ptr<ProjectionReader> reader_;
};

}  // namespace dailyfeed

#endif  // DAILYFEED_PROJECTIONS_QUERIES_LIKED_POSTS_H_

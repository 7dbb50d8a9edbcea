// The follow feed, made both ways: written into the readers' windows when an
// ordinary author posts, merged on read from the heads of popular authors.
//
//   HomeFeeds feeds(runtime, {.bytes_max = 64u << 20, .rows_max = 64, .followers_max = 1000},
//                   follows, timelines, &followed, &heads);
//   ASSIGN_OR_RETURN(std::vector<ListKey> keys, feeds.Read(view, viewer, after, skip, 21));
//
// A window (home_window.h) is in memory, and only for members who read. A
// member's window is filled when they request their first page for the second
// time within a short period; from then on every post and every deletion of an
// ordinary author is written into the windows of those followers who have one.
// Authors with more followers than `followers_max` when the window was filled
// are merged with it on read; the window keeps the result of that merge until
// one of them posts or deletes a post. What the window does not reach is merged
// from all authors, so the feed is the same whichever way it was made. See
// docs/decisions/0007-merge-on-read.md.
//
// A window is dropped when its reader follows or unfollows somebody, when a whole
// window of posts was written into it and its reader did not come, and when
// others need the room. So a member who does not come back costs a few writes,
// and then none.
//
// Coherence: as with the caches (cache.h). A window is filled from a view that is
// pinned after the window has begun to hear of changes, so it misses none.
//
// Threads: Read and counts from any, the rest from the runtime's.
#ifndef DAILYFEED_PROJECTIONS_HOME_HOME_FEEDS_H_
#define DAILYFEED_PROJECTIONS_HOME_HOME_FEEDS_H_

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "core/domain/events.pb.h"
#include "core/domain/types.h"
#include "projections/cache/cache.h"
#include "projections/codec/list_key.h"
#include "projections/home/author_heads.h"
#include "projections/home/followed_authors.h"
#include "projections/home/follower_counts.h"
#include "projections/home/home_window.h"
#include "projections/runtime/runtime.h"

namespace dailyfeed {

class HomeFeeds final : public ProjectionObserver {
 public:
  struct Options {
    size_t bytes_max = 0;        // of the windows and of what finds them
    size_t rows_max = 0;         // of one window
    uint64_t followers_max = 0;  // of an ordinary author
  };                             // 0 for any of them: all feeds are merged

  // Observes both projections. Nothing is owned.
  HomeFeeds(Runtime* runtime, const Options& options, ProjectionId follows, ProjectionId timelines,
            FollowedAuthors* followed, AuthorHeads* heads);

  // Up to `count` posts of those whom `viewer` follows, newest first, behind
  // `after` (from the newest on when not set), after leaving out the first `skip`.
  absl::StatusOr<std::vector<ListKey>> Read(const ReadView& view, MemberId viewer,
                                            const std::optional<ListKey>& after, uint64_t skip,
                                            size_t count);
  CacheCounts counts() const { return windows_.counts(); }

  void OnEvent(const v1::Event& event) override;
  void OnReset(uint64_t epoch) override;

 private:
  using WindowPtr = std::shared_ptr<HomeWindow>;
  struct Entry {
    WindowPtr window;
    size_t Bytes() const;
  };

  // The windows that the posts of an author go into. Each window knows where it
  // is listed under each of its authors, so it is taken out without a search.
  class Index {
   public:
    void Add(HomeWindow* window);
    void Remove(HomeWindow* window);
    // No window is destroyed meanwhile.
    void ForEach(MemberId author, absl::FunctionRef<void(HomeWindow&)> visit);

   private:
    static constexpr size_t kShards = 64;
    struct Listed {
      HomeWindow* window = nullptr;
      uint32_t number = 0;  // which of its ordinary authors this is
    };
    struct Shard {
      std::mutex mutex;  // also of HomeWindow::listed_at for these authors
      absl::flat_hash_map<MemberId, std::vector<Listed>> windows;
    };
    Shard& ShardOf(MemberId author) { return shards_[author % kShards]; }
    std::array<Shard, kShards> shards_;
  };

  // In the index from before it is filled until it is destroyed.
  WindowPtr MakeWindow(MemberId reader, std::vector<MemberId> ordinary,
                       std::vector<MemberId> popular);
  // nullptr: a window is of no use now.
  absl::StatusOr<WindowPtr> Fill(const ReadView& view, MemberId viewer);
  absl::StatusOr<AuthorHeadPtr> PopularPosts(const ReadView& view, HomeWindow& window) const;
  // nullopt: the window does not reach so far, or is newer than the view.
  absl::StatusOr<std::optional<std::vector<ListKey>>> FromWindow(
      const ReadView& view, HomeWindow& window, const std::optional<ListKey>& after, uint64_t skip,
      size_t count) const;
  bool AskedLately(MemberId viewer);
  Moment MomentAt(const ReadView& view) const { return MomentOf(view, follows_, timelines_); }

  Runtime* const runtime_;
  const Options options_;
  const ProjectionId follows_;
  const ProjectionId timelines_;
  FollowedAuthors* const followed_;
  AuthorHeads* const heads_;
  FollowerCounts follower_counts_;
  // The last member who asked, for each slot that members share: a member who
  // finds themselves here is worth a window.
  static constexpr size_t kAskers = 8192;
  std::array<std::atomic<MemberId>, kAskers> askers_ = {};
  std::mutex heard_mutex_;
  Heard heard_;  // of posts
  // Windows take themselves out of the index, so it is destroyed after the cache.
  Index index_;
  Cache<Entry> windows_;
};

}  // namespace dailyfeed

#endif  // DAILYFEED_PROJECTIONS_HOME_HOME_FEEDS_H_

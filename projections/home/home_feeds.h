// The follow feed, made both ways: written into the readers' windows when an
// ordinary author posts, merged on read from the heads of popular authors.
//
//   HomeFeeds feeds({.bytes_max = 64u << 20, .rows_max = 64, .followers_max = 1000});
//   feeds.set_sources(&heads, &followings, follows_reader);
//   ASSIGN_OR_RETURN(std::vector<ListKey> keys, feeds.Read(viewer, after, skip, 21));
//
// A window (home_window.h) is in memory, and only for members who read: the
// second first page that one asks for within a while fills it with a merge; from
// then on every post and every deletion of an ordinary author is written into
// the windows of those followers who have one. Authors with more followers than
// `followers_max` when the window was filled are merged with it on read; the
// window keeps what that made until one of them posts or deletes a post.
// What the window does not reach is merged from all authors, so the feed is the
// same whichever way it was made. See docs/decisions/0007-merge-on-read.md.
//
// A window goes when its reader follows or unfollows somebody, when a whole
// window of posts was written into it and nobody read, and when others need the
// room. So a member who does not come back costs a few writes, and then none.
//
// Coherence: as with the caches (cache.h); what is published while a window is
// filled is kept aside and added.
//
// Threads: Read and stats from any, the rest from the runtime's.
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
#include "projections/runtime/projection.h"

namespace dailyfeed {

class HomeFeeds {
 public:
  struct Options {
    size_t bytes_max = 0;        // of the windows and of what finds them
    size_t rows_max = 0;         // of one window
    uint64_t followers_max = 0;  // of an ordinary author
  };                             // 0 for any of them: all feeds are merged

  explicit HomeFeeds(const Options& options);
  // Not owned. `follows` reads the rows of the follows projection.
  void set_sources(AuthorHeads* heads, FollowedAuthors* followings,
                   const ProjectionReader* follows);

  // Up to `count` posts of those whom `viewer` follows, newest first, behind
  // `after` (from the newest on when not set), after leaving out the first `skip`.
  absl::StatusOr<std::vector<ListKey>> Read(MemberId viewer, const std::optional<ListKey>& after,
                                            uint64_t skip, size_t count);

  // After the followings were told, and after the heads were.
  void OnFollowsEvent(const v1::Event& event);
  void OnFollowsReset();
  void OnPostsEvent(const v1::Event& event);
  void OnPostsReset();

  using WindowPtr = std::shared_ptr<HomeWindow>;
  struct Entry {
    WindowPtr window;
    size_t Bytes() const;
  };
  Cache<Entry>::Stats stats() const { return windows_.stats(); }

 private:
  // Whose windows the posts of an author go into. Each window knows its place
  // with each of its authors, so it is taken out without a search.
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
      std::mutex mutex;  // also of the places that windows have here
      absl::flat_hash_map<MemberId, std::vector<Listed>> windows;
    };
    Shard& ShardOf(MemberId author) { return shards_[author % kShards]; }
    std::array<Shard, kShards> shards_;
  };

  // In the index from before it is filled until it is destroyed.
  WindowPtr MakeWindow(MemberId reader, std::vector<MemberId> ordinary,
                       std::vector<MemberId> popular);
  // nullptr: there is no use in one now.
  absl::StatusOr<WindowPtr> Fill(MemberId viewer, const Cache<Entry>::Ticket& ticket);
  absl::StatusOr<AuthorHeadPtr> PopularPosts(HomeWindow& window) const;
  // nullopt: the window does not reach so far.
  absl::StatusOr<std::optional<std::vector<ListKey>>> FromWindow(
      HomeWindow& window, const std::optional<ListKey>& after, uint64_t skip, size_t count) const;
  bool AskedLately(MemberId viewer);

  const Options options_;
  AuthorHeads* heads_ = nullptr;
  FollowedAuthors* followings_ = nullptr;
  FollowerCounts follower_counts_;
  // Who asked last, of those who share a place: members who are worth a window
  // find themselves.
  static constexpr size_t kAskers = 8192;
  std::array<std::atomic<MemberId>, kAskers> askers_ = {};
  // Windows take themselves out of the index, so it goes after the cache.
  Index index_;
  Cache<Entry> windows_;
};

}  // namespace dailyfeed

#endif  // DAILYFEED_PROJECTIONS_HOME_HOME_FEEDS_H_

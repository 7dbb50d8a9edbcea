// The newest posts of those authors a member follows that are written into
// windows: a part of one member's follow feed. See home_feeds.h.
//
// A window that is being filled notes the changes it hears of and adds them to
// what was read, which may be older.
//
// A window shows the moment of its last change. A reader with an older view gets
// no answer from it.
//
// Threads: everything from any thread.
#ifndef DAILYFEED_PROJECTIONS_HOME_HOME_WINDOW_H_
#define DAILYFEED_PROJECTIONS_HOME_HOME_WINDOW_H_

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include "core/domain/types.h"
#include "projections/codec/list_key.h"
#include "projections/home/author_bounds.h"

namespace dailyfeed {

struct AuthorHead;

class HomeWindow {
 public:
  // The changes that a window notes while it is filled; with more it is given up.
  static constexpr size_t kMissedMax = 1024;

  // `ordinary`: the authors whose posts are written into the window; `popular`:
  // the others that the reader follows, with their `bounds`.
  HomeWindow(MemberId reader, std::vector<MemberId> ordinary, std::vector<MemberId> popular,
             std::vector<std::shared_ptr<AuthorBound>> bounds, size_t rows_max);

  MemberId reader() const { return reader_; }
  const std::vector<MemberId>& ordinary() const { return ordinary_; }
  const std::vector<MemberId>& popular() const { return popular_; }
  const std::vector<std::shared_ptr<AuthorBound>>& bounds() const { return bounds_; }

  // For the index of windows by author: where it lists this window, for each of
  // the ordinary authors. The index guards it.
  std::vector<uint32_t>& listed_at() { return listed_at_; }

  // The first posts: the newest of all ordinary authors as a view at `position`
  // shows them, the newest first; up to rows_max + 1, of which the last one only
  // says that there are more. False: too much happened meanwhile, the window is
  // not worth keeping.
  bool Fill(std::vector<ListKey> newest, Position position);

  // The event at `position` published a post, or deleted one. False: the window
  // is not worth keeping; a whole window of posts was written into it since it
  // was read last, or it has too few left.
  bool Add(const ListKey& post, Position position);
  bool Remove(PostId post, Position position);

  // The next `wanted` posts behind `after` (from the newest on when not set) in a
  // view at `position`, fewer at the end of the feed. nullopt: the window does
  // not reach so far, or is newer than the view.
  std::optional<std::vector<ListKey>> Read(const std::optional<ListKey>& after, size_t wanted,
                                           Position position);

  // The newest posts of the popular authors, merged when `changes` of their
  // bounds summed up to this; null when they were not. Up to rows_max.
  std::shared_ptr<const AuthorHead> PopularPosts(uint64_t changes);
  void KeepPopularPosts(uint64_t changes, std::shared_ptr<const AuthorHead> posts);

  size_t Bytes() const;

 private:
  struct Change {
    ListKey post;
    bool there = false;  // false: only the id of `post` counts
  };
  // Under mutex_.
  bool Apply(const Change& change);
  bool AddOne(const ListKey& post);
  bool RemoveOne(PostId post);

  const MemberId reader_;
  const std::vector<MemberId> ordinary_;
  const std::vector<MemberId> popular_;
  const std::vector<std::shared_ptr<AuthorBound>> bounds_;
  const size_t rows_max_;
  std::vector<uint32_t> listed_at_;

  std::mutex mutex_;
  std::vector<ListKey> posts_;  // the newest last, so that a new one moves nothing
  bool complete_ = false;       // these are all
  bool filled_ = false;
  std::vector<Change> missed_;
  Position changed_ = 0;  // of the last change
  size_t unread_ = 0;     // posts added since the window was read
  std::shared_ptr<const AuthorHead> popular_posts_;
  uint64_t popular_changes_ = 0;
};

}  // namespace dailyfeed

#endif  // DAILYFEED_PROJECTIONS_HOME_HOME_WINDOW_H_

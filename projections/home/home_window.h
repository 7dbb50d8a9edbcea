// The newest posts of those authors a member follows that are written into
// windows: a part of one member's follow feed. See home_feeds.h.
//
// A window that is being filled keeps aside what it is told and adds it to what
// was read: what is read may be as old as when the window was made.
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
  // What a window that is being filled keeps aside; with more it is given up.
  static constexpr size_t kMissedMax = 1024;

  // `ordinary`: whose posts it is told; `popular`: whom the reader follows
  // beside them, with their `bounds`.
  HomeWindow(MemberId reader, std::vector<MemberId> ordinary, std::vector<MemberId> popular,
             std::vector<AuthorBound*> bounds, size_t rows_max);

  MemberId reader() const { return reader_; }
  const std::vector<MemberId>& ordinary() const { return ordinary_; }
  const std::vector<MemberId>& popular() const { return popular_; }
  const std::vector<AuthorBound*>& bounds() const { return bounds_; }  // of the popular ones

  // Of whoever lists windows by author: where this one stands, for each of the
  // ordinary authors. Not guarded here.
  std::vector<uint32_t>& places() { return places_; }

  // Its first posts: the newest of all ordinary authors, the newest first; up to
  // rows_max + 1, of which the last one only says that there are more. False:
  // too much happened meanwhile, the window is of no use.
  bool Fill(std::vector<ListKey> newest);

  // A post more, or one less. False: the window is not worth being kept; it was
  // told a whole window of posts since somebody read it, or has too few left.
  bool Add(const ListKey& post);
  bool Remove(PostId post);

  // The next `wanted` posts behind `after` (from the newest on when not set), fewer
  // at the end of the feed. nullopt: the window does not reach so far.
  std::optional<std::vector<ListKey>> Read(const std::optional<ListKey>& after, size_t wanted);

  // The newest posts of the popular authors, merged when the `changes` of their
  // bounds summed up to this; null when nobody did that since. Up to rows_max.
  std::shared_ptr<const AuthorHead> PopularPosts(uint64_t changes);
  void KeepPopularPosts(uint64_t changes, std::shared_ptr<const AuthorHead> posts);

  size_t Bytes() const;

 private:
  struct Change {
    ListKey post;
    bool there = false;  // false: only the id of `post` counts
  };
  // Under mutex_.
  bool AddOne(const ListKey& post);
  bool RemoveOne(PostId post);
  bool KeepAside(const Change& change);

  const MemberId reader_;
  const std::vector<MemberId> ordinary_;
  const std::vector<MemberId> popular_;
  const std::vector<AuthorBound*> bounds_;
  const size_t rows_max_;
  std::vector<uint32_t> places_;

  std::mutex mutex_;
  std::vector<ListKey> posts_;  // the newest last, so that a new one moves nothing
  bool complete_ = false;       // these are all
  bool filled_ = false;
  std::vector<Change> missed_;
  size_t unread_ = 0;  // posts added since somebody read
  std::shared_ptr<const AuthorHead> popular_posts_;
  uint64_t popular_changes_ = 0;
};

}  // namespace dailyfeed

#endif  // DAILYFEED_PROJECTIONS_HOME_HOME_WINDOW_H_

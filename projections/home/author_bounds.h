// Of authors whom many follow: whether anything of theirs has changed, and how
// new their newest post can be. A feed that was merged before is good as long as
// none of its authors has changed, and one that wants newer posts need not look
// at an author at all. This is a cache line an author, heads are many.
//
//   AuthorBound* bound = bounds.Of(author);             // once, when a window is made
//   if (bound->newest() < floor.order) continue;        // nothing of theirs is wanted
//   const uint64_t changes = bound->changes();
//   ... find out what the newest post is ...
//   bound->Lower(newest.order, changes);                // for the next reader
//
// A bound may be too high, but it is not too low for any post that was
// acknowledged: it is raised after rows and head have the post. Whoever asked for
// changes() before that lowers nothing any more, and whoever asks after it finds
// the post.
//
// Threads: everything from any thread.
#ifndef DAILYFEED_PROJECTIONS_HOME_AUTHOR_BOUNDS_H_
#define DAILYFEED_PROJECTIONS_HOME_AUTHOR_BOUNDS_H_

#include <atomic>
#include <cstdint>
#include <limits>
#include <mutex>

#include "absl/container/node_hash_map.h"
#include "core/domain/types.h"

namespace dailyfeed {

class AuthorBound {
 public:
  // No post of the author is newer.
  TimestampNs newest() const { return newest_.load(std::memory_order_acquire); }

  // How often a post was published or deleted. Never less than before.
  uint64_t changes() const { return changes_.load(std::memory_order_acquire); }
  // What somebody found out who asked for changes() before.
  void Lower(TimestampNs newest, uint64_t changes) {
    std::lock_guard<std::mutex> lock(mutex_);
    if (changes == this->changes()) newest_.store(newest, std::memory_order_release);
  }
  void Raise(TimestampNs post) {
    std::lock_guard<std::mutex> lock(mutex_);
    if (post > newest_.load(std::memory_order_relaxed)) {
      newest_.store(post, std::memory_order_release);
    }
    changes_.fetch_add(1, std::memory_order_acq_rel);
  }
  void Change() {
    std::lock_guard<std::mutex> lock(mutex_);
    changes_.fetch_add(1, std::memory_order_acq_rel);
  }

 private:
  std::atomic<TimestampNs> newest_ = std::numeric_limits<TimestampNs>::max();
  std::atomic<uint64_t> changes_ = 0;
  std::mutex mutex_;  // of whoever changes them
};

class AuthorBounds {
 public:
  // Lives as long as this does.
  AuthorBound* Of(MemberId author) {
    std::lock_guard<std::mutex> lock(mutex_);
    return &bounds_[author];
  }
  // After the head of the author has the post. Nothing for an author nobody asked for.
  void Raise(MemberId author, TimestampNs post) {
    std::lock_guard<std::mutex> lock(mutex_);
    const auto found = bounds_.find(author);
    if (found != bounds_.end()) found->second.Raise(post);
  }
  // After the head has lost a post.
  void Change(MemberId author) {
    std::lock_guard<std::mutex> lock(mutex_);
    const auto found = bounds_.find(author);
    if (found != bounds_.end()) found->second.Change();
  }
  // After the heads were forgotten: everything may have changed.
  void Forget() {
    std::lock_guard<std::mutex> lock(mutex_);
    for (auto& [author, bound] : bounds_) bound.Raise(std::numeric_limits<TimestampNs>::max());
  }

 private:
  std::mutex mutex_;
  absl::node_hash_map<MemberId, AuthorBound> bounds_;  // they do not move
};

}  // namespace dailyfeed

#endif  // DAILYFEED_PROJECTIONS_HOME_AUTHOR_BOUNDS_H_

// For authors with many followers: when something of theirs changed last, and how
// new their newest post can be. A feed that was merged before is good as long as
// none of its authors has changed, and a reader that wants newer posts need not
// look at an author at all. A bound is a cache line an author; a head is more.
//
//   std::shared_ptr<AuthorBound> bound = bounds.Of(author);   // once, when a window is made
//   if (bound->Newest(at) < floor.order) continue;            // nothing of theirs is wanted
//   ... read the newest post from the view of `at` ...
//   bound->Lower(newest.order, at);                           // for the next reader
//
// The newest post of an author is never newer than the bound, in any view: the
// bound is raised before a view shows the post, and it is lowered only to what a
// view shows that has every change of the author. A view that is older than the
// last change gets no bound.
//
// Threads: everything from any thread; Raise, Change and Forget from one at a time.
#ifndef DAILYFEED_PROJECTIONS_HOME_AUTHOR_BOUNDS_H_
#define DAILYFEED_PROJECTIONS_HOME_AUTHOR_BOUNDS_H_

#include <atomic>
#include <cstdint>
#include <limits>
#include <memory>
#include <mutex>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "core/domain/types.h"
#include "projections/cache/moment.h"

namespace dailyfeed {

class AuthorBound {
 public:
  static constexpr TimestampNs kUnknown = std::numeric_limits<TimestampNs>::max();

  AuthorBound(Position changed, uint64_t epoch) : changed_(changed), epoch_(epoch) {}

  // No post of the author in the view of `at` is newer.
  TimestampNs Newest(const Moment& at) const {
    // In this order: a bound that was lowered by a newer view came with a change.
    const TimestampNs newest = newest_.load(std::memory_order_acquire);
    return IsShownAt(at) ? newest : kUnknown;
  }
  // The position of the last post that was published or deleted. Only grows.
  Position changed() const { return changed_.load(std::memory_order_acquire); }
  // Every change of the author is in the view of `at`.
  bool IsShownAt(const Moment& at) const {
    return changed() <= at.position && at.epoch >= epoch_.load(std::memory_order_acquire);
  }

  // What a reader of the view of `at` found.
  void Lower(TimestampNs newest, const Moment& at) {
    std::lock_guard<std::mutex> lock(mutex_);
    if (IsShownAt(at)) newest_.store(newest, std::memory_order_release);
  }

 private:
  friend class AuthorBounds;
  void Change(Position position, TimestampNs at_least) {
    std::lock_guard<std::mutex> lock(mutex_);
    changed_.store(position, std::memory_order_release);
    if (at_least > newest_.load(std::memory_order_relaxed)) {
      newest_.store(at_least, std::memory_order_release);
    }
  }
  void Forget(uint64_t epoch) {
    std::lock_guard<std::mutex> lock(mutex_);
    epoch_.store(epoch, std::memory_order_release);
    newest_.store(kUnknown, std::memory_order_release);
  }

  std::atomic<TimestampNs> newest_ = kUnknown;
  std::atomic<Position> changed_;
  std::atomic<uint64_t> epoch_;
  std::mutex mutex_;  // for those who write
};

class AuthorBounds {
 public:
  // The one bound of the author. It is forgotten with the last reference; the
  // references must be gone before this is.
  std::shared_ptr<AuthorBound> Of(MemberId author) {
    std::lock_guard<std::mutex> lock(mutex_);
    std::weak_ptr<AuthorBound>& kept = bounds_[author];
    if (std::shared_ptr<AuthorBound> bound = kept.lock()) return bound;
    // The author may have changed with the last event: nothing older is known.
    std::shared_ptr<AuthorBound> bound(new AuthorBound(heard_, epoch_),
                                       [this, author](AuthorBound* of) {
                                         Drop(author);
                                         delete of;
                                       });
    kept = bound;
    return bound;
  }
  void Raise(MemberId author, Position position, TimestampNs post) {
    Change(author, position, post);
  }
  void Change(MemberId author, Position position,
              TimestampNs at_least = std::numeric_limits<TimestampNs>::min()) {
    std::shared_ptr<AuthorBound> bound;
    {
      std::lock_guard<std::mutex> lock(mutex_);
      heard_ = position;
      const auto found = bounds_.find(author);
      if (found != bounds_.end()) bound = found->second.lock();
    }
    if (bound != nullptr) bound->Change(position, at_least);
  }
  // Everything may have changed.
  void Forget(uint64_t epoch) {
    std::vector<std::shared_ptr<AuthorBound>> all;
    {
      std::lock_guard<std::mutex> lock(mutex_);
      epoch_ = epoch;
      for (auto& [author, bound] : bounds_) {
        if (auto held = bound.lock()) all.push_back(std::move(held));
      }
    }
    for (const auto& bound : all) bound->Forget(epoch);
  }
  // How many authors have one.
  size_t size() const {
    std::lock_guard<std::mutex> lock(mutex_);
    return bounds_.size();
  }

 private:
  void Drop(MemberId author) {
    std::lock_guard<std::mutex> lock(mutex_);
    const auto found = bounds_.find(author);
    // Another one may have been made meanwhile.
    if (found != bounds_.end() && found->second.expired()) bounds_.erase(found);
  }

  mutable std::mutex mutex_;
  Position heard_ = 0;  // the last change of any author
  uint64_t epoch_ = 0;
  absl::flat_hash_map<MemberId, std::weak_ptr<AuthorBound>> bounds_;
};

}  // namespace dailyfeed

#endif  // DAILYFEED_PROJECTIONS_HOME_AUTHOR_BOUNDS_H_

// The moment of a pinned view, as a cache sees it.
#ifndef DAILYFEED_PROJECTIONS_CACHE_MOMENT_H_
#define DAILYFEED_PROJECTIONS_CACHE_MOMENT_H_

#include <algorithm>
#include <cstdint>

#include "core/domain/types.h"
#include "projections/runtime/read_view.h"

namespace dailyfeed {

struct Moment {
  uint64_t epoch = 0;
  Position position = 0;
};

// The moment of the rows of these projections: the epoch is the latest at which
// the rows of one of them changed otherwise than by events.
template <typename... Ids>
Moment MomentOf(const ReadView& view, ProjectionId first, Ids... others) {
  return {std::max({view.epoch(first), view.epoch(others)...}), view.position()};
}

// What somebody who keeps rows in memory has heard from the runtime.
class Heard {
 public:
  void Event(Position position) { position_ = position; }
  void Reset(uint64_t epoch) { epoch_ = std::max(epoch_, epoch); }

  // Of the last event.
  Position position() const { return position_; }
  // Nothing that was heard is newer than the view: what is read from it is what
  // the rows are now.
  bool IsShownAt(const Moment& at) const { return position_ <= at.position && at.epoch >= epoch_; }
  bool IsOfThisEpoch(const Moment& at) const { return at.epoch >= epoch_; }

 private:
  Position position_ = 0;
  uint64_t epoch_ = 0;
};

}  // namespace dailyfeed

#endif  // DAILYFEED_PROJECTIONS_CACHE_MOMENT_H_

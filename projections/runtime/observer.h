// Memory that follows the rows of one projection: caches, and what is held in memory
// of every row.
//
//   class Likes final : public ProjectionObserver {
//    public:
//     void OnEvent(const v1::Event& event) override { cache_.Erase(PostOf(event)); }
//     void OnReset(uint64_t epoch) override { cache_.Clear(epoch); }
//   };
//   runtime->Observe(runtime->Register(&projection), &likes);
//
// The runtime calls an observer when the rows are in the store, before it
// publishes a view that has them and before it acknowledges their commands. So a
// reader of a view has never to fear that an observer has not heard of an event
// of it; but an observer may have heard of events that are newer than the view.
// An observer whose memory must be of exactly the moment of a view makes a new
// version of it for each change and offers it as Memory().
//
// Threads: the runtime's; OnLoad in Start, that of Start. Calls must be short, and
// all but OnLoad must not fail; they must not call the operations of the runtime
// that wait for its thread.
#ifndef DAILYFEED_PROJECTIONS_RUNTIME_OBSERVER_H_
#define DAILYFEED_PROJECTIONS_RUNTIME_OBSERVER_H_

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "core/domain/events.pb.h"
#include "projections/runtime/projection.h"

namespace dailyfeed {

// The rows that one write changed, as they are now.
class WrittenRows {
 public:
  virtual ~WrittenRows() = default;
  // Visits the changed rows in [lower, upper) in key order; `value` is nullptr
  // for one that was deleted. The views are valid during the call only.
  virtual void Visit(
      std::string_view lower, std::string_view upper,
      absl::FunctionRef<void(std::string_view key, const std::string* value)> visit) const = 0;
};

class ProjectionObserver {
 public:
  virtual ~ProjectionObserver() = default;

  // Replaces the memory by what these rows say: those of the generation that is
  // live from now on, before the first view of it is published. Called in Start,
  // before a flip, and when live rows changed in another way (an unparked key); then
  // OnReset follows, but in Start. `rows` are valid during the call only.
  // After an error Start fails. So does a flip: OnLoad is called again, with the
  // rows that stay live. If they cannot be loaded either, the runtime stops.
  virtual absl::Status OnLoad(const ProjectionReader& rows) {
    (void)rows;
    return absl::OkStatus();
  }

  // What a view is to have of this observer's memory as it is now
  // (ReadView::memory). It must not change any more. nullptr: nothing. Asked for
  // each view, so it must be cheap.
  virtual std::shared_ptr<const void> Memory() const { return nullptr; }

  // The live rows now have this event, which the projection handles. Events come
  // in the order of the log. An event that was parked does not come.
  virtual void OnEvent(const v1::Event& event) { (void)event; }

  // The live rows that one write changed. After OnEvent of all its events. A commit
  // of a piece of work (upkeep.h) changes rows without an event.
  virtual void OnRows(const WrittenRows& rows) { (void)rows; }

  // Any row may have changed: another generation became live, or a key was
  // unparked. Views of an epoch below `epoch` have other rows: nothing read from
  // one of them may enter the observer's memory from now on. See ReadView::epoch.
  virtual void OnReset(uint64_t epoch) = 0;
};

}  // namespace dailyfeed

#endif  // DAILYFEED_PROJECTIONS_RUNTIME_OBSERVER_H_

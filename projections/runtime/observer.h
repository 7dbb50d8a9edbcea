// Memory that follows the rows of one projection: caches.
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
//
// Threads: the runtime's. Calls must be short and must not fail; they must not
// call the operations of the runtime that wait for its thread.
#ifndef DAILYFEED_PROJECTIONS_RUNTIME_OBSERVER_H_
#define DAILYFEED_PROJECTIONS_RUNTIME_OBSERVER_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/functional/function_ref.h"
#include "core/domain/events.pb.h"

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

  // The live rows now have this event, which the projection handles. Events come
  // in the order of the log. An event that was parked does not come.
  virtual void OnEvent(const v1::Event& event) { (void)event; }

  // The live rows that one write changed. After OnEvent of all its events.
  virtual void OnRows(const WrittenRows& rows) { (void)rows; }

  // Any row may have changed: another generation became live, or a key was
  // unparked. Views of an epoch below `epoch` have other rows: nothing read from
  // one of them may enter the observer's memory from now on. See ReadView::epoch.
  virtual void OnReset(uint64_t epoch) = 0;
};

}  // namespace dailyfeed

#endif  // DAILYFEED_PROJECTIONS_RUNTIME_OBSERVER_H_

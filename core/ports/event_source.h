// What a follower of the log needs of it: where the log ends, and the events in
// order. The projection runtime and the live feed read this; only the engine
// writes (event_log.h).
//
//   Position CountOf(const EventSource& source, Position from) {
//     Position events = 0;
//     const absl::Status read = source.Read(from, [&](const v1::Event&) {
//       ++events;
//       return true;
//     });
//     return read.ok() ? events : 0;
//   }
//
// Threads: every method from any thread, also while the log grows.
#ifndef DAILYFEED_CORE_PORTS_EVENT_SOURCE_H_
#define DAILYFEED_CORE_PORTS_EVENT_SOURCE_H_

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "core/domain/events.pb.h"
#include "core/domain/types.h"

namespace dailyfeed {

class EventSource {
 public:
  // Gets each event as stored, its checksum verified. Returns false to stop the
  // read. The event is valid during the call.
  using Visitor = absl::FunctionRef<bool(const v1::Event& event)>;

  virtual ~EventSource() = default;

  // The position of the last event; 0 when there is none.
  virtual Position Head() const = 0;

  // Visits the events from `from` on, in order, up to Head() at the time of the
  // call. Positions begin at 1 and have no holes; `from` 0 means 1. DATA_LOSS
  // names the position of the first damaged event; the events before it were
  // visited.
  virtual absl::Status Read(Position from, Visitor visit) const = 0;
};

}  // namespace dailyfeed

#endif  // DAILYFEED_CORE_PORTS_EVENT_SOURCE_H_

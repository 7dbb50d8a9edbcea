// What follows a commit: who keeps read models learns here what is in the log.
// The engine calls it; projections/runtime implements it.
#ifndef DAILYFEED_CORE_PORTS_COMMIT_LISTENER_H_
#define DAILYFEED_CORE_PORTS_COMMIT_LISTENER_H_

#include <memory>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "core/domain/events.pb.h"

namespace dailyfeed {

// What the committer hands over: events that are on disk, in order.
struct CommittedBatch {
  std::vector<std::shared_ptr<const v1::Event>> events;
  // The listener calls this exactly once, with OK when every read that starts
  // now sees the events. Any other status answers the commands with
  // UNAVAILABLE: they are on disk, but nobody can see them yet.
  absl::AnyInvocable<void(absl::Status)> done;
};

class CommitListener {
 public:
  virtual ~CommitListener() = default;
  // On the thread that appended, in order. May block: that is the back pressure
  // between the log and the read models.
  virtual void OnCommitted(CommittedBatch batch) = 0;
};

}  // namespace dailyfeed

#endif  // DAILYFEED_CORE_PORTS_COMMIT_LISTENER_H_

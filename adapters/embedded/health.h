// Whether a data directory serves. The API, the monitor and the start page give
// the same answer.
//
//   const Health health = HealthOf(*feed);
//   if (!health.ready) AnswerUnavailable(health.reason);
//
// Threads: from any.
#ifndef DAILYFEED_ADAPTERS_EMBEDDED_HEALTH_H_
#define DAILYFEED_ADAPTERS_EMBEDDED_HEALTH_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "adapters/embedded/dailyfeed.h"

namespace dailyfeed {

// What health is made of.
struct FeedState {
  absl::Status log;        // EventLog::WriteStatus
  absl::Status runtime;    // Runtime::Health
  absl::Status engine;     // Engine::WriteStatus
  absl::Status secrets;    // Identity::Health
  absl::Status disk;       // Dailyfeed::DiskStatus
  bool caught_up = false;  // Runtime::Ready
};
FeedState StateOf(Dailyfeed& feed);

struct Health {
  bool ready = false;           // reads are served, and writes unless the disk is nearly full
  bool alive = false;           // false: storage failed and only a restart helps; reads may go on
  bool accepts_writes = false;  // false: every command is refused
  // Why it is not ready. `reason` is for anybody: one short line that names no
  // internals. `details` are all the reasons, with what storage said.
  std::string reason;
  std::vector<std::string> details;
  // What is wrong although it is ready: commands are refused because the disk is
  // nearly full. Reads are served, so requests need not go elsewhere, and commands
  // are accepted again without a restart.
  std::vector<std::string> warnings;
};
Health HealthOf(const FeedState& state);
Health HealthOf(Dailyfeed& feed);

}  // namespace dailyfeed

#endif  // DAILYFEED_ADAPTERS_EMBEDDED_HEALTH_H_

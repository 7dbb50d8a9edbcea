// The keys and passwords of sign-ups that were refused: made before the command
// was sent, and of use to nobody. Internal to the library.
//
//   refused.OnAnswered({command.subject_id, command.email_digest}, result);   // quick
//   RETURN_IF_ERROR(refused.DestroyAll(log, &identity));                      // from time to time
//
// Threads: everything from any.
#ifndef DAILYFEED_ADAPTERS_EMBEDDED_REFUSED_SIGN_UPS_H_
#define DAILYFEED_ADAPTERS_EMBEDDED_REFUSED_SIGN_UPS_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <mutex>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "adapters/identity/identity.h"
#include "core/engine/engine.h"
#include "core/ports/event_log.h"

namespace dailyfeed {

class RefusedSignUps {
 public:
  struct Subject {
    std::string subject_id;
    std::string email_digest;
  };

  // Further ones are left: they harm nobody.
  explicit RefusedSignUps(size_t waiting_max) : waiting_max_(waiting_max) {}

  // Notes the subject when the command is certainly not in the log.
  void OnAnswered(Subject subject, const absl::StatusOr<CommandResult>& result);
  // Destroys what was noted; the first failure.
  absl::Status DestroyAll(const EventLog& log, Identity* identity);

  uint64_t destroyed() const { return destroyed_.load(std::memory_order_relaxed); }
  size_t waiting() const;

 private:
  absl::Status Destroy(const Subject& subject, const EventLog& log, Identity* identity);

  const size_t waiting_max_;
  std::atomic<uint64_t> destroyed_ = 0;
  mutable std::mutex mutex_;
  std::deque<Subject> subjects_;
};

}  // namespace dailyfeed

#endif  // DAILYFEED_ADAPTERS_EMBEDDED_REFUSED_SIGN_UPS_H_

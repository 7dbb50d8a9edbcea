// Until when idempotency records may be dropped for good, from the times that
// commands name and in spite of clocks that are wrong for a while.
//
// A record that is dropped too early lets a repeated command run twice; one
// that is dropped late costs its bytes. So the slowest clock of the last day or
// two decides: a command that names tomorrow has no effect as long as others
// name today. And a record is kept a day longer than it lasts, so that a
// process that starts with a clock a day ahead drops none that it needs.
//
// Threads: from any.
#ifndef DAILYFEED_ADAPTERS_ROCKSDB_LOG_EXPIRY_CLOCK_H_
#define DAILYFEED_ADAPTERS_ROCKSDB_LOG_EXPIRY_CLOCK_H_

#include <algorithm>
#include <chrono>
#include <limits>
#include <mutex>

#include "core/domain/types.h"

namespace dailyfeed {

class ExpiryClock {
 public:
  using Steady = std::chrono::steady_clock::time_point;

  // A command named the time `now` when the machine's steady clock was `steady`.
  void Saw(TimestampNs now, Steady steady = std::chrono::steady_clock::now()) {
    const TimestampNs offset = now - Nanoseconds(steady);
    std::lock_guard<std::mutex> lock(mutex_);
    if (std::min(current_, previous_) == kNone) {
      window_start_ = steady;
    } else if (steady - window_start_ >= kWindow) {
      const bool recent = steady - window_start_ < 2 * kWindow;
      previous_ = recent ? current_ : kNone;
      current_ = kNone;
      window_start_ = steady;
    }
    current_ = std::min(current_, offset);
  }

  // Records that expired at this time or before may be dropped. Before any
  // command: none.
  TimestampNs DropUntil(Steady steady = std::chrono::steady_clock::now()) const {
    std::lock_guard<std::mutex> lock(mutex_);
    const TimestampNs offset = std::min(current_, previous_);
    if (offset == kNone) return std::numeric_limits<TimestampNs>::min();
    return offset + Nanoseconds(steady) - Nanoseconds(kKeptAfterExpiry);
  }

 private:
  static constexpr auto kWindow = std::chrono::hours(24);
  static constexpr auto kKeptAfterExpiry = std::chrono::hours(24);
  static constexpr TimestampNs kNone = std::numeric_limits<TimestampNs>::max();

  static TimestampNs Nanoseconds(std::chrono::nanoseconds duration) { return duration.count(); }
  static TimestampNs Nanoseconds(Steady steady) { return Nanoseconds(steady.time_since_epoch()); }

  mutable std::mutex mutex_;
  Steady window_start_;
  // The least difference between named times and the steady clock, in the
  // window that runs and in the one before.
  TimestampNs current_ = kNone;
  TimestampNs previous_ = kNone;
};

}  // namespace dailyfeed

#endif  // DAILYFEED_ADAPTERS_ROCKSDB_LOG_EXPIRY_CLOCK_H_

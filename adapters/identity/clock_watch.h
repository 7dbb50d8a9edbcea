// Whether the machine's clock can be believed when something is to be forgotten.
//
// A clock that starts two days ahead makes every session look old. Requests are
// served all the same, but what maintenance forgets is gone when the clock is
// corrected. So maintenance asks first:
//
//   ASSIGN_OR_RETURN(const bool believed, watch.Check());
//   if (!believed) return ClockIsDoubted();  // forget nothing now
//
// The clock is doubted when it differs by more than `jump_max` from what was
// known: at start from the newest moment that is past for sure (the heartbeat
// row, the last event of the log), later from the time that has passed since
// the check before. The doubt ends when the clock agrees again, or when it has
// gone on evenly for `trust_after`: then the server was only stopped for long.
//
// A clock that goes back by more than `jump_max` behind what was believed had
// been ahead. Tokens that it dated are valid for too long, and revocations of
// them may be forgotten: see was_ahead.
//
// Threads: everything from any thread.
#ifndef DAILYFEED_ADAPTERS_IDENTITY_CLOCK_WATCH_H_
#define DAILYFEED_ADAPTERS_IDENTITY_CLOCK_WATCH_H_

#include <memory>
#include <mutex>
#include <optional>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "core/domain/types.h"
#include "core/ports/environment.h"
#include "core/ports/store.h"

namespace dailyfeed {

class ClockWatch {
 public:
  struct Options {
    absl::Duration jump_max;
    absl::Duration trust_after;
  };

  // `past` is a moment that is past for sure; 0: none is known. Pointers are not
  // owned.
  static absl::StatusOr<std::unique_ptr<ClockWatch>> Open(Store* store, Clock* clock, Clock* steady,
                                                          TimestampNs past, Options options);

  // Whether the clock is believed. Writes the heartbeat row when it is and the row
  // is a minute old.
  absl::StatusOr<bool> Check();

  // Until ForgetThatItWasAhead. Of the last Check, or of Open.
  bool was_ahead() const;
  void ForgetThatItWasAhead();

 private:
  // The clock and the steady time at one moment.
  struct Moment {
    TimestampNs date = 0;
    TimestampNs steady = 0;
  };

  ClockWatch(Store* store, Clock* clock, Clock* steady, Options options)
      : store_(store), clock_(clock), steady_(steady), options_(options) {}

  Moment Now() const { return {clock_->Now(), steady_->Now()}; }

  // How far `now` is ahead of where the time since `then` should have led.
  static absl::Duration Ahead(const Moment& then, const Moment& now) {
    return absl::Nanoseconds((now.date - then.date) - (now.steady - then.steady));
  }
  // From `now` on.
  void Doubt(const Moment& now);
  bool IsJump(absl::Duration ahead) const { return absl::AbsDuration(ahead) > options_.jump_max; }

  Store* const store_;
  Clock* const clock_;
  Clock* const steady_;
  const Options options_;

  mutable std::mutex mutex_;  // held across the write of the heartbeat
  Moment last_;
  Moment believed_;  // the last one that was
  bool doubted_ = false;
  TimestampNs doubted_since_ = 0;  // steady
  bool was_ahead_ = false;
  std::optional<TimestampNs> heartbeat_;  // steady: when the row was written
};

}  // namespace dailyfeed

#endif  // DAILYFEED_ADAPTERS_IDENTITY_CLOCK_WATCH_H_

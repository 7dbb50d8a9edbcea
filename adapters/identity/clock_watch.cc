#include "adapters/identity/clock_watch.h"

#include <algorithm>
#include <utility>

#include "adapters/identity/rows/secret_rows.h"
#include "adapters/identity/rows/secrets.pb.h"
#include "core/base/status_macros.h"

namespace dailyfeed {
namespace {

constexpr absl::Duration kHeartbeat = absl::Minutes(1);

}  // namespace

absl::StatusOr<std::unique_ptr<ClockWatch>> ClockWatch::Open(Store* store, Clock* clock,
                                                             Clock* steady, TimestampNs past,
                                                             Options options) {
  std::unique_ptr<ClockWatch> watch(new ClockWatch(store, clock, steady, options));
  secrets::v1::Heartbeat row;
  ASSIGN_OR_RETURN(const bool found, ReadRow(*store, kHeartbeatRow, &row));
  if (found) past = std::max(past, row.time_ns());
  const Moment now = watch->Now();
  watch->last_ = now;
  watch->believed_ = past == 0 ? now : Moment{past, now.steady};
  if (watch->IsJump(Ahead(watch->believed_, now))) watch->Doubt(now);
  return watch;
}

void ClockWatch::Doubt(const Moment& now) {
  doubted_ = true;
  doubted_since_ = now.steady;
  if (Ahead(believed_, now) < -options_.jump_max) was_ahead_ = true;
}

absl::StatusOr<bool> ClockWatch::Check() {
  std::lock_guard lock(mutex_);
  const Moment now = Now();
  if (IsJump(Ahead(std::exchange(last_, now), now))) Doubt(now);
  if (doubted_) {
    const bool goes_evenly =
        now.steady - doubted_since_ >= absl::ToInt64Nanoseconds(options_.trust_after);
    doubted_ = !goes_evenly && IsJump(Ahead(believed_, now));
    if (doubted_) return false;
  }
  believed_ = now;
  if (heartbeat_ && now.steady - *heartbeat_ < absl::ToInt64Nanoseconds(kHeartbeat)) return true;
  secrets::v1::Heartbeat row;
  row.set_time_ns(now.date);
  StoreBatch batch;
  PutRow(kHeartbeatRow, row, &batch);
  RETURN_IF_ERROR(store_->Write(std::move(batch)));
  heartbeat_ = now.steady;
  return true;
}

bool ClockWatch::was_ahead() const {
  std::lock_guard lock(mutex_);
  return was_ahead_;
}

void ClockWatch::ForgetThatItWasAhead() {
  std::lock_guard lock(mutex_);
  was_ahead_ = false;
}

}  // namespace dailyfeed

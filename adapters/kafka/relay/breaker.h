// Whether the broker answers: it counts as away when messages are in flight and
// none was acknowledged for a while. Internal to the folder.
//
// Threads: one at a time.
#ifndef DAILYFEED_ADAPTERS_KAFKA_RELAY_BREAKER_H_
#define DAILYFEED_ADAPTERS_KAFKA_RELAY_BREAKER_H_

#include <algorithm>
#include <random>

#include "absl/time/time.h"

namespace dailyfeed::kafka {

class Breaker {
 public:
  // Times are of a clock that does not jump.
  explicit Breaker(absl::Duration after) : after_(after), random_(std::random_device()()) {}

  // Something was acknowledged. True: the broker was away before.
  bool Acknowledged(absl::Time now) {
    quiet_since_ = now;
    backoff_ = kBackoffLeast;
    const bool was_away = away_;
    away_ = false;
    return was_away;
  }
  // To be called often. True: the broker counts as away from now on.
  bool Look(absl::Time now, bool in_flight) {
    if (!in_flight) quiet_since_ = now;
    if (away_ || now - quiet_since_ < after_) return false;
    away_ = true;
    return true;
  }
  bool away() const { return away_; }

  // How long to wait before the next try after something failed: longer each time,
  // and never the same for everybody.
  absl::Duration NextPause() {
    const absl::Duration pause =
        backoff_ * std::uniform_real_distribution<double>(0, 1)(random_) + kPauseLeast;
    backoff_ = std::min(backoff_ * 2, kBackoffMost);
    return pause;
  }

 private:
  static constexpr absl::Duration kPauseLeast = absl::Milliseconds(10);
  static constexpr absl::Duration kBackoffLeast = absl::Milliseconds(100);
  static constexpr absl::Duration kBackoffMost = absl::Seconds(30);

  const absl::Duration after_;
  std::mt19937_64 random_;
  absl::Time quiet_since_ = absl::InfiniteFuture();  // until the first Look
  absl::Duration backoff_ = kBackoffLeast;
  bool away_ = false;
};

}  // namespace dailyfeed::kafka

#endif  // DAILYFEED_ADAPTERS_KAFKA_RELAY_BREAKER_H_

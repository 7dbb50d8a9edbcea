#include "core/ports/steady_clock.h"

#include <time.h>

namespace dailyfeed {
namespace {

class BootClock final : public Clock {
 public:
  TimestampNs Now() override {
    timespec now;
    clock_gettime(CLOCK_BOOTTIME, &now);
    return static_cast<TimestampNs>(now.tv_sec) * 1'000'000'000 + now.tv_nsec;
  }
};

}  // namespace

Clock& SteadyClock() {
  static BootClock& clock = *new BootClock;
  return clock;
}

}  // namespace dailyfeed

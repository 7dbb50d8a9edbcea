// Time and randomness behind interfaces, so that one seed gives one run.
#ifndef DAILYFEED_CORE_PORTS_ENVIRONMENT_H_
#define DAILYFEED_CORE_PORTS_ENVIRONMENT_H_

#include <string>

#include "core/domain/types.h"

namespace dailyfeed {

// Threads: from any.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual TimestampNs Now() = 0;
};

// Threads: from any.
class IdSource {
 public:
  virtual ~IdSource() = default;
  // 16 bytes of a random UUID (version 4, RFC 9562).
  virtual std::string NewUuid() = 0;
};

// The machine's clock and random numbers. Live for ever.
Clock& SystemClock();
IdSource& SystemIds();

}  // namespace dailyfeed

#endif  // DAILYFEED_CORE_PORTS_ENVIRONMENT_H_

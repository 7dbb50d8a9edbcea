// Time that passes, for what must not jump when somebody corrects the date.
#ifndef DAILYFEED_CORE_PORTS_STEADY_CLOCK_H_
#define DAILYFEED_CORE_PORTS_STEADY_CLOCK_H_

#include "core/ports/environment.h"

namespace dailyfeed {

// Nanoseconds since the machine was started, those included in which it slept.
// Never goes back. Lives for ever. Threads: from any.
Clock& SteadyClock();

}  // namespace dailyfeed

#endif  // DAILYFEED_CORE_PORTS_STEADY_CLOCK_H_

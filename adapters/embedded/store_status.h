// What the parts of a data directory say, in the words of whoever asked the
// whole. Internal to the library. Threads: pure functions.
#ifndef DAILYFEED_ADAPTERS_EMBEDDED_STORE_STATUS_H_
#define DAILYFEED_ADAPTERS_EMBEDDED_STORE_STATUS_H_

#include <string_view>

#include "absl/status/status.h"

namespace dailyfeed {

// What a store said, as hosts and the gateway know it: try again later.
absl::Status Unavailable(const absl::Status& status);

// As the domain answers a command of a member who has withdrawn.
absl::Status ActorIsGone();

// The same status, saying which part of the directory it is about.
absl::Status About(std::string_view part, const absl::Status& status);

// The idempotency key of the request came with another one before.
bool IsKeyReused(const absl::Status& status);

// True when the command is certainly not in the log, now or later.
bool IsRefusal(const absl::Status& status);

}  // namespace dailyfeed

#endif  // DAILYFEED_ADAPTERS_EMBEDDED_STORE_STATUS_H_

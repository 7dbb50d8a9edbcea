// Limits that make no sense are found before anything is opened.
#ifndef DAILYFEED_ADAPTERS_EMBEDDED_CHECK_OPTIONS_H_
#define DAILYFEED_ADAPTERS_EMBEDDED_CHECK_OPTIONS_H_

#include "absl/status/status.h"
#include "adapters/embedded/dailyfeed.h"

namespace dailyfeed {

// INVALID_ARGUMENT with the name of the first bad option and its bounds.
// IdentityOptions are checked by Identity::Open.
absl::Status CheckOptions(const Options& options);

}  // namespace dailyfeed

#endif  // DAILYFEED_ADAPTERS_EMBEDDED_CHECK_OPTIONS_H_

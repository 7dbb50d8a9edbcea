// Asks the server that has a data directory open.
//
//   absl::StatusOr<ControlResult> result =
//       AskServer("/var/lib/feed", {.command = "log stat"}, standard_output);
//   if (absl::IsNotFound(result.status())) ...   // no server: open the directory
//
// Threads: from any; blocks until the command has ended.
#ifndef DAILYFEED_ADAPTERS_CONTROL_CONTROL_CLIENT_H_
#define DAILYFEED_ADAPTERS_CONTROL_CONTROL_CLIENT_H_

#include <string>

#include "absl/status/statusor.h"
#include "adapters/control/protocol.h"

namespace dailyfeed::control {

// NOT_FOUND: no server listens there, and nothing was done. PERMISSION_DENIED:
// the socket is another user's. UNAVAILABLE: the server went away before the end.
// Ends early, with OK, when `output` is read by nobody any more.
absl::StatusOr<ControlResult> AskServer(const std::string& data_directory,
                                        const ControlRequest& request, ControlOutput& output);

}  // namespace dailyfeed::control

#endif  // DAILYFEED_ADAPTERS_CONTROL_CONTROL_CLIENT_H_

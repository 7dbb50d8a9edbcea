#include "adapters/control/control_client.h"

#include <utility>

#include "adapters/control/local_socket.h"
#include "core/base/status_macros.h"

namespace dailyfeed::control {
namespace {

// A request that is only half sent ends the connection at the server.
constexpr absl::Duration kRequestTimeout = absl::Seconds(10);

}  // namespace

absl::StatusOr<ControlResult> AskServer(const std::string& data_directory,
                                        const ControlRequest& request, ControlOutput& output) {
  ASSIGN_OR_RETURN(FileDescriptor connection,
                   ConnectTo(data_directory + "/" + std::string(kSocketName)));
  LocalSocket socket(std::move(connection), /*stop=*/-1);
  const absl::Status sent = socket.Write(FormatRequest(request) + "\n", kRequestTimeout);
  for (;;) {
    // A server that refused the request has answered before it closed.
    const absl::StatusOr<std::string> line =
        socket.ReadLine(kReplyBytesMax, absl::InfiniteDuration());
    if (!line.ok()) {
      return absl::UnavailableError(sent.ok() ? "the server ended the connection before the command"
                                              : "the server does not take the command");
    }
    ASSIGN_OR_RETURN(ControlReply reply, ParseReply(*line));
    if (reply.exit_code) return ControlResult{*reply.exit_code, std::move(reply.error)};
    if (!output.Write(reply.text)) return ControlResult{};
  }
}

}  // namespace dailyfeed::control

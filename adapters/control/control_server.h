// Answers operators beside a running feed, on a socket in its data directory.
//
//   ControlServerOptions options = {.directory = "/var/lib/feed"};
//   auto server = ControlServer::Start(
//       options, [](const ControlRequest& request, ControlOutput& output) {
//         output.Write("hello\n");
//         return ControlResult{};
//       });
//
// A connection carries one request. Each of a few threads serves one connection
// at a time; further clients wait for a thread. A client that sends or reads
// too slowly is cut off. Only processes of the same user, or of root, are served.
//
// Threads: the handler runs on the threads of the server, several at a time.
#ifndef DAILYFEED_ADAPTERS_CONTROL_CONTROL_SERVER_H_
#define DAILYFEED_ADAPTERS_CONTROL_CONTROL_SERVER_H_

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "adapters/control/local_socket.h"
#include "adapters/control/protocol.h"
#include "adapters/files/files.h"

namespace dailyfeed::control {

struct ControlServerOptions {
  std::string directory;  // the data directory; this process holds its lock
  size_t clients_max = 4;
  size_t request_bytes_max = 64u << 10;
  absl::Duration request_timeout = absl::Seconds(5);  // for the whole request
  absl::Duration write_timeout = absl::Seconds(60);   // for each line of the answer
};

using ControlHandler =
    std::function<ControlResult(const ControlRequest& request, ControlOutput& output)>;

class ControlServer {
 public:
  // Listening when it returns. A socket file of a process that died is replaced.
  // The errors of FileError.
  static absl::StatusOr<std::unique_ptr<ControlServer>> Start(ControlServerOptions options,
                                                              ControlHandler handler);
  // Ends the waits of every client, returns when the handlers have returned, and
  // removes the socket file. A handler sees in its output that nobody reads.
  ~ControlServer();
  ControlServer(const ControlServer&) = delete;
  ControlServer& operator=(const ControlServer&) = delete;

 private:
  ControlServer(ControlServerOptions options, ControlHandler handler, FileDescriptor listener,
                FileDescriptor stop);
  void Serve();
  void Answer(FileDescriptor connection);

  const ControlServerOptions options_;
  const ControlHandler handler_;
  const FileDescriptor listener_;
  const FileDescriptor stop_;  // an eventfd that is readable once the server stops
  std::vector<std::thread> threads_;
};

}  // namespace dailyfeed::control

#endif  // DAILYFEED_ADAPTERS_CONTROL_CONTROL_SERVER_H_

// A stream socket of the local machine, with a deadline for every read and
// write. Internal to the control folder.
#ifndef DAILYFEED_ADAPTERS_CONTROL_LOCAL_SOCKET_H_
#define DAILYFEED_ADAPTERS_CONTROL_LOCAL_SOCKET_H_

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "adapters/files/files.h"

namespace dailyfeed::control {

// Makes the socket file, for its owner only; a file of a server that died is
// replaced. The caller holds the lock of the directory. Not blocking.
absl::StatusOr<FileDescriptor> ListenAt(const std::string& path);
// NOT_FOUND: no file, or nobody listens behind it. PERMISSION_DENIED.
absl::StatusOr<FileDescriptor> ConnectTo(const std::string& path);

// One connection. Threads: one at a time.
class LocalSocket {
 public:
  // `stop`: a descriptor that becomes readable when every wait should end, or
  // -1. Not owned.
  LocalSocket(FileDescriptor socket, int stop) : socket_(std::move(socket)), stop_(stop) {}

  // The next line without its break. DEADLINE_EXCEEDED; OUT_OF_RANGE: longer
  // than `bytes_max`; CANCELLED: stopped; UNAVAILABLE: the peer has gone.
  // InfiniteDuration waits as long as the peer lives.
  absl::StatusOr<std::string> ReadLine(size_t bytes_max, absl::Duration timeout);
  // All of `text` within `timeout`. Errors as above.
  absl::Status Write(std::string_view text, absl::Duration timeout);
  // False once the peer has closed its end or the wait should end.
  bool PeerWaits() const;
  // Whether the process at the other end runs as this user, or as root.
  bool PeerIsOwner() const;

 private:
  // Waits until `events` (of poll) can be done.
  absl::Status Await(short events, absl::Time deadline) const;

  const FileDescriptor socket_;
  const int stop_;
  std::string received_;
};

}  // namespace dailyfeed::control

#endif  // DAILYFEED_ADAPTERS_CONTROL_LOCAL_SOCKET_H_

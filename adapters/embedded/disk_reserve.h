// Keeps the disk from filling up: new work is refused while little room is left,
// because a write that fails for lack of room ends in a restart. Internal to the
// library.
//
//   DiskReserve reserve({.reserve_bytes = 256u << 20}, {"/var/lib/feed"}, "/mnt/pictures");
//   reserve.Look();                                  // from time to time
//   RETURN_IF_ERROR(reserve.CheckCommand());         // cheap
//
// Uploads are refused below twice the reserve, every command below the reserve.
// What is left is for logins, sessions, withdrawals that were begun and the files
// that the stores rewrite. Everything is accepted again as soon as there is room.
//
// Threads: Look from one at a time, everything else from any.
#ifndef DAILYFEED_ADAPTERS_EMBEDDED_DISK_RESERVE_H_
#define DAILYFEED_ADAPTERS_EMBEDDED_DISK_RESERVE_H_

#include <atomic>
#include <cstdint>
#include <functional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace dailyfeed {

struct DiskOptions {
  // Bytes that stay free on the file system of the data directory, and of the
  // pictures; 0: whatever happens.
  uint64_t reserve_bytes = 256u << 20;
  // How often the file systems are asked. In between, the reserve takes what is
  // written.
  absl::Duration check_interval = absl::Seconds(1);
  // The bytes that this user may still write to the file system of a directory.
  // Empty: asks the system.
  std::function<absl::StatusOr<uint64_t>(const std::string& directory)> free_bytes;
};

class DiskReserve {
 public:
  // Looks at once.
  DiskReserve(DiskOptions options, std::string data_directory, std::string pictures_directory);

  // Asks the file systems. A question that fails changes nothing: what is wrong
  // with the disk shows when it is written to.
  void Look();

  // RESOURCE_EXHAUSTED with kServiceUnavailable, or OK.
  absl::Status CheckUpload() const;
  absl::Status CheckCommand() const;

  // As of the last look, of the data directory.
  uint64_t free_bytes() const { return free_bytes_.load(std::memory_order_relaxed); }

 private:
  const DiskOptions options_;
  const std::string data_directory_;
  const std::string pictures_directory_;
  std::atomic<uint64_t> free_bytes_;
  std::atomic<uint64_t> pictures_free_bytes_;
};

}  // namespace dailyfeed

#endif  // DAILYFEED_ADAPTERS_EMBEDDED_DISK_RESERVE_H_

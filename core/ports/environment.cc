#include "core/ports/environment.h"

#include <sys/random.h>
#include <time.h>

#include <cstdlib>

namespace dailyfeed {
namespace {

class MachineClock final : public Clock {
 public:
  TimestampNs Now() override {
    timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return static_cast<TimestampNs>(now.tv_sec) * 1'000'000'000 + now.tv_nsec;
  }
};

// The kernel's random bytes, fetched a few ids at a time: one system call an
// id would be the dearest part of a command.
class MachineIds final : public IdSource {
 public:
  std::string NewUuid() override {
    thread_local Pool pool;
    if (pool.used == sizeof(pool.bytes)) {
      // Fails only on kernels without getrandom, where nothing would be safe.
      if (getrandom(pool.bytes, sizeof(pool.bytes), 0) !=
          static_cast<ssize_t>(sizeof(pool.bytes))) {
        abort();
      }
      pool.used = 0;
    }
    std::string uuid(pool.bytes + pool.used, kUuidBytes);
    pool.used += kUuidBytes;
    // RFC 9562, section 5.4: version 4, variant 10.
    uuid[6] = static_cast<char>((uuid[6] & 0x0f) | 0x40);
    uuid[8] = static_cast<char>((uuid[8] & 0x3f) | 0x80);
    return uuid;
  }

 private:
  static constexpr size_t kUuidBytes = 16;
  // getrandom never returns less than asked for up to 256 bytes.
  struct Pool {
    char bytes[256];
    size_t used = sizeof(bytes);
  };
};

}  // namespace

Clock& SystemClock() {
  static MachineClock clock;
  return clock;
}

IdSource& SystemIds() {
  static MachineIds ids;
  return ids;
}

}  // namespace dailyfeed

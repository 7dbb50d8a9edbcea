// RocksDB's environment on a FaultDisk: for tests of what a crash, a failing
// operation or a full disk does to the log and the store.
//
//   FaultEnv env;
//   auto log = OpenRocksEventLog("/log", {.env = env.env()});
//   ...
//   env.disk().CrashNow(FaultDisk::Crash::kPowerTorn, seed);
//   log->reset();            // whatever it still tries fails
//   env.disk().Restart();
//   log = OpenRocksEventLog("/log", {.env = env.env()});
//
// Everything opened through it must be gone before it is.
#ifndef DAILYFEED_ADAPTERS_ROCKSDB_TESTING_FAULT_ENV_H_
#define DAILYFEED_ADAPTERS_ROCKSDB_TESTING_FAULT_ENV_H_

#include <memory>

#include "adapters/rocksdb/testing/fault_disk.h"

namespace rocksdb {
class Env;
}

namespace dailyfeed {

class FaultEnv {
 public:
  FaultEnv();
  ~FaultEnv();
  FaultEnv(const FaultEnv&) = delete;
  FaultEnv& operator=(const FaultEnv&) = delete;

  rocksdb::Env* env() const { return env_.get(); }
  FaultDisk& disk() { return disk_; }

 private:
  FaultDisk disk_;
  std::unique_ptr<rocksdb::Env> env_;
};

}  // namespace dailyfeed

#endif  // DAILYFEED_ADAPTERS_ROCKSDB_TESTING_FAULT_ENV_H_

// Writes end at the first failure: whether of a write of ours, of a sync, or
// of RocksDB's background work. Nobody can know what the disk holds then, so
// only opening again, which reads it, brings writes back.
//
// Threads: from any.
#ifndef DAILYFEED_ADAPTERS_ROCKSDB_DATABASE_FAIL_STOP_H_
#define DAILYFEED_ADAPTERS_ROCKSDB_DATABASE_FAIL_STOP_H_

#include <rocksdb/listener.h>

#include <atomic>
#include <mutex>

#include "absl/status/status.h"

namespace dailyfeed {

class FailStop final : public rocksdb::EventListener {
 public:
  // OK while writes are accepted, else why not.
  absl::Status status() const;

  // Refuses writes from now on. The first reason is kept and returned.
  absl::Status Trip(absl::Status why);

  void OnBackgroundError(rocksdb::BackgroundErrorReason reason, rocksdb::Status* error) override;
  void OnErrorRecoveryBegin(rocksdb::BackgroundErrorReason reason, rocksdb::Status error,
                            bool* auto_recovery) override;

 private:
  std::atomic<bool> tripped_{false};
  mutable std::mutex mutex_;
  absl::Status why_;
};

}  // namespace dailyfeed

#endif  // DAILYFEED_ADAPTERS_ROCKSDB_DATABASE_FAIL_STOP_H_

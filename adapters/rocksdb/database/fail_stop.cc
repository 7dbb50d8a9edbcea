#include "adapters/rocksdb/database/fail_stop.h"

#include <utility>

#include "adapters/rocksdb/database/rocks_status.h"

namespace dailyfeed {

absl::Status FailStop::status() const {
  if (!tripped_.load(std::memory_order_acquire)) return absl::OkStatus();
  std::lock_guard<std::mutex> lock(mutex_);
  return why_;
}

absl::Status FailStop::Trip(absl::Status why) {
  std::lock_guard<std::mutex> lock(mutex_);
  if (why_.ok()) why_ = std::move(why);
  tripped_.store(true, std::memory_order_release);
  return why_;
}

void FailStop::OnBackgroundError(rocksdb::BackgroundErrorReason, rocksdb::Status* error) {
  if (error->ok()) return;
  Trip(FromRocksWrite(*error, "background work of the database")).IgnoreError();
}

void FailStop::OnErrorRecoveryBegin(rocksdb::BackgroundErrorReason, rocksdb::Status,
                                    bool* auto_recovery) {
  *auto_recovery = false;
}

}  // namespace dailyfeed

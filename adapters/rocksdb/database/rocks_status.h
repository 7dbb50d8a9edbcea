// What went wrong in RocksDB, as the statuses of this project.
#ifndef DAILYFEED_ADAPTERS_ROCKSDB_DATABASE_ROCKS_STATUS_H_
#define DAILYFEED_ADAPTERS_ROCKSDB_DATABASE_ROCKS_STATUS_H_

#include <string_view>

#include "absl/status/status.h"

namespace rocksdb {
class Status;
}

namespace dailyfeed {

// A read or an open: damaged or missing files are DATA_LOSS, a failing or full
// disk is UNAVAILABLE with SERVICE_UNAVAILABLE. `what` begins the message.
absl::Status FromRocks(const rocksdb::Status& status, std::string_view what);

// A write: UNAVAILABLE with SERVICE_UNAVAILABLE whatever the reason, saying
// that a restart is needed; "disk full" when that is the reason.
absl::Status FromRocksWrite(const rocksdb::Status& status, std::string_view what);

}  // namespace dailyfeed

#endif  // DAILYFEED_ADAPTERS_ROCKSDB_DATABASE_ROCKS_STATUS_H_

// How RocksDB is set up for the event log, with the reasons.
#ifndef DAILYFEED_ADAPTERS_ROCKSDB_LOG_ROCKS_LOG_OPTIONS_H_
#define DAILYFEED_ADAPTERS_ROCKSDB_LOG_ROCKS_LOG_OPTIONS_H_

#include <rocksdb/db.h>

#include <memory>
#include <vector>

#include "adapters/rocksdb/database/fail_stop.h"
#include "adapters/rocksdb/log/rocks_event_log.h"
#include "adapters/rocksdb/log/rocks_log.h"

namespace dailyfeed {

rocksdb::DBOptions LogDatabaseOptions(rocksdb::Env* env, const RocksLogOptions& options,
                                      std::shared_ptr<FailStop> fail_stop);

// In the order of LogFamily, the default family (unused) behind them.
// `expiry_clock` decides which idempotency records compaction may drop.
std::vector<rocksdb::ColumnFamilyDescriptor> LogFamilies(const RocksLogOptions& options,
                                                         std::shared_ptr<ExpiryClock> expiry_clock);

}  // namespace dailyfeed

#endif  // DAILYFEED_ADAPTERS_ROCKSDB_LOG_ROCKS_LOG_OPTIONS_H_

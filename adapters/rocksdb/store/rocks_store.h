// Store (core/engine/store.h) on RocksDB: the read models on disk.
#ifndef DAILYFEED_ADAPTERS_ROCKSDB_STORE_ROCKS_STORE_H_
#define DAILYFEED_ADAPTERS_ROCKSDB_STORE_ROCKS_STORE_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "core/ports/store.h"

namespace rocksdb {
class Env;
}

namespace dailyfeed {

struct RocksStoreOptions {
  rocksdb::Env* env = nullptr;    // not owned; nullptr: the machine's
  bool sync_every_write = false;  // secrets: durable when Write returns
  bool read_only = false;
  // Small, because RocksDB's skip list is as fast as it fits the processor's
  // caches: 64 MiB cost a third more a like.
  size_t memtable_bytes = 8u << 20;
  size_t block_cache_bytes = 128u << 20;
};

// Opens or creates. Same errors as OpenRocksEventLog.
absl::StatusOr<std::unique_ptr<Store>> OpenRocksStore(const std::string& directory,
                                                      const RocksStoreOptions& options);

}  // namespace dailyfeed

#endif  // DAILYFEED_ADAPTERS_ROCKSDB_STORE_ROCKS_STORE_H_

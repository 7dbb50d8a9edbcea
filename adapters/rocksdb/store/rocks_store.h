// Store (core/ports/store.h) on RocksDB: the read models and the secrets on disk.
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
  // False: writes go to memory and from there to tables, for a store that is
  // built once and can be built again. A crash takes a suffix of the writes,
  // back to the last Sync, which flushes. Not together with sync_every_write.
  bool write_ahead_log = true;
  bool read_only = false;
  // Small, because RocksDB's skip list is as fast as it fits the processor's
  // caches: 64 MiB cost a third more a like.
  size_t memtable_bytes = 8u << 20;
  size_t block_cache_bytes = 128u << 20;
};

// A store with files.
class RocksStore : public Store {
 public:
  // Makes a copy of the store in `directory`, which is created if it is missing
  // and must be empty otherwise. The copy opens like any store and has every
  // write that returned before the call. Tables are hard links where the file
  // system allows it. Writes wait while files are linked, and not while
  // memtables are flushed before. After an error the directory holds nothing of
  // use. UNAVAILABLE when writes are refused; FAILED_PRECONDITION when the
  // directory has files.
  virtual absl::Status CheckpointTo(const std::string& directory) = 0;

  // The bytes of the tables and of the write-ahead log on disk. Cheap: asks
  // RocksDB and does not walk over the directory.
  virtual uint64_t StorageBytes() const = 0;
};

// The descriptors that so many logs and stores of this process use at most, by
// the process's limit of descriptors now. Raise the limit before opening.
uint64_t DescriptorsWanted(int databases);

// Opens or creates. Same errors as OpenRocksEventLog.
absl::StatusOr<std::unique_ptr<RocksStore>> OpenRocksStore(const std::string& directory,
                                                           const RocksStoreOptions& options);

}  // namespace dailyfeed

#endif  // DAILYFEED_ADAPTERS_ROCKSDB_STORE_ROCKS_STORE_H_

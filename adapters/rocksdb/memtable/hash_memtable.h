// A memtable for rows that are looked up one by one and scanned seldom: a hash
// table of keys, sorted only when somebody walks over it (a flush, a scan).
//
// Why not RocksDB's own: an insert at random into its skip list costs about
// three microseconds once the list is larger than the processor's cache, and
// decides how many events a second the log takes and how long it recovers; its
// hash tables build that skip list when they are flushed.
// docs/decisions/0012-memtables.md has the numbers.
//
//   options.memtable_factory = NewHashMemtableFactory(options.write_buffer_size);
//   options.allow_concurrent_memtable_write = false;   // it has one writer
#ifndef DAILYFEED_ADAPTERS_ROCKSDB_MEMTABLE_HASH_MEMTABLE_H_
#define DAILYFEED_ADAPTERS_ROCKSDB_MEMTABLE_HASH_MEMTABLE_H_

#include <rocksdb/memtablerep.h>

#include <cstddef>
#include <memory>

namespace dailyfeed {

// For column families without a prefix extractor. One thread writes, any
// number read meanwhile.
// `memtable_bytes`, the size at which RocksDB flushes it, decides on the size
// of the table, an eighth of that.
std::shared_ptr<rocksdb::MemTableRepFactory> NewHashMemtableFactory(size_t memtable_bytes);

}  // namespace dailyfeed

#endif  // DAILYFEED_ADAPTERS_ROCKSDB_MEMTABLE_HASH_MEMTABLE_H_

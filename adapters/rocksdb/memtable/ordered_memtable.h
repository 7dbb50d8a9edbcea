// A memtable for rows that are walked over in order: a skip list whose nodes
// carry the beginning of their key as a number.
//
// Why not RocksDB's own, which is a skip list too: there a comparison is two
// calls through tables of functions, counters in the thread's local storage
// and, in Debian's build, assertions; and it reads the key where the entry
// lies. Here most comparisons are of two numbers in the node.
// docs/decisions/0012-memtables.md has the numbers.
//
//   options.memtable_factory = NewOrderedMemtableFactory();
//   options.allow_concurrent_memtable_write = false;   // it has one writer
#ifndef DAILYFEED_ADAPTERS_ROCKSDB_MEMTABLE_ORDERED_MEMTABLE_H_
#define DAILYFEED_ADAPTERS_ROCKSDB_MEMTABLE_ORDERED_MEMTABLE_H_

#include <rocksdb/memtablerep.h>

#include <memory>

namespace dailyfeed {

// For column families in the order of bytes, RocksDB's default. One thread
// writes, any number read meanwhile. Cheapest when the keys of a batch come in
// order: an insert begins where the last one was.
std::shared_ptr<rocksdb::MemTableRepFactory> NewOrderedMemtableFactory();

}  // namespace dailyfeed

#endif  // DAILYFEED_ADAPTERS_ROCKSDB_MEMTABLE_ORDERED_MEMTABLE_H_

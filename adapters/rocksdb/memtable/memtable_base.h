// What our memtables share as plug-ins of RocksDB: memory for nodes, memory for
// iterators that RocksDB ends without freeing them, and what RocksDB must not
// ask of them.
#ifndef DAILYFEED_ADAPTERS_ROCKSDB_MEMTABLE_MEMTABLE_BASE_H_
#define DAILYFEED_ADAPTERS_ROCKSDB_MEMTABLE_MEMTABLE_BASE_H_

#include <rocksdb/memtablerep.h>
#include <rocksdb/slice.h>
#include <rocksdb/version.h>

#include <cstddef>
#include <memory>
#include <new>
#include <utility>
#include <vector>

#include "adapters/rocksdb/database/rocks_files.h"
#include "adapters/rocksdb/memtable/entry.h"

namespace dailyfeed {

// MemTableRep::Get of this version asks for an iterator that it never deletes,
// and ours stands on the stack then. Look again before raising this.
static_assert(ROCKSDB_MAJOR == 7 && ROCKSDB_MINOR == 8);

// With an arena RocksDB only calls the destructor of an iterator. The arena's
// type is RocksDB's own, so such an iterator takes its memory from its thread,
// and its destructor hands it to the thread that it runs on. No iterator may
// outlive its thread's end.
class IteratorMemory {
 public:
  static constexpr size_t kBytes = 64;

  static void* Take() {
    std::vector<void*>& free = OfThread().free;
    if (free.empty()) return ::operator new(kBytes);
    void* const memory = free.back();
    free.pop_back();
    return memory;
  }
  // Still in use until the destructor that calls this is through.
  static void Return(void* memory) {
    std::vector<void*>& free = OfThread().free;
    if (free.size() == kKept) {
      ::operator delete(free.back());
      free.pop_back();
    }
    free.push_back(memory);
  }

 private:
  static constexpr size_t kKept = 64;
  struct Free {
    std::vector<void*> free;
    ~Free() {
      for (void* const memory : free) ::operator delete(memory);
    }
  };
  static Free& OfThread() {
    thread_local Free free;
    return free;
  }
};

template <typename Iterator>
class ArenaIterator final : public Iterator {
 public:
  using Iterator::Iterator;
  ~ArenaIterator() override { IteratorMemory::Return(this); }
};

class MemtableBase : public rocksdb::MemTableRep {
 public:
  // RocksDB's look-up asks for an iterator and never deletes it, and its
  // LookupKey is not ours to read: so the iterator stands here.
  void Get(const rocksdb::LookupKey& key, void* arguments,
           bool (*visit)(void* arguments, const char* entry)) final {
    alignas(std::max_align_t) std::byte memory[IteratorMemory::kBytes];
    void* const outer = std::exchange(lookup_memory_, memory);
    MemTableRep::Get(key, arguments, visit);
    lookup_memory_ = outer;
  }

 protected:
  using MemTableRep::MemTableRep;

  // Of RocksDB's arena: it lives as long as the memtable.
  TableMemory ArenaMemory() {
    return [this](size_t bytes) {
      char* memory = nullptr;
      MemTableRep::Allocate(bytes, &memory);
      return memory;
    };
  }

  // An iterator that a look-up may ask for. It has nothing to clean up.
  template <typename Iterator, typename Table>
  static Iterator* NewLookupIterator(rocksdb::Arena* arena, const Table& table) {
    static_assert(sizeof(Iterator) <= IteratorMemory::kBytes);
    if (arena == nullptr && lookup_memory_ != nullptr) return new (lookup_memory_) Iterator(table);
    return NewWalkIterator<Iterator>(arena, table);
  }
  template <typename Iterator, typename Table>
  static Iterator* NewWalkIterator(rocksdb::Arena* arena, const Table& table) {
    if (arena == nullptr) return new Iterator(table);
    static_assert(sizeof(ArenaIterator<Iterator>) <= IteratorMemory::kBytes);
    return new (IteratorMemory::Take()) ArenaIterator<Iterator>(table);
  }

 private:
  static inline thread_local void* lookup_memory_ = nullptr;
};

// Ends the process unless the column family has keys in the order of bytes,
// RocksDB's default, and no prefix extractor: with one RocksDB asks for
// iterators that our memtables do not have.
void CheckColumnFamily(const rocksdb::MemTableRep::KeyComparator& compare,
                       const rocksdb::SliceTransform* prefix_extractor);

}  // namespace dailyfeed

#endif  // DAILYFEED_ADAPTERS_ROCKSDB_MEMTABLE_MEMTABLE_BASE_H_

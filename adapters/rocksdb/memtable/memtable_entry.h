// What our memtables share: how RocksDB encodes an entry, and where iterators
// lie that RocksDB ends without freeing them.
#ifndef DAILYFEED_ADAPTERS_ROCKSDB_MEMTABLE_MEMTABLE_ENTRY_H_
#define DAILYFEED_ADAPTERS_ROCKSDB_MEMTABLE_MEMTABLE_ENTRY_H_

#include <rocksdb/memtablerep.h>
#include <rocksdb/slice.h>
#include <rocksdb/version.h>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <new>
#include <string_view>
#include <utility>
#include <vector>

#include "adapters/rocksdb/database/bytes.h"

namespace dailyfeed {

// MemTableRep::Get of this version asks for an iterator that it never deletes,
// and ours lies on the stack then. Look again before raising this.
static_assert(ROCKSDB_MAJOR == 7 && ROCKSDB_MINOR == 8);

// An internal key is the user key and behind it the sequence number and the
// type, packed into 8 bytes. Newer entries of a user key come first.
struct ParsedKey {
  std::string_view user_key;
  uint64_t packed;  // higher is newer
};

inline ParsedKey ParseInternalKey(const rocksdb::Slice& key) {
  const size_t size = key.size() - sizeof(uint64_t);
  return {{key.data(), size}, LoadLittle<uint64_t>(key.data() + size)};
}

// An entry begins with the size of its internal key, a varint, and that key.
inline ParsedKey ParseEntry(const char* entry) {
  uint32_t size = 0;
  const auto* byte = reinterpret_cast<const uint8_t*>(entry);
  for (int shift = 0;; shift += 7, ++byte) {
    size |= static_cast<uint32_t>(*byte & 0x7f) << shift;
    if (*byte < 0x80) break;
  }
  return ParseInternalKey(rocksdb::Slice(reinterpret_cast<const char*>(byte + 1), size));
}

// With an arena RocksDB only calls the destructor of an iterator. The arena's
// type is RocksDB's own, so such an iterator takes its memory from its thread,
// and its destructor hands it to the thread that it runs on.
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

// What MemTableRep's functions for iterators return.
template <typename Iterator, typename Table>
rocksdb::MemTableRep::Iterator* NewMemtableIterator(rocksdb::Arena* arena, const Table& table) {
  if (arena == nullptr) return new Iterator(table);
  static_assert(sizeof(ArenaIterator<Iterator>) <= IteratorMemory::kBytes);
  return new (IteratorMemory::Take()) ArenaIterator<Iterator>(table);
}

}  // namespace dailyfeed

#endif  // DAILYFEED_ADAPTERS_ROCKSDB_MEMTABLE_MEMTABLE_ENTRY_H_

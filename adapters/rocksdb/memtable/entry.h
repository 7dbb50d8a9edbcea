// What a memtable knows of an entry. RocksDB encodes it: the size of the
// internal key, a varint; the internal key; and the value, which a memtable
// passes on unread. An internal key is the user key, the sequence number and
// the type of the change, the last two packed into 8 bytes.
//
// This file and the tables that use it know no type of RocksDB, so that
// ThreadSanitizer sees every access in their tests.
#ifndef DAILYFEED_ADAPTERS_ROCKSDB_MEMTABLE_ENTRY_H_
#define DAILYFEED_ADAPTERS_ROCKSDB_MEMTABLE_ENTRY_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>

#include "adapters/rocksdb/database/bytes.h"
#include "core/base/check.h"

namespace dailyfeed {

// Entries are in the order of their user keys, and newer entries of a user key
// come first.
struct EntryKey {
  std::string_view user_key;
  uint64_t packed = 0;  // higher is newer
  friend bool operator==(const EntryKey&, const EntryKey&) = default;
};

inline EntryKey ParseInternalKey(std::string_view key) {
  const size_t size = key.size() - sizeof(uint64_t);
  return {key.substr(0, size), LoadLittle<uint64_t>(key.data() + size)};
}

inline EntryKey ParseEntry(const char* entry) {
  uint32_t size = 0;
  const auto* byte = reinterpret_cast<const uint8_t*>(entry);
  for (int shift = 0;; shift += 7, ++byte) {
    size |= static_cast<uint32_t>(*byte & 0x7f) << shift;
    if (*byte < 0x80) break;
  }
  return ParseInternalKey({reinterpret_cast<const char*>(byte + 1), size});
}

// Gives memory of any alignment that lives as long as the table.
using TableMemory = std::function<char*(size_t bytes)>;

// `bytes` of `memory` at an address where a T may stand.
template <typename T>
void* AllocateAligned(const TableMemory& memory, size_t bytes) {
  size_t space = bytes + alignof(T);
  void* address = memory(space);
  DAILYFEED_CHECK(std::align(alignof(T), bytes, address, space) != nullptr);
  return address;
}

}  // namespace dailyfeed

#endif  // DAILYFEED_ADAPTERS_ROCKSDB_MEMTABLE_ENTRY_H_

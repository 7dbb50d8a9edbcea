// The keys of the read-model store: which generation a row belongs to, and the
// runtime's own rows. docs/reference/views-format.md is their specification.
#ifndef DAILYFEED_PROJECTIONS_RUNTIME_KEYSPACE_H_
#define DAILYFEED_PROJECTIONS_RUNTIME_KEYSPACE_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/domain/types.h"
#include "core/ports/store.h"

namespace dailyfeed {

// Prefixes each row key of one generation, as 4 bytes, big-endian.
using Keyspace = uint32_t;
inline constexpr Keyspace kRuntimeKeyspace = 0;
inline constexpr Keyspace kFirstKeyspace = 256;
inline constexpr size_t kKeyspaceBytes = 4;
inline constexpr uint32_t kViewsFormatVersion = 1;

// From `first` to the one before `behind`.
struct KeyspaceInterval {
  Keyspace first = 0;
  Keyspace behind = 0;
  bool operator==(const KeyspaceInterval&) const = default;
};

std::string KeyspacePrefix(Keyspace keyspace);
// Every key of the keyspace.
KeyRange KeyspaceRange(Keyspace keyspace);

// The runtime's own rows.
std::string StoreRecordKey();
std::string ProjectionRecordKey(std::string_view projection);
KeyRange ProjectionRecordRange();  // the rest of a key is the projection's name
std::string CheckpointKey(Keyspace keyspace);
std::string ParkedRecordKey(Keyspace keyspace, std::string_view key);
std::string ParkedEventKey(Keyspace keyspace, std::string_view key, Position position);

KeyRange ParkedRecordRange(Keyspace keyspace);
KeyRange ParkedEventRange(Keyspace keyspace);  // of all keys
KeyRange ParkedEventRange(Keyspace keyspace, std::string_view key);

// The parking key in a row key of ParkedRecordRange.
std::string_view ParkedRecordName(std::string_view row_key);
// nullopt: not a key of ParkedEventRange.
struct ParkedEventName {
  std::string_view key;
  Position position = 0;
};
std::optional<ParkedEventName> ParseParkedEventKey(std::string_view row_key);

// Where the rows of this and every higher keyspace are, and those the runtime
// keeps for them.
std::vector<KeyRange> RangesFrom(Keyspace first);

// Deletes every row of a generation: its own, its checkpoint, its parked keys.
void DeleteKeyspace(Keyspace keyspace, StoreBatch* batch);

}  // namespace dailyfeed

#endif  // DAILYFEED_PROJECTIONS_RUNTIME_KEYSPACE_H_

#include "projections/runtime/keyspace.h"

#include <utility>

namespace dailyfeed {
namespace {

// The byte behind keyspace 0 that says what a row of the runtime is.
enum class RowKind : char {
  kCheckpoint = 'C',
  kParkedEvent = 'E',
  kParkedKey = 'K',
  kProjection = 'P',
  kStore = 'S',
};

constexpr size_t kPositionBytes = 8;

template <typename Integer>
void AppendBigEndian(Integer value, size_t bytes, std::string* out) {
  for (size_t i = bytes; i > 0; --i) {
    out->push_back(static_cast<char>(static_cast<uint8_t>(value >> (8 * (i - 1)))));
  }
}

uint64_t ReadBigEndian(std::string_view bytes) {
  uint64_t value = 0;
  for (char byte : bytes) value = (value << 8) | static_cast<uint8_t>(byte);
  return value;
}

std::string RowKey(RowKind kind) {
  std::string key = KeyspacePrefix(kRuntimeKeyspace);
  key.push_back(static_cast<char>(kind));
  return key;
}

std::string RowKey(RowKind kind, Keyspace keyspace) {
  std::string key = RowKey(kind);
  AppendBigEndian(keyspace, kKeyspaceBytes, &key);
  return key;
}

constexpr size_t kRowKeyBytes = kKeyspaceBytes + 1 + kKeyspaceBytes;

// Keyspaces count up from 256, so the one behind always exists.
KeyRange RowRange(RowKind kind, Keyspace keyspace) {
  return {RowKey(kind, keyspace), RowKey(kind, keyspace + 1)};
}

// The length keeps the events of "a" and "ab" apart.
std::string ParkedEventPrefix(Keyspace keyspace, std::string_view key) {
  std::string row = RowKey(RowKind::kParkedEvent, keyspace);
  AppendBigEndian(static_cast<uint32_t>(key.size()), sizeof(uint32_t), &row);
  row.append(key);
  return row;
}

}  // namespace

std::string KeyspacePrefix(Keyspace keyspace) {
  std::string prefix;
  AppendBigEndian(keyspace, kKeyspaceBytes, &prefix);
  return prefix;
}

KeyRange KeyspaceRange(Keyspace keyspace) {
  return {KeyspacePrefix(keyspace), KeyspacePrefix(keyspace + 1)};
}

std::string StoreRecordKey() { return RowKey(RowKind::kStore); }

std::string ProjectionRecordKey(std::string_view projection) {
  return RowKey(RowKind::kProjection).append(projection);
}

KeyRange ProjectionRecordRange() {
  KeyRange range{RowKey(RowKind::kProjection), RowKey(RowKind::kProjection)};
  ++range.upper.back();
  return range;
}

std::string CheckpointKey(Keyspace keyspace) { return RowKey(RowKind::kCheckpoint, keyspace); }

std::string ParkedRecordKey(Keyspace keyspace, std::string_view key) {
  return RowKey(RowKind::kParkedKey, keyspace).append(key);
}

std::string ParkedEventKey(Keyspace keyspace, std::string_view key, Position position) {
  std::string row = ParkedEventPrefix(keyspace, key);
  AppendBigEndian(position, kPositionBytes, &row);
  return row;
}

KeyRange ParkedRecordRange(Keyspace keyspace) { return RowRange(RowKind::kParkedKey, keyspace); }

KeyRange ParkedEventRange(Keyspace keyspace) { return RowRange(RowKind::kParkedEvent, keyspace); }

KeyRange ParkedEventRange(Keyspace keyspace, std::string_view key) {
  // Positions stay far below 2^64-1, so 8 bytes of ones are behind them all.
  return {ParkedEventPrefix(keyspace, key), ParkedEventKey(keyspace, key, ~Position{0})};
}

std::string_view ParkedRecordName(std::string_view row_key) { return row_key.substr(kRowKeyBytes); }

std::optional<ParkedEventName> ParseParkedEventKey(std::string_view row_key) {
  if (row_key.size() < kRowKeyBytes + sizeof(uint32_t) + kPositionBytes) return std::nullopt;
  std::string_view rest = row_key.substr(kRowKeyBytes);
  const size_t key_size = ReadBigEndian(rest.substr(0, sizeof(uint32_t)));
  rest.remove_prefix(sizeof(uint32_t));
  if (rest.size() != key_size + kPositionBytes) return std::nullopt;
  return ParkedEventName{rest.substr(0, key_size), ReadBigEndian(rest.substr(key_size))};
}

std::vector<KeyRange> RangesFrom(Keyspace first) {
  std::vector<KeyRange> ranges = {{KeyspacePrefix(first), ""}};
  for (const RowKind kind : {RowKind::kCheckpoint, RowKind::kParkedEvent, RowKind::kParkedKey}) {
    std::string behind = RowKey(kind);
    ++behind.back();
    ranges.push_back({RowKey(kind, first), std::move(behind)});
  }
  return ranges;
}

void DeleteKeyspace(Keyspace keyspace, StoreBatch* batch) {
  for (const KeyRange& range :
       {KeyspaceRange(keyspace), ParkedRecordRange(keyspace), ParkedEventRange(keyspace)}) {
    batch->DeleteRange(range.lower, range.upper);
  }
  batch->Delete(CheckpointKey(keyspace));
}

}  // namespace dailyfeed

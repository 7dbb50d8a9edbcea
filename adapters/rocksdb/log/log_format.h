// The bytes of the event log; docs/reference/log-format.md describes them and
// testdata/log-format/ keeps them fixed.
#ifndef DAILYFEED_ADAPTERS_ROCKSDB_LOG_LOG_FORMAT_H_
#define DAILYFEED_ADAPTERS_ROCKSDB_LOG_LOG_FORMAT_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "adapters/rocksdb/database/bytes.h"
#include "adapters/rocksdb/database/crc32c.h"
#include "adapters/rocksdb/wal/watermark_file.h"
#include "core/domain/events.pb.h"
#include "core/domain/types.h"
#include "core/ports/event_log.h"

namespace dailyfeed {

// Beside the database in the log's directory; see watermark_file.h.
inline std::string HeadPath(const std::string& directory) { return directory + "/HEAD"; }

// Column families, in the order of their ids in a new log.
inline constexpr char kMetaFamily[] = "meta";
inline constexpr char kEventsFamily[] = "events";
inline constexpr char kStreamsFamily[] = "streams";
inline constexpr char kDecisionFamily[] = "decision";
inline constexpr char kIdempotencyFamily[] = "idempotency";
inline constexpr char kDaysFamily[] = "days";

// Rows of `meta`.
inline constexpr char kFormatKey[] = "format";       // the version, 4 bytes little-endian
inline constexpr char kLogHeadKey[] = "head";        // LogHead
inline constexpr char kTimeZoneKey[] = "time_zone";  // of the days, by its IANA name

// In every family but `meta` and `events`: the number of the last batch, so
// that a family that fell behind the others is found at open. No other row has
// this key.
inline constexpr std::string_view kBatchNumberKey = kReservedLogKey;

// A key of fixed width, without a heap.
template <size_t kBytes>
struct FixedKey {
  std::array<char, kBytes> bytes;
  std::string_view view() const { return {bytes.data(), bytes.size()}; }
};

inline FixedKey<8> EventKey(Position position) {
  FixedKey<8> key;
  StoreBig(position, key.bytes.data());
  return key;
}

struct StreamId {
  uint8_t kind = 0;
  uint64_t id = 0;
  friend bool operator==(const StreamId&, const StreamId&) = default;
  template <typename H>
  friend H AbslHashValue(H h, const StreamId& stream) {
    return H::combine(std::move(h), stream.kind, stream.id);
  }
};

inline FixedKey<9> StreamKey(const StreamId& stream) {
  FixedKey<9> key;
  key.bytes[0] = static_cast<char>(stream.kind);
  StoreBig(stream.id, key.bytes.data() + 1);
  return key;
}

// The last event of a stream.
struct StreamEnd {
  StreamVersion version = 0;  // 0: the stream is empty
  Position position = 0;
  friend bool operator==(const StreamEnd&, const StreamEnd&) = default;
};
inline FixedKey<16> StreamEndValue(const StreamEnd& end) {
  FixedKey<16> value;
  StoreLittle(end.version, value.bytes.data());
  StoreLittle(end.position, value.bytes.data() + 8);
  return value;
}
inline std::optional<StreamEnd> ParseStreamEnd(std::string_view value) {
  if (value.size() != 16) return std::nullopt;
  return StreamEnd{LoadLittle<uint64_t>(value.data()), LoadLittle<uint64_t>(value.data() + 8)};
}

inline FixedKey<12> DayKey(Day day, Position first) {
  FixedKey<12> key;
  StoreBig(static_cast<uint32_t>(day), key.bytes.data());
  StoreBig(first, key.bytes.data() + 4);
  return key;
}

// Positions and versions as values.
inline FixedKey<8> NumberValue(uint64_t number) {
  FixedKey<8> value;
  StoreLittle(number, value.bytes.data());
  return value;
}
inline std::optional<uint64_t> ParseNumber(std::string_view value) {
  if (value.size() != sizeof(uint64_t)) return std::nullopt;
  return LoadLittle<uint64_t>(value.data());
}

// Before the event's bytes: the checksum (4) of everything else, key included,
// and the position of the event before it in its stream (8; 0: it is the
// first).
inline constexpr size_t kEventCrcBytes = 4;
inline constexpr size_t kEventHeaderBytes = 12;
inline uint32_t EventCrc(std::string_view key, std::string_view previous, std::string_view bytes) {
  return MaskCrc(Crc32c(Crc32c(Crc32c(0, key), previous), bytes));
}
inline FixedKey<kEventHeaderBytes> EventHeader(std::string_view key, Position previous,
                                               std::string_view bytes) {
  FixedKey<kEventHeaderBytes> header;
  StoreLittle(previous, header.bytes.data() + kEventCrcBytes);
  StoreLittle(EventCrc(key, header.view().substr(kEventCrcBytes), bytes), header.bytes.data());
  return header;
}

// Before the value of an idempotency record: when it expires, ns.
inline constexpr size_t kIdempotencyHeaderBytes = 8;

// The row "head" of `meta`.
struct LogHead {
  uint64_t batch_number = 0;  // batches appended so far
  Position position = 0;      // of the last event
  Day day = 0;                // of the last event; 0: no event
  Position day_first = 0;     // the first position of the range it lies in
};
inline std::string EncodeLogHead(const LogHead& head) {
  std::string value;
  AppendLittle<uint64_t>(head.batch_number, &value);
  AppendLittle<uint64_t>(head.position, &value);
  AppendLittle<uint32_t>(static_cast<uint32_t>(head.day), &value);
  AppendLittle<uint64_t>(head.day_first, &value);
  return value;
}
inline std::optional<LogHead> ParseLogHead(std::string_view value) {
  if (value.size() != 28) return std::nullopt;
  LogHead head;
  head.batch_number = LoadLittle<uint64_t>(value.data());
  head.position = LoadLittle<uint64_t>(value.data() + 8);
  head.day = static_cast<Day>(LoadLittle<uint32_t>(value.data() + 16));
  head.day_first = LoadLittle<uint64_t>(value.data() + 20);
  return head;
}

}  // namespace dailyfeed

#endif  // DAILYFEED_ADAPTERS_ROCKSDB_LOG_LOG_FORMAT_H_

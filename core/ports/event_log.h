// The append-only log, as the engine writes it. Followers of the log need only
// the EventSource in it (event_source.h).
//
// Implementations: adapters/rocksdb/log (on disk), core/ports/memory_event_log.h
// (for the simulator and model tests). Both pass
// core/ports/contracts/event_log_contract.h.
//
//   absl::Status AppendOne(EventLog& log, const v1::Event& event, Day day) {
//     const std::string bytes = event.SerializeAsString();
//     LogBatch batch;
//     batch.events.push_back({.position = event.position(),
//                             .stream_kind = event.stream_kind(),
//                             .stream_id = event.stream_id(),
//                             .stream_version = event.stream_version(),
//                             .day = day,
//                             .bytes = bytes});
//     return log.Append(batch);  // all of it, on disk, or nothing
//   }
//
// Threads: Append from one thread at a time (the log writer); everything else
// from any thread, also during Append.
#ifndef DAILYFEED_CORE_PORTS_EVENT_LOG_H_
#define DAILYFEED_CORE_PORTS_EVENT_LOG_H_

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "core/domain/events.pb.h"
#include "core/domain/types.h"
#include "core/ports/event_source.h"

namespace dailyfeed {

// One event ready to be written. Views into memory of the caller, valid until
// Append returns.
struct LogEntry {
  Position position = 0;
  v1::StreamKind stream_kind = v1::STREAM_KIND_UNSPECIFIED;
  uint64_t stream_id = 0;
  StreamVersion stream_version = 0;
  Day day = 0;             // of occurred-at, in the configured zone
  std::string_view bytes;  // the serialized v1::Event
};

// The key of no decision row and of no idempotency record: logs keep it for
// themselves.
inline constexpr std::string_view kReservedLogKey{"\0", 1};

// A row of decision state; nullopt deletes it.
struct RowChange {
  std::string key;
  std::optional<std::string> value;
};

// The memory of a command that came with an idempotency key.
struct IdempotencyRecord {
  std::string key;  // scope and client key, see engine.h
  TimestampNs expires_at_ns = 0;
  std::string value;  // opaque to the log
};

struct LogBatch {
  std::vector<LogEntry> events;          // positions head+1, head+2, ... without holes
  std::vector<RowChange> decision_rows;  // no key twice
  std::vector<IdempotencyRecord> idempotency;
};

// For implementations of Append: INVALID_ARGUMENT unless `entry` follows the
// event at `position` and version `version` of its stream.
absl::Status CheckFollows(const LogEntry& entry, Position position, StreamVersion version);
// INVALID_ARGUMENT when a decision row or an idempotency record has a key that
// Append refuses.
absl::Status CheckKeys(const LogBatch& batch);

class EventLog : public EventSource {
 public:
  // Writes everything in `batch` or nothing, and returns after it is on disk.
  //
  // INVALID_ARGUMENT when the batch is malformed: a position that does not
  // follow the one before it, a version that does not follow its stream's, an
  // event without a stream or a day, an empty key or kReservedLogKey. Nothing is
  // written then, and the next Append works.
  //
  // After a failed write or sync the log is fail-stop: this and every later
  // Append is UNAVAILABLE until the log is opened again, because the content of
  // the disk is unknown. Reads go on.
  virtual absl::Status Append(const LogBatch& batch) = 0;

  // Why the log refuses writes; OK while it accepts them.
  virtual absl::Status WriteStatus() const = 0;

  // Decision state and idempotency records as of Head(). False: no such row
  // (or an expired record).
  virtual absl::StatusOr<bool> GetDecisionRow(std::string_view key, std::string* value) const = 0;
  virtual absl::StatusOr<bool> GetIdempotencyRecord(std::string_view key, TimestampNs now,
                                                    std::string* value) const = 0;
  // In key order. Stops early when `visit` returns false.
  virtual absl::Status ScanDecisionRows(
      absl::FunctionRef<bool(std::string_view key, std::string_view value)> visit) const = 0;

  // The version of the last event of a stream; 0 when the stream is empty.
  virtual absl::StatusOr<StreamVersion> StreamHead(v1::StreamKind kind, uint64_t id) const = 0;

  // The events of one stream from version `from` on, in order. Errors as of Read.
  virtual absl::Status ReadStream(v1::StreamKind kind, uint64_t id, StreamVersion from,
                                  Visitor visit) const = 0;
  // The events whose occurred-at lies in `day`, in order of position.
  virtual absl::Status ReadDay(Day day, Visitor visit) const = 0;
  // Every day that has events, ascending, with how many.
  struct DayCount {
    Day day = 0;
    uint64_t events = 0;
    Position first = 0;
    Position last = 0;
  };
  virtual absl::StatusOr<std::vector<DayCount>> Days() const = 0;
};

}  // namespace dailyfeed

#endif  // DAILYFEED_CORE_PORTS_EVENT_LOG_H_

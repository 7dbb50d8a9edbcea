// The event log on RocksDB. docs/reference/log-format.md has its bytes.
//
// One RocksDB with a column family each for events, the ends of streams,
// decision state, idempotency and days; an append is one write batch and one sync of
// the write-ahead log. A small file HEAD beside it keeps the position that was
// last acknowledged, so that a write-ahead log that was cut short is found at
// open and never mistaken for the end of the log.
#ifndef DAILYFEED_ADAPTERS_ROCKSDB_LOG_ROCKS_EVENT_LOG_H_
#define DAILYFEED_ADAPTERS_ROCKSDB_LOG_ROCKS_EVENT_LOG_H_

#include <functional>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "core/ports/event_log.h"

namespace rocksdb {
class Env;
}

namespace dailyfeed {

struct RocksLogOptions {
  rocksdb::Env* env = nullptr;  // not owned; nullptr: the machine's
  bool read_only = false;       // for the CLI beside nobody's writer
  // Of the days of the events, by its IANA name. A log keeps the first it is
  // opened with; another is FAILED_PRECONDITION. Empty: whichever it is.
  std::string time_zone;
  size_t event_memtable_bytes = 32u << 20;
  size_t block_cache_bytes = 64u << 20;
  size_t wal_bytes_max = 64u << 20;  // bounds the time of a recovery
  // How far the write-ahead log is filled with zeros ahead of what is written:
  // see wal_env.h.
  size_t wal_ahead_bytes = 256u << 10;
};

// An event log with files.
class RocksEventLog : public EventLog {
 public:
  // Makes a copy of the log in `directory`, which is created if it is missing
  // and must be empty otherwise. The copy opens like any log, stands verify, and
  // has every append that was acknowledged before the call. Tables are hard
  // links where the file system allows it. Appends wait while files are linked,
  // and not while memtables are flushed before. From any thread, one call at a
  // time. After an error the directory holds nothing of use. UNAVAILABLE when
  // writes are refused; FAILED_PRECONDITION when the directory has files.
  virtual absl::Status CheckpointTo(const std::string& directory) = 0;

  // The bytes of the tables and of the write-ahead log on disk. Cheap: asks
  // RocksDB and does not walk over the directory.
  virtual uint64_t StorageBytes() const = 0;
};

// Opens or creates the log in `directory`. FAILED_PRECONDITION when another
// process has it open, with that in the message; DATA_LOSS with the first
// fault found when files are torn, corrupt, missing or of another format
// version, and nothing is changed then.
absl::StatusOr<std::unique_ptr<RocksEventLog>> OpenRocksEventLog(const std::string& directory,
                                                                 const RocksLogOptions& options);

// The answer of `log verify`.
struct VerifyReport {
  Position head = 0;
  uint64_t events = 0;
  uint64_t streams = 0;
  uint64_t decision_rows = 0;
  uint64_t days = 0;
  uint64_t idempotency_records = 0;  // expired ones too, until they are dropped
  // Empty: no fault. Else what is wrong first, naming the position or row.
  std::string fault;
};

// Reads everything: no holes, checksums, every stream whole and in order, day index exact, decision
// state equal to a fold of the log, what is remembered of idempotent commands within it, and every
// block of every file. An error status only when the log cannot be read at all,
// and CANCELLED when `wanted`, asked from time to time, says false. Nobody may
// append meanwhile.
absl::StatusOr<VerifyReport> VerifyRocksEventLog(const EventLog& log,
                                                 std::function<bool()> wanted = nullptr);

// The zone of the days of an event log on RocksDB; Asia/Seoul when the log does not say.
std::string TimeZoneOf(const EventLog& log);

}  // namespace dailyfeed

#endif  // DAILYFEED_ADAPTERS_ROCKSDB_LOG_ROCKS_EVENT_LOG_H_

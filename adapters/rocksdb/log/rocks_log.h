// The implementation behind rocks_event_log.h, for the files of this folder
// that look inside: opening, reading, verifying.
#ifndef DAILYFEED_ADAPTERS_ROCKSDB_LOG_ROCKS_LOG_H_
#define DAILYFEED_ADAPTERS_ROCKSDB_LOG_ROCKS_LOG_H_

#include <rocksdb/db.h>
#include <rocksdb/write_batch.h>

#include <atomic>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "adapters/rocksdb/database/directory_lock.h"
#include "adapters/rocksdb/database/fail_stop.h"
#include "adapters/rocksdb/database/rocks_files.h"
#include "adapters/rocksdb/log/expiry_clock.h"
#include "adapters/rocksdb/log/log_format.h"
#include "adapters/rocksdb/log/rocks_event_log.h"
#include "adapters/rocksdb/log/stream_heads.h"
#include "adapters/rocksdb/wal/manifest_guard.h"
#include "adapters/rocksdb/wal/wal_env.h"
#include "adapters/rocksdb/wal/watermark_file.h"
#include "core/ports/event_log.h"

namespace dailyfeed {

// In the order of kLogFamilies.
enum LogFamily : size_t {
  kMeta,
  kEvents,
  kStreams,
  kDecision,
  kIdempotency,
  kDays,
  kLogFamilyCount,
};

// The families that hold a row kBatchNumberKey.
inline constexpr LogFamily kNumberedFamilies[] = {kStreams, kDecision, kIdempotency, kDays};

// What Open has found and made; see rocks_log_open.cc.
struct LogParts {
  std::string directory;
  rocksdb::Env* env = nullptr;
  bool read_only = false;
  std::unique_ptr<DirectoryLock> lock;
  std::shared_ptr<FailStop> fail_stop;
  std::shared_ptr<ExpiryClock> expiry_clock;
  std::shared_ptr<ManifestGuard> guard;
  std::unique_ptr<WalEnv> wal_env;
  std::unique_ptr<OpenDatabase> database;
  std::unique_ptr<WatermarkFile> head_file;  // null when read-only
  LogHead head;
  std::string time_zone;  // of the days; empty: nobody has said
};

class RocksEventLogImpl final : public RocksEventLog {
 public:
  explicit RocksEventLogImpl(LogParts parts);
  ~RocksEventLogImpl() override;

  Position Head() const override { return head_position_.load(std::memory_order_acquire); }
  absl::Status Append(const LogBatch& batch) override;
  absl::Status WriteStatus() const override;
  absl::StatusOr<bool> GetDecisionRow(std::string_view key, std::string* value) const override;
  absl::StatusOr<bool> GetIdempotencyRecord(std::string_view key, TimestampNs now,
                                            std::string* value) const override;
  absl::Status ScanDecisionRows(
      absl::FunctionRef<bool(std::string_view key, std::string_view value)> visit) const override;
  absl::StatusOr<StreamVersion> StreamHead(v1::StreamKind kind, uint64_t id) const override;
  absl::Status Read(Position from, Visitor visit) const override;
  absl::Status ReadStream(v1::StreamKind kind, uint64_t id, StreamVersion from,
                          Visitor visit) const override;
  absl::Status ReadDay(Day day, Visitor visit) const override;
  absl::StatusOr<std::vector<DayCount>> Days() const override;
  absl::Status CheckpointTo(const std::string& directory) override;
  uint64_t StorageBytes() const override;

  // For verify and for opening.
  rocksdb::DB* db() const { return parts_.database->db.get(); }
  rocksdb::ColumnFamilyHandle* family(LogFamily which) const {
    return parts_.database->families[which];
  }
  const LogParts& parts() const { return parts_; }

  // Does every row agree with the row "head" of `meta`: each family's batch
  // number, the last events, their streams, the open day range. DATA_LOSS
  // when not.
  absl::Status CheckAgreement() const;

  // The event with this key and value, its checksum verified. `previous`, if
  // wanted, gets the position of the one before it in its stream.
  static absl::Status DecodeEvent(Position position, std::string_view value, v1::Event* event,
                                  Position* previous = nullptr);

  // Like Read, with the position of the event before it in its stream.
  using LinkVisitor = absl::FunctionRef<bool(const v1::Event& event, Position previous)>;
  absl::Status ReadLinks(Position first, Position last, LinkVisitor visit, bool* stopped) const;

  // Where the stream ends now.
  absl::StatusOr<StreamEnd> EndOf(const StreamId& stream) const;

 private:
  absl::Status Check(const LogBatch& batch);
  void Encode(const LogBatch& batch, LogHead* head);
  void EncodeDays(const LogBatch& batch, LogHead* head);
  absl::Status Publish(const LogHead& head);
  absl::Status CheckFamilies(const LogHead& head) const;
  absl::Status CheckLastEvents(const LogHead& head) const;
  // The positions of a stream's events from version `from` to `end`.
  absl::StatusOr<std::vector<Position>> FollowLinks(const StreamId& stream, StreamVersion from,
                                                    const StreamEnd& end) const;
  // Sets `*stopped` when `visit` had enough.
  absl::Status ReadRange(Position first, Position last, Visitor visit, bool* stopped) const;
  absl::Status ReadPositions(const std::vector<Position>& positions, Visitor visit,
                             bool* stopped) const;

  LogParts parts_;
  std::atomic<Position> head_position_;
  mutable StreamHeads stream_heads_;

  // Held during Append, and while the files are copied.
  std::mutex append_mutex_;
  LogHead head_;
  StreamHeads::Map batch_ends_;
  std::vector<Position> batch_previous_;  // of each event, in its stream
  rocksdb::WriteBatch write_batch_;
};

// A row's value; nullopt when there is no such row.
absl::StatusOr<std::optional<std::string>> GetRow(rocksdb::DB* db,
                                                  rocksdb::ColumnFamilyHandle* family,
                                                  std::string_view key, std::string_view what);

}  // namespace dailyfeed

#endif  // DAILYFEED_ADAPTERS_ROCKSDB_LOG_ROCKS_LOG_H_

// An EventLog in memory: for the simulator and model tests. "Durable" means
// "in this object".
//
//   MemoryEventLog log;
//   log.FailAppends(absl::UnavailableError("disk full"));   // fail-stop from here
#ifndef DAILYFEED_CORE_PORTS_MEMORY_EVENT_LOG_H_
#define DAILYFEED_CORE_PORTS_MEMORY_EVENT_LOG_H_

#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "core/ports/event_log.h"

namespace dailyfeed {

class MemoryEventLog final : public EventLog {
 public:
  Position Head() const override;
  absl::Status Append(const LogBatch& batch) override;
  absl::Status WriteStatus() const override;
  absl::StatusOr<bool> GetDecisionRow(std::string_view key, std::string* value) const override;
  absl::StatusOr<bool> GetIdempotencyRecord(std::string_view key, TimestampNs now,
                                            std::string* value) const override;
  absl::Status ScanDecisionRows(
      absl::FunctionRef<bool(std::string_view, std::string_view)> visit) const override;
  absl::StatusOr<StreamVersion> StreamHead(v1::StreamKind kind, uint64_t id) const override;
  absl::Status Read(Position from, Visitor visit) const override;
  absl::Status ReadStream(v1::StreamKind kind, uint64_t id, StreamVersion from,
                          Visitor visit) const override;
  absl::Status ReadDay(Day day, Visitor visit) const override;
  absl::StatusOr<std::vector<DayCount>> Days() const override;

  // From now on every Append fails with `status`, as after a failed sync.
  void FailAppends(absl::Status status);
  // Called at the start of every Append, without a lock held: a slow disk. Set
  // before the first Append.
  void BeforeAppend(std::function<void()> hook) { before_append_ = std::move(hook); }

 private:
  struct Stored {
    Day day = 0;
    std::string bytes;
  };
  using Stream = std::pair<v1::StreamKind, uint64_t>;

  absl::Status Check(const LogBatch& batch) const;
  // The bytes at these positions, decoded and visited outside the lock.
  absl::Status Visit(const std::vector<Position>& positions, Visitor visit) const;

  std::function<void()> before_append_;
  mutable std::mutex mutex_;
  absl::Status write_status_;
  std::vector<Stored> events_;  // position p at index p-1
  std::map<Stream, std::vector<Position>> streams_;
  std::map<Day, std::vector<Position>> days_;
  std::map<std::string, std::string, std::less<>> rows_;
  std::map<std::string, IdempotencyRecord, std::less<>> idempotency_;
};

}  // namespace dailyfeed

#endif  // DAILYFEED_CORE_PORTS_MEMORY_EVENT_LOG_H_

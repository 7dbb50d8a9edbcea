#include "core/ports/memory_event_log.h"

#include <fmt/format.h>

#include "core/base/status_macros.h"

namespace dailyfeed {

Position MemoryEventLog::Head() const {
  std::lock_guard<std::mutex> lock(mutex_);
  return events_.size();
}

absl::Status MemoryEventLog::Check(const LogBatch& batch) const {
  Position position = events_.size();
  std::map<Stream, StreamVersion> versions;
  for (const LogEntry& entry : batch.events) {
    const Stream stream{entry.stream_kind, entry.stream_id};
    auto [version, inserted] = versions.try_emplace(stream, 0);
    if (inserted) {
      auto known = streams_.find(stream);
      version->second = known == streams_.end() ? 0 : known->second.size();
    }
    RETURN_IF_ERROR(CheckFollows(entry, position, version->second));
    position = entry.position;
    version->second = entry.stream_version;
  }
  return CheckKeys(batch);
}

absl::Status MemoryEventLog::Append(const LogBatch& batch) {
  if (before_append_) before_append_();
  std::lock_guard<std::mutex> lock(mutex_);
  if (!write_status_.ok()) return write_status_;
  if (absl::Status checked = Check(batch); !checked.ok()) return checked;
  for (const LogEntry& entry : batch.events) {
    events_.push_back({entry.day, std::string(entry.bytes)});
    streams_[{entry.stream_kind, entry.stream_id}].push_back(entry.position);
    days_[entry.day].push_back(entry.position);
  }
  for (const RowChange& change : batch.decision_rows) {
    if (change.value) {
      rows_.insert_or_assign(change.key, *change.value);
    } else {
      rows_.erase(change.key);
    }
  }
  for (const IdempotencyRecord& record : batch.idempotency) {
    idempotency_.insert_or_assign(record.key, record);
  }
  return absl::OkStatus();
}

absl::Status MemoryEventLog::WriteStatus() const {
  std::lock_guard<std::mutex> lock(mutex_);
  return write_status_;
}

void MemoryEventLog::FailAppends(absl::Status status) {
  std::lock_guard<std::mutex> lock(mutex_);
  write_status_ = std::move(status);
}

absl::StatusOr<bool> MemoryEventLog::GetDecisionRow(std::string_view key,
                                                    std::string* value) const {
  std::lock_guard<std::mutex> lock(mutex_);
  auto found = rows_.find(key);
  if (found == rows_.end()) return false;
  *value = found->second;
  return true;
}

absl::StatusOr<bool> MemoryEventLog::GetIdempotencyRecord(std::string_view key, TimestampNs now,
                                                          std::string* value) const {
  std::lock_guard<std::mutex> lock(mutex_);
  auto found = idempotency_.find(key);
  if (found == idempotency_.end() || found->second.expires_at_ns <= now) return false;
  *value = found->second.value;
  return true;
}

absl::Status MemoryEventLog::ScanDecisionRows(
    absl::FunctionRef<bool(std::string_view, std::string_view)> visit) const {
  std::map<std::string, std::string, std::less<>> rows;
  {
    std::lock_guard<std::mutex> lock(mutex_);
    rows = rows_;
  }
  for (const auto& [key, value] : rows) {
    if (!visit(key, value)) break;
  }
  return absl::OkStatus();
}

absl::StatusOr<StreamVersion> MemoryEventLog::StreamHead(v1::StreamKind kind, uint64_t id) const {
  std::lock_guard<std::mutex> lock(mutex_);
  auto found = streams_.find({kind, id});
  return found == streams_.end() ? 0 : found->second.size();
}

absl::Status MemoryEventLog::Visit(const std::vector<Position>& positions, Visitor visit) const {
  v1::Event event;
  for (Position position : positions) {
    std::string bytes;
    {
      std::lock_guard<std::mutex> lock(mutex_);
      bytes = events_[position - 1].bytes;
    }
    if (!event.ParseFromString(bytes)) {
      return absl::DataLossError(fmt::format("event at position {} cannot be decoded", position));
    }
    if (!visit(event)) break;
  }
  return absl::OkStatus();
}

absl::Status MemoryEventLog::Read(Position from, Visitor visit) const {
  std::vector<Position> positions;
  const Position head = Head();
  for (Position position = from == 0 ? 1 : from; position <= head; ++position) {
    positions.push_back(position);
  }
  return Visit(positions, visit);
}

absl::Status MemoryEventLog::ReadStream(v1::StreamKind kind, uint64_t id, StreamVersion from,
                                        Visitor visit) const {
  std::vector<Position> positions;
  {
    std::lock_guard<std::mutex> lock(mutex_);
    auto found = streams_.find({kind, id});
    const size_t skip = from == 0 ? 0 : from - 1;
    if (found == streams_.end() || skip >= found->second.size()) return absl::OkStatus();
    positions.assign(found->second.begin() + static_cast<ptrdiff_t>(skip), found->second.end());
  }
  return Visit(positions, visit);
}

absl::Status MemoryEventLog::ReadDay(Day day, Visitor visit) const {
  std::vector<Position> positions;
  {
    std::lock_guard<std::mutex> lock(mutex_);
    auto found = days_.find(day);
    if (found == days_.end()) return absl::OkStatus();
    positions = found->second;
  }
  return Visit(positions, visit);
}

absl::StatusOr<std::vector<EventLog::DayCount>> MemoryEventLog::Days() const {
  std::lock_guard<std::mutex> lock(mutex_);
  std::vector<DayCount> days;
  for (const auto& [day, positions] : days_) {
    days.push_back({day, positions.size(), positions.front(), positions.back()});
  }
  return days;
}

}  // namespace dailyfeed

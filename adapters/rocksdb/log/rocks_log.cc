#include "adapters/rocksdb/log/rocks_log.h"

#include <fmt/format.h>

#include <optional>
#include <utility>

#include "adapters/rocksdb/database/rocks_status.h"
#include "core/base/check.h"
#include "core/base/status_macros.h"

namespace dailyfeed {
namespace {

// About 12 MB when full.
constexpr size_t kStreamHeadsCached = 1u << 18;
constexpr size_t kWriteBatchBytes = 1u << 20;

}  // namespace

RocksEventLogImpl::RocksEventLogImpl(LogParts parts)
    : parts_(std::move(parts)),
      head_position_(parts_.head.position),
      stream_heads_(kStreamHeadsCached),
      head_(parts_.head),
      write_batch_(kWriteBatchBytes) {
  DAILYFEED_CHECK(parts_.database != nullptr);
  DAILYFEED_CHECK(parts_.read_only == (parts_.head_file == nullptr));
}

RocksEventLogImpl::~RocksEventLogImpl() = default;

absl::Status RocksEventLogImpl::WriteStatus() const {
  if (parts_.read_only) {
    return absl::FailedPreconditionError(
        fmt::format("the event log in {} is open for reading only", parts_.directory));
  }
  return parts_.fail_stop->status();
}

absl::Status RocksEventLogImpl::Append(const LogBatch& batch) {
  std::lock_guard<std::mutex> appending(append_mutex_);
  RETURN_IF_ERROR(WriteStatus());
  RETURN_IF_ERROR(Check(batch));
  if (batch.events.empty() && batch.decision_rows.empty() && batch.idempotency.empty()) {
    return absl::OkStatus();
  }
  LogHead head = head_;
  Encode(batch, &head);
  rocksdb::WriteOptions options;
  options.sync = true;
  const rocksdb::Status written = db()->Write(options, &write_batch_);
  if (!written.ok()) {
    return parts_.fail_stop->Trip(FromRocksWrite(written, "the write to the event log"));
  }
  return Publish(head);
}

absl::Status RocksEventLogImpl::CheckpointTo(const std::string& directory) {
  RETURN_IF_ERROR(WriteStatus());
  rocksdb::Env* const env = parts_.env;
  RETURN_IF_ERROR(EnsureEmptyDirectory(env, directory));
  // Leaves little of the write-ahead log to copy while appends wait.
  const rocksdb::Status flushed = db()->Flush(rocksdb::FlushOptions(), parts_.database->families);
  if (!flushed.ok()) {
    return parts_.fail_stop->Trip(FromRocksWrite(flushed, "flushing the event log"));
  }
  Watermark acknowledged;
  {
    std::lock_guard<std::mutex> no_appends(append_mutex_);
    RETURN_IF_ERROR(CheckpointDatabase(db(), DatabasePath(directory)));
    acknowledged = {head_.position, db()->GetLatestSequenceNumber()};
  }
  RETURN_IF_ERROR(ManifestGuard::WriteFor(env, directory, DatabasePath(directory)));
  RETURN_IF_ERROR(WatermarkFile::Create(env, HeadPath(directory), acknowledged));
  return SyncDirectory(env, directory);
}

uint64_t RocksEventLogImpl::StorageBytes() const {
  return TableBytes(db()) + parts_.wal_env->WalBytes();
}

absl::Status RocksEventLogImpl::Check(const LogBatch& batch) {
  batch_ends_.clear();
  batch_ends_.reserve(batch.events.size());
  batch_previous_.clear();
  Position position = head_.position;
  for (const LogEntry& entry : batch.events) {
    const StreamId stream{static_cast<uint8_t>(entry.stream_kind), entry.stream_id};
    auto [end, first] = batch_ends_.try_emplace(stream);
    if (first) {
      ASSIGN_OR_RETURN(end->second, EndOf(stream));
    }
    RETURN_IF_ERROR(CheckFollows(entry, position, end->second.version));
    position = entry.position;
    batch_previous_.push_back(end->second.position);
    end->second = {entry.stream_version, entry.position};
  }
  return CheckKeys(batch);
}

void RocksEventLogImpl::Encode(const LogBatch& batch, LogHead* head) {
  write_batch_.Clear();
  const auto put = [this](LogFamily which, std::string_view key, std::string_view value) {
    const rocksdb::Status status = write_batch_.Put(family(which), AsSlice(key), AsSlice(value));
    DAILYFEED_CHECK(status.ok());
  };
  for (size_t i = 0; i < batch.events.size(); ++i) {
    const LogEntry& entry = batch.events[i];
    const auto key = EventKey(entry.position);
    const auto header = EventHeader(key.view(), batch_previous_[i], entry.bytes);
    const rocksdb::Slice key_part = AsSlice(key.view());
    const rocksdb::Slice value_parts[] = {AsSlice(header.view()), AsSlice(entry.bytes)};
    const rocksdb::Status status = write_batch_.Put(
        family(kEvents), rocksdb::SliceParts(&key_part, 1), rocksdb::SliceParts(value_parts, 2));
    DAILYFEED_CHECK(status.ok());
  }
  for (const auto& [stream, end] : batch_ends_) {
    put(kStreams, StreamKey(stream).view(), StreamEndValue(end).view());
  }
  for (const RowChange& change : batch.decision_rows) {
    if (change.value) {
      put(kDecision, change.key, *change.value);
    } else {
      const rocksdb::Status status = write_batch_.Delete(family(kDecision), change.key);
      DAILYFEED_CHECK(status.ok());
    }
  }
  std::string value;
  for (const IdempotencyRecord& record : batch.idempotency) {
    value.clear();
    AppendLittle<int64_t>(record.expires_at_ns, &value);
    value += record.value;
    put(kIdempotency, record.key, value);
  }
  EncodeDays(batch, head);
  ++head->batch_number;
  head->position += batch.events.size();
  for (const LogFamily which : kNumberedFamilies) {
    put(which, kBatchNumberKey, NumberValue(head->batch_number).view());
  }
  put(kMeta, kLogHeadKey, EncodeLogHead(*head));
}

void RocksEventLogImpl::EncodeDays(const LogBatch& batch, LogHead* head) {
  for (size_t i = 0; i < batch.events.size(); ++i) {
    const LogEntry& entry = batch.events[i];
    if (entry.day != head->day) {
      head->day = entry.day;
      head->day_first = entry.position;
    }
    const bool range_ends = i + 1 == batch.events.size() || batch.events[i + 1].day != entry.day;
    if (!range_ends) continue;
    const auto key = DayKey(head->day, head->day_first);
    const auto last = NumberValue(entry.position);
    const rocksdb::Status status =
        write_batch_.Put(family(kDays), AsSlice(key.view()), AsSlice(last.view()));
    DAILYFEED_CHECK(status.ok());
  }
}

absl::Status RocksEventLogImpl::Publish(const LogHead& head) {
  DAILYFEED_CHECK(head.position >= head_.position);
  stream_heads_.Advance(batch_ends_);
  head_ = head;
  head_position_.store(head.position, std::memory_order_release);
  // The batch is on disk whatever becomes of HEAD, so it is acknowledged; but
  // without HEAD the next one would not be guarded, so it is the last.
  const absl::Status noted =
      parts_.head_file->Write({head.position, db()->GetLatestSequenceNumber()});
  if (!noted.ok()) parts_.fail_stop->Trip(noted).IgnoreError();
  return absl::OkStatus();
}

}  // namespace dailyfeed

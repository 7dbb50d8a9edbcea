#include "core/ports/event_log.h"

#include <fmt/format.h>

namespace dailyfeed {
namespace {

bool IsRefusedKey(std::string_view key) { return key.empty() || key == kReservedLogKey; }

}  // namespace

absl::Status CheckFollows(const LogEntry& entry, Position position, StreamVersion version) {
  if (entry.position != position + 1) {
    return absl::InvalidArgumentError(
        fmt::format("position {} where {} follows", entry.position, position + 1));
  }
  if (entry.day <= 0) {
    return absl::InvalidArgumentError(
        fmt::format("the event at position {} has no day", entry.position));
  }
  if (entry.stream_kind == v1::STREAM_KIND_UNSPECIFIED ||
      !v1::StreamKind_IsValid(entry.stream_kind)) {
    return absl::InvalidArgumentError(
        fmt::format("the event at position {} has no stream", entry.position));
  }
  if (entry.stream_version != version + 1) {
    return absl::InvalidArgumentError(
        fmt::format("stream version {} where {} follows", entry.stream_version, version + 1));
  }
  return absl::OkStatus();
}

absl::Status CheckKeys(const LogBatch& batch) {
  for (const RowChange& change : batch.decision_rows) {
    if (IsRefusedKey(change.key)) {
      return absl::InvalidArgumentError("a decision row with an empty or reserved key");
    }
  }
  for (const IdempotencyRecord& record : batch.idempotency) {
    if (IsRefusedKey(record.key)) {
      return absl::InvalidArgumentError("an idempotency record with an empty or reserved key");
    }
  }
  return absl::OkStatus();
}

}  // namespace dailyfeed

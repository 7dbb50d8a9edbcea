// Any bytes as what the log remembers of a command: DATA_LOSS, or the answer they
// say, and nothing is decided again. An input that begins with 1 has the right
// fingerprint.
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>

#include "core/base/check.h"
#include "core/domain/errors.h"
#include "core/engine/command_batch.h"
#include "core/engine/idempotency.pb.h"
#include "core/ports/day.h"
#include "core/ports/memory_event_log.h"

namespace dailyfeed {
namespace {

void CheckAnswer(const v1::CommandMemory& memory, const IdempotencyKey& key,
                 const absl::StatusOr<CommandResult>& result) {
  if (memory.fingerprint() != key.fingerprint) {
    DAILYFEED_CHECK(ErrorCodeOf(result.status()) == ErrorCode::kIdempotencyKeyReused);
  } else if (memory.error_code() != 0) {
    DAILYFEED_CHECK(!result.ok());
  } else {
    DAILYFEED_CHECK(result.ok());
    DAILYFEED_CHECK(result->replayed);
    DAILYFEED_CHECK(result->subject_id == memory.subject_id());
    DAILYFEED_CHECK(result->last_position == memory.last_position());
  }
}

void Run(const std::string& record) {
  static const DayZone* const zone = new DayZone(DayZone::Load("UTC").value());
  static const EngineOptions* const options = new EngineOptions();
  const IdempotencyKey key{.scope = "member/1", .key = "k", .fingerprint = "f"};
  MemoryEventLog log;
  LogBatch stored;
  stored.idempotency.push_back({.key = key.scope + '\0' + key.key,
                                .expires_at_ns = std::numeric_limits<TimestampNs>::max(),
                                .value = record});
  DAILYFEED_CHECK(log.Append(stored).ok());
  RowCache rows(16);
  TimestampNs last_recorded_at = 0;
  const CommitContext context{.log = &log,
                              .options = options,
                              .zone = zone,
                              .clock = &SystemClock(),
                              .ids = &SystemIds(),
                              .rows = &rows,
                              .last_recorded_at = &last_recorded_at};
  const CommandBatch::Predecessors none;
  CommandBatch batch(context, none);
  const absl::Status added =
      batch.Add({.command = PublishPost{.content = "x"}, .actor = 1, .idempotency = key}, nullptr);
  const absl::Status answered = batch.AttachAnswer(key, "answer");
  DAILYFEED_CHECK(added.ok() && answered.ok());
  DAILYFEED_CHECK(batch.events().empty());
  const auto outcomes = batch.TakeOutcomes();
  DAILYFEED_CHECK(outcomes.size() == 1);
  v1::CommandMemory memory;
  if (memory.ParseFromString(record)) {
    CheckAnswer(memory, key, outcomes.front().result);
  } else {
    const absl::Status& refused = outcomes.front().result.status();
    DAILYFEED_CHECK(ErrorCodeOf(refused) == ErrorCode::kInternalServerError);
  }
}

}  // namespace
}  // namespace dailyfeed

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  std::string record(reinterpret_cast<const char*>(data + 1), size - 1);
  // Fields of a message may follow each other in any order.
  if (data[0] == 1) {
    dailyfeed::v1::CommandMemory memory;
    memory.set_fingerprint("f");
    record += memory.SerializeAsString();
  }
  dailyfeed::Run(record);
  return 0;
}

#include "core/engine/command_batch.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "core/base/status_macros.h"
#include "core/domain/decision_rows.h"
#include "core/domain/errors.h"
#include "core/engine/idempotency.pb.h"

namespace dailyfeed {
namespace {

constexpr TimestampNs kNanosecondsPerMicrosecond = 1000;

TimestampNs TruncateToMicroseconds(TimestampNs time) {
  const TimestampNs rest = time % kNanosecondsPerMicrosecond;
  return time - (rest < 0 ? rest + kNanosecondsPerMicrosecond : rest);
}

// Engine::Submit refuses keys and scopes with a NUL.
std::string MemoryKey(const IdempotencyKey& key) {
  std::string joined;
  joined.reserve(key.scope.size() + 1 + key.key.size());
  joined.append(key.scope).push_back('\0');
  joined.append(key.key);
  return joined;
}

// A status of the storage below, as opposed to a decision of the domain.
bool IsStorageFailure(const absl::Status& status) {
  return absl::IsDataLoss(status) || absl::IsUnavailable(status) || absl::IsInternal(status);
}

absl::StatusOr<CommandResult> OutcomeOf(const v1::CommandMemory& memory) {
  if (memory.error_code() != 0) {
    absl::Status refusal(static_cast<absl::StatusCode>(memory.error_code()),
                         absl::string_view(memory.error_message()));
    for (const auto& [url, payload] : memory.error_payloads()) {
      refusal.SetPayload(url, absl::Cord(payload));
    }
    return refusal;
  }
  CommandResult result;
  result.subject_id = memory.subject_id();
  result.first_position = memory.first_position();
  result.last_position = memory.last_position();
  result.stream_version = memory.stream_version();
  result.occurred_at = memory.occurred_at_ns();
  result.replayed = true;
  result.stored_answer = memory.answer();
  return result;
}

}  // namespace

// The rows as the batch sees them: its own changes, those of the batches before
// it, then what the cache knows, then the log.
class CommandBatch::Rows final : public DecisionRows {
 public:
  Rows(const CommitContext& context, const Predecessors& unappended)
      : context_(context), unappended_(unappended) {}

  absl::StatusOr<bool> Get(std::string_view key, std::string* value) override {
    for (const Recent& recent : recent_) {
      if (recent.key == key) return Copy(recent.row, value);
    }
    ASSIGN_OR_RETURN(RowCache::Row row, Load(key));
    Recent& recent = recent_[next_recent_++ % recent_.size()];
    recent.key.assign(key);
    recent.row = std::move(row);
    return Copy(recent.row, value);
  }

  void Put(std::string_view key, std::string_view value) override {
    Forget(key);
    changes_.insert_or_assign(std::string(key), std::string(value));
  }
  void Delete(std::string_view key) override {
    Forget(key);
    changes_.insert_or_assign(std::string(key), std::nullopt);
  }

  const absl::flat_hash_map<std::string, RowCache::Row>& changes() const { return changes_; }

 private:
  // The last few rows read: an event is folded right after it was decided, from
  // the same rows. No key is empty.
  struct Recent {
    std::string key;
    RowCache::Row row;
  };
  static constexpr size_t kRecentRows = 4;

  static bool Copy(const RowCache::Row& row, std::string* value) {
    if (!row) return false;
    *value = *row;
    return true;
  }

  // nullptr: not changed here.
  const RowCache::Row* Changed(std::string_view key) const {
    auto changed = changes_.find(absl::string_view(key.data(), key.size()));
    return changed == changes_.end() ? nullptr : &changed->second;
  }

  absl::StatusOr<RowCache::Row> Load(std::string_view key) {
    if (const RowCache::Row* own = Changed(key)) return *own;
    for (auto before = unappended_.rbegin(); before != unappended_.rend(); ++before) {
      if (const RowCache::Row* changed = (*before)->rows_->Changed(key)) return *changed;
    }
    const bool edge = IsEdgeKey(key);
    if (!edge) {
      if (const RowCache::Row* known = context_.rows->Find(key)) return *known;
    }
    std::string stored;
    ASSIGN_OR_RETURN(bool found, context_.log->GetDecisionRow(key, &stored));
    RowCache::Row row;
    if (found) row = std::move(stored);
    if (!edge) context_.rows->Insert(std::string(key), row);
    return row;
  }

  void Forget(std::string_view key) {
    for (Recent& recent : recent_) {
      if (recent.key == key) recent.key.clear();
    }
  }

  const CommitContext& context_;
  const Predecessors& unappended_;
  absl::flat_hash_map<std::string, RowCache::Row> changes_;
  std::array<Recent, kRecentRows> recent_;
  size_t next_recent_ = 0;
};

CommandBatch::CommandBatch(const CommitContext& context, const Predecessors& unappended)
    : context_(context),
      unappended_(&unappended),
      predecessor_(unappended.empty() ? nullptr : unappended.back()),
      rows_(std::make_unique<Rows>(context_, unappended)),
      head_(unappended.empty() ? context.log->Head() : unappended.back()->head_) {}

CommandBatch::~CommandBatch() = default;

absl::Status CommandBatch::Add(Submission submission, Completion done) {
  const TimestampNs now = TruncateToMicroseconds(context_.clock->Now());
  outcomes_.push_back({std::move(done), absl::UnknownError("")});
  Outcome& outcome = outcomes_.back();
  if (submission.idempotency) {
    ASSIGN_OR_RETURN(bool seen, Recall(*submission.idempotency, now, &outcome));
    if (seen) return absl::OkStatus();
  }
  const Context context{.actor = submission.actor,
                        .now = TruncateToMicroseconds(submission.occurred_at.value_or(now)),
                        .limits = context_.options->limits};
  absl::StatusOr<std::vector<NewEvent>> decided =
      DecideCommand(submission.command, context, *rows_);
  absl::Status refusal = decided.status();
  if (refusal.ok()) refusal = CheckExpectedVersion(submission, decided->front());
  if (IsStorageFailure(refusal)) return refusal;
  if (!refusal.ok()) {
    ++rejected_;
    outcome.result = std::move(refusal);
  } else {
    CommandResult result;
    RETURN_IF_ERROR(Stamp(submission, context.now, *std::move(decided), &result));
    outcome.result = std::move(result);
  }
  if (submission.idempotency) Remember(*submission.idempotency, now, outcome.result);
  return absl::OkStatus();
}

absl::Status CommandBatch::CheckExpectedVersion(const Submission& submission,
                                                const NewEvent& first) {
  if (!submission.expected_version) return absl::OkStatus();
  ASSIGN_OR_RETURN(StreamVersion next, NextVersion(first));
  if (next - 1 == *submission.expected_version) return absl::OkStatus();
  return MakeError(
      ErrorCode::kVersionConflict,
      fmt::format("{} is at version {}, not {}", StreamName(first.stream_kind, first.stream_id),
                  next - 1, *submission.expected_version));
}

absl::StatusOr<StreamVersion> CommandBatch::NextVersion(const NewEvent& event) {
  const StreamKey key{event.stream_kind, event.stream_id};
  auto known = versions_.find(key);
  if (known == versions_.end()) {
    ASSIGN_OR_RETURN(StreamVersion head, StreamHead(key));
    known = versions_.emplace(key, head).first;
  }
  return known->second + 1;
}

absl::StatusOr<StreamVersion> CommandBatch::StreamHead(const StreamKey& key) const {
  for (auto before = unappended_->rbegin(); before != unappended_->rend(); ++before) {
    const auto& versions = (*before)->versions_;
    if (auto known = versions.find(key); known != versions.end()) return known->second;
  }
  return context_.log->StreamHead(static_cast<v1::StreamKind>(key.first), key.second);
}

absl::Status CommandBatch::Stamp(const Submission& submission, TimestampNs occurred_at,
                                 std::vector<NewEvent> decided, CommandResult* result) {
  const std::string command_id = context_.ids->NewUuid();
  TimestampNs& recorded_at = *context_.last_recorded_at;
  recorded_at = std::max(recorded_at, context_.clock->Now());
  result->subject_id = SubjectOf(decided.front());
  result->occurred_at = occurred_at;
  result->first_position = head_ + 1;
  for (NewEvent& decision : decided) {
    ASSIGN_OR_RETURN(StreamVersion version, NextVersion(decision));
    versions_[StreamKey{decision.stream_kind, decision.stream_id}] = version;
    v1::Event& event = events_.emplace_back();
    event.set_position(++head_);
    event.set_stream_kind(decision.stream_kind);
    event.set_stream_id(decision.stream_id);
    event.set_stream_version(version);
    event.set_event_id(context_.ids->NewUuid());
    event.set_occurred_at_ns(occurred_at);
    event.set_recorded_at_ns(recorded_at);
    event.set_actor(submission.actor);
    event.set_command_id(command_id);
    *event.mutable_payload() = std::move(decision.payload);
    RETURN_IF_ERROR(EvolveRows(event, *rows_));
    serialized_.push_back(event.SerializeAsString());
    bytes_ += serialized_.back().size();
  }
  result->last_position = head_;
  // The subject's stream may have got several events.
  result->stream_version =
      versions_[StreamKey{decided.front().stream_kind, decided.front().stream_id}];
  return absl::OkStatus();
}

absl::StatusOr<bool> CommandBatch::StoredMemory(const std::string& memory_key, TimestampNs now,
                                                std::string* stored) const {
  auto fresh_in = [&](const CommandBatch& batch) {
    auto fresh = batch.memories_.find(memory_key);
    if (fresh == batch.memories_.end()) return false;
    *stored = fresh->second;
    return true;
  };
  if (fresh_in(*this)) return true;
  for (auto before = unappended_->rbegin(); before != unappended_->rend(); ++before) {
    if (fresh_in(**before)) return true;
  }
  return context_.log->GetIdempotencyRecord(memory_key, now, stored);
}

// A record that cannot be read leaves open whether its command happened. The
// command is refused then, and no other: records are a convenience, the events
// are the truth.
absl::StatusOr<bool> CommandBatch::Recall(const IdempotencyKey& key, TimestampNs now,
                                          Outcome* outcome) {
  std::string stored;
  const absl::StatusOr<bool> found = StoredMemory(MemoryKey(key), now, &stored);
  if (found.ok() && !*found) return false;
  v1::CommandMemory memory;
  if (absl::IsDataLoss(found.status()) || (found.ok() && !memory.ParseFromString(stored))) {
    outcome->result = MakeErrorAs(absl::StatusCode::kInternal, ErrorCode::kInternalServerError,
                                  "the record of the idempotency key is damaged");
    ++rejected_;
    return true;
  }
  if (!found.ok()) return found.status();
  if (memory.fingerprint() != key.fingerprint) {
    outcome->result =
        MakeError(ErrorCode::kIdempotencyKeyReused, "the key was used for another request");
    ++rejected_;
  } else {
    outcome->result = OutcomeOf(memory);
  }
  return true;
}

void CommandBatch::Remember(const IdempotencyKey& key, TimestampNs now,
                            const absl::StatusOr<CommandResult>& outcome) {
  v1::CommandMemory memory;
  memory.set_fingerprint(key.fingerprint);
  memory.set_expires_at_ns(now + absl::ToInt64Nanoseconds(context_.options->idempotency_retention));
  if (outcome.ok()) {
    memory.set_subject_id(outcome->subject_id);
    memory.set_first_position(outcome->first_position);
    memory.set_last_position(outcome->last_position);
    memory.set_stream_version(outcome->stream_version);
    memory.set_occurred_at_ns(outcome->occurred_at);
  } else {
    memory.set_error_code(static_cast<int32_t>(outcome.status().code()));
    memory.set_error_message(std::string(outcome.status().message()));
    outcome.status().ForEachPayload([&](absl::string_view url, const absl::Cord& payload) {
      (*memory.mutable_error_payloads())[std::string(url)] = std::string(payload);
    });
  }
  std::string memory_key = MemoryKey(key);
  memory_expiry_[memory_key] = memory.expires_at_ns();
  memories_[std::move(memory_key)] = memory.SerializeAsString();
}

absl::Status CommandBatch::AttachAnswer(const IdempotencyKey& key, std::string answer) {
  const std::string memory_key = MemoryKey(key);
  std::string stored;
  const absl::StatusOr<bool> found = StoredMemory(memory_key, context_.clock->Now(), &stored);
  if (absl::IsDataLoss(found.status())) return absl::OkStatus();
  RETURN_IF_ERROR(found.status());
  v1::CommandMemory memory;
  const bool is_ours =
      *found && memory.ParseFromString(stored) && memory.fingerprint() == key.fingerprint;
  if (!is_ours) return absl::OkStatus();
  bytes_ += answer.size();
  memory.set_answer(std::move(answer));
  memory_expiry_[memory_key] = memory.expires_at_ns();
  memories_[memory_key] = memory.SerializeAsString();
  return absl::OkStatus();
}

bool CommandBatch::HasWrites() const { return !events_.empty() || !memories_.empty(); }

absl::Status CommandBatch::RefusalBefore() const {
  return predecessor_ == nullptr ? absl::OkStatus() : predecessor_->refusal_;
}

void CommandBatch::Seal() {
  unappended_ = nullptr;
  sealed_.events.reserve(events_.size());
  for (size_t i = 0; i < events_.size(); ++i) {
    const v1::Event& event = events_[i];
    sealed_.events.push_back({.position = event.position(),
                              .stream_kind = event.stream_kind(),
                              .stream_id = event.stream_id(),
                              .stream_version = event.stream_version(),
                              .day = context_.zone->DayOf(event.occurred_at_ns()),
                              .bytes = serialized_[i]});
  }
  sealed_.decision_rows.reserve(rows_->changes().size());
  for (const auto& [key, value] : rows_->changes()) sealed_.decision_rows.push_back({key, value});
  for (auto& [key, value] : memories_) {
    sealed_.idempotency.push_back(
        {.key = key, .expires_at_ns = memory_expiry_[key], .value = value});
  }
}

void CommandBatch::UpdateCache() {
  for (RowChange& change : sealed_.decision_rows) {
    if (IsEdgeKey(change.key)) continue;
    context_.rows->Insert(std::move(change.key), std::move(change.value));
  }
}

}  // namespace dailyfeed

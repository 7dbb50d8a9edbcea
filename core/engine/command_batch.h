// One batch of the committer: decides commands one after the other, each
// against the rows as the ones before it left them, and gathers what the log
// must write and whom to answer what.
//
// A batch may be decided while the ones before it are still on their way to the
// disk: it then sees what they will leave. When one of those fails, everything
// decided after it must be given up too.
//
//   CommandBatch batch(context, unappended);
//   batch.Add(std::move(submission), std::move(done));
//   batch.Seal();
//   absl::Status appended = log->Append(batch.sealed());
//   batch.UpdateCache();
//
// Threads: one until Seal. Afterwards one thread may append the batch and take
// its outcomes while another decides the next batches and updates the cache.
#ifndef DAILYFEED_CORE_ENGINE_COMMAND_BATCH_H_
#define DAILYFEED_CORE_ENGINE_COMMAND_BATCH_H_

#include <deque>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "core/engine/engine.h"
#include "core/engine/row_cache.h"

namespace dailyfeed {

// What every batch of one engine shares. Not owned.
struct CommitContext {
  const EventLog* log = nullptr;
  const EngineOptions* options = nullptr;
  const DayZone* zone = nullptr;
  Clock* clock = nullptr;
  IdSource* ids = nullptr;
  RowCache* rows = nullptr;
  // When the last event was recorded, of all batches. Time of record never goes
  // back, whatever the clock does.
  TimestampNs* last_recorded_at = nullptr;
};

class CommandBatch {
 public:
  struct Outcome {
    Completion done;
    absl::StatusOr<CommandResult> result;
  };

  using Predecessors = std::deque<std::shared_ptr<CommandBatch>>;

  // `unappended`: the sealed batches, oldest first, that the log may not hold
  // yet. Neither changed nor gone before Seal.
  CommandBatch(const CommitContext& context, const Predecessors& unappended);
  ~CommandBatch();
  CommandBatch(const CommandBatch&) = delete;
  CommandBatch& operator=(const CommandBatch&) = delete;

  // Decides the command. Refusals of the domain become its answer. An error
  // means that the log or its rows are unusable: the batch must be given up.
  absl::Status Add(Submission submission, Completion done);
  // Attaches the answer that was sent for an idempotency key to its record.
  absl::Status AttachAnswer(const IdempotencyKey& key, std::string answer);

  // No Add afterwards.
  void Seal();
  // Everything to append, after Seal and before UpdateCache; empty batches have
  // nothing to write.
  const LogBatch& sealed() const { return sealed_; }
  bool HasWrites() const;

  // Not OK when the batch that this one was decided on was refused by the log:
  // then this one never happened either. On the thread that appends, like the
  // next two.
  absl::Status RefusalBefore() const;
  // The log refused the batch: nothing of it happened.
  void Refuse(const absl::Status& status) { refusal_ = status; }
  // The batch before this one has been appended or refused.
  void ForgetPredecessor() { predecessor_ = nullptr; }
  const absl::Status& refusal() const { return refusal_; }

  size_t commands() const { return outcomes_.size(); }
  // Of events and stored answers.
  size_t bytes() const { return bytes_; }
  uint64_t rejected() const { return rejected_; }
  const std::deque<v1::Event>& events() const { return events_; }

  // After the append: the changed rows go into the cache. On the thread that
  // decides.
  void UpdateCache();

  // In the order of Add.
  std::vector<Outcome> TakeOutcomes() { return std::move(outcomes_); }

 private:
  class Rows;
  using StreamKey = std::pair<int, uint64_t>;

  absl::Status Stamp(const Submission& submission, TimestampNs now, std::vector<NewEvent> decided,
                     CommandResult* result);
  absl::StatusOr<StreamVersion> NextVersion(const NewEvent& event);
  absl::Status CheckExpectedVersion(const Submission& submission, const NewEvent& first);

  // What batches before this one remembered, then the log's record.
  absl::StatusOr<bool> StoredMemory(const std::string& memory_key, TimestampNs now,
                                    std::string* stored) const;
  absl::StatusOr<StreamVersion> StreamHead(const StreamKey& key) const;
  // True and the remembered outcome when the key was seen before.
  absl::StatusOr<bool> Recall(const IdempotencyKey& key, TimestampNs now, Outcome* outcome);
  void Remember(const IdempotencyKey& key, TimestampNs now,
                const absl::StatusOr<CommandResult>& outcome);

  const CommitContext context_;
  const Predecessors* unappended_;  // null once sealed
  std::shared_ptr<const CommandBatch> predecessor_;
  absl::Status refusal_;
  std::unique_ptr<Rows> rows_;
  Position head_;
  std::deque<v1::Event> events_;  // stable addresses: handed on by shared_ptr
  absl::flat_hash_map<StreamKey, StreamVersion> versions_;
  absl::flat_hash_map<std::string, std::string> memories_;  // key -> CommandMemory
  absl::flat_hash_map<std::string, TimestampNs> memory_expiry_;
  std::vector<Outcome> outcomes_;
  std::vector<std::string> serialized_;  // events_, in the same order
  LogBatch sealed_;
  size_t bytes_ = 0;
  uint64_t rejected_ = 0;
};

}  // namespace dailyfeed

#endif  // DAILYFEED_CORE_ENGINE_COMMAND_BATCH_H_

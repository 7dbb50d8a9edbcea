// One batch of the committer: decides commands one after the other, each
// against the rows as the ones before it left them, and gathers what the log
// must write and whom to answer what.
//
//   CommandBatch batch(context);
//   batch.Add(std::move(submission), std::move(done));
//   absl::Status appended = log->Append(batch.Seal());
//   batch.Publish(&row_cache);
//
// Threads: one, until Publish.
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
};

class CommandBatch {
 public:
  struct Answer {
    Completion done;
    absl::StatusOr<CommandResult> result;
  };

  explicit CommandBatch(const CommitContext& context);
  ~CommandBatch();
  CommandBatch(const CommandBatch&) = delete;
  CommandBatch& operator=(const CommandBatch&) = delete;

  // Decides the command. Refusals of the domain become its answer. An error
  // means that the log or its rows are unusable: the batch must be given up.
  absl::Status Add(Submission submission, Completion done);
  // Remembers the answer sent for an idempotency key.
  absl::Status AddAnswer(const IdempotencyKey& key, std::string answer);

  // Everything to append; empty batches have nothing to write. Valid until the
  // batch is gone. No Add afterwards.
  const LogBatch& Seal();
  bool HasWrites() const;

  size_t commands() const { return answers_.size(); }
  size_t event_bytes() const { return event_bytes_; }
  uint64_t rejected() const { return rejected_; }
  const std::deque<v1::Event>& events() const { return events_; }

  // After Append succeeded: the changed rows become what the cache knows.
  void Publish();

  // In the order of Add.
  std::vector<Answer> TakeAnswers() { return std::move(answers_); }

 private:
  class Rows;
  using StreamKey = std::pair<int, uint64_t>;

  absl::StatusOr<CommandResult> Decide(Submission& submission);
  absl::Status Stamp(const Submission& submission, TimestampNs now, std::vector<NewEvent> decided,
                     CommandResult* result);
  absl::StatusOr<StreamVersion> NextVersion(const NewEvent& event);
  absl::Status CheckExpectedVersion(const Submission& submission, const NewEvent& first);

  // True and the remembered outcome when the key was seen before.
  absl::StatusOr<bool> Recall(const IdempotencyKey& key, TimestampNs now, Answer* answer);
  void Remember(const IdempotencyKey& key, TimestampNs now,
                const absl::StatusOr<CommandResult>& outcome);

  const CommitContext context_;
  std::unique_ptr<Rows> rows_;
  Position head_;
  std::deque<v1::Event> events_;  // stable addresses: handed on by shared_ptr
  absl::flat_hash_map<StreamKey, StreamVersion> versions_;
  absl::flat_hash_map<std::string, std::string> memories_;  // key -> CommandMemory
  absl::flat_hash_map<std::string, TimestampNs> memory_expiry_;
  std::vector<Answer> answers_;
  std::vector<std::string> bytes_;  // of events_, same order
  LogBatch sealed_;
  size_t event_bytes_ = 0;
  uint64_t rejected_ = 0;
};

}  // namespace dailyfeed

#endif  // DAILYFEED_CORE_ENGINE_COMMAND_BATCH_H_

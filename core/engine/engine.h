// The engine: takes commands, decides them against the decision state, appends
// what happened, and acknowledges.
//
// One committer thread decides. It takes the commands that wait in a bounded
// queue and decides each against the rows as the commands before it left them.
// The log writer writes the batch with one sync, while the committer decides
// the next batch, and hands it to the CommitListener (the projection runtime).
// A command is acknowledged when its events are on disk and the listener has
// applied them, so a read that starts after the answer sees the write.
//
//   absl::StatusOr<PostId> PublishOne(EventLog* log, CommitListener* listener) {
//     ASSIGN_OR_RETURN(DayZone zone, DayZone::Load("Asia/Seoul"));
//     ASSIGN_OR_RETURN(auto engine, Engine::Start(log, listener, std::move(zone), {}));
//     ASSIGN_OR_RETURN(CommandResult published,
//                      engine->Execute({.command = PublishPost{.content = "hi"}, .actor = 7}));
//     return published.subject_id;
//   }
//
// Threads: everything from any thread.
#ifndef DAILYFEED_CORE_ENGINE_ENGINE_H_
#define DAILYFEED_CORE_ENGINE_ENGINE_H_

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "core/domain/commands.h"
#include "core/domain/decider.h"
#include "core/domain/types.h"
#include "core/ports/commit_listener.h"
#include "core/ports/day.h"
#include "core/ports/environment.h"
#include "core/ports/event_log.h"

namespace dailyfeed {

// Makes a command safe to send again. `scope` keeps the keys of different
// members apart ("member/7", or a digest of the body on public endpoints) and
// contains no NUL. `key` is what the client sent: 1 to 128 visible ASCII
// characters. `fingerprint` tells a repeat from another request under the same
// key.
struct IdempotencyKey {
  std::string scope;
  std::string key;
  std::string fingerprint;
};

inline constexpr size_t kIdempotencyKeyBytesMax = 128;
inline constexpr size_t kIdempotencyScopeBytesMax = 1024;

// Every command is synced before it is acknowledged; the priority says how long
// it may wait for a batch.
enum class Priority {
  kForeground,  // a client waits: goes into the next batch
  kBackground,  // no client waits: joins a batch of others, or makes one of its
                // own after EngineOptions::background_delay
};

struct Submission {
  Command command;
  MemberId actor = 0;
  std::optional<IdempotencyKey> idempotency;
  // The version the subject's stream must have, else kVersionConflict
  // (FAILED_PRECONDITION). The subject's stream is that of the first event the
  // command would append.
  std::optional<StreamVersion> expected_version;
  // When it happened, if not now: imports. Truncated to microseconds; the years
  // 1678 to 2261.
  std::optional<TimestampNs> occurred_at;
  Priority priority = Priority::kForeground;
};

struct CommandResult {
  uint64_t subject_id = 0;  // SubjectOf the first event
  Position first_position = 0;
  Position last_position = 0;
  StreamVersion stream_version = 0;  // of the subject's stream, afterwards
  TimestampNs occurred_at = 0;
  // True when the idempotency key was seen before: nothing was appended, and
  // the fields above are those of the first time. `stored_answer` is what
  // StoreAnswer attached to it then; empty when the process died in between.
  bool replayed = false;
  std::string stored_answer;
};

// Called once, on a thread of the engine or listener: must not block.
using Completion = absl::AnyInvocable<void(absl::StatusOr<CommandResult>)>;

struct EngineOptions {
  // Commands waiting; beyond: RESOURCE_EXHAUSTED. Background commands fill at
  // most a quarter of the queue.
  size_t queue_capacity = 8192;
  size_t batch_commands_max = 1024;  // commands in one sync
  // Bytes of events and stored answers in one sync. A batch ends with the
  // command that exceeds it.
  size_t batch_bytes_max = 4u << 20;
  // Bytes of the answers of StoreAnswer that wait for a batch; beyond, an answer
  // is dropped.
  size_t stored_answers_bytes_max = 16u << 20;
  size_t row_cache_entries = 400'000;  // rows of decision state kept in memory
  absl::Duration background_delay = absl::Milliseconds(5);
  absl::Duration idempotency_retention = absl::Hours(24);
  DomainLimits limits;
  Clock* clock = nullptr;   // not owned; nullptr: SystemClock()
  IdSource* ids = nullptr;  // not owned; nullptr: SystemIds()
};

struct EngineStats {
  size_t queue_depth = 0;
  uint64_t commands_accepted = 0;
  uint64_t commands_rejected = 0;  // by a decider
  uint64_t commands_refused = 0;   // malformed, queue full or log not writable
  uint64_t events_appended = 0;
  uint64_t batches = 0;
  uint64_t largest_batch = 0;  // commands
};

class Engine {
 public:
  // `log` and `listener` are not owned and must outlive the engine.
  static absl::StatusOr<std::unique_ptr<Engine>> Start(EventLog* log, CommitListener* listener,
                                                       DayZone zone, EngineOptions options);
  virtual ~Engine() = default;

  // Queues the command. `done` gets:
  //   INVALID_ARGUMENT (kInvalidRequest)        a malformed idempotency key or
  //                                             time; nothing happened
  //   RESOURCE_EXHAUSTED (kServiceUnavailable)  the queue is full; nothing happened
  //   UNAVAILABLE (kServiceUnavailable)         the log does not accept writes,
  //                                             or the engine is stopping
  //   an error with a symbolic code             the domain refused it
  //   OK                                        it is durable and visible
  virtual void Submit(Submission submission, Completion done) = 0;

  // Submit and wait. Not from a Completion.
  virtual absl::StatusOr<CommandResult> Execute(Submission submission) = 0;

  // Attaches the answer that was sent for an idempotency key, for repeats.
  // Returns at once; a later batch writes the answer. Drops an answer of more
  // than 64 KiB, and one that exceeds stored_answers_bytes_max: a repeat then
  // finds no stored answer.
  virtual void StoreAnswer(const IdempotencyKey& key, const CommandResult& result,
                           std::string answer) = 0;

  virtual EngineStats stats() const = 0;
  // Not OK after the log, a read of it or the listener failed: every command is
  // refused, with this reason, until the log is opened again.
  virtual absl::Status WriteStatus() const = 0;

  // Refuses new commands, finishes every queued one, returns when all are
  // acknowledged. The destructor does the same.
  virtual void Stop() = 0;
};

}  // namespace dailyfeed

#endif  // DAILYFEED_CORE_ENGINE_ENGINE_H_

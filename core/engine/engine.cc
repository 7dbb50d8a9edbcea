#include "core/engine/engine.h"

#include <pthread.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>
#include <utility>

#include "core/base/status_macros.h"
#include "core/domain/errors.h"
#include "core/engine/command_batch.h"
#include "core/engine/log_writer.h"
#include "core/engine/row_cache.h"

namespace dailyfeed {
namespace {

constexpr size_t kStoredAnswerMax = 64u << 10;
// Commands that take about as long to decide as a sync takes.
constexpr size_t kWorthASync = 256;
constexpr std::chrono::microseconds kAwake(100);
// Below, a second sync costs more than taking turns gains.
constexpr size_t kWorthSplitting = 16;

// A symbolic error under another canonical code.
absl::Status Refusal(absl::StatusCode code, std::string_view why) {
  const absl::Status symbolic = MakeError(ErrorCode::kServiceUnavailable, why);
  absl::Status refusal(code, symbolic.message());
  symbolic.ForEachPayload(
      [&](absl::string_view url, const absl::Cord& payload) { refusal.SetPayload(url, payload); });
  return refusal;
}

absl::Status QueueFull() {
  return Refusal(absl::StatusCode::kResourceExhausted, "the command queue is full, try again");
}

absl::Status NotWritable(std::string_view why) {
  return Refusal(absl::StatusCode::kUnavailable, why);
}

absl::Status CheckOptions(const EngineOptions& options) {
  if (options.queue_capacity == 0) return absl::InvalidArgumentError("queue_capacity is 0");
  if (options.batch_commands_max == 0) return absl::InvalidArgumentError("batch_commands_max is 0");
  if (options.batch_bytes_max == 0) return absl::InvalidArgumentError("batch_bytes_max is 0");
  if (options.row_cache_entries < 2) {
    return absl::InvalidArgumentError("row_cache_entries is below 2");
  }
  if (options.relaxed_delay < absl::ZeroDuration()) {
    return absl::InvalidArgumentError("relaxed_delay is negative");
  }
  if (options.idempotency_retention <= absl::ZeroDuration()) {
    return absl::InvalidArgumentError("idempotency_retention is not positive");
  }
  return absl::OkStatus();
}

class EngineImpl final : public Engine {
 public:
  EngineImpl(EventLog* log, CommitListener* listener, DayZone zone, EngineOptions options)
      : log_(log),
        listener_(listener),
        zone_(std::move(zone)),
        options_(std::move(options)),
        rows_(options_.row_cache_entries / 2),
        context_{.log = log_,
                 .options = &options_,
                 .zone = &zone_,
                 .clock = options_.clock != nullptr ? options_.clock : &SystemClock(),
                 .ids = options_.ids != nullptr ? options_.ids : &SystemIds(),
                 .rows = &rows_},
        writer_(log_, [this](std::shared_ptr<CommandBatch> batch,
                             const absl::Status& status) { Appended(std::move(batch), status); }),
        committer_([this] { CommitLoop(); }) {}

  ~EngineImpl() override { Stop(); }

  void Submit(Submission submission, Completion done) override;
  absl::StatusOr<CommandResult> Execute(Submission submission) override;
  void StoreAnswer(const IdempotencyKey& key, const CommandResult& result,
                   std::string answer) override;
  EngineStats stats() const override;
  absl::Status WriteStatus() const override;
  void Stop() override;

 private:
  struct Command {
    Submission submission;
    Completion done;
  };
  struct StoredAnswer {
    IdempotencyKey key;
    std::string answer;
  };
  // What the committer takes in one go.
  struct Work {
    std::vector<Command> commands;
    std::vector<StoredAnswer> answers;
    bool empty() const { return commands.empty() && answers.empty(); }
  };

  // nullopt: the command was queued.
  std::optional<absl::Status> Enqueue(Submission& submission, Completion& done);

  void CommitLoop();
  // Waits for work; an empty answer means the engine stops.
  Work TakeWork();
  void StayAwake(std::unique_lock<std::mutex>& lock);
  void WaitForCompany(std::unique_lock<std::mutex>& lock);
  size_t BatchShare() const;
  bool HasDueWork(std::chrono::steady_clock::time_point now) const;
  void Commit(Work work);
  absl::Status Fill(CommandBatch& batch, Work& work);
  // Lets go of the batches that the log holds now.
  void PublishAppended();
  void SendToLog(std::shared_ptr<CommandBatch> batch);
  // On the thread that appended.
  void Appended(std::shared_ptr<CommandBatch> batch, const absl::Status& status);
  void HandOver(std::shared_ptr<CommandBatch> batch);
  void CountAnswered(int answering);
  void Fail(const absl::Status& status);
  void AnswerAll(std::vector<CommandBatch::Answer> answers, const absl::Status& visible);

  EventLog* const log_;
  CommitListener* const listener_;
  const DayZone zone_;
  const EngineOptions options_;
  RowCache rows_;  // the committer's alone
  const CommitContext context_;
  CommandBatch::Predecessors unappended_;  // the committer's alone

  mutable std::mutex mutex_;
  std::condition_variable work_arrived_;
  std::condition_variable all_answered_;
  std::condition_variable company_;  // answering_ became 0
  std::deque<Command> waiting_;
  std::atomic<size_t> waiting_count_ = 0;  // its size, for looking without the lock
  std::deque<Command> relaxed_;
  std::deque<StoredAnswer> answers_;
  std::chrono::steady_clock::time_point relaxed_due_;
  bool stopping_ = false;
  absl::Status failure_;            // why commands are refused for good
  size_t unanswered_batches_ = 0;   // decided, and not all answers are out
  std::atomic<int> answering_ = 0;  // batches whose answers are going out now
  EngineStats stats_;

  std::mutex stop_mutex_;  // one Stop at a time
  LogWriter writer_;
  std::thread committer_;  // last: it uses everything above
};

std::optional<absl::Status> EngineImpl::Enqueue(Submission& submission, Completion& done) {
  std::lock_guard<std::mutex> lock(mutex_);
  if (stopping_) {
    ++stats_.commands_refused;
    return NotWritable("the engine is stopping");
  }
  if (!failure_.ok()) {
    ++stats_.commands_refused;
    return NotWritable(std::string(failure_.message()));
  }
  if (waiting_.size() + relaxed_.size() >= options_.queue_capacity) {
    ++stats_.commands_refused;
    return QueueFull();
  }
  const bool was_idle = waiting_.empty();
  if (submission.durability == Durability::kRelaxed) {
    if (relaxed_.empty()) {
      relaxed_due_ =
          std::chrono::steady_clock::now() + absl::ToChronoMicroseconds(options_.relaxed_delay);
      work_arrived_.notify_one();
    }
    relaxed_.push_back({std::move(submission), std::move(done)});
  } else {
    waiting_.push_back({std::move(submission), std::move(done)});
    waiting_count_.store(waiting_.size(), std::memory_order_release);
    if (was_idle) work_arrived_.notify_one();
  }
  return std::nullopt;
}

void EngineImpl::Submit(Submission submission, Completion done) {
  if (std::optional<absl::Status> refused = Enqueue(submission, done)) done(*std::move(refused));
}

absl::StatusOr<CommandResult> EngineImpl::Execute(Submission submission) {
  struct Waiter {
    std::mutex mutex;
    std::condition_variable answered;
    std::optional<absl::StatusOr<CommandResult>> result;
  } waiter;
  Submit(std::move(submission), [&waiter](absl::StatusOr<CommandResult> result) {
    // Notified under the lock: the waiter may be gone right after it.
    std::lock_guard<std::mutex> lock(waiter.mutex);
    waiter.result = std::move(result);
    waiter.answered.notify_one();
  });
  std::unique_lock<std::mutex> lock(waiter.mutex);
  waiter.answered.wait(lock, [&] { return waiter.result.has_value(); });
  return *std::move(waiter.result);
}

void EngineImpl::StoreAnswer(const IdempotencyKey& key, const CommandResult& result,
                             std::string answer) {
  if (result.replayed || answer.size() > kStoredAnswerMax) return;
  std::lock_guard<std::mutex> lock(mutex_);
  // Losing one means only that a repeat is answered from the current state.
  if (stopping_ || !failure_.ok() || answers_.size() >= options_.queue_capacity) return;
  answers_.push_back({key, std::move(answer)});
  if (answers_.size() == 1 && relaxed_.empty()) {
    relaxed_due_ =
        std::chrono::steady_clock::now() + absl::ToChronoMicroseconds(options_.relaxed_delay);
    work_arrived_.notify_one();
  }
}

EngineStats EngineImpl::stats() const {
  std::lock_guard<std::mutex> lock(mutex_);
  EngineStats stats = stats_;
  stats.queue_depth = waiting_.size() + relaxed_.size();
  return stats;
}

absl::Status EngineImpl::WriteStatus() const {
  std::lock_guard<std::mutex> lock(mutex_);
  return failure_;
}

bool EngineImpl::HasDueWork(std::chrono::steady_clock::time_point now) const {
  if (!waiting_.empty()) return true;
  if (relaxed_.empty() && answers_.empty()) return false;
  return stopping_ || now >= relaxed_due_;
}

// Answers go out one after the other, and each may bring its sender's next
// command: the first of them would be synced alone while the rest wait for a
// second sync. So while answers are going out the committer waits for more, up
// to a batch that is worth a sync.
void EngineImpl::WaitForCompany(std::unique_lock<std::mutex>& lock) {
  if (stopping_) return;
  if (!writer_.Idle()) {
    // The disk is busy anyway: leave the processor to whoever answers.
    company_.wait(lock, [&] { return answering_ == 0 || stopping_; });
    return;
  }
  const size_t worth_a_sync = std::min(kWorthASync, options_.batch_commands_max);
  lock.unlock();
  while (answering_.load(std::memory_order_acquire) > 0 &&
         waiting_count_.load(std::memory_order_acquire) < worth_a_sync) {
    std::this_thread::yield();
  }
  lock.lock();
}

// Waking a thread takes about as long as a sync on many machines. Under load
// the next command is a moment away, so look for it a little before sleeping;
// without load this costs that little once.
void EngineImpl::StayAwake(std::unique_lock<std::mutex>& lock) {
  if (stopping_ || !waiting_.empty()) return;
  const auto until = std::chrono::steady_clock::now() + kAwake;
  lock.unlock();
  while (waiting_count_.load(std::memory_order_acquire) == 0 &&
         std::chrono::steady_clock::now() < until) {
    std::this_thread::yield();
  }
  lock.lock();
}

// When nothing is on its way to the listener and many wait, half of them go
// first: the second half is then decided and synced while the first is applied
// and answered, and from there on the two take turns. In one batch the disk, the
// committer and the listener would each wait for the others.
size_t EngineImpl::BatchShare() const {
  if (unanswered_batches_ > 0 || waiting_.size() < 2 * kWorthSplitting) {
    return options_.batch_commands_max;
  }
  return std::min(options_.batch_commands_max, waiting_.size() / 2);
}

EngineImpl::Work EngineImpl::TakeWork() {
  std::unique_lock<std::mutex> lock(mutex_);
  StayAwake(lock);
  while (!HasDueWork(std::chrono::steady_clock::now())) {
    if (!relaxed_.empty() || !answers_.empty()) {
      work_arrived_.wait_until(lock, relaxed_due_);
    } else if (stopping_) {
      return {};
    } else {
      work_arrived_.wait(lock);
    }
  }
  WaitForCompany(lock);
  const size_t commands_max = BatchShare();
  Work work;
  auto take = [&](std::deque<Command>& from) {
    while (!from.empty() && work.commands.size() < commands_max) {
      work.commands.push_back(std::move(from.front()));
      from.pop_front();
    }
  };
  take(waiting_);
  waiting_count_.store(waiting_.size(), std::memory_order_release);
  take(relaxed_);
  work.answers.assign(std::make_move_iterator(answers_.begin()),
                      std::make_move_iterator(answers_.end()));
  answers_.clear();
  return work;
}

void EngineImpl::CommitLoop() {
  pthread_setname_np(pthread_self(), "df-committer");
  for (;;) {
    // Room first: what arrives meanwhile shares the next sync.
    writer_.WaitForRoom();
    Work work = TakeWork();
    if (work.empty()) break;
    Commit(std::move(work));
  }
  writer_.Stop();
}

// Commands until the batch is full; the rest goes back to the queue's front.
absl::Status EngineImpl::Fill(CommandBatch& batch, Work& work) {
  absl::Status added;
  for (StoredAnswer& stored : work.answers) {
    if (added.ok()) added = batch.AddAnswer(stored.key, std::move(stored.answer));
  }
  size_t next = 0;
  while (next < work.commands.size() && added.ok() &&
         batch.event_bytes() < options_.batch_bytes_max) {
    Command& command = work.commands[next++];
    added = batch.Add(std::move(command.submission), std::move(command.done));
  }
  std::lock_guard<std::mutex> lock(mutex_);
  for (size_t i = work.commands.size(); i > next; --i) {
    waiting_.push_front(std::move(work.commands[i - 1]));
  }
  waiting_count_.store(waiting_.size(), std::memory_order_release);
  return added;
}

void EngineImpl::Commit(Work work) {
  PublishAppended();
  auto batch = std::make_shared<CommandBatch>(context_, unappended_);
  const absl::Status status = Fill(*batch, work);
  batch->Seal();
  if (!status.ok()) {
    Fail(status);
    AnswerAll(batch->TakeAnswers(), NotWritable(std::string(status.message())));
    return;
  }
  SendToLog(std::move(batch));
}

void EngineImpl::PublishAppended() {
  while (unappended_.size() > writer_.unappended()) {
    unappended_.front()->Publish();
    unappended_.pop_front();
  }
}

void EngineImpl::SendToLog(std::shared_ptr<CommandBatch> batch) {
  unappended_.push_back(batch);
  bool alone;
  {
    std::lock_guard<std::mutex> lock(mutex_);
    alone = unanswered_batches_ == 0 && waiting_.empty();
    ++unanswered_batches_;
  }
  if (alone && writer_.Idle()) {
    writer_.AppendHere(std::move(batch));
  } else {
    writer_.Append(std::move(batch));
  }
}

void EngineImpl::Appended(std::shared_ptr<CommandBatch> batch, const absl::Status& status) {
  if (!status.ok()) {
    Fail(status);
    // Nobody can say what the disk holds: neither success nor refusal is true.
    AnswerAll(batch->TakeAnswers(), NotWritable(std::string(status.message())));
    CountAnswered(0);
    return;
  }
  {
    std::lock_guard<std::mutex> lock(mutex_);
    ++stats_.batches;
    stats_.commands_accepted += batch->commands() - batch->rejected();
    stats_.commands_rejected += batch->rejected();
    stats_.events_appended += batch->events().size();
    stats_.largest_batch = std::max<uint64_t>(stats_.largest_batch, batch->commands());
  }
  HandOver(std::move(batch));
}

// Batches without events go the same way, so that a refusal or a repeat is
// never answered before what it refers to can be read.
void EngineImpl::HandOver(std::shared_ptr<CommandBatch> batch) {
  std::vector<CommandBatch::Answer> answers = batch->TakeAnswers();
  const std::shared_ptr<const CommandBatch> owner = std::move(batch);
  CommittedBatch committed;
  committed.events.reserve(owner->events().size());
  for (const v1::Event& event : owner->events()) committed.events.emplace_back(owner, &event);
  committed.done = [this, answers = std::move(answers)](const absl::Status& visible) mutable {
    if (!visible.ok()) Fail(visible);
    answering_.fetch_add(1, std::memory_order_acq_rel);
    AnswerAll(std::move(answers),
              visible.ok() ? visible : NotWritable(std::string(visible.message())));
    CountAnswered(1);
  };
  listener_->OnCommitted(std::move(committed));
}

void EngineImpl::CountAnswered(int answering) {
  std::lock_guard<std::mutex> lock(mutex_);
  if (answering_.fetch_sub(answering, std::memory_order_acq_rel) == answering)
    company_.notify_all();
  if (--unanswered_batches_ == 0) all_answered_.notify_all();
}

void EngineImpl::AnswerAll(std::vector<CommandBatch::Answer> answers, const absl::Status& visible) {
  for (CommandBatch::Answer& answer : answers) {
    if (visible.ok()) {
      answer.done(std::move(answer.result));
    } else {
      answer.done(visible);
    }
  }
}

void EngineImpl::Fail(const absl::Status& status) {
  std::deque<Command> refused;
  {
    std::lock_guard<std::mutex> lock(mutex_);
    if (failure_.ok()) failure_ = status;
    refused.swap(waiting_);
    waiting_count_.store(0, std::memory_order_release);
    for (Command& command : relaxed_) refused.push_back(std::move(command));
    relaxed_.clear();
    answers_.clear();
    stats_.commands_refused += refused.size();
  }
  for (Command& command : refused) command.done(NotWritable(std::string(status.message())));
}

void EngineImpl::Stop() {
  std::lock_guard<std::mutex> stopping(stop_mutex_);
  {
    std::lock_guard<std::mutex> lock(mutex_);
    stopping_ = true;
    work_arrived_.notify_all();
  }
  if (committer_.joinable()) committer_.join();
  std::unique_lock<std::mutex> lock(mutex_);
  all_answered_.wait(lock, [&] { return unanswered_batches_ == 0; });
}

}  // namespace

absl::StatusOr<std::unique_ptr<Engine>> Engine::Start(EventLog* log, CommitListener* listener,
                                                      DayZone zone, EngineOptions options) {
  RETURN_IF_ERROR(CheckOptions(options));
  RETURN_IF_ERROR(log->WriteStatus());
  return std::make_unique<EngineImpl>(log, listener, std::move(zone), std::move(options));
}

}  // namespace dailyfeed

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

#include "absl/time/civil_time.h"
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
// Below this batch size, an extra sync costs more than overlapping the two
// stages saves.
constexpr size_t kWorthSplitting = 16;
// Background commands fill at most this part of the queue; when they have waited
// long enough, they get at most this part of a batch.
constexpr size_t kBackgroundShare = 4;
// Stored answers get at most this part of the bytes of a batch.
constexpr size_t kStoredAnswersShare = 4;

absl::Status QueueFull() {
  return MakeErrorAs(absl::StatusCode::kResourceExhausted, ErrorCode::kServiceUnavailable,
                     "the command queue is full, try again");
}

absl::Status NotWritable(absl::string_view why) {
  return MakeErrorAs(absl::StatusCode::kUnavailable, ErrorCode::kServiceUnavailable,
                     std::string_view(why.data(), why.size()));
}

absl::Status CheckKey(const IdempotencyKey& key) {
  const auto is_visible = [](char c) { return c > ' ' && c < '\x7f'; };
  if (key.key.empty() || key.key.size() > kIdempotencyKeyBytesMax ||
      !std::all_of(key.key.begin(), key.key.end(), is_visible)) {
    return MakeError(ErrorCode::kInvalidRequest,
                     "an idempotency key is 1 to 128 visible ASCII characters");
  }
  if (key.scope.size() > kIdempotencyScopeBytesMax || key.scope.find('\0') != std::string::npos) {
    return MakeError(ErrorCode::kInvalidRequest,
                     "the scope of an idempotency key is too long or contains a NUL");
  }
  return absl::OkStatus();
}

// What no later stage can refuse without stopping everybody's writes.
absl::Status CheckSubmission(const Submission& submission) {
  if (submission.idempotency) RETURN_IF_ERROR(CheckKey(*submission.idempotency));
  // The first and the last whole year that TimestampNs can hold.
  static const TimestampNs kEarliest =
      absl::ToUnixNanos(absl::FromCivil(absl::CivilYear(1678), absl::UTCTimeZone()));
  static const TimestampNs kLatest =
      absl::ToUnixNanos(absl::FromCivil(absl::CivilYear(2262), absl::UTCTimeZone()));
  if (submission.occurred_at &&
      (*submission.occurred_at < kEarliest || *submission.occurred_at >= kLatest)) {
    return MakeError(ErrorCode::kInvalidRequest, "the time lies outside the years 1678 to 2261");
  }
  return absl::OkStatus();
}

absl::Status CheckOptions(const EngineOptions& options) {
  if (options.queue_capacity == 0) return absl::InvalidArgumentError("queue_capacity is 0");
  if (options.batch_commands_max == 0) return absl::InvalidArgumentError("batch_commands_max is 0");
  if (options.batch_bytes_max == 0) return absl::InvalidArgumentError("batch_bytes_max is 0");
  if (options.row_cache_entries < 2) {
    return absl::InvalidArgumentError("row_cache_entries is below 2");
  }
  if (options.background_delay < absl::ZeroDuration()) {
    return absl::InvalidArgumentError("background_delay is negative");
  }
  if (options.idempotency_retention <= absl::ZeroDuration()) {
    return absl::InvalidArgumentError("idempotency_retention is not positive");
  }
  return absl::OkStatus();
}

class EngineImpl final : public Engine {
 public:
  EngineImpl(EventLog* log, CommitListener* listener, DayZone zone, TimestampNs last_recorded_at,
             EngineOptions options)
      : log_(log),
        listener_(listener),
        zone_(std::move(zone)),
        options_(std::move(options)),
        rows_(options_.row_cache_entries / 2),
        last_recorded_at_(last_recorded_at),
        context_{.log = log_,
                 .options = &options_,
                 .zone = &zone_,
                 .clock = options_.clock != nullptr ? options_.clock : &SystemClock(),
                 .ids = options_.ids != nullptr ? options_.ids : &SystemIds(),
                 .rows = &rows_,
                 .last_recorded_at = &last_recorded_at_},
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
  void WakeForBackground();

  void CommitLoop();
  // Waits for work; nullopt: the engine stops. Empty when the work that had
  // arrived was refused meanwhile.
  std::optional<Work> TakeWork();
  void TakeCommands(Work* work);
  void TakeStoredAnswers(Work* work);
  void StayAwake(std::unique_lock<std::mutex>& lock);
  void WaitForCompany(std::unique_lock<std::mutex>& lock);
  size_t BatchShare() const;
  bool HasDueWork(std::chrono::steady_clock::time_point now) const;
  void Commit(Work work);
  absl::Status Fill(CommandBatch& batch, Work& work);
  // Lets go of the batches that the log holds, or has refused.
  void ForgetAppended();
  void SendToLog(std::shared_ptr<CommandBatch> batch);
  // On the thread that appended.
  void Appended(std::shared_ptr<CommandBatch> batch, const absl::Status& status);
  void HandOver(std::shared_ptr<CommandBatch> batch);
  void CountAnswered(int answering);
  void Fail(const absl::Status& status);
  void AnswerAll(std::vector<CommandBatch::Outcome> outcomes, const absl::Status& visible);

  EventLog* const log_;
  CommitListener* const listener_;
  const DayZone zone_;
  const EngineOptions options_;
  // Used by the committer only, like the next three.
  RowCache rows_;
  TimestampNs last_recorded_at_;
  const CommitContext context_;
  CommandBatch::Predecessors unappended_;

  mutable std::mutex mutex_;
  std::condition_variable work_arrived_;
  std::condition_variable all_answered_;
  std::condition_variable company_;  // answering_ became 0
  std::deque<Command> waiting_;
  std::atomic<size_t> waiting_count_ = 0;  // its size, for looking without the lock
  std::deque<Command> background_;
  std::deque<StoredAnswer> stored_answers_;
  size_t stored_answer_bytes_ = 0;                        // of stored_answers_
  std::chrono::steady_clock::time_point background_due_;  // also of stored answers
  bool stopping_ = false;
  absl::Status failure_;            // why commands are refused for good
  size_t unanswered_batches_ = 0;   // decided, and not all answers are out
  std::atomic<int> answering_ = 0;  // batches whose answers are going out now
  EngineStats stats_;

  std::mutex stop_mutex_;  // one Stop at a time
  LogWriter writer_;
  std::thread committer_;  // last: it uses everything above
};

// The first background command, or stored answer, of a batch to come.
void EngineImpl::WakeForBackground() {
  if (!background_.empty() || !stored_answers_.empty()) return;
  background_due_ =
      std::chrono::steady_clock::now() + absl::ToChronoMicroseconds(options_.background_delay);
  work_arrived_.notify_one();
}

std::optional<absl::Status> EngineImpl::Enqueue(Submission& submission, Completion& done) {
  const absl::Status checked = CheckSubmission(submission);
  const bool background = submission.priority == Priority::kBackground;
  std::lock_guard<std::mutex> lock(mutex_);
  if (!checked.ok()) {
    ++stats_.commands_refused;
    return checked;
  }
  if (stopping_) {
    ++stats_.commands_refused;
    return NotWritable("the engine is stopping");
  }
  if (!failure_.ok()) {
    ++stats_.commands_refused;
    return NotWritable(failure_.message());
  }
  const size_t background_max = std::max<size_t>(1, options_.queue_capacity / kBackgroundShare);
  if (waiting_.size() + background_.size() >= options_.queue_capacity ||
      (background && background_.size() >= background_max)) {
    ++stats_.commands_refused;
    return QueueFull();
  }
  const bool was_idle = waiting_.empty();
  if (background) {
    WakeForBackground();
    background_.push_back({std::move(submission), std::move(done)});
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
  if (result.replayed || answer.size() > kStoredAnswerMax || !CheckKey(key).ok()) return;
  std::lock_guard<std::mutex> lock(mutex_);
  // A repeat whose answer was lost is answered from the current state.
  const bool too_much = stored_answers_.size() >= options_.queue_capacity ||
                        stored_answer_bytes_ + answer.size() > options_.stored_answers_bytes_max;
  if (stopping_ || !failure_.ok() || too_much) return;
  WakeForBackground();
  stored_answer_bytes_ += answer.size();
  stored_answers_.push_back({key, std::move(answer)});
}

EngineStats EngineImpl::stats() const {
  std::lock_guard<std::mutex> lock(mutex_);
  EngineStats stats = stats_;
  stats.queue_depth = waiting_.size() + background_.size();
  return stats;
}

absl::Status EngineImpl::WriteStatus() const {
  std::lock_guard<std::mutex> lock(mutex_);
  return failure_;
}

bool EngineImpl::HasDueWork(std::chrono::steady_clock::time_point now) const {
  if (!waiting_.empty()) return true;
  if (background_.empty() && stored_answers_.empty()) return false;
  return stopping_ || now >= background_due_;
}

// Answers go out one after the other, and each may bring its sender's next
// command. The first such command would be synced alone while the others wait
// for a second sync. So the committer waits for more commands while answers are
// going out, up to a batch that is worth a sync.
void EngineImpl::WaitForCompany(std::unique_lock<std::mutex>& lock) {
  if (stopping_) return;
  if (!writer_.Idle()) {
    // The disk is busy anyway: leave the processor to the answering thread.
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

std::optional<EngineImpl::Work> EngineImpl::TakeWork() {
  std::unique_lock<std::mutex> lock(mutex_);
  StayAwake(lock);
  while (!HasDueWork(std::chrono::steady_clock::now())) {
    if (!background_.empty() || !stored_answers_.empty()) {
      work_arrived_.wait_until(lock, background_due_);
    } else if (stopping_) {
      return std::nullopt;
    } else {
      work_arrived_.wait(lock);
    }
  }
  WaitForCompany(lock);
  Work work;
  TakeCommands(&work);
  TakeStoredAnswers(&work);
  return work;
}

// Foreground first. Background commands that are due get a part of the batch
// even when the foreground alone would fill it.
void EngineImpl::TakeCommands(Work* work) {
  const size_t commands_max = BatchShare();
  const auto now = std::chrono::steady_clock::now();
  size_t reserved = 0;
  if (now >= background_due_) {
    reserved = std::min(background_.size(), std::max<size_t>(1, commands_max / kBackgroundShare));
  }
  const auto take = [&](std::deque<Command>& from, size_t up_to) {
    while (!from.empty() && work->commands.size() < up_to) {
      work->commands.push_back(std::move(from.front()));
      from.pop_front();
    }
  };
  take(waiting_, commands_max - reserved);
  waiting_count_.store(waiting_.size(), std::memory_order_release);
  const size_t foreground = work->commands.size();
  take(background_, commands_max);
  if (work->commands.size() > foreground) {
    background_due_ = now + absl::ToChronoMicroseconds(options_.background_delay);
  }
}

void EngineImpl::TakeStoredAnswers(Work* work) {
  const size_t bytes_max = options_.batch_bytes_max / kStoredAnswersShare;
  for (size_t bytes = 0; !stored_answers_.empty() && bytes <= bytes_max;) {
    bytes += stored_answers_.front().answer.size();
    work->answers.push_back(std::move(stored_answers_.front()));
    stored_answers_.pop_front();
  }
  for (const StoredAnswer& stored : work->answers) stored_answer_bytes_ -= stored.answer.size();
}

void EngineImpl::CommitLoop() {
  pthread_setname_np(pthread_self(), "df-committer");
  for (;;) {
    // Room first: commands that arrive meanwhile share the next sync.
    writer_.WaitForRoom();
    std::optional<Work> work = TakeWork();
    if (!work.has_value()) break;
    if (!work->empty()) Commit(*std::move(work));
  }
  writer_.Stop();
}

// Commands until the batch is full; the rest goes back to the queue's front.
absl::Status EngineImpl::Fill(CommandBatch& batch, Work& work) {
  absl::Status added;
  for (StoredAnswer& stored : work.answers) {
    if (added.ok()) added = batch.AttachAnswer(stored.key, std::move(stored.answer));
  }
  size_t next = 0;
  while (next < work.commands.size() && added.ok() && batch.bytes() < options_.batch_bytes_max) {
    Command& command = work.commands[next++];
    added = batch.Add(std::move(command.submission), std::move(command.done));
  }
  absl::Status failure;
  {
    std::lock_guard<std::mutex> lock(mutex_);
    failure = failure_;
    if (failure.ok()) {
      for (size_t i = work.commands.size(); i > next; --i) {
        waiting_.push_front(std::move(work.commands[i - 1]));
      }
      waiting_count_.store(waiting_.size(), std::memory_order_release);
    } else {
      stats_.commands_refused += work.commands.size() - next;
    }
  }
  // The engine failed while this batch was being filled: the rest of the queue
  // has been refused, and so is the rest of the work.
  for (; !failure.ok() && next < work.commands.size(); ++next) {
    work.commands[next].done(NotWritable(failure.message()));
  }
  return added;
}

void EngineImpl::Commit(Work work) {
  ForgetAppended();
  auto batch = std::make_shared<CommandBatch>(context_, unappended_);
  const absl::Status status = Fill(*batch, work);
  batch->Seal();
  if (!status.ok()) {
    Fail(status);
    AnswerAll(batch->TakeOutcomes(), NotWritable(status.message()));
    return;
  }
  SendToLog(std::move(batch));
}

void EngineImpl::ForgetAppended() {
  while (unappended_.size() > writer_.unappended()) {
    if (!unappended_.front()->refusal().ok()) {
      // The batches behind it were decided on it and fall with it.
      writer_.WaitUntilAppended();
      unappended_.clear();
      return;
    }
    unappended_.front()->UpdateCache();
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
    writer_.AppendNow(std::move(batch));
  } else {
    writer_.Enqueue(std::move(batch));
  }
}

void EngineImpl::Appended(std::shared_ptr<CommandBatch> batch, const absl::Status& status) {
  if (!status.ok()) {
    // After INVALID_ARGUMENT nothing happened, and the next batch may. After any
    // other error the content of the disk is unknown: neither success nor
    // refusal is true.
    if (!absl::IsInvalidArgument(status)) Fail(status);
    AnswerAll(batch->TakeOutcomes(), NotWritable(status.message()));
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

// A batch without events goes the same way, so that a refusal or a repeat is
// never answered before the state it refers to can be read.
void EngineImpl::HandOver(std::shared_ptr<CommandBatch> batch) {
  std::vector<CommandBatch::Outcome> outcomes = batch->TakeOutcomes();
  const std::shared_ptr<const CommandBatch> owner = std::move(batch);
  CommittedBatch committed;
  committed.events.reserve(owner->events().size());
  for (const v1::Event& event : owner->events()) committed.events.emplace_back(owner, &event);
  committed.done = [this, outcomes = std::move(outcomes)](const absl::Status& visible) mutable {
    if (!visible.ok()) Fail(visible);
    answering_.fetch_add(1, std::memory_order_acq_rel);
    AnswerAll(std::move(outcomes), visible.ok() ? visible : NotWritable(visible.message()));
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

void EngineImpl::AnswerAll(std::vector<CommandBatch::Outcome> outcomes,
                           const absl::Status& visible) {
  for (CommandBatch::Outcome& outcome : outcomes) {
    if (visible.ok()) {
      outcome.done(std::move(outcome.result));
    } else {
      outcome.done(visible);
    }
  }
}

void EngineImpl::Fail(const absl::Status& status) {
  writer_.Close(status);
  std::deque<Command> refused;
  {
    std::lock_guard<std::mutex> lock(mutex_);
    if (failure_.ok()) failure_ = status;
    refused.swap(waiting_);
    waiting_count_.store(0, std::memory_order_release);
    for (Command& command : background_) refused.push_back(std::move(command));
    background_.clear();
    stored_answers_.clear();
    stored_answer_bytes_ = 0;
    stats_.commands_refused += refused.size();
  }
  for (Command& command : refused) command.done(NotWritable(status.message()));
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

// 0 when the log is empty.
absl::StatusOr<TimestampNs> LastRecordedAt(const EventLog& log) {
  TimestampNs last = 0;
  RETURN_IF_ERROR(log.Read(log.Head(), [&](const v1::Event& event) {
    last = event.recorded_at_ns();
    return true;
  }));
  return last;
}

}  // namespace

absl::StatusOr<std::unique_ptr<Engine>> Engine::Start(EventLog* log, CommitListener* listener,
                                                      DayZone zone, EngineOptions options) {
  RETURN_IF_ERROR(CheckOptions(options));
  RETURN_IF_ERROR(log->WriteStatus());
  ASSIGN_OR_RETURN(const TimestampNs last_recorded_at, LastRecordedAt(*log));
  return std::make_unique<EngineImpl>(log, listener, std::move(zone), last_recorded_at,
                                      std::move(options));
}

}  // namespace dailyfeed

#include "projections/runtime/runtime.h"

#include <fmt/format.h>
#include <pthread.h>

#include <algorithm>
#include <chrono>
#include <thread>
#include <utility>

#include "core/base/check.h"
#include "core/base/status_macros.h"
#include "projections/runtime/generation.h"
#include "projections/runtime/operation.h"
#include "projections/runtime/reader.h"
#include "projections/runtime/registry.h"

namespace dailyfeed {
namespace {

// Longer than a sync, during which nothing arrives.
constexpr std::chrono::microseconds kAwake(200);

bool IsProjectionName(std::string_view name) {
  return !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
  });
}

// Position of the first event; 0 when there is none.
Position FirstPosition(const std::vector<CommittedBatch>& group) {
  for (const CommittedBatch& batch : group) {
    if (!batch.events.empty()) return batch.events.front()->position();
  }
  return 0;
}

}  // namespace

std::unique_ptr<Runtime> Runtime::Create(Store* store, const EventSource* log,
                                         RuntimeOptions options) {
  return std::unique_ptr<Runtime>(new Runtime(store, log, std::move(options)));
}

Runtime::Runtime(Store* store, const EventSource* log, RuntimeOptions options)
    : store_(store),
      log_(log),
      options_(std::move(options)),
      views_(absl::ToChronoMilliseconds(options_.read_view_max)),
      build_rate_(options_.build_events_per_second_max) {
  DAILYFEED_CHECK(options_.pending_batches_max > 0);
  DAILYFEED_CHECK(options_.catch_up_batch_events > 0);
  views_.Publish(std::make_shared<ReadView>(nullptr, 0, std::vector<ReadView::Live>()));
}

Runtime::~Runtime() { Stop(); }

ProjectionId Runtime::Register(Projection* projection) {
  DAILYFEED_CHECK(!started_);
  DAILYFEED_CHECK(IsProjectionName(projection->name()));
  DAILYFEED_CHECK(Find(projection->name()) == nullptr);
  auto entry = std::make_unique<Entry>();
  entry->projection = projection;
  entry->name = std::string(projection->name());
  entries_.push_back(std::move(entry));
  views_.Publish(
      std::make_shared<ReadView>(nullptr, 0, std::vector<ReadView::Live>(entries_.size())));
  return static_cast<ProjectionId>(entries_.size() - 1);
}

void Runtime::Observe(ProjectionId projection, ProjectionObserver* observer) {
  DAILYFEED_CHECK(!started_);
  DAILYFEED_CHECK(static_cast<size_t>(projection) < entries_.size());
  entries_[static_cast<size_t>(projection)]->observers.push_back(observer);
}

Runtime::Entry* Runtime::Find(std::string_view projection) const {
  for (const auto& entry : entries_) {
    if (entry->name == projection) return entry.get();
  }
  return nullptr;
}

// ---- Batches in.

void Runtime::OnCommitted(CommittedBatch batch) {
  absl::Status refusal;
  {
    std::unique_lock<std::mutex> lock(mutex_);
    if (!accepting_) {
      refusal = NotRunning();
    } else {
      ++waiting_producers_;
      room_.wait(lock, [this] { return pending_ < options_.pending_batches_max || !health_.ok(); });
      --waiting_producers_;
      refusal = health_;
    }
    if (refusal.ok()) {
      ++pending_;
      batches_.push_back(std::move(batch));
      batches_waiting_.store(batches_.size(), std::memory_order_release);
    }
    work_arrived_.notify_one();
  }
  // Only a batch that was accepted has been moved, which clang-tidy does not see.
  if (!refusal.ok()) batch.done(refusal);  // NOLINT(bugprone-use-after-move)
}

void Runtime::Run() {
  pthread_setname_np(pthread_self(), "df-runtime");
  LookAfterUpkeep();
  while (true) {
    std::vector<CommittedBatch> group;
    std::vector<Task*> tasks;
    {
      std::unique_lock<std::mutex> lock(mutex_);
      // Producers that wait for room were there before Stop and still get in.
      const auto has_work = [this] {
        return !batches_.empty() || !tasks_.empty() || (ended_ && waiting_producers_ == 0);
      };
      // Waking takes longer than applying a batch: under load the next one is a
      // moment away, so look for it a little before sleeping.
      if (!has_work()) {
        const auto until = std::chrono::steady_clock::now() + kAwake;
        lock.unlock();
        while (batches_waiting_.load(std::memory_order_acquire) == 0 &&
               std::chrono::steady_clock::now() < until) {
          std::this_thread::yield();
        }
        lock.lock();
      }
      work_arrived_.wait(lock, has_work);
      group.assign(std::make_move_iterator(batches_.begin()),
                   std::make_move_iterator(batches_.end()));
      batches_.clear();
      batches_waiting_.store(0, std::memory_order_release);
      tasks.swap(tasks_);
    }
    if (group.empty() && tasks.empty()) return;
    if (!group.empty()) {
      ApplyGroup(group);
      std::lock_guard<std::mutex> lock(mutex_);
      pending_ -= group.size();
      room_.notify_all();
    }
    RunTasks(tasks);
    LookAfterUpkeep();
  }
}

void Runtime::ApplyGroup(std::vector<CommittedBatch>& group) {
  absl::Status outcome = Health();
  if (outcome.ok()) {
    outcome = Feed(group);
    if (!outcome.ok()) {
      Fail(outcome);
      outcome = Health();
    }
  }
  for (CommittedBatch& batch : group) batch.done(outcome);
}

absl::Status Runtime::Feed(const std::vector<CommittedBatch>& group) {
  const Position first = FirstPosition(group);
  if (first > AppliedPosition() + 1) RETURN_IF_ERROR(FillGap(first - 1));

  StoreBatch rows;
  const std::vector<Generation*> fed = Fed();
  Position last = AppliedPosition();
  for (Generation* generation : fed) {
    for (const CommittedBatch& batch : group) {
      for (const auto& event : batch.events) {
        RETURN_IF_ERROR(generation->Apply(*event, &rows));
      }
    }
    RETURN_IF_ERROR(generation->AppendTo(&rows));
  }
  for (const CommittedBatch& batch : group) {
    if (!batch.events.empty()) last = std::max(last, batch.events.back()->position());
  }
  if (last > AppliedPosition()) {
    RETURN_IF_ERROR(store_->Write(std::move(rows)));
    TellObservers(group);
    for (Generation* generation : fed) generation->Written();
    PublishView(last);
    applied_.store(last, std::memory_order_release);
  }
  return absl::OkStatus();
}

// Events that are in the log and never came as a batch: somebody appended
// between Start and the first batch.
absl::Status Runtime::FillGap(Position before) {
  RETURN_IF_ERROR(Fold(Fed(), before, "events not handed over", GoOn));
  for (const auto& entry : entries_) RETURN_IF_ERROR(Reload(*entry));
  PublishView(before);
  applied_.store(before, std::memory_order_release);
  return absl::OkStatus();
}

void Runtime::TellObservers(const std::vector<CommittedBatch>& group) {
  std::vector<const v1::Event*> applied;
  for (const auto& entry : entries_) {
    if (entry->observers.empty()) continue;
    const Generation& live = *entry->roles.live;
    applied.clear();
    for (const CommittedBatch& batch : group) {
      for (const auto& event : batch.events) {
        if (live.HasApplied(*event)) applied.push_back(event.get());
      }
    }
    for (ProjectionObserver* observer : entry->observers) {
      for (const v1::Event* event : applied) observer->OnEvent(*event);
      observer->OnRows(live.written_rows());
    }
  }
}

absl::Status Runtime::Load(const Entry& entry, const Generation& live) {
  const KeyspaceReader rows(store_, live.keyspace());
  for (ProjectionObserver* observer : entry.observers) RETURN_IF_ERROR(observer->OnLoad(rows));
  return absl::OkStatus();
}

void Runtime::Reset(Entry& entry) {
  entry.epoch = ++epoch_;
  for (ProjectionObserver* observer : entry.observers) observer->OnReset(entry.epoch);
}

absl::Status Runtime::Reload(Entry& entry) {
  const absl::Status loaded = Load(entry, *entry.roles.live);
  if (!loaded.ok()) {
    Fail(loaded);
    return loaded;
  }
  Reset(entry);
  return absl::OkStatus();
}

void Runtime::PublishView(Position position) {
  std::vector<ReadView::Live> live;
  live.reserve(entries_.size());
  for (const auto& entry : entries_) {
    ReadView::Live& of = live.emplace_back();
    of.keyspace = entry->roles.live->keyspace();
    of.epoch = entry->epoch;
    for (const ProjectionObserver* observer : entry->observers) {
      of.memory = observer->Memory();
      if (of.memory != nullptr) break;
    }
  }
  views_.Publish(std::make_shared<ReadView>(store_->NewSnapshot(), position, std::move(live)));
}

std::vector<Generation*> Runtime::Fed() const {
  std::vector<Generation*> fed;
  for (const auto& entry : entries_) {
    fed.push_back(entry->roles.live);
    if (entry->roles.next_ready) fed.push_back(entry->roles.next);
  }
  return fed;
}

void Runtime::Fail(const absl::Status& status) {
  std::lock_guard<std::mutex> lock(mutex_);
  if (!health_.ok()) return;
  health_ =
      absl::UnavailableError(fmt::format("the projection runtime stopped: {}", status.ToString()));
  room_.notify_all();
  upkeep_due_.notify_all();
  work_arrived_.notify_one();
}

absl::Status Runtime::NotRunning() const {
  return health_.ok() ? absl::UnavailableError("the projection runtime is not running") : health_;
}

// ---- Folding the log.

// Folds the log up to `to` into every one of `generations`, reading it once, a
// store batch at a time; calls `between` before each.
absl::Status Runtime::Fold(const std::vector<Generation*>& generations, Position to,
                           std::string_view what, absl::FunctionRef<absl::Status()> between) {
  while (true) {
    Position from = to + 1;
    for (const Generation* generation : generations) {
      from = std::min(from, generation->position() + 1);
    }
    if (from > to) return absl::OkStatus();
    RETURN_IF_ERROR(between());
    const Position last = std::min(to, from + options_.catch_up_batch_events - 1);
    const absl::Status folded = FoldBatch(generations, from, last);
    if (!folded.ok()) {
      // What was applied of the batch is in memory, and what it parked is not.
      for (Generation* generation : generations) RETURN_IF_ERROR(generation->Reload());
      return folded;
    }
    if (options_.on_progress) options_.on_progress(what, last, to);
  }
}

absl::Status Runtime::FoldBatch(const std::vector<Generation*>& generations, Position from,
                                Position last) {
  StoreBatch batch;
  absl::Status applied;
  Position at = from - 1;
  RETURN_IF_ERROR(log_->Read(from, [&](const v1::Event& event) {
    for (Generation* generation : generations) {
      applied = generation->Apply(event, &batch);
      if (!applied.ok()) return false;
    }
    at = event.position();
    return at < last;
  }));
  RETURN_IF_ERROR(applied);
  if (at < last) {
    return absl::DataLossError(fmt::format("the log ends at {}, before {}", at, last));
  }
  for (Generation* generation : generations) RETURN_IF_ERROR(generation->AppendTo(&batch));
  absl::Status written = store_->Write(std::move(batch));
  if (!written.ok()) {
    Fail(written);
    return written;
  }
  for (Generation* generation : generations) generation->Written();
  return absl::OkStatus();
}

// ---- Tasks between batches.

absl::Status Runtime::OnThread(absl::FunctionRef<absl::Status()> run) {
  Task task{run, absl::OkStatus(), false};
  std::unique_lock<std::mutex> lock(mutex_);
  if (!accepting_) return NotRunning();
  DAILYFEED_CHECK(std::this_thread::get_id() != thread_.get_id());
  tasks_.push_back(&task);
  work_arrived_.notify_one();
  task_done_.wait(lock, [&task] { return task.done; });
  return task.result;
}

void Runtime::RunTasks(const std::vector<Task*>& tasks) {
  for (Task* task : tasks) {
    absl::Status result = Health();
    if (result.ok()) result = task->run();
    std::lock_guard<std::mutex> lock(mutex_);
    task->result = std::move(result);
    task->done = true;
    task_done_.notify_all();
  }
}

// ---- Start and Stop.

absl::Status Runtime::Start() {
  DAILYFEED_CHECK(!started_);
  started_ = true;
  ASSIGN_OR_RETURN(Registry registry, ReadRegistry(*store_));
  next_keyspace_ = registry.next_keyspace;
  unerased_ = std::move(registry.unerased);
  std::vector<Entry*> to_build;
  for (const auto& entry : entries_) {
    const auto record = registry.projections.find(entry->name);
    if (record != registry.projections.end()) {
      RETURN_IF_ERROR(LoadEntry(record->second, *entry));
    }
    RETURN_IF_ERROR(DropInvalid(*entry));
    RETURN_IF_ERROR(PrepareEntry(*entry, &to_build));
  }
  RETURN_IF_ERROR(CatchUpAll());
  for (const auto& entry : entries_) RETURN_IF_ERROR(Load(*entry, *entry->roles.live));
  PublishView(AppliedPosition());
  std::lock_guard<std::mutex> lock(mutex_);
  if (stopping_) return absl::UnavailableError("the projection runtime was stopped");
  accepting_ = true;
  running_ = true;
  thread_ = std::thread([this] { Run(); });
  if (options_.upkeep_thread && HasUpkeep()) {
    upkeep_ = std::thread([this] { RunUpkeepThread(); });
  }
  if (!to_build.empty()) Launch(*NewBuild(std::move(to_build)));
  return absl::OkStatus();
}

void Runtime::Stop() {
  std::lock_guard<std::mutex> one_at_a_time(stop_mutex_);
  std::thread build;
  {
    std::unique_lock<std::mutex> lock(mutex_);
    accepting_ = false;
    stopping_ = true;
    build_changed_.notify_all();
    upkeep_due_.notify_all();
    work_arrived_.notify_one();
    CancelPieces([](const Generation*) { return true; });
    CancelHeld();
    operations_ended_.wait(lock, [this] { return operations_ == 0; });
    if (build_ != nullptr) build = std::move(build_->thread);
  }
  // The thread that serves their last tasks ends after them.
  if (build.joinable()) build.join();
  if (upkeep_.joinable()) upkeep_.join();
  {
    std::lock_guard<std::mutex> lock(mutex_);
    ended_ = true;
    work_arrived_.notify_one();
    if (!thread_.joinable()) return;
  }
  thread_.join();
  running_ = false;
}

// ---- What others see.

bool Runtime::Ready() const { return running_ && Health().ok(); }

Position Runtime::AppliedPosition() const { return applied_.load(std::memory_order_acquire); }

absl::Status Runtime::Health() const {
  std::lock_guard<std::mutex> lock(mutex_);
  return health_;
}

std::unique_ptr<ProjectionReader> Runtime::Reader(std::string_view projection) const {
  const Entry* entry = Find(projection);
  return entry == nullptr ? nullptr : NewLiveReader(store_, &entry->live_keyspace);
}

absl::StatusOr<std::unique_ptr<ProjectionReader>> Runtime::GenerationReader(
    std::string_view projection, uint64_t generation) const {
  const Entry* entry = Find(projection);
  if (entry == nullptr) return absl::NotFoundError("no such projection");
  std::lock_guard<std::mutex> lock(mutex_);
  const Roles& roles = entry->roles;
  for (const Generation* one : {roles.live, roles.previous, roles.next}) {
    if (one != nullptr && one->number() == generation) {
      return NewKeyspaceReader(store_, one->keyspace());
    }
  }
  return absl::NotFoundError(fmt::format("{} has no generation {}", entry->name, generation));
}

std::vector<ProjectionStatus> Runtime::Status() const {
  const Position head = log_->Head();
  std::vector<ProjectionStatus> statuses;
  std::lock_guard<std::mutex> lock(mutex_);
  for (const auto& entry : entries_) {
    ProjectionStatus status;
    status.name = entry->name;
    status.version = entry->projection->version();
    const Roles& roles = entry->roles;
    if (roles.live != nullptr) {
      status.generation = roles.live->number();
      status.checkpoint = roles.live->checkpoint();
      status.parked_keys = roles.live->parked_count();
      status.events_applied = roles.live->events_applied();
    }
    if (roles.previous != nullptr) status.previous_generation = roles.previous->number();
    if (roles.next != nullptr) {
      status.building_generation = roles.next->number();
      status.building_ready = roles.next_ready;
      status.building_checkpoint = roles.next->checkpoint();
    }
    if (roles.live != nullptr) status.outdated = !roles.live->Fits();
    status.upkeep = entry->upkeep;
    status.lag = head - std::min(head, status.checkpoint);
    statuses.push_back(std::move(status));
  }
  return statuses;
}

absl::StatusOr<std::vector<ParkedKey>> Runtime::Parked(size_t max) const {
  struct Fed {
    std::string name;
    std::shared_ptr<Generation> generation;
  };
  std::vector<Fed> fed;
  {
    std::lock_guard<std::mutex> lock(mutex_);
    for (const auto& entry : entries_) {
      for (const auto& generation : entry->generations) {
        const Roles& roles = entry->roles;
        const bool ready = generation.get() == roles.next && roles.next_ready;
        if (ready || generation.get() == roles.live) fed.push_back({entry->name, generation});
      }
    }
  }
  std::vector<ParkedKey> keys;
  for (const Fed& of : fed) {
    for (auto& [key, parked] : of.generation->parked(max - keys.size())) {
      keys.push_back({of.name, of.generation->number(), key, parked.first_position, parked.events,
                      parked.reason});
    }
  }
  return keys;
}

}  // namespace dailyfeed

#include "projections/runtime/runtime.h"

#include <fmt/format.h>
#include <pthread.h>

#include <algorithm>
#include <chrono>
#include <thread>
#include <utility>

#include "core/base/check.h"
#include "core/base/status_macros.h"
#include "projections/runtime/reader.h"
#include "projections/runtime/runtime_impl.h"

namespace dailyfeed {
namespace {

// Longer than a sync, during which nothing arrives.
constexpr std::chrono::microseconds kAwake(200);

absl::Status NotRunning() {
  return absl::UnavailableError("the projection runtime is not running");
}

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
  return std::make_unique<RuntimeImpl>(store, log, std::move(options));
}

RuntimeImpl::RuntimeImpl(Store* store, const EventSource* log, RuntimeOptions options)
    : store_(store),
      log_(log),
      options_(std::move(options)),
      views_(absl::ToChronoMilliseconds(options_.read_view_max)) {
  DAILYFEED_CHECK(options_.pending_batches_max > 0);
  DAILYFEED_CHECK(options_.catch_up_batch_events > 0);
  views_.Publish(std::make_shared<ReadView>(nullptr, 0, std::vector<ReadView::Live>()));
}

RuntimeImpl::~RuntimeImpl() { Stop(); }

ProjectionId RuntimeImpl::Register(Projection* projection) {
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

void RuntimeImpl::Observe(ProjectionId projection, ProjectionObserver* observer) {
  DAILYFEED_CHECK(!started_);
  DAILYFEED_CHECK(static_cast<size_t>(projection) < entries_.size());
  entries_[static_cast<size_t>(projection)]->observers.push_back(observer);
}

RuntimeImpl::Entry* RuntimeImpl::Find(std::string_view projection) const {
  for (const auto& entry : entries_) {
    if (entry->name == projection) return entry.get();
  }
  return nullptr;
}

// ---- Batches in.

void RuntimeImpl::OnCommitted(CommittedBatch batch) {
  absl::Status refusal;
  {
    std::unique_lock<std::mutex> lock(mutex_);
    if (!accepting_) {
      refusal = health_.ok() ? NotRunning() : health_;
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

void RuntimeImpl::Run() {
  pthread_setname_np(pthread_self(), "df-runtime");
  while (true) {
    std::vector<CommittedBatch> group;
    std::vector<Task*> tasks;
    {
      std::unique_lock<std::mutex> lock(mutex_);
      // Producers that wait for room were there before Stop and still get in.
      const auto has_work = [this] {
        return !batches_.empty() || !tasks_.empty() || (stopping_ && waiting_producers_ == 0);
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
  }
}

void RuntimeImpl::ApplyGroup(std::vector<CommittedBatch>& group) {
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

absl::Status RuntimeImpl::Feed(const std::vector<CommittedBatch>& group) {
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
absl::Status RuntimeImpl::FillGap(Position before) {
  RETURN_IF_ERROR(Fold(Fed(), before, "events not handed over", nullptr));
  for (const auto& entry : entries_) Reset(*entry);
  PublishView(before);
  applied_.store(before, std::memory_order_release);
  return absl::OkStatus();
}

void RuntimeImpl::TellObservers(const std::vector<CommittedBatch>& group) {
  for (const auto& entry : entries_) {
    const Generation& live = *entry->roles.live;
    for (ProjectionObserver* observer : entry->observers) {
      for (const CommittedBatch& batch : group) {
        for (const auto& event : batch.events) {
          if (live.HasApplied(*event)) observer->OnEvent(*event);
        }
      }
      observer->OnRows(live.written_rows());
    }
  }
}

void RuntimeImpl::Reset(Entry& entry) {
  entry.epoch = ++epoch_;
  for (ProjectionObserver* observer : entry.observers) observer->OnReset(entry.epoch);
}

void RuntimeImpl::PublishView(Position position) {
  std::vector<ReadView::Live> live;
  live.reserve(entries_.size());
  for (const auto& entry : entries_) live.push_back({entry->roles.live->keyspace(), entry->epoch});
  views_.Publish(std::make_shared<ReadView>(store_->NewSnapshot(), position, std::move(live)));
}

std::vector<Generation*> RuntimeImpl::Fed() const {
  std::vector<Generation*> fed;
  for (const auto& entry : entries_) {
    fed.push_back(entry->roles.live);
    if (entry->roles.next_ready) fed.push_back(entry->roles.next);
  }
  return fed;
}

void RuntimeImpl::Fail(const absl::Status& status) {
  std::lock_guard<std::mutex> lock(mutex_);
  if (!health_.ok()) return;
  health_ =
      absl::UnavailableError(fmt::format("the projection runtime stopped: {}", status.ToString()));
  room_.notify_all();
}

// ---- Tasks between batches.

absl::Status RuntimeImpl::OnThread(absl::FunctionRef<absl::Status()> run) {
  Task task{run, absl::OkStatus(), false};
  std::unique_lock<std::mutex> lock(mutex_);
  if (!accepting_) return health_.ok() ? NotRunning() : health_;
  DAILYFEED_CHECK(std::this_thread::get_id() != thread_.get_id());
  tasks_.push_back(&task);
  work_arrived_.notify_one();
  task_done_.wait(lock, [&task] { return task.done; });
  return task.result;
}

void RuntimeImpl::RunTasks(const std::vector<Task*>& tasks) {
  for (Task* task : tasks) {
    absl::Status result = Health();
    if (result.ok()) result = task->run();
    std::lock_guard<std::mutex> lock(mutex_);
    task->result = std::move(result);
    task->done = true;
    task_done_.notify_all();
  }
}

void RuntimeImpl::Stop() {
  std::lock_guard<std::mutex> one_at_a_time(stop_mutex_);
  {
    std::lock_guard<std::mutex> lock(mutex_);
    accepting_ = false;
    stopping_ = true;
    work_arrived_.notify_one();
    if (!thread_.joinable()) return;
  }
  thread_.join();
  running_ = false;
}

// ---- What others see.

bool RuntimeImpl::Ready() const { return running_ && Health().ok(); }

Position RuntimeImpl::AppliedPosition() const { return applied_.load(std::memory_order_acquire); }

absl::Status RuntimeImpl::Health() const {
  std::lock_guard<std::mutex> lock(mutex_);
  return health_;
}

std::unique_ptr<ProjectionReader> RuntimeImpl::Reader(std::string_view projection) const {
  const Entry* entry = Find(projection);
  return entry == nullptr ? nullptr : NewLiveReader(store_, &entry->live_keyspace);
}

absl::StatusOr<std::unique_ptr<ProjectionReader>> RuntimeImpl::GenerationReader(
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

std::vector<ProjectionStatus> RuntimeImpl::Status() const {
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
    status.lag = head - std::min(head, status.checkpoint);
    statuses.push_back(std::move(status));
  }
  return statuses;
}

absl::StatusOr<std::vector<ParkedKey>> RuntimeImpl::Parked() const {
  std::vector<ParkedKey> keys;
  std::lock_guard<std::mutex> lock(mutex_);
  for (const auto& entry : entries_) {
    const Roles& roles = entry->roles;
    const Generation* ready = roles.next_ready ? roles.next : nullptr;
    for (const Generation* generation : {static_cast<const Generation*>(roles.live), ready}) {
      if (generation == nullptr) continue;
      for (const auto& [key, parked] : generation->parked()) {
        keys.push_back({entry->name, generation->number(), key, parked.first_position,
                        parked.events, parked.reason});
      }
    }
  }
  return keys;
}

}  // namespace dailyfeed

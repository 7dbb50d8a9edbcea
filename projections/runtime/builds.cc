// Builds of generations in the background: one scan of the log for several
// projections, on a thread of its own.
#include <fmt/format.h>
#include <pthread.h>
#include <sys/resource.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "core/base/check.h"
#include "core/base/status_macros.h"
#include "projections/runtime/generation.h"
#include "projections/runtime/operation.h"
#include "projections/runtime/runtime.h"

namespace dailyfeed {
namespace {

// The build gives way to everything else on its processor.
constexpr int kNiceness = 10;

absl::Status Cancelled() { return absl::CancelledError("the build was cancelled"); }

}  // namespace

absl::Status Runtime::CheckBuildable(const Entry& entry) const {
  if (entry.claimed) {
    return absl::FailedPreconditionError(
        fmt::format("another operation works on the generations of {}", entry.name));
  }
  if (entry.roles.next == nullptr || !entry.roles.next_ready) return absl::OkStatus();
  return absl::FailedPreconditionError(
      fmt::format("generation {} of {} was built already: activate or drop it",
                  entry.roles.next->number(), entry.name));
}

absl::Status Runtime::StartBuild(const std::vector<std::string>& projections, BuildGoal goal) {
  ASSIGN_OR_RETURN(const auto operation, Operation::Begin(this));
  std::vector<Entry*> entries;
  for (const std::string& projection : projections) {
    Entry* const entry = Find(projection);
    if (entry == nullptr) return absl::NotFoundError(fmt::format("no projection {}", projection));
    if (std::find(entries.begin(), entries.end(), entry) == entries.end()) entries.push_back(entry);
  }
  if (entries.empty()) return absl::InvalidArgumentError("a build of no projection");
  std::shared_ptr<BuildRun> build;
  {
    std::lock_guard<std::mutex> lock(mutex_);
    if (build_ != nullptr && !build_->done) {
      return absl::FailedPreconditionError("another operation works on generations: a build");
    }
    for (const Entry* entry : entries) RETURN_IF_ERROR(CheckBuildable(*entry));
    build = NewBuild(std::move(entries));
  }
  const absl::Status launched = OnThread([&] {
    std::vector<RoleChange> resumed;
    for (Entry* entry : build->entries) {
      if (entry->roles.next == nullptr) {
        RETURN_IF_ERROR(AddNext(*entry, goal));
      } else if (entry->roles.goal != goal) {
        resumed.push_back({entry, entry->roles});
        resumed.back().roles.goal = goal;
      }
    }
    if (!resumed.empty()) RETURN_IF_ERROR(ChangeRoles(resumed));
    std::lock_guard<std::mutex> lock(mutex_);
    Launch(*build);
    return absl::OkStatus();
  });
  if (!launched.ok()) End(*build, launched);
  return launched;
}

std::shared_ptr<Runtime::BuildRun> Runtime::NewBuild(std::vector<Entry*> entries) {
  // The former one has ended: that it is done is the last it says with the mutex.
  if (build_ != nullptr && build_->thread.joinable()) build_->thread.join();
  build_ = std::make_shared<BuildRun>();
  build_->entries = std::move(entries);
  for (Entry* entry : build_->entries) entry->building = true;
  return build_;
}

bool Runtime::Builds(const BuildRun& build, const Generation* generation) {
  return std::find(build.generations.begin(), build.generations.end(), generation) !=
         build.generations.end();
}

void Runtime::Launch(BuildRun& build) {
  for (const Entry* entry : build.entries) build.generations.push_back(entry->roles.next);
  build.thread = std::thread([this, &build] { RunBuild(build); });
}

void Runtime::End(BuildRun& build, absl::Status result) {
  std::lock_guard<std::mutex> lock(mutex_);
  for (Entry* entry : build.entries) entry->building = false;
  build.result = std::move(result);
  build.done = true;
  build_changed_.notify_all();
}

void Runtime::RunBuild(BuildRun& build) {
  pthread_setname_np(pthread_self(), "df-build");
  setpriority(PRIO_PROCESS, 0, kNiceness);  // of this thread; a refusal does no harm
  std::string what = "building";
  for (const Entry* entry : build.entries) what += " " + entry->name;
  Pace pace;
  const auto between = [&] { return BetweenBatches(build, /*last=*/false, &pace); };
  absl::Status result;
  bool finished = false;
  while (result.ok() && !finished) {
    result = FoldBeside(build.generations, what, between);
    if (result.ok()) result = BetweenBatches(build, /*last=*/true, &pace);
    if (result.ok()) result = OnThread([&] { return Finish(build, &finished); });
  }
  if (finished && result.ok()) result = store_->Sync();
  if (absl::IsCancelled(result)) {
    const absl::Status dropped = OnThread([&] { return DropBuilt(build); });
    if (!dropped.ok()) result = dropped;
  }
  End(build, std::move(result));
}

absl::Status Runtime::BetweenBatches(BuildRun& build, bool last, Pace* pace) {
  while (true) {
    std::vector<MemberId> to_forget;
    uint64_t requests = 0;
    {
      std::unique_lock<std::mutex> lock(mutex_);
      const auto must_look_up = [&] {
        return stopping_ || build.cancelled || !health_.ok() || !build.to_forget.empty();
      };
      while (!must_look_up()) {
        // Roles change while nobody else works on them.
        const bool claimed = last && std::any_of(build.entries.begin(), build.entries.end(),
                                                 [](const Entry* entry) { return entry->claimed; });
        if (build_paused_ || claimed) {
          build_changed_.wait(lock);
          continue;
        }
        if (last) break;
        // After each batch the time it should have taken at the rate.
        if (build_rate_ == 0 || std::chrono::steady_clock::now() >= pace->next) break;
        build_changed_.wait_until(lock, pace->next);
      }
      if (stopping_) return absl::UnavailableError("the projection runtime is stopping");
      if (build.cancelled) return Cancelled();
      if (!health_.ok()) return health_;
      to_forget.swap(build.to_forget);
      requests = build.forgetting;
      if (to_forget.empty() && build_rate_ > 0) {
        const auto batch = std::chrono::duration_cast<std::chrono::steady_clock::duration>(
            std::chrono::duration<double>(static_cast<double>(options_.catch_up_batch_events) /
                                          static_cast<double>(build_rate_)));
        pace->next = std::chrono::steady_clock::now() + batch;
      }
    }
    if (to_forget.empty()) return KeepUp(build.generations);
    RETURN_IF_ERROR(ForgetIn(build.generations, to_forget));
    std::lock_guard<std::mutex> lock(mutex_);
    build.forgotten = requests;
    build_changed_.notify_all();
  }
}

absl::Status Runtime::ForgetIn(const std::vector<Generation*>& generations,
                               const std::vector<MemberId>& members) {
  StoreBatch batch;
  for (Generation* generation : generations) {
    for (const MemberId member : members) RETURN_IF_ERROR(generation->Forget(member));
    RETURN_IF_ERROR(generation->AppendTo(&batch));
  }
  RETURN_IF_ERROR(store_->Write(std::move(batch)));
  for (Generation* generation : generations) generation->Written();
  return absl::OkStatus();
}

absl::Status Runtime::ForgetInBuild(std::span<const MemberId> members) {
  std::unique_lock<std::mutex> lock(mutex_);
  const std::shared_ptr<BuildRun> build = build_;
  if (build == nullptr || build->done) return absl::OkStatus();
  build->to_forget.insert(build->to_forget.end(), members.begin(), members.end());
  const uint64_t request = ++build->forgetting;
  build_changed_.notify_all();
  const auto forgotten = [&] { return build->done || build->forgotten >= request; };
  if (!build_changed_.wait_for(lock, absl::ToChronoMilliseconds(options_.read_view_max),
                               forgotten)) {
    CancelPieces([&](const Generation* generation) { return Builds(*build, generation); });
    build_changed_.wait(lock, forgotten);
  }
  // One that is complete has come to the withdrawals, one that was cancelled is
  // dropped, and what a failed one left EraseTraces looks after.
  return stopping_ ? NotRunning() : absl::OkStatus();
}

// On the runtime's thread: the last events, if they are few, and the roles.
absl::Status Runtime::Finish(BuildRun& build, bool* finished) {
  for (const Generation* generation : build.generations) {
    if (AppliedPosition() - generation->position() > options_.catch_up_batch_events) {
      return absl::OkStatus();
    }
  }
  {
    std::lock_guard<std::mutex> lock(mutex_);
    if (build.cancelled) return Cancelled();
    if (!build.to_forget.empty()) return absl::OkStatus();
    for (const Entry* entry : build.entries) {
      if (entry->claimed) return absl::OkStatus();
    }
  }
  // Batches that are committed but not applied come to both generations.
  RETURN_IF_ERROR(Fold(build.generations, AppliedPosition(), "building", GoOn));
  std::vector<RoleChange> ready;
  std::vector<Entry*> to_flip;
  for (Entry* entry : build.entries) {
    if (entry->roles.goal == BuildGoal::kLive) {
      to_flip.push_back(entry);
    } else {
      ready.push_back({entry, entry->roles});
      ready.back().roles.next_ready = true;
    }
  }
  if (!ready.empty()) RETURN_IF_ERROR(ChangeRoles(ready));
  if (!to_flip.empty()) RETURN_IF_ERROR(FlipToNext(to_flip));
  *finished = true;
  return absl::OkStatus();
}

absl::Status Runtime::DropBuilt(const BuildRun& build) {
  std::vector<RoleChange> changes;
  for (Entry* entry : build.entries) {
    changes.push_back({entry, entry->roles});
    changes.back().roles.next = nullptr;
  }
  return ChangeRoles(changes);
}

absl::Status Runtime::WaitForBuild() {
  ASSIGN_OR_RETURN(const auto operation, Operation::Begin(this));
  std::unique_lock<std::mutex> lock(mutex_);
  if (build_ == nullptr) return absl::OkStatus();
  const std::shared_ptr<BuildRun> build = build_;
  build_changed_.wait(lock, [&] { return build->done; });
  return build->result;
}

absl::Status Runtime::CancelBuild() {
  ASSIGN_OR_RETURN(const auto operation, Operation::Begin(this));
  std::unique_lock<std::mutex> lock(mutex_);
  const std::shared_ptr<BuildRun> build = build_;
  if (build == nullptr || build->done) return absl::NotFoundError("no build is running");
  build->cancelled = true;
  CancelPieces([&](const Generation* generation) { return Builds(*build, generation); });
  build_changed_.notify_all();
  build_changed_.wait(lock, [&] { return build->done; });
  if (absl::IsCancelled(build->result)) return absl::OkStatus();
  // It was complete already, or it has failed.
  return build->result.ok() ? absl::NotFoundError("the build was complete") : build->result;
}

void Runtime::SetBuildRate(uint64_t events_per_second_max) {
  std::lock_guard<std::mutex> lock(mutex_);
  build_rate_ = events_per_second_max;
  build_changed_.notify_all();
}

void Runtime::PauseBuild(bool paused) {
  std::lock_guard<std::mutex> lock(mutex_);
  build_paused_ = paused;
  build_changed_.notify_all();
}

BuildStatus Runtime::Build() const {
  BuildStatus status;
  std::lock_guard<std::mutex> lock(mutex_);
  status.paused = build_paused_;
  status.events_per_second_max = build_rate_;
  status.head = AppliedPosition();
  if (build_ == nullptr) return status;
  status.running = !build_->done;
  status.result = build_->result;
  status.at = status.head;
  for (const Entry* entry : build_->entries) {
    status.projections.push_back(entry->name);
    if (!status.running || entry->roles.next == nullptr) continue;
    status.goal = entry->roles.goal;
    status.at = std::min(status.at, entry->roles.next->checkpoint());
  }
  return status;
}

absl::StatusOr<uint64_t> Runtime::BuildGeneration(std::string_view projection) {
  ASSIGN_OR_RETURN(const auto operation, Operation::Begin(this));
  RETURN_IF_ERROR(StartBuild({std::string(projection)}, BuildGoal::kReady));
  RETURN_IF_ERROR(WaitForBuild());
  std::lock_guard<std::mutex> lock(mutex_);
  const Entry* const entry = Find(projection);
  if (entry->roles.next != nullptr) return entry->roles.next->number();
  return absl::FailedPreconditionError("the generation that was built is gone already");
}

}  // namespace dailyfeed

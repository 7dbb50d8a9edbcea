// Rows beside the batches: when pieces of work run, and their commits.
//
// The thread that feeds a generation asks it after each batch what it needs, and
// notes the answer in the generation's schedule. For live and ready generations
// that is the runtime's thread, and the upkeep thread does what is due. For a
// generation that catches up or is built, the folding thread does it itself
// (KeepUp), so the rows that wait stay bounded without any hand-over.
#include "projections/runtime/upkeep.h"

#include <pthread.h>

#include <algorithm>
#include <chrono>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/base/status_macros.h"
#include "projections/runtime/generation.h"
#include "projections/runtime/operation.h"
#include "projections/runtime/piece_of_work.h"
#include "projections/runtime/runtime.h"

namespace dailyfeed {
namespace {

using Clock = std::chrono::steady_clock;

// A piece that failed is done again after the shorter time. Each further failure
// doubles the time, up to the longer one.
constexpr std::chrono::milliseconds kRetryMin(100);
constexpr std::chrono::milliseconds kRetryMax(60'000);
constexpr uint32_t kDoublingsMax = 16;

absl::Status Cancelled() { return absl::CancelledError("the piece of work was cancelled"); }

std::chrono::milliseconds RetryAfter(uint32_t fruitless) {
  return std::min(kRetryMax, kRetryMin * (1 << std::min(fruitless - 1, kDoublingsMax)));
}

}  // namespace

bool Runtime::HasUpkeep() const {
  return std::any_of(entries_.begin(), entries_.end(), [](const auto& entry) {
    if (entry->projection->upkeep() != nullptr) return true;
    return std::any_of(entry->generations.begin(), entry->generations.end(),
                       [](const auto& generation) { return generation->upkeep() != nullptr; });
  });
}

Runtime::Kept Runtime::KeptOf(const Generation* generation) const {
  std::lock_guard<std::mutex> lock(mutex_);
  for (const auto& entry : entries_) {
    for (const auto& each : entry->generations) {
      if (each.get() == generation) return {entry.get(), each};
    }
  }
  return {};
}

std::vector<Runtime::Kept> Runtime::FedWithUpkeep() const {
  std::vector<Kept> fed;
  for (const auto& entry : entries_) {
    for (const auto& generation : entry->generations) {
      const bool kept = generation->upkeep() != nullptr && entry->roles.Feed(generation.get());
      if (kept) fed.push_back({entry.get(), generation});
    }
  }
  return fed;
}

// ---- What is needed, on the runtime's thread.

void Runtime::LookAfterUpkeep() {
  while (AskNeeds()) {
    if (options_.upkeep_thread) {
      AwaitUpkeep();
    } else if (!WorkOnOverdue()) {
      return;
    }
  }
}

// True: the feed must wait for a commit.
bool Runtime::AskNeeds() {
  bool overdue = false;
  // Only this thread changes the roles.
  for (const Kept& kept : FedWithUpkeep()) {
    // After a failure the rows in memory may be those of half a batch.
    if (stopping_ || !Health().ok()) return false;
    overdue = AskNeed(kept) || overdue;
  }
  return overdue;
}

bool Runtime::AskNeed(const Kept& kept) {
  Generation& generation = *kept.generation;
  const absl::StatusOr<Upkeep::Need> need = generation.NeedsUpkeep();
  if (!need.ok() && (absl::IsUnavailable(need.status()) || !generation.store_status().ok())) {
    Fail(need.status());
    return false;
  }
  std::lock_guard<std::mutex> lock(mutex_);
  Generation::UpkeepSchedule& schedule = generation.upkeep_schedule;
  if (!need.ok()) {
    ++kept.entry->upkeep.failed;
    kept.entry->upkeep.last_failure = need.status().ToString();
    return false;
  }
  schedule.due = *need != Upkeep::Need::kNone;
  if (schedule.due) upkeep_due_.notify_one();
  // A feed that waited for what fails would stand still.
  return *need == Upkeep::Need::kOverdue && schedule.fruitless == 0;
}

// Serves tasks, of which the commit of a piece is one, until there is something new
// to ask.
void Runtime::AwaitUpkeep() {
  std::vector<Task*> tasks;
  {
    std::unique_lock<std::mutex> lock(mutex_);
    work_arrived_.wait(
        lock, [this] { return !tasks_.empty() || piece_ended_ || stopping_ || !health_.ok(); });
    piece_ended_ = false;
    tasks.swap(tasks_);
  }
  RunTasks(tasks);
}

bool Runtime::WorkOnOverdue() {
  std::vector<Kept> due;
  {
    std::lock_guard<std::mutex> lock(mutex_);
    due = FedWithUpkeep();
    std::erase_if(due, [](const Kept& kept) { return !kept.generation->upkeep_schedule.due; });
  }
  for (const Kept& kept : due) {
    // Not waiting: the piece under way, that of RunUpkeep, may wait for this thread.
    const absl::StatusOr<bool> done = DoPiece(kept, /*wait=*/false, [&](Upkeep::Commit commit) {
      return CommitFed(kept, std::move(commit));
    });
    if (done.ok() && *done) return true;
  }
  return false;
}

// ---- Threads that work.

void Runtime::RunUpkeepThread() {
  pthread_setname_np(pthread_self(), "df-upkeep");
  // No lower priority: events wait for overdue pieces, and on a busy machine they
  // would wait for whatever else runs there.
  while (const std::optional<Kept> next = AwaitDue()) {
    // EndPiece has noted what became of it.
    DoPiece(*next, /*wait=*/true, [&](Upkeep::Commit commit) {
      return OnThread([&] { return CommitFed(*next, std::move(commit)); });
    }).IgnoreError();
  }
}

std::optional<Runtime::Kept> Runtime::AwaitDue() {
  std::unique_lock<std::mutex> lock(mutex_);
  while (!stopping_ && health_.ok()) {
    Clock::time_point look_again = Clock::time_point::max();
    std::optional<Kept> next = NextDue(Clock::now(), &look_again);
    if (next.has_value()) return next;
    if (look_again == Clock::time_point::max()) {
      upkeep_due_.wait(lock);
    } else {
      upkeep_due_.wait_until(lock, look_again);
    }
  }
  return std::nullopt;
}

std::optional<Runtime::Kept> Runtime::NextDue(Clock::time_point now,
                                              Clock::time_point* look_again) const {
  std::optional<Kept> next;
  for (Kept& kept : FedWithUpkeep()) {
    const Generation::UpkeepSchedule& schedule = kept.generation->upkeep_schedule;
    if (!schedule.due) continue;
    if (schedule.not_before > now) {
      *look_again = std::min(*look_again, schedule.not_before);
    } else if (!next.has_value() || schedule.turn < next->generation->upkeep_schedule.turn) {
      next = std::move(kept);
    }
  }
  return next;
}

absl::Status Runtime::KeepUp(const std::vector<Generation*>& generations) {
  for (const Generation* generation : generations) {
    if (generation->upkeep() != nullptr) RETURN_IF_ERROR(KeepUp(KeptOf(generation)));
  }
  return absl::OkStatus();
}

absl::Status Runtime::KeepUp(const Kept& kept) {
  while (true) {
    AskNeed(kept);
    {
      std::lock_guard<std::mutex> lock(mutex_);
      if (!health_.ok()) return health_;
      const Generation::UpkeepSchedule& schedule = kept.generation->upkeep_schedule;
      if (!schedule.due || schedule.not_before > Clock::now()) return absl::OkStatus();
    }
    const absl::StatusOr<bool> done = DoPiece(kept, /*wait=*/true, [&](Upkeep::Commit commit) {
      return CommitPiece(kept, std::move(commit), [] {});
    });
    if (!done.ok() || !*done) return Health();
  }
}

absl::StatusOr<bool> Runtime::RunUpkeep(absl::FunctionRef<void()> before_commit) {
  ASSIGN_OR_RETURN(const auto operation, Operation::Begin(this));
  if (options_.upkeep_thread) {
    return absl::FailedPreconditionError("the upkeep thread does the pieces of work");
  }
  // The needs after the last batch are known when a task has its turn.
  RETURN_IF_ERROR(OnThread([] { return absl::OkStatus(); }));
  std::optional<Kept> next;
  {
    std::lock_guard<std::mutex> lock(mutex_);
    Clock::time_point look_again;
    next = NextDue(Clock::time_point::max(), &look_again);
  }
  if (!next.has_value()) return false;
  return DoPiece(*next, /*wait=*/true, [&](Upkeep::Commit commit) {
    before_commit();
    return OnThread([&] { return CommitFed(*next, std::move(commit)); });
  });
}

// ---- One piece of work.

absl::StatusOr<bool> Runtime::DoPiece(const Kept& kept, bool wait, Committer committer) {
  UpkeepGate& gate = kept.generation->gate();
  if (!(wait ? gate.Enter() : gate.TryEnter())) return Cancelled();
  const Clock::time_point began = Clock::now();
  uint64_t bytes = 0;
  absl::StatusOr<bool> result = Cancelled();
  if (BeginPiece(kept)) result = WorkAndCommit(*kept.generation, committer, &bytes);
  EndPiece(kept, result, bytes, absl::FromChrono(Clock::now() - began));
  gate.Leave();
  return result;
}

bool Runtime::BeginPiece(const Kept& kept) {
  std::lock_guard<std::mutex> lock(mutex_);
  pieces_.push_back(kept.generation);
  kept.generation->upkeep_schedule.turn = ++upkeep_turn_;
  if (stopping_ || !health_.ok()) return false;
  const bool builds = build_ != nullptr && !build_->done && Builds(*build_, kept.generation.get());
  return !builds || (!build_->cancelled && build_->to_forget.empty());
}

absl::StatusOr<bool> Runtime::WorkAndCommit(Generation& generation, Committer committer,
                                            uint64_t* bytes) {
  ASSIGN_OR_RETURN(Upkeep::Commit commit, Work(generation, bytes));
  if (commit == nullptr) return false;
  RETURN_IF_ERROR(committer(std::move(commit)));
  return true;
}

absl::StatusOr<Upkeep::Commit> Runtime::Work(Generation& generation, uint64_t* bytes) {
  PieceOfWork piece(store_, generation.keyspace(), &generation.gate());
  const absl::Status begun = piece.Begin();
  absl::StatusOr<Upkeep::Commit> commit = nullptr;
  if (begun.ok()) {
    commit = generation.upkeep()->Work(piece);
  } else {
    commit = begun;
  }
  if (commit.ok() && *commit != nullptr) {
    absl::Status written = piece.Finish();
    if (!written.ok()) commit = std::move(written);
  }
  *bytes = piece.bytes_written();
  if (piece.cancelled()) return Cancelled();
  // Whatever the projection made of a failed write.
  if (!piece.store_status().ok()) commit = piece.store_status();
  if (!piece.store_status().ok() || absl::IsUnavailable(commit.status())) Fail(commit.status());
  return commit;
}

absl::Status Runtime::CommitPiece(const Kept& kept, Upkeep::Commit commit,
                                  absl::FunctionRef<void()> written) {
  Generation& generation = *kept.generation;
  const absl::Status applied = generation.ApplyCommit(std::move(commit));
  if (!applied.ok()) {
    if (absl::IsUnavailable(applied) || !generation.store_status().ok()) Fail(applied);
    return applied;
  }
  StoreBatch batch;
  absl::Status stored = generation.AppendTo(&batch);
  if (stored.ok()) stored = store_->Write(std::move(batch));
  if (!stored.ok()) {
    Fail(stored);
    return stored;
  }
  written();
  generation.Written();
  std::lock_guard<std::mutex> lock(mutex_);
  // The next answer of Needs comes after this, so it is not overwritten.
  generation.upkeep_schedule.due = false;
  generation.upkeep_schedule.fruitless = 0;
  return absl::OkStatus();
}

absl::Status Runtime::CommitFed(const Kept& kept, Upkeep::Commit commit) {
  const Generation& generation = *kept.generation;
  // The roles may have changed since the work.
  if (!kept.entry->roles.Feed(&generation)) return Cancelled();
  const bool live = kept.entry->roles.live == &generation;
  RETURN_IF_ERROR(CommitPiece(kept, std::move(commit), [&] {
    if (!live) return;
    for (ProjectionObserver* observer : kept.entry->observers) {
      observer->OnRows(generation.written_rows());
    }
  }));
  if (live) PublishView(AppliedPosition());
  return absl::OkStatus();
}

void Runtime::EndPiece(const Kept& kept, const absl::StatusOr<bool>& result, uint64_t bytes,
                       absl::Duration time) {
  std::lock_guard<std::mutex> lock(mutex_);
  pieces_.erase(std::find(pieces_.begin(), pieces_.end(), kept.generation));
  UpkeepStatus& status = kept.entry->upkeep;
  status.bytes_written += bytes;
  status.time += time;
  if (result.ok() && *result) {
    ++status.committed;
    status.last_failure.clear();
  } else if (absl::IsCancelled(result.status()) || stopping_) {
    ++status.cancelled;
  } else {
    if (!result.ok()) {
      ++status.failed;
      status.last_failure = result.status().ToString();
    }
    Generation::UpkeepSchedule& schedule = kept.generation->upkeep_schedule;
    schedule.not_before = Clock::now() + RetryAfter(++schedule.fruitless);
  }
  piece_ended_ = true;
  work_arrived_.notify_one();
}

void Runtime::CancelPieces(absl::FunctionRef<bool(const Generation*)> of) {
  for (const auto& generation : pieces_) {
    if (of(generation.get())) generation->gate().Cancel();
  }
}

void Runtime::AwaitMomentsOfPieces() {
  std::vector<std::shared_ptr<Generation>> pieces;
  {
    std::lock_guard<std::mutex> lock(mutex_);
    pieces = pieces_;
  }
  const auto patience = Clock::now() + absl::ToChronoMilliseconds(options_.read_view_max);
  for (const auto& generation : pieces) generation->gate().AwaitMoment(patience);
}

}  // namespace dailyfeed

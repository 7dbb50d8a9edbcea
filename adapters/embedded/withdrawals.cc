#include "adapters/embedded/withdrawals.h"

#include <algorithm>
#include <chrono>

#include "absl/container/flat_hash_map.h"
#include "core/base/status_macros.h"
#include "core/domain/commands.h"
#include "core/domain/errors.h"

namespace dailyfeed {
namespace {

// Relations of either kind that are read at a time. Whoever reads a list from
// its beginning passes everything that was deleted there, so a very long one
// must not be read in small pieces.
constexpr size_t kRelationsRead = 50'000;
// What one ReleaseFollows takes, and how many of them are under way.
constexpr size_t kReleasedAtOnce = kReleasedFollowsMax / 2;
constexpr size_t kReleasesUnderWay = 4;
constexpr std::chrono::milliseconds kQueueFullWait(10);

absl::Status QueueIsFull() {
  return MakeErrorAs(absl::StatusCode::kResourceExhausted, ErrorCode::kServiceUnavailable,
                     "the queue of commands is full");
}

// At most kReleasesUnderWay commands at a time, and what became of them.
class Releases {
 public:
  Releases(Engine* engine, MemberId member) : engine_(engine), member_(member) {}
  ~Releases() { Finish(); }

  // Waits for its turn. Does nothing after a failure.
  void Send(ReleaseFollows command) {
    {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [&] { return under_way_ < kReleasesUnderWay; });
      if (!failure_.ok() || refused_) return;
      ++under_way_;
    }
    engine_->Submit({.command = std::move(command), .actor = member_},
                    [this](const absl::StatusOr<CommandResult>& result) { Note(result.status()); });
  }
  // Waits for all of them.
  void Finish() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return under_way_ == 0; });
  }

  // After Finish.
  const absl::Status& failure() const { return failure_; }
  bool released() const { return released_; }  // something
  bool refused() const { return refused_; }    // the queue was full

 private:
  void Note(const absl::Status& status) {
    std::lock_guard lock(mutex_);
    if (status.ok()) {
      released_ = true;
    } else if (absl::IsResourceExhausted(status)) {
      refused_ = true;
    } else if (ErrorCodeOf(status) != ErrorCode::kFollowRelationshipNotFound) {
      failure_ = status;
    }
    --under_way_;
    changed_.notify_all();
  }

  Engine* const engine_;
  const MemberId member_;
  std::mutex mutex_;
  std::condition_variable changed_;
  size_t under_way_ = 0;
  absl::Status failure_;
  bool released_ = false;
  bool refused_ = false;
};

}  // namespace

void Withdrawals::ReleaseAll() { ReleaseRound({}); }

void Withdrawals::Start() {
  thread_ = std::thread([this] { Run(); });
}

void Withdrawals::SetPictureEraser(PictureEraser eraser) {
  std::lock_guard lock(mutex_);
  picture_eraser_ = std::move(eraser);
  woken_ = true;
  wake_.notify_all();
}

void Withdrawals::Add(MemberId member, Done released) {
  {
    std::lock_guard lock(mutex_);
    if (!stopped_) {
      waiting_.fetch_add(1, std::memory_order_relaxed);
      waiters_.emplace_back(member, std::move(released));
      woken_ = true;
      wake_.notify_all();
      return;
    }
  }
  released(absl::OkStatus());
}

void Withdrawals::Wake() {
  std::lock_guard lock(mutex_);
  woken_ = true;
  wake_.notify_all();
}

void Withdrawals::Stop() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
    wake_.notify_all();
  }
  if (thread_.joinable()) thread_.join();
  Waiters left;
  {
    std::lock_guard lock(mutex_);
    stopped_ = true;
    left.swap(waiters_);
  }
  for (auto& [member, released] : left) Answer(released, absl::OkStatus());
}

void Withdrawals::Answer(Done& released, const absl::Status& status) {
  waiting_.fetch_sub(1, std::memory_order_relaxed);
  released(status);
}

bool Withdrawals::stopping() const {
  std::lock_guard lock(mutex_);
  return stopping_;
}

void Withdrawals::Run() {
  while (true) {
    Waiters waiters;
    {
      std::unique_lock lock(mutex_);
      wake_.wait(lock, [&] { return woken_ || stopping_; });
      woken_ = false;
      waiters.swap(waiters_);
      if (stopping_ && waiters.empty()) return;
    }
    ReleaseRound(std::move(waiters));
    // Erasing lets those go first who are waited for, as long as it is no heap.
    if ((waiting() == 0 || released_.size() >= parts_.unerased_max) && !stopping()) EraseRound();
  }
}

void Withdrawals::Count(const absl::Status& status) {
  if (!status.ok()) failures_.fetch_add(1, std::memory_order_relaxed);
}

void Withdrawals::ReleaseRound(Waiters waiters) {
  const absl::StatusOr<std::vector<UnfinishedWithdrawal>> unfinished =
      parts_.queries->UnfinishedWithdrawals();
  Count(unfinished.status());
  if (!unfinished.ok()) {
    for (auto& waiter : waiters) Answer(waiter.second, unfinished.status());
    return;
  }
  absl::flat_hash_map<MemberId, absl::Status> failed;
  for (const UnfinishedWithdrawal& withdrawal : *unfinished) {
    if (released_.contains(withdrawal.member_id)) continue;
    const absl::Status status = Release(withdrawal);
    Count(status);
    if (status.ok()) {
      released_.insert(withdrawal.member_id);
    } else {
      failed.emplace(withdrawal.member_id, status);
    }
  }
  unerased_.store(released_.size(), std::memory_order_relaxed);
  // Whoever is not in the list was erased before: the repeat of a request.
  for (auto& waiter : waiters) {
    const auto failure = failed.find(waiter.first);
    Answer(waiter.second, failure == failed.end() ? absl::OkStatus() : failure->second);
  }
}

absl::Status Withdrawals::Release(const UnfinishedWithdrawal& withdrawal) {
  RETURN_IF_ERROR(parts_.identity->RevokeMember(withdrawal.member_id));
  RETURN_IF_ERROR(parts_.identity->DestroySubject(withdrawal.subject_id));
  return ReleaseRelations(withdrawal.member_id);
}

absl::Status Withdrawals::ReleaseRelations(MemberId member) {
  while (true) {
    ASSIGN_OR_RETURN(const RelationsChunk chunk,
                     parts_.queries->RelationsOf(member, kRelationsRead));
    if (chunk.follower_ids.empty() && chunk.followee_ids.empty()) return absl::OkStatus();
    ASSIGN_OR_RETURN(const bool some_were_left, ReleaseChunk(member, chunk));
    if (!some_were_left) return absl::OkStatus();
  }
}

absl::StatusOr<bool> Withdrawals::ReleaseChunk(MemberId member, const RelationsChunk& chunk) {
  Releases releases(parts_.engine, member);
  for (const bool of_followers : {true, false}) {
    const std::vector<MemberId>& ids = of_followers ? chunk.follower_ids : chunk.followee_ids;
    for (size_t begin = 0; begin < ids.size(); begin += kReleasedAtOnce) {
      const size_t end = std::min(ids.size(), begin + kReleasedAtOnce);
      std::vector<MemberId> some(ids.begin() + static_cast<ptrdiff_t>(begin),
                                 ids.begin() + static_cast<ptrdiff_t>(end));
      releases.Send(of_followers ? ReleaseFollows{std::move(some), {}}
                                 : ReleaseFollows{{}, std::move(some)});
    }
  }
  releases.Finish();
  RETURN_IF_ERROR(releases.failure());
  if (releases.refused() && !WaitForRoom()) return QueueIsFull();
  return releases.released() || releases.refused();
}

// The queue is full of others' commands: they come first.
bool Withdrawals::WaitForRoom() {
  std::unique_lock lock(mutex_);
  return !wake_.wait_for(lock, kQueueFullWait, [&] { return stopping_; });
}

absl::Status Withdrawals::Execute(MemberId actor, const Command& command) {
  while (true) {
    const absl::Status status =
        parts_.engine->Execute({.command = command, .actor = actor}).status();
    if (!absl::IsResourceExhausted(status)) return status;
    if (!WaitForRoom()) return status;
  }
}

void Withdrawals::EraseRound() {
  const absl::StatusOr<std::vector<UnfinishedWithdrawal>> unfinished =
      parts_.queries->UnfinishedWithdrawals();
  Count(unfinished.status());
  if (!unfinished.ok()) return;
  std::vector<UnfinishedWithdrawal> ready;
  for (const UnfinishedWithdrawal& withdrawal : *unfinished) {
    if (!released_.contains(withdrawal.member_id)) continue;
    const absl::StatusOr<bool> erased = ErasePictures(withdrawal.member_id);
    Count(erased.status());
    if (erased.ok() && *erased) ready.push_back(withdrawal);
  }
  if (ready.empty()) return;
  Count(Erase(ready));
  unerased_.store(released_.size(), std::memory_order_relaxed);
}

absl::StatusOr<bool> Withdrawals::ErasePictures(MemberId member) {
  ASSIGN_OR_RETURN(const std::vector<std::string> hashes,
                   parts_.queries->UnusedPictureHashesOf(member));
  if (hashes.empty()) return true;
  PictureEraser eraser;
  {
    std::lock_guard lock(mutex_);
    eraser = picture_eraser_;
  }
  if (!eraser) return false;
  RETURN_IF_ERROR(eraser(hashes));
  return true;
}

absl::Status Withdrawals::Erase(const std::vector<UnfinishedWithdrawal>& withdrawals) {
  std::vector<MemberId> members;
  std::vector<std::string> subjects;
  for (const UnfinishedWithdrawal& withdrawal : withdrawals) {
    members.push_back(withdrawal.member_id);
    subjects.push_back(withdrawal.subject_id);
  }
  RETURN_IF_ERROR(parts_.queries->EraseTraces(members));
  RETURN_IF_ERROR(parts_.identity->EraseTraces(subjects));
  for (const MemberId member : members) {
    RETURN_IF_ERROR(Execute(member, CompleteWithdrawal{}));
    released_.erase(member);
    completed_.fetch_add(1, std::memory_order_relaxed);
  }
  return absl::OkStatus();
}

WithdrawalStats Withdrawals::stats() const {
  WithdrawalStats stats;
  stats.waiting = waiting();
  stats.unerased = unerased_.load(std::memory_order_relaxed);
  stats.completed = completed_.load(std::memory_order_relaxed);
  stats.failures = failures_.load(std::memory_order_relaxed);
  return stats;
}

}  // namespace dailyfeed

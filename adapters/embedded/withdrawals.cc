#include "adapters/embedded/withdrawals.h"

#include <chrono>

#include "absl/container/flat_hash_map.h"
#include "core/domain/commands.h"
#include "core/domain/errors.h"
#include "core/domain/status_macros.h"

namespace dailyfeed {
namespace {

// Of either kind in one ReleaseFollows, which takes twice as many.
constexpr size_t kRelationsChunk = kReleasedFollowsMax / 2;
constexpr size_t kUnerasedMax = 256;
constexpr std::chrono::milliseconds kQueueFullWait(10);

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
    if ((waiting() == 0 || released_.size() >= kUnerasedMax) && !stopping()) EraseRound();
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
    for (auto& [member, released] : waiters) Answer(released, unfinished.status());
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
  for (auto& [member, released] : waiters) {
    const auto failure = failed.find(member);
    Answer(released, failure == failed.end() ? absl::OkStatus() : failure->second);
  }
}

absl::Status Withdrawals::Release(const UnfinishedWithdrawal& withdrawal) {
  RETURN_IF_ERROR(parts_.identity->RevokeMember(withdrawal.member_id));
  RETURN_IF_ERROR(parts_.identity->DestroySubject(withdrawal.subject_id));
  return ReleaseRelations(withdrawal.member_id);
}

absl::Status Withdrawals::ReleaseRelations(MemberId member) {
  while (true) {
    ASSIGN_OR_RETURN(RelationsChunk chunk, parts_.queries->RelationsOf(member, kRelationsChunk));
    if (chunk.follower_ids.empty() && chunk.followee_ids.empty()) return absl::OkStatus();
    const absl::Status released = Execute(
        member, ReleaseFollows{std::move(chunk.follower_ids), std::move(chunk.followee_ids)});
    // The log has none of these any more.
    if (ErrorCodeOf(released) == ErrorCode::kFollowRelationshipNotFound) return absl::OkStatus();
    RETURN_IF_ERROR(released);
  }
}

absl::Status Withdrawals::Execute(MemberId actor, const Command& command) {
  while (true) {
    const absl::Status status =
        parts_.engine->Execute({.command = command, .actor = actor}).status();
    if (!absl::IsResourceExhausted(status)) return status;
    // The queue is full of others' commands: they come first.
    std::unique_lock lock(mutex_);
    wake_.wait_for(lock, kQueueFullWait, [&] { return stopping_; });
    if (stopping_) return status;
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

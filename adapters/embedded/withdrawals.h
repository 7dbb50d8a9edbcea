// What follows the MemberWithdrawn of the log, until nothing of the person is
// left.
//
// First what readers could see: sessions end, the personal key is destroyed,
// the relations are released in commands of a bounded size, a few of which are
// under way at a time: so that the log is never idle, and whoever sends another
// command waits behind no more than those. Whoever waits for the withdrawal is
// answered then. After that, at leisure and for all that wait
// together: files of pictures go, and the files of read models and secrets
// are rewritten where they may still hold what was deleted; CompleteWithdrawal
// says in the log that nothing is left.
//
// Every step may be done again, and the read models know which withdrawals the
// log does not call complete: after a crash, or when a step fails, the work
// goes on where it was.
//
//   Withdrawals withdrawals({...});
//   withdrawals.ReleaseAll();        // before anybody reads
//   withdrawals.Start();
//   withdrawals.Add(member, [](absl::Status released) { ... });
//
// Threads: everything from any thread; Start and Stop once.
#ifndef DAILYFEED_ADAPTERS_EMBEDDED_WITHDRAWALS_H_
#define DAILYFEED_ADAPTERS_EMBEDDED_WITHDRAWALS_H_

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "adapters/identity/identity.h"
#include "core/domain/types.h"
#include "core/engine/engine.h"
#include "projections/queries/queries.h"

namespace dailyfeed {

// Removes the files with these hashes unless a live picture uses them. OK for
// files that are not there.
using PictureEraser = std::function<absl::Status(const std::vector<std::string>& hashes)>;

struct WithdrawalStats {
  uint64_t waiting = 0;    // somebody waits for the release
  uint64_t unerased = 0;   // released, not yet erased
  uint64_t completed = 0;  // since start
  uint64_t failures = 0;   // steps that will be tried again
};

class Withdrawals {
 public:
  // Not owned; all outlive this object.
  struct Parts {
    const Queries* queries = nullptr;
    Engine* engine = nullptr;
    Identity* identity = nullptr;
    // Released withdrawals that wait to be erased with others, at most; beyond,
    // erasing goes before those who wait.
    size_t unerased_max = 256;
  };
  explicit Withdrawals(Parts parts) : parts_(parts) {}
  ~Withdrawals() { Stop(); }
  Withdrawals(const Withdrawals&) = delete;
  Withdrawals& operator=(const Withdrawals&) = delete;

  // On the calling thread, before Start: releases every withdrawal that a
  // former process left. What fails is tried again later.
  void ReleaseAll();
  void Start();

  // Pictures of withdrawn members are waited for until there is an eraser.
  void SetPictureEraser(PictureEraser eraser);

  // The log has the withdrawal. `released` is called once: OK when nothing of
  // the member is visible any more, or when this was stopped (opening again
  // releases before anybody reads); else why not, and it will be tried again.
  using Done = absl::AnyInvocable<void(absl::Status released)>;
  void Add(MemberId member, Done released);
  // How many Adds wait: for a limit.
  size_t waiting() const { return waiting_.load(std::memory_order_relaxed); }

  // Looks for work, what failed before included. From time to time.
  void Wake();
  // Finishes the releases that are waited for; what is to be erased is left for
  // the next opening.
  void Stop();

  WithdrawalStats stats() const;

 private:
  using Waiters = std::vector<std::pair<MemberId, Done>>;

  void Run();
  void ReleaseRound(Waiters waiters);
  absl::Status Release(const UnfinishedWithdrawal& withdrawal);
  absl::Status ReleaseRelations(MemberId member);
  // False: the log has none of these any more.
  absl::StatusOr<bool> ReleaseChunk(MemberId member, const RelationsChunk& chunk);
  // False: this is being stopped.
  bool WaitForRoom();
  void EraseRound();
  absl::Status Erase(const std::vector<UnfinishedWithdrawal>& withdrawals);
  // False: there is nobody yet who can.
  absl::StatusOr<bool> ErasePictures(MemberId member);
  // The engine's answer, behind as many attempts as its queue is full.
  absl::Status Execute(MemberId actor, const Command& command);
  void Answer(Done& released, const absl::Status& status);
  void Count(const absl::Status& status);
  bool stopping() const;

  const Parts parts_;
  // Members whose release is done; of the working thread.
  absl::flat_hash_set<MemberId> released_;

  mutable std::mutex mutex_;
  std::condition_variable wake_;
  Waiters waiters_;
  PictureEraser picture_eraser_;
  bool woken_ = false;
  bool stopping_ = false;
  bool stopped_ = false;
  std::atomic<size_t> waiting_ = 0;
  std::atomic<uint64_t> unerased_ = 0;
  std::atomic<uint64_t> completed_ = 0;
  std::atomic<uint64_t> failures_ = 0;
  std::thread thread_;
};

}  // namespace dailyfeed

#endif  // DAILYFEED_ADAPTERS_EMBEDDED_WITHDRAWALS_H_

// Through which a piece of work writes into its generation: one piece at a time,
// and none after the generation was dropped.
//
//   if (!gate.Enter()) return Cancelled();  // the gate was closed
//   ...
//   absl::Status written = gate.Write(store, std::move(batch));
//   gate.ReleaseMoment();                   // the snapshot is given back
//   ...                                     // the commit
//   gate.Leave();
//
// Threads: all from any; Write and ReleaseMoment from the piece that is in.
#ifndef DAILYFEED_PROJECTIONS_RUNTIME_UPKEEP_GATE_H_
#define DAILYFEED_PROJECTIONS_RUNTIME_UPKEEP_GATE_H_

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>

#include "absl/status/status.h"
#include "core/ports/store.h"

namespace dailyfeed {

class UpkeepGate {
 public:
  // Waits until no piece is in. False: the gate is closed.
  bool Enter();
  // As Enter, but does not wait. False: closed, or another piece is in.
  bool TryEnter();
  void Leave();

  // CANCELLED when the piece that is in was cancelled.
  absl::Status Write(Store& store, StoreBatch batch);
  // The piece has given back the moment that it read.
  void ReleaseMoment();

  // The piece that is in, if any, is to end: its next write is refused. Never waits.
  void Cancel() { cancelled_ = true; }
  // Cancel, and no piece comes in any more. Waits for a write that is under way.
  void Close();
  bool cancelled() const { return cancelled_.load(std::memory_order_relaxed); }
  // The same, as long as the gate.
  const std::atomic<bool>& cancelled_flag() const { return cancelled_; }

  // Returns when the piece that is in now, if any, has given back its moment. Waits
  // until `patience`, then cancels the piece.
  void AwaitMoment(std::chrono::steady_clock::time_point patience);

 private:
  void EnterLocked();

  std::mutex mutex_;
  std::condition_variable changed_;
  std::atomic<bool> cancelled_{false};
  bool closed_ = false;
  bool inside_ = false;
  bool has_moment_ = false;
  uint64_t pieces_ = 0;
};

}  // namespace dailyfeed

#endif  // DAILYFEED_PROJECTIONS_RUNTIME_UPKEEP_GATE_H_

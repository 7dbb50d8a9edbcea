#include "projections/runtime/upkeep_gate.h"

#include <utility>

#include "core/base/check.h"

namespace dailyfeed {

bool UpkeepGate::Enter() {
  std::unique_lock<std::mutex> lock(mutex_);
  changed_.wait(lock, [this] { return closed_ || !inside_; });
  if (closed_) return false;
  EnterLocked();
  return true;
}

bool UpkeepGate::TryEnter() {
  std::lock_guard<std::mutex> lock(mutex_);
  if (closed_ || inside_) return false;
  EnterLocked();
  return true;
}

void UpkeepGate::EnterLocked() {
  inside_ = true;
  has_moment_ = true;
  cancelled_ = false;
  ++pieces_;
}

void UpkeepGate::Leave() {
  std::lock_guard<std::mutex> lock(mutex_);
  DAILYFEED_CHECK(inside_);
  inside_ = false;
  has_moment_ = false;
  changed_.notify_all();
}

absl::Status UpkeepGate::Write(Store& store, StoreBatch batch) {
  // Close must not return between the question and the write.
  std::lock_guard<std::mutex> lock(mutex_);
  DAILYFEED_CHECK(inside_);
  if (cancelled_) return absl::CancelledError("the piece of work was cancelled");
  return store.Write(std::move(batch));
}

void UpkeepGate::ReleaseMoment() {
  std::lock_guard<std::mutex> lock(mutex_);
  has_moment_ = false;
  changed_.notify_all();
}

void UpkeepGate::Close() {
  std::lock_guard<std::mutex> lock(mutex_);
  closed_ = true;
  cancelled_ = true;
  changed_.notify_all();
}

void UpkeepGate::AwaitMoment(std::chrono::steady_clock::time_point patience) {
  std::unique_lock<std::mutex> lock(mutex_);
  const uint64_t piece = pieces_;
  const auto released = [&] { return !has_moment_ || pieces_ != piece; };
  if (changed_.wait_until(lock, patience, released)) return;
  cancelled_ = true;
  changed_.wait(lock, released);
}

}  // namespace dailyfeed

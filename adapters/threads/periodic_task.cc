#include "adapters/threads/periodic_task.h"

#include <utility>

namespace dailyfeed {

PeriodicTask::PeriodicTask(absl::Duration interval, absl::AnyInvocable<void()> run)
    : run_(std::move(run)), thread_([this, interval] { Loop(interval); }) {}

PeriodicTask::~PeriodicTask() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  thread_.join();
}

void PeriodicTask::Loop(absl::Duration interval) {
  for (bool stopping = false; !stopping;) {
    {
      std::unique_lock lock(mutex_);
      wake_.wait_for(lock, absl::ToChronoNanoseconds(interval), [this] { return stopping_; });
      stopping = stopping_;
    }
    run_();
  }
}

}  // namespace dailyfeed

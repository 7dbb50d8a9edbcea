#include "adapters/threads/later.h"

#include <utility>

namespace dailyfeed::http {

Later::Later(size_t waiting_max) : waiting_max_(waiting_max), thread_([this] { Run(); }) {}

Later::~Later() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_one();
  thread_.join();
}

bool Later::After(absl::Duration delay, Job job) {
  const SteadyTime due = std::chrono::steady_clock::now() + absl::ToChronoNanoseconds(delay);
  {
    std::lock_guard lock(mutex_);
    if (stopping_ || jobs_.size() >= waiting_max_) return false;
    jobs_.emplace(due, std::move(job));
  }
  wake_.notify_one();
  return true;
}

size_t Later::waiting() const {
  std::lock_guard lock(mutex_);
  return jobs_.size();
}

void Later::Run() {
  std::unique_lock lock(mutex_);
  while (true) {
    if (jobs_.empty()) {
      if (stopping_) return;
      wake_.wait(lock);
      continue;
    }
    const SteadyTime due = jobs_.begin()->first;
    if (!stopping_ && std::chrono::steady_clock::now() < due) {
      wake_.wait_until(lock, due);
      continue;
    }
    Job job = std::move(jobs_.begin()->second);
    jobs_.erase(jobs_.begin());
    lock.unlock();
    job();
    job = nullptr;  // what it held may take time to go
    lock.lock();
  }
}

}  // namespace dailyfeed::http

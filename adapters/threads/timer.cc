#include "adapters/threads/timer.h"

#include <utility>

namespace dailyfeed {

Timer::Timer(size_t waiting_max) : waiting_max_(waiting_max), thread_([this] { Run(); }) {}

Timer::~Timer() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_one();
  thread_.join();
}

bool Timer::After(absl::Duration delay, Job job) {
  return Add(delay, {std::move(job), std::chrono::nanoseconds(0)});
}

bool Timer::Every(absl::Duration interval, Job job) {
  return Add(interval, {std::move(job), absl::ToChronoNanoseconds(interval)});
}

bool Timer::Add(absl::Duration delay, Task task) {
  const SteadyTime due = std::chrono::steady_clock::now() + absl::ToChronoNanoseconds(delay);
  {
    std::lock_guard lock(mutex_);
    if (stopping_ || tasks_.size() >= waiting_max_) return false;
    tasks_.emplace(due, std::move(task));
  }
  wake_.notify_one();
  return true;
}

size_t Timer::waiting() const {
  std::lock_guard lock(mutex_);
  return tasks_.size();
}

void Timer::Run() {
  std::unique_lock lock(mutex_);
  while (true) {
    if (tasks_.empty()) {
      if (stopping_) return;
      wake_.wait(lock);
      continue;
    }
    const SteadyTime due = tasks_.begin()->first;
    const bool last = stopping_;
    if (!last && std::chrono::steady_clock::now() < due) {
      wake_.wait_until(lock, due);
      continue;
    }
    Task task = std::move(tasks_.begin()->second);
    tasks_.erase(tasks_.begin());
    lock.unlock();
    task.job();
    if (task.interval.count() == 0) task.job = nullptr;  // what it held may take time to go
    lock.lock();
    if (task.interval.count() == 0 || last) continue;
    tasks_.emplace(std::chrono::steady_clock::now() + task.interval, std::move(task));
  }
}

}  // namespace dailyfeed

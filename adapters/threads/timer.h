// Runs jobs after a while, or again and again, on one thread of its own; no
// other thread waits meanwhile.
//
//   Timer timer;
//   bool accepted = timer.After(absl::Milliseconds(200), [call = std::move(call)] { ... });
//   timer.Every(absl::Seconds(1), [&] { feed.Maintain(); });
//
// A job that takes long delays the others.
//
// Threads: After and Every from any thread, also from a job; the destructor not
// from a job.
#ifndef DAILYFEED_ADAPTERS_THREADS_TIMER_H_
#define DAILYFEED_ADAPTERS_THREADS_TIMER_H_

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <thread>

#include "absl/functional/any_invocable.h"
#include "absl/time/time.h"

namespace dailyfeed {

class Timer {
 public:
  using Job = absl::AnyInvocable<void()>;

  explicit Timer(size_t waiting_max = SIZE_MAX);
  // Runs every job that waits at once, those of Every a last time.
  ~Timer();
  Timer(const Timer&) = delete;
  Timer& operator=(const Timer&) = delete;

  // False: waiting_max jobs wait, or the timer is being destroyed; the job is then
  // destroyed without having run. Jobs due at the same time run in the order given.
  bool After(absl::Duration delay, Job job);
  // Waits `interval` before each run. The same refusals.
  bool Every(absl::Duration interval, Job job);

  size_t waiting() const;

 private:
  using SteadyTime = std::chrono::steady_clock::time_point;
  struct Task {
    Job job;
    std::chrono::nanoseconds interval;  // 0: runs once
  };

  bool Add(absl::Duration delay, Task task);
  void Run();

  const size_t waiting_max_;
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::multimap<SteadyTime, Task> tasks_;  // by when they are due
  bool stopping_ = false;
  std::thread thread_;  // last: it uses everything above
};

}  // namespace dailyfeed

#endif  // DAILYFEED_ADAPTERS_THREADS_TIMER_H_

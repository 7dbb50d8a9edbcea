// Runs jobs after a while, on one thread of its own, and holds no other thread
// meanwhile.
//
//   Later later(4096);
//   bool accepted = later.After(absl::Milliseconds(200), [call = std::move(call)] { ... });
//
// Threads: After from any thread, also from a job; the destructor not from a job.
#ifndef DAILYFEED_ADAPTERS_THREADS_LATER_H_
#define DAILYFEED_ADAPTERS_THREADS_LATER_H_

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <map>
#include <mutex>
#include <thread>

#include "absl/functional/any_invocable.h"
#include "absl/time/time.h"

namespace dailyfeed::http {

class Later {
 public:
  using Job = absl::AnyInvocable<void()>;

  explicit Later(size_t waiting_max);
  // Runs what still waits, at once.
  ~Later();
  Later(const Later&) = delete;
  Later& operator=(const Later&) = delete;

  // False: too many wait, or this is being destroyed; the job is then destroyed
  // without having run. Jobs due at the same time run in the order given.
  bool After(absl::Duration delay, Job job);

  size_t waiting() const;

 private:
  using SteadyTime = std::chrono::steady_clock::time_point;
  void Run();

  const size_t waiting_max_;
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::multimap<SteadyTime, Job> jobs_;  // by when they are due
  bool stopping_ = false;
  std::thread thread_;  // last: it uses everything above
};

}  // namespace dailyfeed::http

#endif  // DAILYFEED_ADAPTERS_THREADS_LATER_H_

// Runs a function again and again on a thread of its own.
#ifndef DAILYFEED_ADAPTERS_THREADS_PERIODIC_TASK_H_
#define DAILYFEED_ADAPTERS_THREADS_PERIODIC_TASK_H_

#include <condition_variable>
#include <mutex>
#include <thread>

#include "absl/functional/any_invocable.h"
#include "absl/time/time.h"

namespace dailyfeed {

class PeriodicTask {
 public:
  // `run` is called every `interval`, and once more when the task stops.
  PeriodicTask(absl::Duration interval, absl::AnyInvocable<void()> run);
  // Returns after the last call.
  ~PeriodicTask();
  PeriodicTask(const PeriodicTask&) = delete;
  PeriodicTask& operator=(const PeriodicTask&) = delete;

 private:
  void Loop(absl::Duration interval);

  absl::AnyInvocable<void()> run_;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ = false;
  std::thread thread_;  // last: it uses everything above
};

}  // namespace dailyfeed

#endif  // DAILYFEED_ADAPTERS_THREADS_PERIODIC_TASK_H_

// A few threads behind a bounded queue: keeps slow work (hashing a password,
// decoding a picture) off the threads that serve requests.
//
//   WorkerPool pool({.threads = 2, .queue_capacity = 256, .work = "passwords"});
//   absl::Status queued = pool.Submit([&] { done(feed.CheckPassword(email, password)); });
//
// Threads: Submit from any thread, also from a job; the destructor and Stop
// not from a job.
#ifndef DAILYFEED_ADAPTERS_WORK_WORKER_POOL_H_
#define DAILYFEED_ADAPTERS_WORK_WORKER_POOL_H_

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <mutex>
#include <string_view>
#include <thread>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"

namespace dailyfeed {

struct WorkerPoolOptions {
  size_t threads = 1;
  size_t queue_capacity = 256;      // jobs waiting; beyond: RESOURCE_EXHAUSTED
  std::string_view work = "tasks";  // a constant: how messages call the jobs
};

class WorkerPool {
 public:
  using Job = absl::AnyInvocable<void()>;

  explicit WorkerPool(WorkerPoolOptions options);
  // Finishes every accepted job.
  ~WorkerPool();
  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;

  // OK: the job will run. RESOURCE_EXHAUSTED (kServiceUnavailable) when the
  // queue is full, UNAVAILABLE (kServiceUnavailable) after Stop; the job is
  // then destroyed without having run.
  absl::Status Submit(Job job);

  // Refuses new jobs and returns when the accepted ones are done.
  void Stop();

  size_t queue_depth() const;
  uint64_t refused() const { return refused_.load(std::memory_order_relaxed); }

 private:
  void Work();

  const WorkerPoolOptions options_;
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<Job> queue_;
  bool stopping_ = false;
  std::atomic<uint64_t> refused_ = 0;
  std::mutex join_mutex_;
  std::vector<std::thread> threads_;
};

}  // namespace dailyfeed

#endif  // DAILYFEED_ADAPTERS_WORK_WORKER_POOL_H_

// Keeps slow work (passwords, synced writes of sessions) off the threads that
// serve requests: a few workers behind a bounded queue.
//
//   Workers passwords({.what = "passwords", .threads = 2, .queue_capacity = 256});
//   absl::Status queued = passwords.Submit([&] { done(feed.CheckPassword(email, password)); });
//
// Threads: Submit from any thread, also from a job; the destructor and Stop
// not from a job.
#ifndef DAILYFEED_ADAPTERS_THREADS_WORKERS_H_
#define DAILYFEED_ADAPTERS_THREADS_WORKERS_H_

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"

namespace dailyfeed {

struct WorkersOptions {
  std::string what = "jobs";  // that wait, for the words of a refusal
  size_t threads = 2;
  size_t queue_capacity = 256;  // jobs waiting; beyond: RESOURCE_EXHAUSTED
};

class Workers {
 public:
  using Job = absl::AnyInvocable<void()>;

  explicit Workers(WorkersOptions options);
  // Finishes every accepted job.
  ~Workers();
  Workers(const Workers&) = delete;
  Workers& operator=(const Workers&) = delete;

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

  const WorkersOptions options_;
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<Job> queue_;
  bool stopping_ = false;
  std::atomic<uint64_t> refused_ = 0;
  std::mutex join_mutex_;
  std::vector<std::thread> threads_;
};

}  // namespace dailyfeed

#endif  // DAILYFEED_ADAPTERS_THREADS_WORKERS_H_

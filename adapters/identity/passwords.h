// Keeps password work off the threads that serve requests: a few workers
// behind a bounded queue.
//
//   AsyncPasswords passwords({.threads = 2, .queue_capacity = 256});
//   absl::Status queued = passwords.Submit([&] { done(feed.CheckPassword(email, password)); });
//
// Threads: Submit from any thread, also from a job; the destructor and Stop
// not from a job.
#ifndef DAILYFEED_ADAPTERS_IDENTITY_PASSWORDS_H_
#define DAILYFEED_ADAPTERS_IDENTITY_PASSWORDS_H_

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <mutex>
#include <thread>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"

namespace dailyfeed {

struct AsyncPasswordsOptions {
  size_t threads = 2;           // each holds argon2's memory while it works
  size_t queue_capacity = 256;  // jobs waiting; beyond: RESOURCE_EXHAUSTED
};

class AsyncPasswords {
 public:
  using Job = absl::AnyInvocable<void()>;

  explicit AsyncPasswords(AsyncPasswordsOptions options);
  // Finishes every accepted job.
  ~AsyncPasswords();
  AsyncPasswords(const AsyncPasswords&) = delete;
  AsyncPasswords& operator=(const AsyncPasswords&) = delete;

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

  const AsyncPasswordsOptions options_;
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<Job> queue_;
  bool stopping_ = false;
  std::atomic<uint64_t> refused_ = 0;
  std::mutex join_mutex_;
  std::vector<std::thread> threads_;
};

}  // namespace dailyfeed

#endif  // DAILYFEED_ADAPTERS_IDENTITY_PASSWORDS_H_

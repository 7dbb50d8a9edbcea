// Keeps slow work (pictures, passwords, synced writes of sessions) off the
// threads that serve requests: a few threads behind a bounded queue.
//
//   Workers passwords({.what = "passwords", .threads = 2, .queue_capacity = 256});
//   absl::Status queued = passwords.Submit([&] { done(feed.CheckPassword(email, password)); });
//
// Jobs of an owner run in the order submitted, those of several owners in turns,
// and one owner never has every thread of several at work.
//
// Threads: Submit from any thread, also from a job; the destructor and Stop
// not from a job.
#ifndef DAILYFEED_ADAPTERS_THREADS_WORKERS_H_
#define DAILYFEED_ADAPTERS_THREADS_WORKERS_H_

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
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
  size_t owner_jobs_max = 0;    // waiting and running of one owner; 0: no limit
  // As of nice(1): work that costs much processor time and must not delay requests.
  int niceness = 0;
};

class Workers {
 public:
  using Job = absl::AnyInvocable<void()>;
  static constexpr uint64_t kNobody = 0;  // an owner without limits of its own

  explicit Workers(WorkersOptions options);
  // Stop.
  ~Workers();
  Workers(const Workers&) = delete;
  Workers& operator=(const Workers&) = delete;

  // OK: the job will run, unless Stop comes first. RESOURCE_EXHAUSTED
  // (kServiceUnavailable) when the queue is full or the owner has as many jobs as
  // it may, UNAVAILABLE (kServiceUnavailable) after Close. A job that does not run
  // is destroyed.
  absl::Status Submit(Job job, uint64_t owner = kNobody);

  // Refuses new jobs and destroys those that wait.
  void Close();
  // Close, and returns when the running jobs are done.
  void Stop();

  size_t queue_depth() const;
  uint64_t refused() const { return refused_.load(std::memory_order_relaxed); }

 private:
  struct Owner {
    std::deque<Job> waiting;
    size_t running = 0;
  };

  void Work();
  // The owner whose turn it is; none when no job may run now.
  bool TakeTurn(uint64_t* owner);
  absl::Status Refuse(absl::StatusCode code, const std::string& why);

  const WorkersOptions options_;
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::map<uint64_t, Owner> owners_;  // that have jobs
  std::deque<uint64_t> turns_;        // the owners of jobs that wait, the next first
  size_t waiting_ = 0;
  bool stopping_ = false;
  std::atomic<uint64_t> refused_ = 0;
  std::mutex join_mutex_;
  std::vector<std::thread> threads_;
};

}  // namespace dailyfeed

#endif  // DAILYFEED_ADAPTERS_THREADS_WORKERS_H_

#include "adapters/threads/workers.h"

#include <sys/resource.h>

#include <algorithm>
#include <utility>

#include "core/domain/errors.h"

namespace dailyfeed {

Workers::Workers(WorkersOptions options) : options_(std::move(options)) {
  const size_t threads = std::max<size_t>(options_.threads, 1);
  for (size_t i = 0; i < threads; ++i) threads_.emplace_back([this] { Work(); });
}

Workers::~Workers() { Stop(); }

absl::Status Workers::Refuse(absl::StatusCode code, const std::string& why) {
  refused_.fetch_add(1, std::memory_order_relaxed);
  return MakeErrorAs(code, ErrorCode::kServiceUnavailable, why);
}

absl::Status Workers::Submit(Job job, uint64_t owner) {
  {
    std::lock_guard lock(mutex_);
    if (stopping_) {
      return Refuse(absl::StatusCode::kUnavailable, options_.what + " are not worked on any more");
    }
    if (waiting_ >= options_.queue_capacity) {
      return Refuse(absl::StatusCode::kResourceExhausted,
                    "too many " + options_.what + " are waiting");
    }
    if (owner != kNobody && options_.owner_jobs_max != 0) {
      const auto known = owners_.find(owner);
      if (known != owners_.end() &&
          known->second.waiting.size() + known->second.running >= options_.owner_jobs_max) {
        return Refuse(absl::StatusCode::kResourceExhausted,
                      "too many " + options_.what + " of one member are waiting");
      }
    }
    Owner& jobs = owners_[owner];
    if (jobs.waiting.empty()) turns_.push_back(owner);
    jobs.waiting.push_back(std::move(job));
    ++waiting_;
  }
  wake_.notify_one();
  return absl::OkStatus();
}

void Workers::Close() {
  std::vector<Job> dropped;  // destroyed without the lock: a job may answer a call
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
    turns_.clear();
    waiting_ = 0;
    for (auto& [owner, jobs] : owners_) {
      for (Job& job : jobs.waiting) dropped.push_back(std::move(job));
      jobs.waiting.clear();
    }
  }
  wake_.notify_all();
}

void Workers::Stop() {
  Close();
  std::lock_guard lock(join_mutex_);
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
}

size_t Workers::queue_depth() const {
  std::lock_guard lock(mutex_);
  return waiting_;
}

bool Workers::TakeTurn(uint64_t* owner) {
  const size_t running_max = options_.threads > 1 ? options_.threads - 1 : 1;
  for (auto turn = turns_.begin(); turn != turns_.end(); ++turn) {
    if (*turn != kNobody && owners_[*turn].running >= running_max) continue;
    *owner = *turn;
    turns_.erase(turn);
    return true;
  }
  return false;
}

void Workers::Work() {
  if (options_.niceness != 0) {
    setpriority(PRIO_PROCESS, 0, options_.niceness);  // of this thread; a refusal does no harm
  }
  std::unique_lock lock(mutex_);
  while (true) {
    uint64_t owner = kNobody;
    wake_.wait(lock, [&] { return stopping_ || TakeTurn(&owner); });
    if (stopping_) return;
    Owner& jobs = owners_[owner];
    Job job = std::move(jobs.waiting.front());
    jobs.waiting.pop_front();
    ++jobs.running;
    --waiting_;
    if (!jobs.waiting.empty()) turns_.push_back(owner);
    lock.unlock();
    job();
    job = nullptr;  // what it held may take time to go
    lock.lock();
    // The entry stays while a job of its owner runs.
    if (--jobs.running == 0 && jobs.waiting.empty()) owners_.erase(owner);
    wake_.notify_one();  // a job that waited for this one of its owner
  }
}

}  // namespace dailyfeed

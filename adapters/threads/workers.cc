#include "adapters/threads/workers.h"

#include <algorithm>
#include <utility>

#include "core/domain/errors.h"

namespace dailyfeed {

Workers::Workers(WorkersOptions options) : options_(std::move(options)) {
  const size_t threads = std::max<size_t>(options_.threads, 1);
  for (size_t i = 0; i < threads; ++i) threads_.emplace_back([this] { Work(); });
}

Workers::~Workers() { Stop(); }

absl::Status Workers::Submit(Job job) {
  {
    std::lock_guard lock(mutex_);
    if (stopping_) {
      refused_.fetch_add(1, std::memory_order_relaxed);
      return MakeErrorAs(absl::StatusCode::kUnavailable, ErrorCode::kServiceUnavailable,
                         options_.what + " are not worked on any more");
    }
    if (queue_.size() >= options_.queue_capacity) {
      refused_.fetch_add(1, std::memory_order_relaxed);
      return MakeErrorAs(absl::StatusCode::kResourceExhausted, ErrorCode::kServiceUnavailable,
                         "too many " + options_.what + " are waiting");
    }
    queue_.push_back(std::move(job));
  }
  wake_.notify_one();
  return absl::OkStatus();
}

void Workers::Stop() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  std::lock_guard lock(join_mutex_);
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
}

size_t Workers::queue_depth() const {
  std::lock_guard lock(mutex_);
  return queue_.size();
}

void Workers::Work() {
  while (true) {
    Job job;
    {
      std::unique_lock lock(mutex_);
      wake_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
      if (queue_.empty()) return;
      job = std::move(queue_.front());
      queue_.pop_front();
    }
    job();
  }
}

}  // namespace dailyfeed

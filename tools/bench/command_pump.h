// Keeps a bounded number of commands in flight, for loading data fast.
//
//   CommandPump pump(feed, 4096);
//   while (...) pump.Send({.command = ..., .actor = ...});
//   RETURN_IF_ERROR(pump.Finish());
//
// Threads: Send and Finish from one.
#ifndef DAILYFEED_TOOLS_BENCH_COMMAND_PUMP_H_
#define DAILYFEED_TOOLS_BENCH_COMMAND_PUMP_H_

#include <condition_variable>
#include <functional>
#include <mutex>
#include <utility>

#include "absl/status/status.h"
#include "adapters/embedded/dailyfeed.h"

namespace dailyfeed::bench {

class CommandPump {
 public:
  CommandPump(Dailyfeed* feed, size_t window) : feed_(feed), window_(window) {}
  ~CommandPump() { Finish().IgnoreError(); }

  // Waits while the window is full. `accepted` gets the new id, on an engine
  // thread, in the order of Send.
  void Send(Submission submission, std::function<void(uint64_t)> accepted = nullptr) {
    {
      std::unique_lock<std::mutex> lock(mutex_);
      // Woken in halves of the window, so that the sender does not wake for
      // every single answer.
      if (in_flight_ >= window_) {
        room_.wait(lock, [&] { return in_flight_ <= window_ / 2; });
      }
      ++in_flight_;
    }
    feed_->Submit(std::move(submission),
                  [this, accepted = std::move(accepted)](absl::StatusOr<CommandResult> result) {
                    if (result.ok() && accepted) accepted(result->subject_id);
                    std::lock_guard<std::mutex> lock(mutex_);
                    if (!result.ok() && first_error_.ok()) first_error_ = result.status();
                    if (--in_flight_ == window_ / 2 || in_flight_ == 0) room_.notify_one();
                  });
  }

  // Waits for all answers; the first error any command got.
  absl::Status Finish() {
    std::unique_lock<std::mutex> lock(mutex_);
    room_.wait(lock, [&] { return in_flight_ == 0; });
    return first_error_;
  }

 private:
  Dailyfeed* const feed_;
  const size_t window_;
  std::mutex mutex_;
  std::condition_variable room_;
  size_t in_flight_ = 0;
  absl::Status first_error_;
};

}  // namespace dailyfeed::bench

#endif  // DAILYFEED_TOOLS_BENCH_COMMAND_PUMP_H_

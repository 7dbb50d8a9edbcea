// Appends sealed batches to the log, one after the other, on a thread of its
// own: the committer decides the next batch while the disk syncs the last one.
//
//   LogWriter writer(log, [](std::shared_ptr<CommandBatch> batch, const absl::Status& status) {
//     // on disk, or not
//   });
//   writer.WaitForRoom();
//   writer.Append(std::move(sealed));
//
// After the first failed Append no later batch is written: each gets the same
// error, because it was decided on what the failed one would have left.
//
// Threads: everything but the callback from one thread (the committer).
#ifndef DAILYFEED_CORE_ENGINE_LOG_WRITER_H_
#define DAILYFEED_CORE_ENGINE_LOG_WRITER_H_

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>

#include "absl/status/status.h"
#include "core/engine/command_batch.h"
#include "core/ports/event_log.h"

namespace dailyfeed {

class LogWriter {
 public:
  // Gets each batch once, in order, on the thread that appended it. May block:
  // then no further batch is appended.
  using Appended = std::function<void(std::shared_ptr<CommandBatch>, const absl::Status&)>;

  // `log` is not owned.
  LogWriter(EventLog* log, Appended appended);
  ~LogWriter();
  LogWriter(const LogWriter&) = delete;
  LogWriter& operator=(const LogWriter&) = delete;

  // Waits while one batch is being appended and another is next.
  void WaitForRoom();
  // Needs room. `batch` is sealed and nobody changes it any more.
  void Append(std::shared_ptr<CommandBatch> batch);

  // True when the thread has nothing to do.
  bool Idle() const { return unfinished_.load(std::memory_order_acquire) == 0; }
  // The same as Append on the caller's thread, for a batch with no company: it
  // saves two hand-overs. Only when Idle().
  void AppendHere(std::shared_ptr<CommandBatch> batch);

  // Batches that were taken and that the log does not hold yet.
  size_t unappended() const { return unappended_.load(std::memory_order_acquire); }

  // Finishes what was taken.
  void Stop();

 private:
  static constexpr size_t kBatchesMax = 2;

  void Run();
  // nullptr: stopped.
  std::shared_ptr<CommandBatch> Next();
  void Finish(std::shared_ptr<CommandBatch> batch);

  EventLog* const log_;
  const Appended appended_;
  absl::Status failure_;  // of the first batch that failed; the appending thread's

  std::mutex mutex_;
  std::condition_variable batch_arrived_;
  std::condition_variable room_;
  std::deque<std::shared_ptr<CommandBatch>> batches_;
  bool stopping_ = false;
  std::atomic<size_t> waiting_ = 0;     // size of batches_, for looking without the lock
  std::atomic<size_t> unappended_ = 0;  // those, and the one under way
  std::atomic<size_t> unfinished_ = 0;  // until the callback has returned
  std::thread thread_;                  // last: it uses everything above
};

}  // namespace dailyfeed

#endif  // DAILYFEED_CORE_ENGINE_LOG_WRITER_H_

// Appends sealed batches to the log, one after the other, on a thread of its
// own: the committer decides the next batch while the disk syncs the last one.
//
//   LogWriter writer(log, [](std::shared_ptr<CommandBatch> batch, const absl::Status& status) {
//     // on disk, or not
//   });
//   writer.WaitForRoom();
//   writer.Enqueue(std::move(sealed));
//
// After the first failed append no later batch is written: each gets the same
// error, because it was decided on what the failed one would have left. One
// failure is not final: a batch that the log refused with INVALID_ARGUMENT has
// had no effect. It falls together with the batches decided on it, and the next
// one is written.
//
// Threads: everything but Close and the callback from one thread (the
// committer); Close from any.
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
  void WaitForRoom() { WaitForUnappended(kBatchesMax - 1); }
  // Waits until the log holds, or has refused, every batch.
  void WaitUntilAppended() { WaitForUnappended(0); }
  // Hands `batch` to the thread. Needs room. `batch` is sealed and does not
  // change any more.
  void Enqueue(std::shared_ptr<CommandBatch> batch);

  // True when the thread has nothing to do.
  bool Idle() const { return unfinished_.load(std::memory_order_acquire) == 0; }
  // Appends `batch` on the caller's thread, which saves two hand-overs when no
  // other batch is under way. Only when Idle().
  void AppendNow(std::shared_ptr<CommandBatch> batch);

  // Appends no further batch: each gets `status`. The append that is under way
  // ends as it ends.
  void Close(const absl::Status& status);

  // Batches that were taken and that the log does not hold yet.
  size_t unappended() const { return unappended_.load(std::memory_order_acquire); }

  // Finishes what was taken.
  void Stop();

 private:
  static constexpr size_t kBatchesMax = 2;

  void WaitForUnappended(size_t at_most);
  void Run();
  // nullptr: stopped.
  std::shared_ptr<CommandBatch> Next();
  void Finish(std::shared_ptr<CommandBatch> batch);
  absl::Status Append(CommandBatch& batch);

  EventLog* const log_;
  const Appended appended_;

  std::mutex mutex_;
  absl::Status failure_;  // why nothing is appended any more
  std::condition_variable batch_arrived_;
  std::condition_variable room_;
  std::deque<std::shared_ptr<CommandBatch>> batches_;
  bool stopping_ = false;
  std::atomic<size_t> unappended_ = 0;  // batches_, and the one under way
  std::atomic<size_t> unfinished_ = 0;  // until the callback has returned
  std::thread thread_;                  // last: it uses everything above
};

}  // namespace dailyfeed

#endif  // DAILYFEED_CORE_ENGINE_LOG_WRITER_H_

#include "core/engine/log_writer.h"

#include <pthread.h>

#include <utility>

namespace dailyfeed {

LogWriter::LogWriter(EventLog* log, Appended appended)
    : log_(log), appended_(std::move(appended)), thread_([this] { Run(); }) {}

LogWriter::~LogWriter() { Stop(); }

void LogWriter::WaitForUnappended(size_t at_most) {
  if (unappended() <= at_most) return;
  std::unique_lock<std::mutex> lock(mutex_);
  room_.wait(lock, [&] { return unappended() <= at_most; });
}

void LogWriter::Enqueue(std::shared_ptr<CommandBatch> batch) {
  unfinished_.fetch_add(1, std::memory_order_acq_rel);
  unappended_.fetch_add(1, std::memory_order_acq_rel);
  std::lock_guard<std::mutex> lock(mutex_);
  batches_.push_back(std::move(batch));
  batch_arrived_.notify_one();
}

void LogWriter::AppendNow(std::shared_ptr<CommandBatch> batch) {
  unfinished_.fetch_add(1, std::memory_order_acq_rel);
  unappended_.fetch_add(1, std::memory_order_acq_rel);
  Finish(std::move(batch));
}

void LogWriter::Close(const absl::Status& status) {
  std::lock_guard<std::mutex> lock(mutex_);
  failure_.Update(status);
}

absl::Status LogWriter::Append(CommandBatch& batch) {
  {
    std::lock_guard<std::mutex> lock(mutex_);
    if (!failure_.ok()) return failure_;
  }
  absl::Status appended = batch.RefusalBefore();
  if (appended.ok() && batch.HasWrites()) appended = log_->Append(batch.sealed());
  if (absl::IsInvalidArgument(appended)) {
    batch.Refuse(appended);
  } else if (!appended.ok()) {
    Close(appended);
  }
  batch.ForgetPredecessor();
  return appended;
}

void LogWriter::Finish(std::shared_ptr<CommandBatch> batch) {
  const absl::Status appended = Append(*batch);
  {
    std::lock_guard<std::mutex> lock(mutex_);
    unappended_.fetch_sub(1, std::memory_order_acq_rel);
  }
  room_.notify_one();
  appended_(std::move(batch), appended);
  unfinished_.fetch_sub(1, std::memory_order_acq_rel);
}

std::shared_ptr<CommandBatch> LogWriter::Next() {
  std::unique_lock<std::mutex> lock(mutex_);
  batch_arrived_.wait(lock, [this] { return stopping_ || !batches_.empty(); });
  if (batches_.empty()) return nullptr;
  std::shared_ptr<CommandBatch> batch = std::move(batches_.front());
  batches_.pop_front();
  return batch;
}

void LogWriter::Run() {
  pthread_setname_np(pthread_self(), "df-log");
  while (std::shared_ptr<CommandBatch> batch = Next()) Finish(std::move(batch));
}

void LogWriter::Stop() {
  {
    std::lock_guard<std::mutex> lock(mutex_);
    stopping_ = true;
    batch_arrived_.notify_one();
  }
  if (thread_.joinable()) thread_.join();
}

}  // namespace dailyfeed

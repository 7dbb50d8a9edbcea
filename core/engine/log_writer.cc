#include "core/engine/log_writer.h"

#include <pthread.h>

#include <utility>

namespace dailyfeed {

LogWriter::LogWriter(EventLog* log, Appended appended)
    : log_(log), appended_(std::move(appended)), thread_([this] { Run(); }) {}

LogWriter::~LogWriter() { Stop(); }

void LogWriter::WaitForRoom() {
  if (unappended() < kBatchesMax) return;
  std::unique_lock<std::mutex> lock(mutex_);
  room_.wait(lock, [this] { return unappended() < kBatchesMax; });
}

void LogWriter::Append(std::shared_ptr<CommandBatch> batch) {
  unfinished_.fetch_add(1, std::memory_order_acq_rel);
  unappended_.fetch_add(1, std::memory_order_acq_rel);
  std::lock_guard<std::mutex> lock(mutex_);
  batches_.push_back(std::move(batch));
  waiting_.store(batches_.size(), std::memory_order_release);
  batch_arrived_.notify_one();
}

void LogWriter::AppendHere(std::shared_ptr<CommandBatch> batch) {
  unfinished_.fetch_add(1, std::memory_order_acq_rel);
  unappended_.fetch_add(1, std::memory_order_acq_rel);
  Finish(std::move(batch));
}

void LogWriter::Finish(std::shared_ptr<CommandBatch> batch) {
  if (failure_.ok() && batch->HasWrites()) failure_ = log_->Append(batch->sealed());
  {
    std::lock_guard<std::mutex> lock(mutex_);
    unappended_.fetch_sub(1, std::memory_order_acq_rel);
  }
  room_.notify_one();
  appended_(std::move(batch), failure_);
  unfinished_.fetch_sub(1, std::memory_order_acq_rel);
}

std::shared_ptr<CommandBatch> LogWriter::Next() {
  std::unique_lock<std::mutex> lock(mutex_);
  batch_arrived_.wait(lock, [this] { return stopping_ || !batches_.empty(); });
  if (batches_.empty()) return nullptr;
  std::shared_ptr<CommandBatch> batch = std::move(batches_.front());
  batches_.pop_front();
  waiting_.store(batches_.size(), std::memory_order_release);
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

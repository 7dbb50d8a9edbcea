#include "projections/testing/queries_rig.h"

#include <future>
#include <string>

#include "core/base/check.h"

namespace dailyfeed::testing {

QueriesRig::QueriesRig(const Options& options) : options_(options) { Start(); }

void QueriesRig::Start() {
  Store* store = options_.store != nullptr ? options_.store : memory_.get();
  RuntimeOptions runtime_options;
  runtime_options.upkeep_thread = options_.upkeep_thread;
  runtime_ = Runtime::Create(store, &log_, runtime_options);
  queries_ = std::make_unique<Queries>(runtime_.get(), &personal_data_, options_.caches,
                                       options_.ranking, options_.clock, options_.search);
  DAILYFEED_CHECK(runtime_->Start().ok());
  listener_ = runtime_.get();
}

void QueriesRig::RememberStore() {
  auto copy = std::make_unique<MemoryStore>();
  StoreBatch batch;
  for (auto row = memory_->NewIterator({}); row->Valid(); row->Next()) {
    batch.Put(row->key(), row->value());
  }
  DAILYFEED_CHECK(copy->Write(std::move(batch)).ok());
  remembered_ = std::move(copy);
}

void QueriesRig::Crash() {
  runtime_->Stop();
  queries_ = nullptr;
  runtime_ = nullptr;
  memory_ = std::move(remembered_);
  RememberStore();
  Start();
}

QueriesRig::~QueriesRig() { runtime_->Stop(); }

void QueriesRig::Commit(std::vector<v1::Event> events) {
  std::lock_guard<std::mutex> lock(mutex_);
  LogBatch batch;
  std::vector<std::string> bytes;
  bytes.reserve(events.size());
  for (v1::Event& event : events) {
    event.set_position(++head_);
    event.set_stream_version(++versions_[{event.stream_kind(), event.stream_id()}]);
    event.set_event_id("event " + std::to_string(head_));
    bytes.push_back(event.SerializeAsString());
    LogEntry entry;
    entry.position = event.position();
    entry.stream_kind = event.stream_kind();
    entry.stream_id = event.stream_id();
    entry.stream_version = event.stream_version();
    entry.day = 20261121;
    entry.bytes = bytes.back();
    batch.events.push_back(entry);
  }
  DAILYFEED_CHECK(log_.Append(batch).ok());
  HandOver(std::move(events));
}

void QueriesRig::CommitUnlogged(std::vector<v1::Event> events) {
  std::lock_guard<std::mutex> lock(mutex_);
  for (v1::Event& event : events) event.set_position(++head_);
  HandOver(std::move(events));
}

void QueriesRig::HandOver(std::vector<v1::Event> events) {
  // Shared: the runtime may still be inside set_value when the wait is over.
  auto applied = std::make_shared<std::promise<absl::Status>>();
  std::future<absl::Status> status = applied->get_future();
  CommittedBatch batch;
  for (v1::Event& event : events) {
    batch.events.push_back(std::make_shared<const v1::Event>(std::move(event)));
  }
  batch.done = [applied](absl::Status of) { applied->set_value(std::move(of)); };
  listener_->OnCommitted(std::move(batch));
  DAILYFEED_CHECK(status.get().ok());
}

}  // namespace dailyfeed::testing

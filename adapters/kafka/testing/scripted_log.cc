#include "adapters/kafka/testing/scripted_log.h"

#include <fmt/format.h>

#include <algorithm>
#include <thread>

namespace dailyfeed::kafka::testing {

void ScriptedLog::Append(v1::Event event, TimestampNs at) {
  std::lock_guard<std::mutex> lock(mutex_);
  const Position position = events_.size() + 1;
  event.set_position(position);
  event.set_event_id(fmt::format("{:04}{:012}", history_, position));
  event.set_occurred_at_ns(at);
  event.set_recorded_at_ns(at);
  events_.push_back(std::make_shared<const v1::Event>(std::move(event)));
}

void ScriptedLog::Restore(Position position) {
  std::lock_guard<std::mutex> lock(mutex_);
  events_.resize(position);
  ++history_;
}

Position ScriptedLog::Head() const {
  std::lock_guard<std::mutex> lock(mutex_);
  return events_.size();
}

absl::Status ScriptedLog::Read(Position from, Visitor visit) const {
  const Position head = Head();
  for (Position position = std::max<Position>(1, from); position <= head; ++position) {
    std::shared_ptr<const v1::Event> event;
    {
      std::lock_guard<std::mutex> lock(mutex_);
      event = events_[position - 1];
    }
    if (!visit(*event)) break;
  }
  return absl::OkStatus();
}

class Disk::Handle final : public Store {
 public:
  explicit Handle(Disk* disk) : disk_(disk), life_(disk->life_) {}

  absl::Status Write(StoreBatch batch) override {
    if (disk_->life_ != life_) return absl::OkStatus();
    if (failed_ || disk_->full_) {
      failed_ = true;  // until it is opened again, as a store on disk
      return absl::ResourceExhaustedError("no space left on the device");
    }
    return disk_->rows_.Write(std::move(batch));
  }
  absl::Status Sync() override { return absl::OkStatus(); }
  absl::StatusOr<bool> Get(std::string_view key, std::string* value) const override {
    return disk_->rows_.Get(key, value);
  }
  absl::StatusOr<std::vector<Found>> MultiGet(const std::vector<std::string>& keys) const override {
    return disk_->rows_.MultiGet(keys);
  }
  std::unique_ptr<StoreIterator> NewIterator(const KeyRange& range) const override {
    return disk_->rows_.NewIterator(range);
  }
  std::unique_ptr<StoreSnapshot> NewSnapshot() const override { return disk_->rows_.NewSnapshot(); }

 private:
  Disk* const disk_;
  const int life_;
  std::atomic<bool> failed_ = false;
};

std::unique_ptr<Store> Disk::Open() { return std::make_unique<Handle>(this); }

void LetTimePass(absl::Duration time) {
  std::this_thread::sleep_for(absl::ToChronoNanoseconds(time));
}

}  // namespace dailyfeed::kafka::testing

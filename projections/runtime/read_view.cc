#include "projections/runtime/read_view.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

#include "core/base/check.h"

namespace dailyfeed {
namespace {

// How often EndFormer looks whether a view is gone: erasure takes seconds anyway.
constexpr std::chrono::milliseconds kLook(1);
// Former views that are gone are counted before the list is cleaned.
constexpr size_t kUncheckedMin = 16;

absl::Status Ended() { return absl::UnavailableError("the read view has ended"); }

// Readers spread over several counters, so that two of them seldom share a line.
constexpr size_t kReadingSlots = 8;

size_t SlotOfThread() {
  static std::atomic<size_t> threads{0};
  thread_local const size_t slot = threads++ % kReadingSlots;
  return slot;
}

}  // namespace

// A snapshot that can be given back while readers hold it.
class ReadView::Moment final : public StoreReader {
 public:
  explicit Moment(std::unique_ptr<StoreSnapshot> snapshot)
      : snapshot_(std::move(snapshot)), ended_(snapshot_ == nullptr) {}

  absl::StatusOr<bool> Get(std::string_view key, std::string* value) const override {
    const Reading reading(*this);
    if (ended_) return Ended();
    return snapshot_->Get(key, value);
  }
  absl::StatusOr<std::vector<Found>> MultiGet(const std::vector<std::string>& keys) const override {
    const Reading reading(*this);
    if (ended_) return Ended();
    return snapshot_->MultiGet(keys);
  }
  std::unique_ptr<StoreIterator> NewIterator(const KeyRange& range) const override {
    const Reading reading(*this);
    if (ended_) return NoRows(Ended());
    return snapshot_->NewIterator(range);
  }

  void End() {
    std::lock_guard<std::mutex> lock(end_mutex_);
    // A reader counts itself before it looks at ended_, so one that this loop
    // does not see sees ended_.
    ended_ = true;
    for (const Slot& slot : reading_) {
      while (slot.readers != 0) std::this_thread::yield();
    }
    snapshot_ = nullptr;
  }

 private:
  struct alignas(64) Slot {
    std::atomic<int> readers{0};
  };
  class Reading {
   public:
    explicit Reading(const Moment& moment) : readers_(moment.reading_[SlotOfThread()].readers) {
      ++readers_;
    }
    ~Reading() { --readers_; }
    Reading(const Reading&) = delete;
    Reading& operator=(const Reading&) = delete;

   private:
    std::atomic<int>& readers_;
  };

  std::unique_ptr<StoreSnapshot> snapshot_;
  std::atomic<bool> ended_;
  mutable std::array<Slot, kReadingSlots> reading_;
  std::mutex end_mutex_;
};

ReadView::ReadView(std::unique_ptr<StoreSnapshot> snapshot, Position position,
                   std::vector<Live> live)
    : position_(position),
      live_(std::move(live)),
      moment_(std::make_unique<Moment>(std::move(snapshot))) {
  rows_.reserve(live_.size());
  for (const Live& each : live_) {
    epoch_ = std::max(epoch_, each.epoch);
    rows_.emplace_back(moment_.get(), each.keyspace);
  }
}

ReadView::~ReadView() = default;

uint64_t ReadView::epoch(ProjectionId projection) const {
  const auto at = static_cast<size_t>(projection);
  DAILYFEED_CHECK(at < live_.size());
  return live_[at].epoch;
}

const ProjectionReader& ReadView::rows(ProjectionId projection) const {
  const auto at = static_cast<size_t>(projection);
  DAILYFEED_CHECK(at < rows_.size());
  return rows_[at];
}

const std::shared_ptr<const void>& ReadView::memory(ProjectionId projection) const {
  const auto at = static_cast<size_t>(projection);
  DAILYFEED_CHECK(at < live_.size());
  return live_[at].memory;
}

void ReadView::End() const { moment_->End(); }

ReadViews::~ReadViews() { Close(); }

std::shared_ptr<const ReadView> ReadViews::Newest() const {
  std::lock_guard<std::mutex> lock(mutex_);
  DAILYFEED_CHECK(newest_ != nullptr);
  return newest_;
}

void ReadViews::Publish(std::shared_ptr<const ReadView> view) {
  const auto now = std::chrono::steady_clock::now();
  std::vector<std::shared_ptr<const ReadView>> to_end;
  std::shared_ptr<const ReadView> replaced;  // goes without the lock
  {
    std::lock_guard<std::mutex> lock(mutex_);
    replaced = std::exchange(newest_, std::move(view));
    if (replaced != nullptr) former_.push_back({replaced, now});
    if (former_.size() < 2 * former_checked_ + kUncheckedMin) return;
    std::erase_if(former_, [&](const Former& former) {
      std::shared_ptr<const ReadView> held = former.view.lock();
      if (held == nullptr) return true;
      if (now - former.replaced <= former_max_) return false;
      to_end.push_back(std::move(held));
      return true;
    });
    former_checked_ = former_.size();
  }
  for (const auto& old : to_end) old->End();
}

void ReadViews::EndFormer() {
  std::vector<Former> former;
  {
    std::lock_guard<std::mutex> lock(mutex_);
    former.swap(former_);
    former_checked_ = 0;
  }
  for (const Former& each : former) {
    while (true) {
      const std::shared_ptr<const ReadView> held = each.view.lock();
      if (held == nullptr) break;
      if (std::chrono::steady_clock::now() - each.replaced > former_max_) {
        held->End();
        break;
      }
      std::this_thread::sleep_for(kLook);
    }
  }
}

void ReadViews::Close() {
  std::vector<Former> all;
  {
    std::lock_guard<std::mutex> lock(mutex_);
    all.swap(former_);
    if (newest_ != nullptr) all.push_back({newest_, {}});
  }
  for (const Former& each : all) {
    if (const std::shared_ptr<const ReadView> held = each.view.lock()) held->End();
  }
}

}  // namespace dailyfeed

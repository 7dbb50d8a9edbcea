// An engine on a log in memory, for tests.
#ifndef DAILYFEED_CORE_ENGINE_ENGINE_RIG_H_
#define DAILYFEED_CORE_ENGINE_ENGINE_RIG_H_

#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/engine/engine.h"
#include "core/ports/memory_event_log.h"
#include "gtest/gtest.h"

namespace dailyfeed {

// Holds committed batches until the test lets them go.
class GatedListener final : public CommitListener {
 public:
  void OnCommitted(CommittedBatch batch) override {
    std::unique_lock<std::mutex> lock(mutex_);
    ++batches_;
    arrived_.notify_all();
    opened_.wait(lock, [&] { return open_; });
    for (const auto& event : batch.events) seen_.push_back(event->position());
    const absl::Status visible = visible_;
    lock.unlock();
    batch.done(visible);
  }
  void Close() { SetOpen(false); }
  void Open() { SetOpen(true); }
  void FailWith(absl::Status status) {
    std::lock_guard<std::mutex> lock(mutex_);
    visible_ = std::move(status);
  }
  void WaitForBatches(int count) {
    std::unique_lock<std::mutex> lock(mutex_);
    arrived_.wait(lock, [&] { return batches_ >= count; });
  }
  std::vector<Position> seen() {
    std::lock_guard<std::mutex> lock(mutex_);
    return seen_;
  }

 private:
  void SetOpen(bool open) {
    std::lock_guard<std::mutex> lock(mutex_);
    open_ = open;
    opened_.notify_all();
  }
  std::mutex mutex_;
  std::condition_variable arrived_, opened_;
  bool open_ = true;
  int batches_ = 0;
  absl::Status visible_;
  std::vector<Position> seen_;
};

inline SignUp NewMember(const std::string& handle) {
  SignUp command;
  command.handle = handle;
  command.email_digest = "digest-of-" + handle;
  command.subject_id = std::string(16, 's');
  command.sealed_profile = "sealed";
  return command;
}

class EngineTest : public ::testing::Test {
 protected:
  void Start(EngineOptions options = {}) {
    auto started =
        Engine::Start(&log_, &listener_, DayZone::Load("Asia/Seoul").value(), std::move(options));
    ASSERT_TRUE(started.ok()) << started.status();
    engine_ = *std::move(started);
  }
  MemberId Member(const std::string& handle) {
    auto result = engine_->Execute({.command = NewMember(handle)});
    EXPECT_TRUE(result.ok()) << result.status();
    return result.ok() ? result->subject_id : 0;
  }
  absl::StatusOr<CommandResult> Publish(MemberId author, const std::string& content,
                                        std::optional<IdempotencyKey> key = std::nullopt) {
    return engine_->Execute({.command = PublishPost{.title = "", .content = content},
                             .actor = author,
                             .idempotency = std::move(key)});
  }
  std::vector<std::string> EventTypes() {
    std::vector<std::string> types;
    EXPECT_TRUE(log_.Read(1,
                          [&](const v1::Event& event) {
                            types.emplace_back(EventTypeName(event.payload()));
                            return true;
                          })
                    .ok());
    return types;
  }

  MemoryEventLog log_;
  GatedListener listener_;
  std::unique_ptr<Engine> engine_;
};

}  // namespace dailyfeed

#endif  // DAILYFEED_CORE_ENGINE_ENGINE_RIG_H_

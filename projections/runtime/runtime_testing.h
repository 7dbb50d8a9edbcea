// What the tests of the runtime share: a projection that exercises everything
// rows can do, random events for it, a plain fold to compare with, and a store
// that fails.
#ifndef DAILYFEED_PROJECTIONS_RUNTIME_RUNTIME_TESTING_H_
#define DAILYFEED_PROJECTIONS_RUNTIME_RUNTIME_TESTING_H_

#include <atomic>
#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <random>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/ports/commit_listener.h"
#include "core/ports/event_log.h"
#include "core/ports/store.h"
#include "projections/runtime/projection.h"
#include "projections/runtime/runtime.h"

namespace dailyfeed {

using Rows = std::map<std::string, std::string, std::less<>>;
using EventPtr = std::shared_ptr<const v1::Event>;

// Likes of posts: a row of counts a post and an edge a like. A deleted post
// takes its edges along, found by a scan. A row a post digests the events that
// were applied, in their order; half of it is settled into another row at the
// end of each batch. Refuses the posts it is told to. Each version or setting has
// a mark of its own in the edges, so that their rows differ.
class LikesProjection : public Projection, public ProjectionObserver {
 public:
  explicit LikesProjection(std::string name = "likes", uint32_t version = 1)
      : name_(std::move(name)), version_(version) {}

  std::string_view name() const override { return name_; }
  uint32_t version() const override { return version_; }
  void set_version(uint32_t version) { version_ = version; }
  static constexpr v1::Payload::KindCase kKinds[] = {
      v1::Payload::kPostLiked, v1::Payload::kPostUnliked, v1::Payload::kPostDeleted};
  std::span<const v1::Payload::KindCase> kinds() const override { return kKinds; }
  absl::Status Apply(const v1::Event& event, ProjectionRows& rows) override;
  std::string settings() const override { return settings_; }
  void set_settings(std::string settings) { settings_ = std::move(settings); }
  // Rows to be forgotten, of whatever member.
  std::vector<std::string> traces;
  std::vector<std::string> TracesOf(MemberId) const override { return traces; }
  // Folds on with rows of versions and settings that this says yes to.
  std::function<bool(uint32_t version, std::string_view settings)> knows;
  std::unique_ptr<Projection> As(uint32_t version, std::string_view settings) const override;
  absl::Status Settle(std::string_view key, ProjectionRows& rows) override;
  // It observes itself: registers with a runtime as both.
  ProjectionId Register(Runtime& runtime);
  void OnRows(const WrittenRows& rows) override;
  // The settled rows, as OnRows was told.
  Rows mirror() const;
  // All events of a post keep their order, whatever their stream.
  std::string ParkingKey(const v1::Event& event) const override;
  void OnEvent(const v1::Event& event) override;
  void OnReset(uint64_t epoch) override;

  // Test knobs, from any thread.
  void Refuse(PostId post);
  void Accept(PostId post);
  std::vector<Position> told() const;  // 0 stands for a reset
  uint64_t applied() const { return applied_; }
  // Called in OnEvent.
  std::function<void(const v1::Event&)> on_event;

 private:
  bool Refuses(PostId post) const;
  std::string Mark() const;

  const std::string name_;
  std::atomic<uint32_t> version_;
  std::atomic<uint64_t> applied_{0};
  mutable std::mutex mutex_;
  std::set<PostId> refused_;
  Rows mirror_;
  std::string settings_;
  std::vector<Position> told_;
};

// Makes events and appends them to a log.
class EventMaker {
 public:
  // Logs with different `salt` have different event ids.
  explicit EventMaker(EventLog* log, uint64_t salt = 0) : log_(log), salt_(salt) {}

  EventPtr Like(PostId post, MemberId member);
  EventPtr Unlike(PostId post, MemberId member);
  EventPtr DeletePost(PostId post);
  EventPtr SignUp(MemberId member);  // nothing that LikesProjection handles
  EventPtr Withdraw(MemberId member);
  EventPtr Random(std::mt19937_64& random, PostId posts, MemberId members);
  std::vector<EventPtr> RandomBatch(std::mt19937_64& random, size_t events_max);

 private:
  EventPtr Append(v1::StreamKind kind, uint64_t id, v1::Payload payload);

  EventLog* log_;
  uint64_t salt_;
};

// The rows of a fold of the whole log, and nothing else.
Rows PlainFold(Projection& projection, const EventSource& log);
// Every row a reader sees.
Rows AllRows(const ProjectionReader& reader);

// Hands a batch over and says what became of it: a status once done was called.
class Handover {
 public:
  CommittedBatch Batch(std::vector<EventPtr> events);
  int calls() const;
  // Waits until `done` was called.
  absl::Status Wait();

 private:
  struct State {
    std::mutex mutex;
    std::condition_variable called;
    int calls = 0;
    absl::Status status;
  };
  std::shared_ptr<State> state_ = std::make_shared<State>();
};

// Hands over and waits.
absl::Status Commit(Runtime& runtime, std::vector<EventPtr> events);

// Holds threads back at a point of the test's choosing.
class Gate {
 public:
  // Blocks while the gate is closed.
  void Pass();
  void Open();
  void Close();
  // Waits until `threads` are held back.
  void WaitForArrivals(int threads);

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool open_ = true;
  int arrivals_ = 0;
};

// A store whose n-th write fails, and all after it, until Heal().
class FailingStore final : public Store {
 public:
  enum class Failure {
    kNothingWritten,  // the write had no effect
    kWritten,         // it had, but nobody was told
  };
  explicit FailingStore(Store* store) : store_(store) {}

  void FailAt(uint64_t write, Failure failure);
  void FailReads(absl::Status status);
  void Heal();
  uint64_t writes() const { return writes_; }
  // Called before each write, on its thread.
  std::function<void()> before_write;

  absl::StatusOr<bool> Get(std::string_view key, std::string* value) const override;
  absl::StatusOr<std::vector<Found>> MultiGet(const std::vector<std::string>& keys) const override {
    return store_->MultiGet(keys);
  }
  std::unique_ptr<StoreIterator> NewIterator(const KeyRange& range) const override {
    return store_->NewIterator(range);
  }
  absl::Status Write(StoreBatch batch) override;
  absl::Status Sync() override { return store_->Sync(); }
  uint64_t LastWrite() const override { return store_->LastWrite(); }
  absl::Status EraseTraces(const std::vector<KeyRange>& ranges, uint64_t last_write) override {
    erased_traces = ranges;
    return store_->EraseTraces(ranges, last_write);
  }
  std::unique_ptr<StoreSnapshot> NewSnapshot() const override { return store_->NewSnapshot(); }
  std::vector<KeyRange> erased_traces;  // what the last call named

 private:
  Store* const store_;
  std::atomic<uint64_t> writes_{0};
  std::atomic<uint64_t> fail_at_{0};  // 0: never
  std::atomic<Failure> failure_{Failure::kNothingWritten};
  mutable std::mutex mutex_;
  absl::Status read_status_;
};

// From DAILYFEED_SEED, else `defaults`.
std::vector<uint64_t> Seeds(std::vector<uint64_t> defaults);
// The command that repeats a run.
std::string RepeatWith(std::string_view target, uint64_t seed);

}  // namespace dailyfeed

#endif  // DAILYFEED_PROJECTIONS_RUNTIME_RUNTIME_TESTING_H_

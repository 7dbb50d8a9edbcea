// Random histories, cut at every write of the store, against a plain fold.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <random>
#include <set>

#include "core/ports/memory_event_log.h"
#include "core/ports/memory_store.h"
#include "projections/runtime/runtime.h"
#include "projections/runtime/runtime_testing.h"

namespace dailyfeed {
namespace {

constexpr char kTarget[] = "//projections/runtime:crash_test";
constexpr PostId kTroublesome = 3;
constexpr char kTroublesomeKey[] = "post/3";

// One machine: a log that keeps everything, a store that may fail, and a
// program that is started on them again and again.
class Machine {
 public:
  explicit Machine(uint64_t seed) : random_(seed) {
    options_.catch_up_batch_events = 1 + random_() % 6;
    options_.row_cache_bytes = random_() % 3 * 1000;
  }

  FailingStore& store() { return store_; }
  LikesProjection& likes() { return likes_; }
  std::mt19937_64& random() { return random_; }

  // False: the program did not come up.
  bool Start() {
    runtime_ = Runtime::Create(&store_, &log_, options_);
    likes_.Register(*runtime_);
    runtime_->Register(&other_);
    if (!runtime_->Start().ok()) return false;
    // What an earlier life began to build is built now, so that a run of a seed has
    // the same writes each time.
    runtime_->WaitForBuild().IgnoreError();
    return true;
  }
  void Kill() { runtime_ = nullptr; }

  // One random step; what fails, fails.
  void Step() {
    switch (random_() % 12) {
      case 0: {
        const auto built = runtime_->BuildGeneration("likes");
        if (built.ok()) next_ = *built;
        break;
      }
      case 1:
        runtime_->Activate("likes", next_).IgnoreError();
        break;
      case 2:
        runtime_->Rollback("likes").IgnoreError();
        break;
      case 3:
        runtime_->Drop("likes", 1 + random_() % (next_ + 1)).IgnoreError();
        break;
      case 4:
        likes_.Refuse(kTroublesome);
        break;
      case 5:
        likes_.Accept(kTroublesome);
        runtime_->Unpark("likes", kTroublesomeKey).IgnoreError();
        break;
      default:
        CommitSome();
    }
  }

  void CheckAgainstFold() {
    likes_.Accept(kTroublesome);
    const absl::Status unparked = runtime_->Unpark("likes", kTroublesomeKey);
    ASSERT_TRUE(unparked.ok() || absl::IsNotFound(unparked)) << unparked;
    ASSERT_EQ(runtime_->AppliedPosition(), log_.Head());
    const Rows expected = PlainFold(other_, log_);
    EXPECT_EQ(AllRows(*runtime_->Reader("likes")), expected);
    EXPECT_EQ(AllRows(*runtime_->Reader("other")), expected);
    EXPECT_TRUE(runtime_->Parked().value().empty());
    CheckNoRowIsLeftBehind();
  }

 private:
  void CommitSome() {
    std::vector<EventPtr> batch = events_.RandomBatch(random_, 6);
    if (random_() % 8 == 0) return;  // in the log, and the program died before it was applied
    if (random_() % 8 == 0) batch.erase(batch.begin());
    Commit(*runtime_, batch).IgnoreError();
    if (random_() % 8 == 0) Commit(*runtime_, batch).IgnoreError();
  }

  // Each keyspace belongs to a generation that exists.
  void CheckNoRowIsLeftBehind() {
    size_t generations = 0;
    for (const ProjectionStatus& status : runtime_->Status()) {
      generations +=
          1 + status.previous_generation.has_value() + status.building_generation.has_value();
    }
    std::set<std::string> keyspaces;
    for (auto it = disk_.NewIterator({.lower = std::string("\0\0\0\1", 4), .upper = {}});
         it->Valid(); it->Next()) {
      keyspaces.emplace(it->key().substr(0, 4));
    }
    EXPECT_LE(keyspaces.size(), generations);
  }

  std::mt19937_64 random_;
  RuntimeOptions options_;
  MemoryEventLog log_;
  MemoryStore disk_;
  FailingStore store_{&disk_};
  EventMaker events_{&log_};
  LikesProjection likes_;
  LikesProjection other_{"other"};
  std::unique_ptr<Runtime> runtime_;
  uint64_t next_ = 1;
};

// Runs `steps` random steps, the store failing at write `fail_at`, and says how
// many writes there were.
uint64_t RunOnce(uint64_t seed, int steps, uint64_t fail_at, FailingStore::Failure failure) {
  Machine machine(seed);
  machine.store().FailAt(fail_at, failure);
  for (int life = 0; life < 2; ++life) {
    if (machine.Start()) {
      for (int i = 0; i < steps; ++i) machine.Step();
    }
    machine.Kill();
  }
  const uint64_t writes = machine.store().writes();
  machine.store().Heal();
  EXPECT_TRUE(machine.Start());
  machine.CheckAgainstFold();
  return writes;
}

TEST(CrashTest, EveryWriteMayBeTheLast) {
  constexpr int kSteps = 20;
  for (uint64_t seed : Seeds({1, 2})) {
    const uint64_t writes = RunOnce(seed, kSteps, 0, FailingStore::Failure::kNothingWritten);
    for (uint64_t fail_at = 1; fail_at <= writes; ++fail_at) {
      for (auto failure :
           {FailingStore::Failure::kNothingWritten, FailingStore::Failure::kWritten}) {
        SCOPED_TRACE(fmt::format("write {} fails ({}); {}", fail_at,
                                 failure == FailingStore::Failure::kWritten ? "written" : "lost",
                                 RepeatWith(kTarget, seed)));
        RunOnce(seed, kSteps, fail_at, failure);
        if (::testing::Test::HasFailure()) return;
      }
    }
  }
}

TEST(CrashTest, ManyCrashesInOneLife) {
  constexpr int kLives = 12;
  for (uint64_t seed : Seeds({11, 12, 13, 14, 15, 16, 17, 18})) {
    SCOPED_TRACE(RepeatWith(kTarget, seed));
    Machine machine(seed);
    std::mt19937_64 random(seed);
    for (int life = 0; life < kLives; ++life) {
      machine.store().Heal();
      machine.store().FailAt(1 + random() % 40, random() % 2 == 0
                                                    ? FailingStore::Failure::kNothingWritten
                                                    : FailingStore::Failure::kWritten);
      if (machine.Start()) {
        for (int i = 0; i < 30; ++i) machine.Step();
      }
      machine.Kill();
    }
    machine.store().Heal();
    ASSERT_TRUE(machine.Start());
    machine.CheckAgainstFold();
    if (::testing::Test::HasFailure()) return;
  }
}

}  // namespace
}  // namespace dailyfeed

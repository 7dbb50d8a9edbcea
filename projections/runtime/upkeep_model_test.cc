// Random histories with pieces of work at random points, against a fold in a map:
// cut at every write of the store, with every read failing in turn, and under load.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <optional>
#include <random>
#include <thread>

#include "core/ports/memory_event_log.h"
#include "core/ports/memory_store.h"
#include "projections/runtime/runtime.h"
#include "projections/runtime/runtime_testing.h"
#include "projections/runtime/sealing_testing.h"

namespace dailyfeed {
namespace {

constexpr char kTarget[] = "//projections/runtime:upkeep_model_test";
constexpr PostId kTroublesome = 3;
constexpr char kTroublesomeKey[] = "post/3";

// A store whose n-th read fails once, wherever it is read.
class FailingReads final : public Store {
 public:
  explicit FailingReads(Store* store) : store_(store) {}

  // 0: none.
  void FailAt(uint64_t read) { fail_at_ = reads_ + read, failed_ = false; }
  void Heal() { fail_at_ = 0; }
  bool failed() const { return failed_; }

  absl::StatusOr<bool> Get(std::string_view key, std::string* value) const override {
    if (Fails()) return Failure();
    return store_->Get(key, value);
  }
  absl::StatusOr<std::vector<Found>> MultiGet(const std::vector<std::string>& keys) const override {
    if (Fails()) return Failure();
    return store_->MultiGet(keys);
  }
  std::unique_ptr<StoreIterator> NewIterator(const KeyRange& range) const override {
    return std::make_unique<Iterator>(this, store_->NewIterator(range));
  }
  absl::Status Write(StoreBatch batch) override { return store_->Write(std::move(batch)); }
  absl::Status Sync() override { return store_->Sync(); }
  std::unique_ptr<StoreSnapshot> NewSnapshot() const override {
    return std::make_unique<Snapshot>(this, store_->NewSnapshot());
  }

 private:
  class Iterator final : public StoreIterator {
   public:
    Iterator(const FailingReads* store, std::unique_ptr<StoreIterator> rows)
        : store_(store), rows_(std::move(rows)) {
      Look();
    }
    bool Valid() const override { return !failed_ && rows_->Valid(); }
    void SeekToFirst() override { rows_->SeekToFirst(), Look(); }
    void SeekToLast() override { rows_->SeekToLast(), Look(); }
    void Seek(std::string_view key) override { rows_->Seek(key), Look(); }
    void SeekForPrev(std::string_view key) override { rows_->SeekForPrev(key), Look(); }
    void Next() override { rows_->Next(), Look(); }
    void Prev() override { rows_->Prev(), Look(); }
    std::string_view key() const override { return rows_->key(); }
    std::string_view value() const override { return rows_->value(); }
    absl::Status status() const override { return failed_ ? Failure() : rows_->status(); }

   private:
    void Look() { failed_ = failed_ || store_->Fails(); }
    const FailingReads* const store_;
    const std::unique_ptr<StoreIterator> rows_;
    bool failed_ = false;
  };
  class Snapshot final : public StoreSnapshot {
   public:
    Snapshot(const FailingReads* store, std::unique_ptr<StoreSnapshot> rows)
        : store_(store), rows_(std::move(rows)) {}
    absl::StatusOr<bool> Get(std::string_view key, std::string* value) const override {
      if (store_->Fails()) return Failure();
      return rows_->Get(key, value);
    }
    absl::StatusOr<std::vector<Found>> MultiGet(
        const std::vector<std::string>& keys) const override {
      if (store_->Fails()) return Failure();
      return rows_->MultiGet(keys);
    }
    std::unique_ptr<StoreIterator> NewIterator(const KeyRange& range) const override {
      return std::make_unique<Iterator>(store_, rows_->NewIterator(range));
    }

   private:
    const FailingReads* const store_;
    const std::unique_ptr<StoreSnapshot> rows_;
  };

  static absl::Status Failure() { return absl::UnavailableError("the disk is not readable"); }
  bool Fails() const {
    if (++reads_ != fail_at_) return false;
    failed_ = true;
    return true;
  }

  Store* const store_;
  mutable std::atomic<uint64_t> reads_{0};
  std::atomic<uint64_t> fail_at_{0};
  mutable std::atomic<bool> failed_{false};
};

// A program on a store that may fail, started again and again. Single-threaded but
// for the runtime, which works only while this waits for it: a seed repeats a run.
class Machine {
 public:
  explicit Machine(uint64_t seed) : random_(seed) {
    options_.catch_up_batch_events = 1 + random_() % 12;
    options_.row_cache_bytes = random_() % 3 * 1000;
    options_.upkeep_thread = false;
    sealing_.loose_max = 1 + random_() % 12;
    sealing_.padding = random_() % 4 == 0 ? 20'000 : 0;
  }

  FailingStore& writes() { return writes_; }
  FailingReads& reads() { return reads_; }

  // False: the program did not come up.
  bool Start() {
    runtime_ = Runtime::Create(&reads_, &log_, options_);
    id_ = runtime_->Register(&sealing_);
    runtime_->Observe(id_, &memory_);
    if (!runtime_->Start().ok()) return false;
    runtime_->WaitForBuild().IgnoreError();
    return true;
  }
  void Kill() { runtime_ = nullptr; }
  bool healthy() const { return runtime_->Health().ok(); }

  // One random step; what fails, fails.
  void Step() {
    switch (random_() % 16) {
      case 0: {
        const auto built = runtime_->BuildGeneration("sealing");
        if (built.ok()) next_ = *built;
        break;
      }
      case 1:
        runtime_->Activate("sealing", next_).IgnoreError();
        break;
      case 2:
        runtime_->Rollback("sealing").IgnoreError();
        break;
      case 3:
        runtime_->Drop("sealing", 1 + random_() % (next_ + 1)).IgnoreError();
        break;
      case 4:
        sealing_.Refuse(kTroublesome);
        break;
      case 5:
        sealing_.Accept(kTroublesome);
        runtime_->Unpark("sealing", kTroublesomeKey).IgnoreError();
        break;
      case 6:
        runtime_->EraseTraces(std::vector<MemberId>{1}).IgnoreError();
        break;
      case 7:
      case 8:
      case 9:
        runtime_->RunUpkeep().IgnoreError();
        break;
      case 10:
      case 11:
        // The store goes on between the work and its commit.
        runtime_->RunUpkeep([this] { BetweenWorkAndCommit(); }).IgnoreError();
        break;
      default:
        CommitSome();
    }
  }

  // Rows of every generation that is fed say the same as a fold, once nothing is parked.
  void CheckAgainstFold() {
    sealing_.Accept(kTroublesome);
    const absl::Status unparked = runtime_->Unpark("sealing", kTroublesomeKey);
    ASSERT_TRUE(unparked.ok() || absl::IsNotFound(unparked)) << unparked;
    const Rows expected = LikesOf(log_, runtime_->AppliedPosition());
    const auto view = runtime_->Pin();
    EXPECT_EQ(SealedLikes(view->rows(id_)), expected);
    CheckMemory(*view, id_);
    const ProjectionStatus status = runtime_->Status().at(0);
    if (status.building_ready) {
      const auto ready = runtime_->GenerationReader("sealing", *status.building_generation);
      EXPECT_EQ(SealedLikes(**ready), expected);
    }
  }
  // Whatever is parked: each like has one place, and the memory is that of the rows.
  void CheckEveryGeneration() {
    const auto view = runtime_->Pin();
    SealedLikes(view->rows(id_));
    CheckMemory(*view, id_);
    const ProjectionStatus status = runtime_->Status().at(0);
    for (const auto& number : {status.previous_generation, status.building_generation}) {
      if (number.has_value()) SealedLikes(**runtime_->GenerationReader("sealing", *number));
    }
  }
  // Each keyspace belongs to a generation that exists.
  void CheckNoRowIsLeftBehind() {
    while (runtime_->RunUpkeep().value()) {
    }
    std::set<std::string> keyspaces;
    for (auto it = disk_.NewIterator({.lower = KeyspacePrefix(kFirstKeyspace), .upper = {}});
         it->Valid(); it->Next()) {
      keyspaces.emplace(it->key().substr(0, kKeyspaceBytes));
    }
    const ProjectionStatus status = runtime_->Status().at(0);
    EXPECT_LE(keyspaces.size(),
              1u + status.previous_generation.has_value() + status.building_generation.has_value());
  }
  uint64_t pieces() const { return runtime_->Status().at(0).upkeep.committed; }

 private:
  void CommitSome() {
    std::vector<EventPtr> batch = events_.RandomBatch(random_, 12);
    if (random_() % 10 == 0) return;  // in the log, and the program died before it was applied
    Commit(*runtime_, std::move(batch)).IgnoreError();
  }
  void BetweenWorkAndCommit() {
    CommitSome();
    switch (random_() % 8) {
      case 0:
        runtime_->Activate("sealing", next_).IgnoreError();
        break;
      case 1:
        runtime_->Rollback("sealing").IgnoreError();
        break;
      case 2:
        runtime_->Drop("sealing", 1 + random_() % (next_ + 1)).IgnoreError();
        break;
      case 3:
        runtime_->EraseTraces(std::vector<MemberId>{1}).IgnoreError();
        break;
      default:
        CommitSome();
    }
  }

  std::mt19937_64 random_;
  RuntimeOptions options_;
  MemoryEventLog log_;
  MemoryStore disk_;
  FailingStore writes_{&disk_};
  FailingReads reads_{&writes_};
  EventMaker events_{&log_};
  SealingProjection sealing_;
  SealingMemory memory_;
  ProjectionId id_{};
  std::unique_ptr<Runtime> runtime_;
  uint64_t next_ = 1;
};

void RunRandomly(uint64_t seed, int steps) {
  SCOPED_TRACE(RepeatWith(kTarget, seed));
  Machine machine(seed);
  uint64_t pieces = 0;
  for (int life = 0; life < 3; ++life) {
    ASSERT_TRUE(machine.Start());
    for (int i = 0; i < steps; ++i) {
      machine.Step();
      machine.CheckEveryGeneration();
      if (i % 8 == 0) machine.CheckAgainstFold();
      if (::testing::Test::HasFailure()) return;
    }
    pieces += machine.pieces();
    machine.Kill();
  }
  ASSERT_TRUE(machine.Start());
  machine.CheckAgainstFold();
  machine.CheckNoRowIsLeftBehind();
  EXPECT_GT(pieces, 0u);
}

TEST(UpkeepModelTest, RandomHistories) {
#ifdef DAILYFEED_SLOW_TEST
  constexpr uint64_t kSeeds = 400;
#else
  constexpr uint64_t kSeeds = 15;
#endif
  std::vector<uint64_t> seeds(kSeeds);
  for (uint64_t i = 0; i < kSeeds; ++i) seeds[i] = i + 1;
  for (const uint64_t seed : Seeds(seeds)) {
    RunRandomly(seed, 60);
    if (::testing::Test::HasFailure()) return;
  }
}

// Two lives of `steps` random steps, the store failing at one write, or one read. Then
// a third one, in which all is well. How many writes there were.
uint64_t RunWithFault(uint64_t seed, int steps, uint64_t fail_write, FailingStore::Failure failure,
                      uint64_t fail_read, bool* read_failed) {
  Machine machine(seed);
  machine.writes().FailAt(fail_write, failure);
  machine.reads().FailAt(fail_read);
  if (fail_read == 0) machine.reads().Heal();
  for (int life = 0; life < 2; ++life) {
    if (machine.Start()) {
      for (int i = 0; i < steps && machine.healthy(); ++i) machine.Step();
    }
    machine.Kill();
  }
  const uint64_t writes = machine.writes().writes();
  if (read_failed != nullptr) *read_failed = machine.reads().failed();
  machine.writes().Heal();
  machine.reads().Heal();
  EXPECT_TRUE(machine.Start());
  machine.CheckEveryGeneration();
  machine.CheckAgainstFold();
  machine.CheckNoRowIsLeftBehind();
  return writes;
}

TEST(UpkeepModelTest, EveryWriteMayBeTheLast) {
  constexpr int kSteps = 25;
  for (uint64_t seed : Seeds({1, 2})) {
    const uint64_t writes =
        RunWithFault(seed, kSteps, 0, FailingStore::Failure::kNothingWritten, 0, nullptr);
    for (uint64_t fail_at = 1; fail_at <= writes; ++fail_at) {
      for (auto failure :
           {FailingStore::Failure::kNothingWritten, FailingStore::Failure::kWritten}) {
        SCOPED_TRACE(fmt::format("write {} fails ({}); {}", fail_at,
                                 failure == FailingStore::Failure::kWritten ? "written" : "lost",
                                 RepeatWith(kTarget, seed)));
        RunWithFault(seed, kSteps, fail_at, failure, 0, nullptr);
        if (::testing::Test::HasFailure()) return;
      }
    }
  }
}

TEST(UpkeepModelTest, EveryReadMayFail) {
  constexpr int kSteps = 20;
#ifdef DAILYFEED_SLOW_TEST
  constexpr uint64_t kStride = 1;
#else
  constexpr uint64_t kStride = 7;
#endif
  for (uint64_t seed : Seeds({1})) {
    bool failed = true;
    for (uint64_t fail_at = 1; failed; fail_at += kStride) {
      SCOPED_TRACE(fmt::format("read {} fails; {}", fail_at, RepeatWith(kTarget, seed)));
      RunWithFault(seed, kSteps, 0, FailingStore::Failure::kNothingWritten, fail_at, &failed);
      if (::testing::Test::HasFailure()) return;
    }
  }
}

// ---- Under load, with the upkeep thread.

class UnderLoad {
 public:
  explicit UnderLoad(uint64_t seed) : random_(seed) {
    options_.catch_up_batch_events = 40;
    sealing_.loose_max = 8;
    runtime_ = Runtime::Create(&disk_, &log_, options_);
    id_ = runtime_->Register(&sealing_);
    runtime_->Observe(id_, &memory_);
    EXPECT_TRUE(runtime_->Start().ok());
  }

  void Run(int rebuilds) {
    std::thread committer([this] { CommitUntilFinished(); });
    std::thread one([this] { ReadUntilFinished(); });
    std::thread other([this] { ReadUntilFinished(); });
    for (int i = 0; i < rebuilds; ++i) Rebuild(i);
    finished_ = true;
    committer.join();
    one.join();
    other.join();
    EXPECT_TRUE(runtime_->Health().ok()) << runtime_->Health();
    const auto view = runtime_->Pin();
    EXPECT_EQ(SealedLikes(view->rows(id_)), LikesOf(log_));
    CheckMemory(*view, id_);
    EXPECT_GT(runtime_->Status().at(0).upkeep.committed, 0u);
  }

 private:
  void CommitUntilFinished() {
    // Bounded, because the log in memory is slow to read when it is long.
    constexpr int kBatchesMax = 300;
    for (int i = 0; i < kBatchesMax && !finished_; ++i) {
      EXPECT_TRUE(Commit(*runtime_, events_.RandomBatch(random_, 10)).ok());
    }
  }
  // Rows and memory of a view are of one moment, whatever happens beside.
  void ReadUntilFinished() {
    while (!finished_ && !::testing::Test::HasFailure()) {
      const auto view = runtime_->Pin();
      CheckMemory(*view, id_);
      SealedLikes(view->rows(id_));
    }
  }
  void Rebuild(int round) {
    const auto built = runtime_->BuildGeneration("sealing");
    ASSERT_TRUE(built.ok()) << built.status();
    ASSERT_TRUE(runtime_->Activate("sealing", *built).ok());
    switch (round % 3) {
      case 0:
        ASSERT_TRUE(runtime_->Rollback("sealing").ok());
        ASSERT_TRUE(runtime_->Drop("sealing", *built).ok());
        break;
      case 1:
        ASSERT_TRUE(runtime_->EraseTraces(std::vector<MemberId>{1}).ok());
        break;
      default:
        if (runtime_->StartBuild({"sealing"}, BuildGoal::kReady).ok()) {
          runtime_->CancelBuild().IgnoreError();
        }
        const ProjectionStatus status = runtime_->Status().at(0);
        if (status.building_generation.has_value()) {
          runtime_->Drop("sealing", *status.building_generation).IgnoreError();
        }
    }
  }

  std::mt19937_64 random_;
  RuntimeOptions options_;
  MemoryEventLog log_;
  MemoryStore disk_;
  EventMaker events_{&log_};
  SealingProjection sealing_;
  SealingMemory memory_;
  ProjectionId id_{};
  std::unique_ptr<Runtime> runtime_;
  std::atomic<bool> finished_{false};
};

TEST(UpkeepLoadTest, BuildsFlipsAndDropsUnderReadersAndCommits) {
  for (uint64_t seed : Seeds({1, 2})) UnderLoad(seed).Run(12);
}

}  // namespace
}  // namespace dailyfeed

// Rows beside the batches on files: power that goes and operations that fail at
// every point of a piece of work, and erasure beside pieces that are under way.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <atomic>
#include <filesystem>
#include <random>
#include <thread>

#include "adapters/rocksdb/store/rocks_store.h"
#include "adapters/rocksdb/testing/fault_env.h"
#include "core/ports/memory_event_log.h"
#include "projections/runtime/runtime.h"
#include "projections/runtime/runtime_testing.h"
#include "projections/runtime/sealing_testing.h"

namespace dailyfeed {
namespace {

constexpr char kTarget[] = "//adapters/rocksdb/testing:upkeep_test";
#ifdef DAILYFEED_SLOW_TEST
constexpr uint64_t kStride = 1;
#else
constexpr uint64_t kStride = 13;
#endif

// A program whose read models are on a disk that may fail. The log is safe.
class Machine {
 public:
  Machine() {
    options_.upkeep_thread = false;
    options_.catch_up_batch_events = 7;
    sealing_.loose_max = 5;
    sealing_.padding = 500;
  }
  ~Machine() { Kill(); }

  FaultDisk& disk() { return env_.disk(); }

  bool Start() {
    // A small memtable, so that rows come from tables too.
    auto store = OpenRocksStore("/views", {.env = env_.env(), .memtable_bytes = 64u << 10});
    if (!store.ok()) return false;
    store_ = *std::move(store);
    runtime_ = Runtime::Create(store_.get(), &log_, options_);
    id_ = runtime_->Register(&sealing_);
    runtime_->Observe(id_, &memory_);
    return runtime_->Start().ok();
  }
  void Kill() {
    runtime_ = nullptr;
    store_ = nullptr;
  }
  // What fails, fails.
  void Live(uint64_t seed) {
    std::mt19937_64 random(seed);
    for (int i = 0; i < 25; ++i) {
      Commit(*runtime_, events_.RandomBatch(random, 6)).IgnoreError();
      if (i % 2 == 0) runtime_->RunUpkeep().IgnoreError();
      if (i == 12) {
        const auto built = runtime_->BuildGeneration("sealing");
        if (built.ok()) runtime_->Activate("sealing", *built).IgnoreError();
      }
    }
  }
  void CheckAgainstFold() {
    const auto view = runtime_->Pin();
    EXPECT_EQ(SealedLikes(view->rows(id_)), LikesOf(log_));
    CheckMemory(*view, id_);
  }

 private:
  FaultEnv env_;
  RuntimeOptions options_;
  MemoryEventLog log_;
  EventMaker events_{&log_};
  SealingProjection sealing_;
  SealingMemory memory_;
  ProjectionId id_{};
  std::unique_ptr<RocksStore> store_;
  std::unique_ptr<Runtime> runtime_;
};

// The machine after a life in which `harm` was done to its disk.
void LiveThroughHarm(uint64_t seed, absl::FunctionRef<void(FaultDisk&)> harm) {
  Machine machine;
  ASSERT_TRUE(machine.Start());
  machine.disk().ResetCount();
  harm(machine.disk());
  machine.Live(seed);
  machine.Kill();
  if (machine.disk().crashed()) machine.disk().Restart();
  machine.disk().ClearFaults();
  ASSERT_TRUE(machine.Start());
  machine.CheckAgainstFold();
  machine.Live(seed + 1);
  machine.CheckAgainstFold();
}

uint64_t OperationsOf(uint64_t seed) {
  Machine machine;
  EXPECT_TRUE(machine.Start());
  machine.disk().ResetCount();
  machine.Live(seed);
  return machine.disk().operations();
}

TEST(UpkeepOnFilesTest, PowerMayGoAtEveryOperation) {
  for (const uint64_t seed : Seeds({1, 2})) {
    const uint64_t operations = OperationsOf(seed);
    for (uint64_t at = 1; at <= operations; at += kStride) {
      for (const auto crash : {FaultDisk::Crash::kKilled, FaultDisk::Crash::kPowerLost,
                               FaultDisk::Crash::kPowerTorn}) {
        SCOPED_TRACE(fmt::format("crash {} at operation {}; {}", static_cast<int>(crash), at,
                                 RepeatWith(kTarget, seed)));
        LiveThroughHarm(seed, [&](FaultDisk& disk) { disk.CrashAt(at, crash, seed + at); });
        if (::testing::Test::HasFailure()) return;
      }
    }
  }
}

TEST(UpkeepOnFilesTest, EveryOperationMayFail) {
  for (const uint64_t seed : Seeds({3})) {
    const uint64_t operations = OperationsOf(seed);
    for (uint64_t at = 1; at <= operations; at += kStride) {
      SCOPED_TRACE(fmt::format("operation {} fails; {}", at, RepeatWith(kTarget, seed)));
      LiveThroughHarm(seed, [&](FaultDisk& disk) {
        disk.FailAt(at, at % 2 == 0 ? FaultDisk::Fault::kError : FaultDisk::Fault::kNoSpace,
                    /*and_after=*/at % 3 == 0);
      });
      if (::testing::Test::HasFailure()) return;
    }
  }
}

// On the machine's disk, with the upkeep thread: erasure needs that no snapshot from
// before is left, or the store refuses it.
TEST(UpkeepOnFilesTest, ErasureBesidePiecesAndBuilds) {
  const std::string directory = ::testing::TempDir() + "/upkeep_test";
  std::filesystem::remove_all(directory);
  MemoryEventLog log;
  EventMaker events(&log);
  SealingProjection sealing;
  SealingMemory memory;
  sealing.loose_max = 20;
  sealing.padding = 5'000;
  for (int life = 0; life < 2; ++life) {
    auto store = OpenRocksStore(directory, {.memtable_bytes = 256u << 10}).value();
    auto runtime = Runtime::Create(store.get(), &log, {.catch_up_batch_events = 30});
    const ProjectionId id = runtime->Register(&sealing);
    runtime->Observe(id, &memory);
    ASSERT_TRUE(runtime->Start().ok());
    std::atomic<bool> finished{false};
    std::thread committer([&] {
      std::mt19937_64 random(life);
      for (int i = 0; i < 150 && !finished; ++i) {
        EXPECT_TRUE(Commit(*runtime, events.RandomBatch(random, 10)).ok());
      }
    });
    std::thread builder([&] {
      while (!finished) {
        const auto built = runtime->BuildGeneration("sealing");
        if (built.ok()) runtime->Activate("sealing", *built).IgnoreError();
      }
    });
    for (int i = 0; i < 15; ++i) {
      const absl::Status erased = runtime->EraseTraces(std::vector<MemberId>{1});
      // Another operation may work on the generations.
      EXPECT_TRUE(erased.ok() || absl::IsFailedPrecondition(erased)) << erased;
    }
    finished = true;
    committer.join();
    builder.join();
    const auto view = runtime->Pin();
    EXPECT_EQ(SealedLikes(view->rows(id)), LikesOf(log));
    CheckMemory(*view, id);
    EXPECT_TRUE(runtime->Health().ok()) << runtime->Health();
    // Nothing cancels them any more, so a piece is committed.
    const auto patience = std::chrono::steady_clock::now() + std::chrono::seconds(60);
    while (runtime->Status().at(0).upkeep.committed == 0) {
      ASSERT_LT(std::chrono::steady_clock::now(), patience);
      std::this_thread::yield();
    }
  }
}

}  // namespace
}  // namespace dailyfeed

// Rows beside the batches: when pieces of work run, what ends them, and who waits.
#include "projections/runtime/upkeep.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <thread>

#include "core/ports/memory_event_log.h"
#include "core/ports/memory_store.h"
#include "projections/runtime/runtime.h"
#include "projections/runtime/runtime_testing.h"
#include "projections/runtime/sealing_testing.h"

namespace dailyfeed {
namespace {

// Long enough for another thread to do what it must not do.
void LetOthersRun() {
  for (int i = 0; i < 2000; ++i) std::this_thread::yield();
}

using ::testing::HasSubstr;
using ::testing::IsEmpty;

class UpkeepTest : public ::testing::Test {
 protected:
  std::unique_ptr<Runtime> Created() {
    auto runtime = Runtime::Create(&store_, &log_, options_);
    id_ = runtime->Register(&sealing_);
    runtime->Observe(id_, &memory_);
    return runtime;
  }
  std::unique_ptr<Runtime> Started() {
    auto runtime = Created();
    const absl::Status started = runtime->Start();
    EXPECT_TRUE(started.ok()) << started;
    return runtime;
  }
  // As many likes, each of another post.
  absl::Status Like(Runtime& runtime, int count) {
    std::vector<EventPtr> likes;
    for (int i = 0; i < count; ++i) likes.push_back(events_.Like(++posts_, 1));
    return Commit(runtime, std::move(likes));
  }
  static UpkeepStatus StatusOf(const Runtime& runtime) { return runtime.Status().at(0).upkeep; }
  static void WaitFor(absl::FunctionRef<bool()> condition) {
    const auto patience = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (!condition()) {
      ASSERT_LT(std::chrono::steady_clock::now(), patience);
      std::this_thread::yield();
    }
  }
  void CheckLive(const Runtime& runtime) {
    const auto view = runtime.Pin();
    EXPECT_EQ(SealedLikes(view->rows(id_)), LikesOf(log_));
    CheckMemory(*view, id_);
  }
  // Rows of the keyspace, of whatever kind.
  size_t RowsIn(int keyspace) const {
    size_t rows = 0;
    auto it = disk_.NewIterator(KeyspaceRange(kFirstKeyspace + keyspace));
    for (; it->Valid(); it->Next()) ++rows;
    return rows;
  }
  // Work waits at the gate when it has put its rows, and notes what it is told then.
  void HoldWork() {
    gate_.Close();
    sealing_.in_work = [this](UpkeepRows& work) {
      gate_.Pass();
      if (!work.cancelled()) return absl::OkStatus();
      was_cancelled_ = true;
      put_ = work.Put(kStray, "");
      return absl::OkStatus();
    };
  }

  // A row that no manifest names.
  const std::string kStray = kBesidePrefix + std::string("fffffff0/0");

  RuntimeOptions options_;
  MemoryEventLog log_;
  MemoryStore disk_;
  FailingStore store_{&disk_};
  EventMaker events_{&log_};
  SealingProjection sealing_;
  SealingMemory memory_;
  ProjectionId id_{};
  PostId posts_ = 0;
  Gate gate_;
  std::atomic<bool> was_cancelled_{false};
  absl::Status put_;
};

// ---- When pieces run.

TEST_F(UpkeepTest, WhatIsDueIsDoneInTheBackground) {
  auto runtime = Started();
  ASSERT_TRUE(Like(*runtime, 9).ok());
  EXPECT_EQ(SegmentsOf(runtime->Pin()->rows(id_)), 0u);
  ASSERT_TRUE(Like(*runtime, 1).ok());
  WaitFor([&] { return SegmentsOf(runtime->Pin()->rows(id_)) == 1; });
  CheckLive(*runtime);
  WaitFor([&] { return StatusOf(*runtime).committed == 1; });
  const UpkeepStatus status = StatusOf(*runtime);
  EXPECT_GT(status.bytes_written, 100u);
  EXPECT_GT(status.time, absl::ZeroDuration());
  EXPECT_EQ(status.last_failure, "");
  EXPECT_EQ(runtime->Pin()->position(), 10u);
}

TEST_F(UpkeepTest, AStartSealsWhileItCatchesUpAndDoesWhatIsDueAfterwards) {
  options_.catch_up_batch_events = 3;
  for (PostId post = 1; post <= 100; ++post) events_.Like(post, 1);
  auto runtime = Started();
  EXPECT_GE(StatusOf(*runtime).committed, 8u);
  EXPECT_GE(SegmentsOf(runtime->Pin()->rows(id_)), 1u);
  CheckLive(*runtime);
  runtime = nullptr;
  // What was loose enough is due now.
  sealing_.loose_max = 1;
  runtime = Started();
  ASSERT_TRUE(Like(*runtime, 1).ok());
  WaitFor([&] { return StatusOf(*runtime).committed >= 1; });
  CheckLive(*runtime);
}

TEST_F(UpkeepTest, ABuildSealsBesideTheLiveGeneration) {
  options_.catch_up_batch_events = 3;
  auto runtime = Started();
  for (int i = 0; i < 10; ++i) ASSERT_TRUE(Like(*runtime, 10).ok());
  const auto built = runtime->BuildGeneration("sealing");
  ASSERT_TRUE(built.ok()) << built.status();
  {
    const auto rows = runtime->GenerationReader("sealing", *built);
    EXPECT_GE(SegmentsOf(**rows), 1u);
    EXPECT_EQ(SealedLikes(**rows), LikesOf(log_));
  }
  // Ready generations are fed, and kept.
  ASSERT_TRUE(Like(*runtime, 39).ok());
  ASSERT_TRUE(runtime->Activate("sealing", *built).ok());
  CheckLive(*runtime);
  ASSERT_TRUE(Like(*runtime, 39).ok());
  ASSERT_TRUE(runtime->Rollback("sealing").ok());
  CheckLive(*runtime);
  EXPECT_TRUE(runtime->Health().ok());
}

TEST_F(UpkeepTest, OnCommandWithoutAThread) {
  options_.upkeep_thread = false;
  auto runtime = Started();
  ASSERT_TRUE(Like(*runtime, 5).ok());
  EXPECT_FALSE(runtime->RunUpkeep().value());
  ASSERT_TRUE(Like(*runtime, 5).ok());
  // A batch between the work and its commit, that takes back a row of the segment.
  EXPECT_TRUE(runtime
                  ->RunUpkeep([&] {
                    ASSERT_TRUE(Commit(*runtime, {events_.Like(1, 1), events_.Unlike(2, 1)}).ok());
                  })
                  .value());
  CheckLive(*runtime);
  EXPECT_FALSE(runtime->RunUpkeep().value());
  std::string loose;
  EXPECT_TRUE(runtime->Pin()->rows(id_).Get("n", &loose).value());
  EXPECT_EQ(loose, "1") << "what came meanwhile";
  // Nobody else does what is overdue.
  ASSERT_TRUE(Like(*runtime, 45).ok());
  ASSERT_TRUE(Like(*runtime, 1).ok());
  EXPECT_EQ(SegmentsOf(runtime->Pin()->rows(id_)), 2u);
  CheckLive(*runtime);
}

TEST_F(UpkeepTest, OnCommandIsRefusedBesideTheThread) {
  auto runtime = Started();
  EXPECT_EQ(runtime->RunUpkeep().status().code(), absl::StatusCode::kFailedPrecondition);
  runtime->Stop();
  EXPECT_TRUE(absl::IsUnavailable(runtime->RunUpkeep().status()));
}

// An event of a parked key is applied after a segment was sealed that has newer
// events: it is the newer change all the same.
TEST_F(UpkeepTest, WhatIsUnparkedIsNewerThanASegment) {
  options_.upkeep_thread = false;
  auto runtime = Started();
  ASSERT_TRUE(Commit(*runtime, {events_.Like(1, 1), events_.Like(2, 1)}).ok());
  sealing_.Refuse(1);
  sealing_.Refuse(2);
  ASSERT_TRUE(Commit(*runtime, {events_.Like(1, 1), events_.Unlike(2, 1)}).ok());
  posts_ = 10;
  ASSERT_TRUE(Like(*runtime, 10).ok());
  EXPECT_TRUE(runtime->RunUpkeep().value());
  sealing_.Accept(1);
  sealing_.Accept(2);
  ASSERT_TRUE(runtime->Unpark("sealing", "post/1").ok());
  ASSERT_TRUE(runtime->Unpark("sealing", "post/2").ok());
  CheckLive(*runtime);
  // The moments go on behind those of the retries, also after a start.
  ASSERT_TRUE(Like(*runtime, 10).ok());
  EXPECT_TRUE(runtime->RunUpkeep().value());
  CheckLive(*runtime);
  runtime = nullptr;
  runtime = Started();
  ASSERT_TRUE(Commit(*runtime, {events_.Like(1, 1), events_.Unlike(11, 1)}).ok());
  CheckLive(*runtime);
}

// ---- Back pressure.

TEST_F(UpkeepTest, TheFeedWaitsWhileAPieceIsOverdue) {
  HoldWork();
  auto runtime = Started();
  ASSERT_TRUE(Like(*runtime, 10).ok());
  gate_.WaitForArrivals(1);
  ASSERT_TRUE(Like(*runtime, 30).ok()) << "it is acknowledged, and the next one waits";
  Handover waiting;
  runtime->OnCommitted(waiting.Batch({events_.Like(1000, 1)}));
  LetOthersRun();
  EXPECT_EQ(waiting.calls(), 0);
  EXPECT_EQ(runtime->AppliedPosition(), 40u);
  // Operations that need the runtime's thread go on.
  EXPECT_TRUE(absl::IsNotFound(runtime->Unpark("sealing", "post/1")));
  gate_.Open();
  EXPECT_TRUE(waiting.Wait().ok());
  WaitFor([&] { return SegmentsOf(runtime->Pin()->rows(id_)) >= 2; });
  CheckLive(*runtime);
}

TEST_F(UpkeepTest, StopDoesNotWaitForWhatIsOverdue) {
  HoldWork();
  auto runtime = Started();
  ASSERT_TRUE(Like(*runtime, 40).ok());
  gate_.WaitForArrivals(1);
  Handover waiting;
  runtime->OnCommitted(waiting.Batch({events_.Like(1000, 1)}));
  std::thread stopping([&] { runtime->Stop(); });
  EXPECT_TRUE(waiting.Wait().ok()) << "what was handed over is applied";
  gate_.Open();
  stopping.join();
  EXPECT_TRUE(was_cancelled_);
  EXPECT_TRUE(absl::IsCancelled(put_));
  EXPECT_EQ(StatusOf(*runtime).cancelled, 1u);
  sealing_.in_work = nullptr;
  runtime = Started();
  CheckLive(*runtime);
}

// ---- Failures.

TEST_F(UpkeepTest, AFailedPieceIsDoneAgainAndTheFeedGoesOn) {
  std::atomic<int> failures{0};
  sealing_.in_work = [&](UpkeepRows&) {
    return ++failures <= 2 ? absl::DataLossError("a segment is damaged") : absl::OkStatus();
  };
  auto runtime = Started();
  for (int i = 0; i < 8; ++i) ASSERT_TRUE(Like(*runtime, 10).ok()) << "overdue, and no wait";
  WaitFor([&] { return StatusOf(*runtime).failed == 2; });
  WaitFor([&] { return StatusOf(*runtime).committed >= 1; });
  EXPECT_EQ(StatusOf(*runtime).last_failure, "") << "it was mended";
  EXPECT_TRUE(runtime->Health().ok());
  CheckLive(*runtime);
}

TEST_F(UpkeepTest, ALastingFailureIsReportedAndCommitsChangeNothing) {
  sealing_.in_commit = [] { return absl::InternalError("no manifest today"); };
  options_.upkeep_thread = false;
  auto runtime = Started();
  ASSERT_TRUE(Like(*runtime, 10).ok());
  EXPECT_EQ(runtime->RunUpkeep().status().code(), absl::StatusCode::kInternal);
  EXPECT_THAT(StatusOf(*runtime).last_failure, HasSubstr("no manifest"));
  EXPECT_EQ(SegmentsOf(runtime->Pin()->rows(id_)), 0u);
  CheckLive(*runtime);
  ASSERT_TRUE(Like(*runtime, 1).ok());
  sealing_.in_commit = nullptr;
  EXPECT_TRUE(runtime->RunUpkeep().value());
  CheckLive(*runtime);
}

TEST_F(UpkeepTest, NeedsThatFailAreCounted) {
  std::atomic<bool> fail{true};
  sealing_.in_needs = [&] {
    return fail ? absl::DataLossError("the manifest is damaged") : absl::OkStatus();
  };
  auto runtime = Started();
  ASSERT_TRUE(Like(*runtime, 50).ok());
  ASSERT_TRUE(Like(*runtime, 1).ok());
  WaitFor([&] { return StatusOf(*runtime).failed >= 1; });
  EXPECT_THAT(StatusOf(*runtime).last_failure, HasSubstr("the manifest is damaged"));
  fail = false;
  ASSERT_TRUE(Like(*runtime, 1).ok());
  WaitFor([&] { return StatusOf(*runtime).committed >= 1; });
}

TEST_F(UpkeepTest, AStoreThatFailsStopsTheRuntime) {
  for (const bool in_commit : {false, true}) {
    SCOPED_TRACE(in_commit);
    sealing_.in_work = [&](UpkeepRows& work) {
      // One write for the rows before the large one, one for that, and the commit.
      store_.FailAt(store_.writes() + (in_commit ? 3 : 1), FailingStore::Failure::kNothingWritten);
      // Whatever the projection makes of it.
      work.Put(kStray, std::string(kBesideBatchBytes, 'x')).IgnoreError();
      return absl::OkStatus();
    };
    auto runtime = Started();
    ASSERT_TRUE(Like(*runtime, 10).ok());
    WaitFor([&] { return !runtime->Health().ok(); });
    EXPECT_TRUE(absl::IsUnavailable(Like(*runtime, 1)));
    runtime = nullptr;
    store_.Heal();
    sealing_.in_work = nullptr;
    runtime = Started();
    CheckLive(*runtime);
  }
}

// ---- What ends a piece.

TEST_F(UpkeepTest, NothingIsWrittenIntoADroppedGeneration) {
  auto runtime = Started();
  ASSERT_EQ(runtime->BuildGeneration("sealing").value(), 2u);
  HoldWork();
  // The live generation has the first turn, the ready one the second, which is held.
  std::atomic<int> pieces{0};
  sealing_.in_work = [&, held = sealing_.in_work](UpkeepRows& work) {
    return ++pieces == 2 ? held(work) : absl::OkStatus();
  };
  ASSERT_TRUE(Like(*runtime, 10).ok());
  gate_.WaitForArrivals(1);
  ASSERT_EQ(SegmentsOf(runtime->Pin()->rows(id_)), 1u);
  ASSERT_TRUE(runtime->Drop("sealing", 2).ok());
  EXPECT_EQ(RowsIn(1), 0u);
  gate_.Open();
  WaitFor([&] { return StatusOf(*runtime).cancelled == 1; });
  EXPECT_TRUE(was_cancelled_);
  EXPECT_TRUE(absl::IsCancelled(put_));
  EXPECT_EQ(RowsIn(1), 0u);
  CheckLive(*runtime);
}

TEST_F(UpkeepTest, APieceOfAGenerationThatIsNoLongerFedIsCancelled) {
  auto runtime = Started();
  HoldWork();
  ASSERT_TRUE(Like(*runtime, 10).ok());
  gate_.WaitForArrivals(1);
  ASSERT_TRUE(runtime->Activate("sealing", runtime->BuildGeneration("sealing").value()).ok());
  ASSERT_TRUE(runtime->Drop("sealing", 1).ok());
  EXPECT_EQ(RowsIn(0), 0u);
  gate_.Open();
  WaitFor([&] { return StatusOf(*runtime).cancelled >= 1; });
  EXPECT_TRUE(was_cancelled_);
  EXPECT_EQ(RowsIn(0), 0u);
  CheckLive(*runtime);
}

TEST_F(UpkeepTest, ACancelledBuildEndsItsPiece) {
  options_.catch_up_batch_events = 10;
  auto runtime = Started();
  ASSERT_TRUE(Like(*runtime, 10).ok());
  WaitFor([&] { return StatusOf(*runtime).committed == 1; });
  ASSERT_TRUE(Like(*runtime, 9).ok());
  std::atomic<bool> working{false};
  sealing_.in_work = [&](UpkeepRows& work) {
    working = true;
    while (!work.cancelled()) std::this_thread::yield();
    return absl::OkStatus();
  };
  ASSERT_TRUE(runtime->StartBuild({"sealing"}, BuildGoal::kReady).ok());
  WaitFor([&] { return working.load(); });
  EXPECT_TRUE(runtime->CancelBuild().ok()) << "it ends the piece that it waits for";
  sealing_.in_work = nullptr;
  EXPECT_EQ(RowsIn(1), 0u);
  CheckLive(*runtime);
}

TEST_F(UpkeepTest, ErasureWaitsForAPieceAndThenCancelsIt) {
  options_.read_view_max = absl::Milliseconds(100);
  auto runtime = Started();
  std::atomic<bool> working{false};
  std::atomic<bool> ended{false};
  sealing_.in_work = [&](UpkeepRows& work) {
    if (ended) return absl::OkStatus();
    working = true;
    while (!work.cancelled()) std::this_thread::yield();
    std::string value;
    EXPECT_TRUE(absl::IsCancelled(work.rows().Get("m", &value).status()));
    const auto rows = work.rows().NewIterator({});
    EXPECT_FALSE(rows->Valid());
    EXPECT_TRUE(absl::IsCancelled(rows->status()));
    ended = true;
    return absl::OkStatus();
  };
  ASSERT_TRUE(Like(*runtime, 10).ok());
  WaitFor([&] { return working.load(); });
  const auto began = std::chrono::steady_clock::now();
  ASSERT_TRUE(runtime->EraseTraces(std::vector<MemberId>{1}).ok());
  EXPECT_GE(std::chrono::steady_clock::now() - began, std::chrono::milliseconds(90));
  EXPECT_TRUE(ended) << "the piece gave its moment back before files were rewritten";
  // It is done again.
  WaitFor([&] { return SegmentsOf(runtime->Pin()->rows(id_)) == 1; });
  EXPECT_EQ(StatusOf(*runtime).cancelled, 1u);
  CheckLive(*runtime);
}

TEST_F(UpkeepTest, ErasureCancelsAPieceOfABuild) {
  options_.read_view_max = absl::Milliseconds(20);
  options_.catch_up_batch_events = 10;
  auto runtime = Started();
  ASSERT_TRUE(Like(*runtime, 10).ok());
  WaitFor([&] { return StatusOf(*runtime).committed == 1; });
  ASSERT_TRUE(Like(*runtime, 9).ok());
  std::atomic<int> pieces{0};
  sealing_.in_work = [&](UpkeepRows& work) {
    if (++pieces > 1) return absl::OkStatus();
    while (!work.cancelled()) std::this_thread::yield();
    return absl::OkStatus();
  };
  ASSERT_TRUE(runtime->StartBuild({"sealing"}, BuildGoal::kReady).ok());
  WaitFor([&] { return pieces >= 1; });
  ASSERT_TRUE(runtime->EraseTraces(std::vector<MemberId>{1}).ok());
  ASSERT_TRUE(runtime->WaitForBuild().ok());
  EXPECT_EQ(SealedLikes(**runtime->GenerationReader("sealing", 2)), LikesOf(log_));
}

// ---- Memory.

TEST_F(UpkeepTest, ObserversLoadBeforeTheFirstViewAndBeforeAFlip) {
  for (PostId post = 1; post <= 25; ++post) events_.Like(post, 1);
  auto runtime = Created();
  EXPECT_EQ(runtime->Pin()->memory(id_), nullptr) << "nothing is read before Start";
  ASSERT_TRUE(runtime->Start().ok());
  EXPECT_EQ(memory_.loads, 1u);
  CheckLive(*runtime);
  const auto old = runtime->Pin();
  ASSERT_TRUE(runtime->Activate("sealing", runtime->BuildGeneration("sealing").value()).ok());
  EXPECT_EQ(memory_.loads, 2u);
  CheckLive(*runtime);
  ASSERT_TRUE(runtime->Drop("sealing", 1).ok());
  CheckMemory(*old, id_);
  sealing_.Refuse(999);
  ASSERT_TRUE(Commit(*runtime, {events_.Like(999, 1)}).ok());
  sealing_.Accept(999);
  ASSERT_TRUE(runtime->Unpark("sealing", "post/999").ok());
  EXPECT_EQ(memory_.loads, 3u);
  CheckLive(*runtime);
  events_.Like(500, 1);  // a gap: never handed over
  ASSERT_TRUE(Commit(*runtime, {events_.Like(501, 1)}).ok());
  EXPECT_EQ(memory_.loads, 4u);
  CheckLive(*runtime);
}

TEST_F(UpkeepTest, AnObserverThatCannotLoadFailsTheStart) {
  memory_.in_load = [] { return absl::DataLossError("segment 7 is damaged"); };
  auto runtime = Created();
  EXPECT_TRUE(absl::IsDataLoss(runtime->Start()));
  EXPECT_FALSE(runtime->Ready());
}

TEST_F(UpkeepTest, AnObserverThatCannotLoadFailsTheFlipAndKeepsTheOldRows) {
  auto runtime = Started();
  ASSERT_TRUE(Like(*runtime, 25).ok());
  ASSERT_EQ(runtime->BuildGeneration("sealing").value(), 2u);
  int loads = 0;
  memory_.in_load = [&] {
    return ++loads == 1 ? absl::DataLossError("segment 7 is damaged") : absl::OkStatus();
  };
  EXPECT_TRUE(absl::IsDataLoss(runtime->Activate("sealing", 2)));
  EXPECT_EQ(loads, 2);
  EXPECT_EQ(runtime->Status().at(0).generation, 1u);
  EXPECT_TRUE(runtime->Health().ok());
  CheckLive(*runtime);
  ASSERT_TRUE(Like(*runtime, 5).ok());
  CheckLive(*runtime);
  // Nothing can be loaded: nobody knows what a view would show.
  memory_.in_load = [] { return absl::DataLossError("all is damaged"); };
  EXPECT_TRUE(absl::IsDataLoss(runtime->Activate("sealing", 2)));
  EXPECT_FALSE(runtime->Health().ok());
}

}  // namespace
}  // namespace dailyfeed

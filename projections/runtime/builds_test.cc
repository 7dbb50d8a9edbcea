// Builds in the background: what serves meanwhile, and what ends or interrupts one.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <set>
#include <thread>

#include "core/base/status_macros.h"
#include "core/ports/memory_event_log.h"
#include "core/ports/memory_store.h"
#include "projections/runtime/runtime.h"
#include "projections/runtime/runtime_testing.h"

namespace dailyfeed {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;

// Counts how often each event is read, and fails where it is told to.
class CountingSource final : public EventSource {
 public:
  explicit CountingSource(const EventSource* log) : log_(log) {}
  Position Head() const override { return log_->Head(); }
  absl::Status Read(Position from, Visitor visit) const override {
    absl::Status failure;
    RETURN_IF_ERROR(log_->Read(from, [&](const v1::Event& event) {
      if (event.position() == fails_at) failure = absl::DataLossError("a damaged event");
      if (!failure.ok()) return false;
      ++events_;
      return visit(event);
    }));
    return failure;
  }
  uint64_t events() const { return events_; }
  std::atomic<Position> fails_at{0};

 private:
  const EventSource* const log_;
  mutable std::atomic<uint64_t> events_{0};
};

class BuildsTest : public ::testing::Test {
 protected:
  BuildsTest() {
    options_.catch_up_batch_events = 10;
    for (LikesProjection* likes : {&likes_, &other_}) {
      likes->knows = [](uint32_t version, std::string_view) { return version != 1; };
    }
  }

  std::unique_ptr<Runtime> Started() {
    auto runtime = Runtime::Create(&store_, &source_, options_);
    id_ = likes_.Register(*runtime);
    other_id_ = other_.Register(*runtime);
    const absl::Status started = runtime->Start();
    EXPECT_TRUE(started.ok()) << started;
    return runtime;
  }
  void Like(int events) {
    for (; events > 0; --events) {
      ++likes_made_;
      events_.Like(1 + likes_made_ % 5, likes_made_);
    }
  }
  // A runtime that has served 100 events and was stopped, with settings "a".
  void Serve(const std::string& settings) {
    likes_.set_version(2);
    likes_.set_settings(settings);
    Like(100);
    auto runtime = Started();
    EXPECT_EQ(runtime->WaitForBuild(), absl::OkStatus());
  }
  Rows Live(const Runtime& runtime) const { return AllRows(runtime.Pin()->rows(id_)); }
  // The rows as a projection of other settings makes them.
  Rows FoldWith(const std::string& settings) {
    LikesProjection likes("likes", 2);
    likes.set_settings(settings);
    return PlainFold(likes, log_);
  }

  RuntimeOptions options_;
  MemoryEventLog log_;
  CountingSource source_{&log_};
  MemoryStore disk_;
  FailingStore store_{&disk_};
  EventMaker events_{&log_};
  uint64_t likes_made_ = 0;
  LikesProjection likes_;
  LikesProjection other_{"other"};
  ProjectionId id_{};
  ProjectionId other_id_{};
};

TEST_F(BuildsTest, TheOldGenerationServesUntilTheNewOneIsBuilt) {
  Serve("a");
  likes_.set_settings("b");
  const uint64_t read = source_.events();
  Gate gate;
  store_.before_write = [&gate, start = std::this_thread::get_id()] {
    if (std::this_thread::get_id() != start) gate.Pass();
  };
  gate.Close();
  auto runtime = Started();
  EXPECT_TRUE(runtime->Ready());
  gate.WaitForArrivals(1);
  EXPECT_LE(source_.events() - read, 15u) << "one batch of the build, and whose log it is";
  EXPECT_EQ(Live(*runtime), FoldWith("a"));
  EXPECT_TRUE(runtime->Status().at(0).outdated);
  EXPECT_EQ(runtime->Status().at(0).generation, 1u);
  gate.Open();
  ASSERT_TRUE(Commit(*runtime, {events_.Like(1, 1000)}).ok());
  ASSERT_TRUE(runtime->WaitForBuild().ok());
  EXPECT_EQ(Live(*runtime), FoldWith("b"));
  EXPECT_FALSE(runtime->Status().at(0).outdated);
  EXPECT_EQ(runtime->Status().at(0).generation, 2u);
  EXPECT_THAT(likes_.told(), Contains(0u));
}

TEST_F(BuildsTest, TheOldGenerationIsFedWhileItServes) {
  Serve("a");
  likes_.set_settings("b");
  // The pause is of the runtime, so the build is held at its first write.
  Gate gate;
  store_.before_write = [&gate, first = std::make_shared<std::atomic<bool>>(true)] {
    if (first->exchange(false)) return;  // the new generation, in Start
    gate.Pass();
  };
  gate.Close();
  auto runtime = Started();
  gate.WaitForArrivals(1);
  runtime->PauseBuild(true);
  gate.Open();
  ASSERT_TRUE(Commit(*runtime, {events_.Like(1, 1000)}).ok());
  EXPECT_EQ(Live(*runtime), FoldWith("a"));
  EXPECT_EQ(runtime->Pin()->position(), 101u);
  runtime->PauseBuild(false);
  ASSERT_TRUE(runtime->WaitForBuild().ok());
  EXPECT_EQ(Live(*runtime), FoldWith("b"));
}

TEST_F(BuildsTest, AVersionThatNobodyKnowsIsBuiltBeforeStartReturns) {
  Serve("a");
  likes_.knows = nullptr;
  likes_.set_version(3);
  auto runtime = Started();
  EXPECT_EQ(runtime->Status().at(0).generation, 2u);
  EXPECT_EQ(Live(*runtime), PlainFold(likes_, log_));
}

TEST_F(BuildsTest, OneScanFeedsSeveralProjectionsAndTheyFlipAtOnce) {
  Like(100);
  auto runtime = Started();
  const uint64_t read = source_.events();
  const auto before = runtime->Pin();
  ASSERT_TRUE(runtime->StartBuild({"other", "likes"}, BuildGoal::kLive).ok());
  ASSERT_TRUE(runtime->WaitForBuild().ok());
  EXPECT_LE(source_.events() - read, 101u);
  const auto after = runtime->Pin();
  EXPECT_GT(after->epoch(id_), before->epoch(id_));
  EXPECT_GT(after->epoch(other_id_), before->epoch(other_id_));
  EXPECT_EQ(runtime->Status().at(0).generation, 2u);
  EXPECT_EQ(runtime->Status().at(1).generation, 2u);
  EXPECT_EQ(AllRows(after->rows(other_id_)), PlainFold(other_, log_));
  const BuildStatus status = runtime->Build();
  EXPECT_THAT(status.projections, ElementsAre("other", "likes"));
  EXPECT_FALSE(status.running);
}

TEST_F(BuildsTest, ACancelledBuildLeavesNothing) {
  Like(100);
  auto runtime = Started();
  EXPECT_TRUE(absl::IsNotFound(runtime->CancelBuild()));
  runtime->PauseBuild(true);
  ASSERT_TRUE(runtime->StartBuild({"likes"}, BuildGoal::kLive).ok());
  EXPECT_TRUE(runtime->Build().running);
  EXPECT_TRUE(runtime->Build().paused);
  ASSERT_TRUE(runtime->CancelBuild().ok());
  EXPECT_TRUE(absl::IsCancelled(runtime->WaitForBuild()));
  EXPECT_EQ(runtime->Status().at(0).building_generation, std::nullopt);
  EXPECT_TRUE(runtime->Health().ok());
  runtime->PauseBuild(false);
  EXPECT_EQ(runtime->BuildGeneration("likes").value(), 3u);
}

TEST_F(BuildsTest, AnInterruptedBuildGoesOnAtTheNextStart) {
  Like(100);
  {
    auto runtime = Started();
    Gate gate;
    std::atomic<int> writes{0};
    store_.before_write = [&] {
      if (++writes == 5) gate.Pass();
    };
    gate.Close();
    ASSERT_TRUE(runtime->StartBuild({"likes"}, BuildGoal::kLive).ok());
    gate.WaitForArrivals(1);
    runtime->PauseBuild(true);
    gate.Open();
    runtime->Stop();
    store_.before_write = nullptr;
  }
  const uint64_t applied = likes_.applied();
  auto runtime = Started();
  ASSERT_TRUE(runtime->WaitForBuild().ok());
  EXPECT_EQ(runtime->Status().at(0).generation, 2u) << "it became live by itself";
  EXPECT_LT(likes_.applied() - applied, 100u);
  EXPECT_EQ(Live(*runtime), PlainFold(likes_, log_));
}

TEST_F(BuildsTest, ALogThatCannotBeReadFailsTheBuildAndNothingElse) {
  likes_.Refuse(3);  // some of it in the batch that fails
  Like(100);
  auto runtime = Started();
  source_.fails_at = 50;
  EXPECT_EQ(runtime->BuildGeneration("likes").status().code(), absl::StatusCode::kDataLoss);
  EXPECT_TRUE(runtime->Health().ok());
  ASSERT_TRUE(Commit(*runtime, {events_.Like(1, 1000)}).ok());
  // What it has is gone on with.
  source_.fails_at = 0;
  const uint64_t read = source_.events();
  EXPECT_EQ(runtime->BuildGeneration("likes").value(), 2u);
  EXPECT_LE(source_.events() - read, 71u);
  const std::vector<ParkedKey> parked = runtime->Parked().value();
  ASSERT_EQ(parked.size(), 2u);
  EXPECT_EQ(parked[0].events, 20u);
  EXPECT_EQ(parked[1].events, 20u);
  EXPECT_EQ(AllRows(**runtime->GenerationReader("likes", 2)), PlainFold(likes_, log_));
}

TEST_F(BuildsTest, ARateIsKeptAndMayChange) {
  Like(100);
  options_.build_events_per_second_max = 1;  // ten seconds a batch
  auto runtime = Started();
  ASSERT_TRUE(runtime->StartBuild({"likes"}, BuildGoal::kReady).ok());
  EXPECT_EQ(runtime->Build().events_per_second_max, 1u);
  EXPECT_TRUE(runtime->Build().running);
  runtime->SetBuildRate(0);
  EXPECT_TRUE(runtime->WaitForBuild().ok());
}

TEST_F(BuildsTest, StopWaitsForWhatOthersHaveBegun) {
  Like(100);
  auto runtime = Started();
  ASSERT_TRUE(runtime->Activate("likes", runtime->BuildGeneration("likes").value()).ok());
  for (int i = 0; i < 5; ++i) {
    std::vector<EventPtr> batch;
    for (int event = 0; event < 10; ++event) batch.push_back(events_.Like(3, ++likes_made_));
    ASSERT_TRUE(Commit(*runtime, batch).ok());
  }
  Gate gate;
  store_.before_write = [&gate] { gate.Pass(); };
  gate.Close();
  std::thread rollback([&] { runtime->Rollback("likes").IgnoreError(); });
  gate.WaitForArrivals(1);
  std::atomic<bool> stopped{false};
  std::thread stopper([&] {
    runtime->Stop();
    stopped = true;
  });
  EXPECT_FALSE(stopped);
  gate.Open();
  stopper.join();
  rollback.join();
  runtime = nullptr;
}

// Two generations that differ, with readers: a page of several reads is of one.
TEST_F(BuildsTest, NoReaderMixesGenerationsThatDiffer) {
  Serve("a");
  std::atomic<bool> finished{false};
  for (const std::string settings : {"b", "c", "d"}) {
    likes_.set_settings(settings);
    auto runtime = Started();
    finished = false;
    std::thread reader([&] {
      while (!finished) {
        const auto view = runtime->Pin();
        const Rows rows = AllRows(view->rows(id_));
        std::set<std::string> marks;
        for (const auto& [key, value] : rows) {
          if (key.starts_with("e/")) marks.insert(value.substr(value.find(' ')));
        }
        ASSERT_EQ(marks.size(), 1u);
        ASSERT_EQ(AllRows(view->rows(id_)), rows);
      }
    });
    for (int i = 0; i < 20; ++i) {
      ASSERT_TRUE(Commit(*runtime, {events_.Like(1 + i % 5, ++likes_made_ + 10000)}).ok());
    }
    EXPECT_TRUE(runtime->WaitForBuild().ok());
    finished = true;
    reader.join();
    EXPECT_EQ(Live(*runtime), FoldWith(settings));
  }
}

}  // namespace
}  // namespace dailyfeed

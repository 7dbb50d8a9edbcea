#include "projections/runtime/read_view.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "core/ports/memory_event_log.h"
#include "core/ports/memory_store.h"
#include "projections/runtime/runtime.h"
#include "projections/runtime/runtime_testing.h"

namespace dailyfeed {
namespace {

std::shared_ptr<const ReadView> ViewOf(const Store& store, Position position) {
  return std::make_shared<ReadView>(store.NewSnapshot(), position,
                                    std::vector<ReadView::Live>{{kFirstKeyspace, 1}});
}

absl::Status PutRow(Store& store, std::string_view key, std::string_view value) {
  StoreBatch batch;
  batch.Put(KeyspacePrefix(kFirstKeyspace) + std::string(key), value);
  return store.Write(std::move(batch));
}

std::string Get(const ReadView& view, std::string_view key) {
  std::string value;
  const absl::StatusOr<bool> found = view.rows(ProjectionId{0}).Get(key, &value);
  if (!found.ok()) return std::string(absl::StatusCodeToString(found.status().code()));
  return *found ? value : "(none)";
}

TEST(ReadViewTest, EveryReadIsOfOneMoment) {
  MemoryStore store;
  ASSERT_TRUE(PutRow(store, "a", "1").ok());
  const auto view = ViewOf(store, 1);
  ASSERT_TRUE(PutRow(store, "a", "2").ok());
  ASSERT_TRUE(PutRow(store, "b", "2").ok());
  EXPECT_EQ(Get(*view, "a"), "1");
  EXPECT_EQ(view->rows(ProjectionId{0}).MultiGet({"b", "a"})->at(1).value, "1");
  EXPECT_EQ(AllRows(view->rows(ProjectionId{0})), (Rows{{"a", "1"}}));
}

TEST(ReadViewTest, AViewThatHasEndedAnswersUnavailable) {
  MemoryStore store;
  ASSERT_TRUE(PutRow(store, "a", "1").ok());
  const auto view = ViewOf(store, 1);
  view->End();
  view->End();
  EXPECT_EQ(Get(*view, "a"), "UNAVAILABLE");
  EXPECT_TRUE(absl::IsUnavailable(view->rows(ProjectionId{0}).MultiGet({"a"}).status()));
  const auto rows = view->rows(ProjectionId{0}).NewIterator({});
  EXPECT_FALSE(rows->Valid());
  EXPECT_TRUE(absl::IsUnavailable(rows->status()));
}

TEST(ReadViewTest, EndsBesideReaders) {
  MemoryStore store;
  ASSERT_TRUE(PutRow(store, "a", "1").ok());
  for (int round = 0; round < 50; ++round) {
    const auto view = ViewOf(store, 1);
    std::atomic<int> reading{0};
    const auto read = [&] {
      while (true) {
        const std::string answer = Get(*view, "a");
        ++reading;
        if (answer == "UNAVAILABLE") return;
        ASSERT_EQ(answer, "1");
      }
    };
    std::thread one(read);
    std::thread other(read);
    while (reading < 2) std::this_thread::yield();
    view->End();
    one.join();
    other.join();
  }
}

TEST(ReadViewsTest, AForgottenViewIsEndedAndOneInTimeIsWaitedFor) {
  MemoryStore store;
  ReadViews views(std::chrono::milliseconds(0));
  views.Publish(ViewOf(store, 1));
  const auto forgotten = views.Newest();
  views.Publish(ViewOf(store, 2));
  EXPECT_EQ(Get(*forgotten, "a"), "(none)") << "nobody asked for its end";
  views.EndFormer();
  EXPECT_EQ(Get(*forgotten, "a"), "UNAVAILABLE");
  EXPECT_EQ(Get(*views.Newest(), "a"), "(none)");

  ReadViews patient(std::chrono::hours(1));
  patient.Publish(ViewOf(store, 1));
  auto held = patient.Newest();
  patient.Publish(ViewOf(store, 2));
  std::thread waiting([&] { patient.EndFormer(); });
  EXPECT_EQ(Get(*held, "a"), "(none)");
  held = nullptr;
  waiting.join();
}

TEST(ReadViewsTest, ForgottenViewsDoNotPileUp) {
  MemoryStore store;
  ReadViews views(std::chrono::milliseconds(0));
  views.Publish(ViewOf(store, 1));
  const auto forgotten = views.Newest();
  for (Position position = 2; Get(*forgotten, "a") == "(none)"; ++position) {
    ASSERT_LT(position, 1'000'000u);
    views.Publish(ViewOf(store, position));
  }
}

// ---- The views of a runtime.

class RuntimeViewsTest : public ::testing::Test {
 protected:
  std::unique_ptr<Runtime> Started() {
    auto runtime = Runtime::Create(&store_, &log_, options_);
    id_ = likes_.Register(*runtime);
    other_id_ = runtime->Register(&other_);
    EXPECT_TRUE(runtime->Start().ok());
    return runtime;
  }

  RuntimeOptions options_;
  MemoryStore store_;
  MemoryEventLog log_;
  EventMaker events_{&log_};
  LikesProjection likes_;
  LikesProjection other_{"other"};
  ProjectionId id_{};
  ProjectionId other_id_{};
};

TEST_F(RuntimeViewsTest, AViewStaysAtItsPosition) {
  auto runtime = Started();
  ASSERT_TRUE(Commit(*runtime, {events_.Like(1, 1)}).ok());
  const auto view = runtime->Pin();
  EXPECT_EQ(view->position(), 1u);
  const Rows before = PlainFold(likes_, log_);
  ASSERT_TRUE(Commit(*runtime, {events_.Like(1, 2)}).ok());
  EXPECT_EQ(AllRows(view->rows(id_)), before);
  EXPECT_EQ(AllRows(view->rows(other_id_)), before);
  EXPECT_EQ(runtime->Pin()->position(), 2u);
  EXPECT_EQ(runtime->Pin()->epoch(), view->epoch()) << "newer events are no new epoch";
  EXPECT_EQ(AllRows(runtime->Pin()->rows(id_)), PlainFold(likes_, log_));
}

TEST_F(RuntimeViewsTest, AFlipOrAnUnparkedKeyIsANewEpochOfItsProjection) {
  auto runtime = Started();
  likes_.Refuse(1);
  ASSERT_TRUE(Commit(*runtime, {events_.Like(1, 1), events_.Like(2, 1)}).ok());
  const auto first = runtime->Pin();
  likes_.Accept(1);
  ASSERT_TRUE(runtime->Unpark("likes", "post/1").ok());
  const auto unparked = runtime->Pin();
  EXPECT_GT(unparked->epoch(), first->epoch());
  EXPECT_EQ(unparked->epoch(id_), unparked->epoch());
  EXPECT_EQ(unparked->epoch(other_id_), first->epoch(other_id_));
  EXPECT_EQ(AllRows(unparked->rows(id_)), PlainFold(likes_, log_));
  ASSERT_TRUE(runtime->Activate("likes", runtime->BuildGeneration("likes").value()).ok());
  const auto flipped = runtime->Pin();
  EXPECT_GT(flipped->epoch(id_), unparked->epoch(id_));
  EXPECT_EQ(flipped->position(), first->position());
  // What was live is dropped; a view still has it.
  ASSERT_TRUE(runtime->Drop("likes", 1).ok());
  EXPECT_EQ(AllRows(unparked->rows(id_)), PlainFold(likes_, log_));
}

TEST_F(RuntimeViewsTest, NothingIsReadBeforeStartOrAfterTheRuntime) {
  auto runtime = Runtime::Create(&store_, &log_, {});
  const ProjectionId id = runtime->Register(&likes_);
  std::string value;
  EXPECT_TRUE(absl::IsUnavailable(runtime->Pin()->rows(id).Get("a", &value).status()));
  runtime = Started();
  const auto view = runtime->Pin();
  EXPECT_TRUE(view->rows(id_).Get("a", &value).ok());
  runtime = nullptr;
  EXPECT_TRUE(absl::IsUnavailable(view->rows(id_).Get("a", &value).status()));
}

TEST_F(RuntimeViewsTest, ErasureEndsAForgottenView) {
  options_.read_view_max = absl::ZeroDuration();
  likes_.traces = {"row"};
  auto runtime = Started();
  ASSERT_TRUE(Commit(*runtime, {events_.Like(1, 1)}).ok());
  const auto forgotten = runtime->Pin();
  ASSERT_TRUE(runtime->EraseTraces(std::vector<MemberId>{1}).ok());
  std::string value;
  EXPECT_TRUE(absl::IsUnavailable(forgotten->rows(id_).Get("a", &value).status()));
  EXPECT_TRUE(runtime->Pin()->rows(id_).Get("a", &value).ok());
}

// Readers that compare two projections which must always be equal, while one of
// them flips to and fro and batches come.
TEST_F(RuntimeViewsTest, NoReaderSeesTwoMoments) {
  auto runtime = Started();
  std::atomic<bool> finished{false};
  const auto read = [&] {
    Position last = 0;
    while (!finished) {
      const auto view = runtime->Pin();
      ASSERT_GE(view->position(), last);
      last = view->position();
      ASSERT_EQ(AllRows(view->rows(id_)), AllRows(view->rows(other_id_)));
    }
  };
  std::thread one(read);
  std::thread other(read);
  std::mt19937_64 random(7);
  for (int round = 0; round < 60; ++round) {
    ASSERT_TRUE(Commit(*runtime, events_.RandomBatch(random, 10)).ok());
    if (round % 6 != 0) continue;
    ASSERT_TRUE(runtime->Activate("likes", runtime->BuildGeneration("likes").value()).ok());
    ASSERT_TRUE(runtime->Rollback("likes").ok());
  }
  finished = true;
  one.join();
  other.join();
}

}  // namespace
}  // namespace dailyfeed

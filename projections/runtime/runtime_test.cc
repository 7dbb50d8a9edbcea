// The live path, catching up, parked keys, failures.
#include "projections/runtime/runtime.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "core/ports/memory_event_log.h"
#include "core/ports/memory_store.h"
#include "projections/runtime/runtime_testing.h"

namespace dailyfeed {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class RuntimeTest : public ::testing::Test {
 protected:
  std::unique_ptr<Runtime> Started(std::vector<Projection*> projections) {
    auto runtime = Runtime::Create(&store_, &log_, options_);
    for (Projection* projection : projections) {
      const ProjectionId id = runtime->Register(projection);
      if (projection == &likes_) runtime->Observe(id, &likes_);
    }
    const absl::Status started = runtime->Start();
    EXPECT_TRUE(started.ok()) << started;
    return runtime;
  }
  static Rows LiveRows(const Runtime& runtime, std::string_view projection = "likes") {
    return AllRows(*runtime.Reader(projection));
  }

  RuntimeOptions options_;
  MemoryEventLog log_;
  MemoryStore disk_;
  FailingStore store_{&disk_};
  EventMaker events_{&log_};
  LikesProjection likes_;
};

// ---- The live path.

TEST_F(RuntimeTest, AppliesACommittedBatchBeforeItIsAcknowledged) {
  auto runtime = Started({&likes_});
  EXPECT_TRUE(runtime->Ready());
  EXPECT_EQ(runtime->AppliedPosition(), 0u);

  ASSERT_TRUE(Commit(*runtime, {events_.Like(1, 2), events_.SignUp(7), events_.Like(1, 3)}).ok());
  std::string count;
  EXPECT_TRUE(runtime->Reader("likes")->Get("c/00000001", &count).value());
  EXPECT_EQ(count, "2");
  EXPECT_EQ(runtime->AppliedPosition(), 3u);
  EXPECT_THAT(likes_.told(), ElementsAre(1, 3)) << "a sign-up is nothing it handles";

  const ProjectionStatus status = runtime->Status().at(0);
  EXPECT_EQ(status.name, "likes");
  EXPECT_EQ(status.generation, 1u);
  EXPECT_EQ(status.checkpoint, 3u);
  EXPECT_EQ(status.lag, 0u);
  EXPECT_EQ(status.events_applied, 2u);
}

TEST_F(RuntimeTest, ReadersUseKeysOfTheProjection) {
  LikesProjection other("other");
  auto runtime = Started({&other, &likes_});
  ASSERT_TRUE(Commit(*runtime, {events_.Like(1, 2), events_.Like(3, 4), events_.Like(5, 6)}).ok());
  auto reader = runtime->Reader("likes");
  auto found = reader->MultiGet({"c/00000001", "c/00000002", "c/00000003"}).value();
  EXPECT_TRUE(found[0].found);
  EXPECT_FALSE(found[1].found);
  EXPECT_EQ(found[2].value, "1");

  auto it = reader->NewIterator({.lower = "c/", .upper = "d"});
  ASSERT_TRUE(it->Valid());
  EXPECT_EQ(it->key(), "c/00000001");
  it->Seek("c/00000002");
  EXPECT_EQ(it->key(), "c/00000003");
  it->SeekForPrev("c/00000004");
  EXPECT_EQ(it->key(), "c/00000003");
  it->SeekToLast();
  EXPECT_EQ(it->key(), "c/00000005");
  it->Next();
  EXPECT_FALSE(it->Valid());
  const std::string long_key(500, 'k');
  std::string value = "untouched";
  EXPECT_FALSE(reader->Get(long_key, &value).value());
  EXPECT_EQ(value, "untouched");
  EXPECT_EQ(runtime->Reader("nobody"), nullptr);
}

TEST_F(RuntimeTest, ReadersAreUnavailableBeforeTheFirstGenerationIsLive) {
  auto runtime = Runtime::Create(&store_, &log_, options_);
  likes_.Register(*runtime);
  auto reader = runtime->Reader("likes");
  std::string value;
  EXPECT_TRUE(absl::IsUnavailable(reader->Get("a", &value).status()));
  EXPECT_TRUE(absl::IsUnavailable(reader->MultiGet({"a"}).status()));
  EXPECT_TRUE(absl::IsUnavailable(reader->NewIterator({})->status()));
  EXPECT_FALSE(runtime->Ready());
  EXPECT_TRUE(absl::IsUnavailable(Commit(*runtime, {events_.Like(1, 1)})));
  ASSERT_TRUE(runtime->Start().ok());
  EXPECT_TRUE(reader->Get("c/00000001", &value).value());
}

TEST_F(RuntimeTest, ABatchThatComesAgainChangesNothing) {
  auto runtime = Started({&likes_});
  const EventPtr a = events_.Like(1, 1), b = events_.Like(1, 2), c = events_.Like(1, 3);
  ASSERT_TRUE(Commit(*runtime, {a, b}).ok());
  ASSERT_TRUE(Commit(*runtime, {a, b}).ok());
  ASSERT_TRUE(Commit(*runtime, {b, c}).ok());
  ASSERT_TRUE(Commit(*runtime, {}).ok());
  EXPECT_EQ(LiveRows(*runtime), PlainFold(likes_, log_));
  EXPECT_THAT(likes_.told(), ElementsAre(1, 2, 3));
  EXPECT_EQ(runtime->AppliedPosition(), 3u);
}

TEST_F(RuntimeTest, ReadsFromTheLogWhatWasNotHandedOver) {
  auto runtime = Started({&likes_});
  events_.Like(1, 1);
  events_.Like(1, 2);
  ASSERT_TRUE(Commit(*runtime, {events_.Like(1, 3)}).ok());
  EXPECT_EQ(LiveRows(*runtime), PlainFold(likes_, log_));
  // Caches cannot know what they missed: they are told to forget everything.
  EXPECT_THAT(likes_.told(), ElementsAre(0, 3));
}

TEST_F(RuntimeTest, AnEventThatIsNowhereStopsTheRuntime) {
  auto runtime = Started({&likes_});
  const EventPtr first = events_.Like(1, 1);
  v1::Event far = *first;
  far.set_position(5);
  EXPECT_TRUE(absl::IsUnavailable(Commit(*runtime, {std::make_shared<v1::Event>(far)})));
  EXPECT_THAT(std::string(runtime->Health().message()), HasSubstr("the log ends at 1"));
}

TEST_F(RuntimeTest, MergesTheBatchesThatWaitIntoOneWrite) {
  options_.pending_batches_max = 8;
  auto runtime = Started({&likes_});
  Gate gate;
  store_.before_write = [&gate] { gate.Pass(); };
  gate.Close();
  Handover handovers[6];
  runtime->OnCommitted(handovers[0].Batch({events_.Like(1, 1)}));
  gate.WaitForArrivals(1);
  const uint64_t before = store_.writes();
  for (int i = 1; i < 6; ++i) runtime->OnCommitted(handovers[i].Batch({events_.Like(1, 1 + i)}));
  gate.Open();
  for (Handover& handover : handovers) EXPECT_TRUE(handover.Wait().ok());
  EXPECT_EQ(store_.writes() - before, 2u);
  EXPECT_EQ(LiveRows(*runtime), PlainFold(likes_, log_));
}

TEST_F(RuntimeTest, AcknowledgesInOrderAfterPublishing) {
  auto runtime = Started({&likes_});
  std::mutex mutex;
  std::vector<std::string> steps;
  const auto step = [&](std::string what) {
    std::lock_guard<std::mutex> lock(mutex);
    steps.push_back(std::move(what));
  };
  likes_.on_event = [&](const v1::Event& event) { step(fmt::format("told {}", event.position())); };
  Handover last;
  for (int i = 1; i <= 3; ++i) {
    CommittedBatch batch = last.Batch({events_.Like(1, i)});
    batch.done = [&, i, done = std::move(batch.done)](absl::Status status) mutable {
      EXPECT_GE(runtime->AppliedPosition(), static_cast<Position>(i));
      step(fmt::format("done {}", i));
      if (i == 3) done(std::move(status));
    };
    runtime->OnCommitted(std::move(batch));
  }
  ASSERT_TRUE(last.Wait().ok());
  std::lock_guard<std::mutex> lock(mutex);
  const auto at = [&steps](const std::string& what) {
    return std::find(steps.begin(), steps.end(), what) - steps.begin();
  };
  EXPECT_THAT(steps, SizeIs(6));
  for (int i = 1; i <= 3; ++i) {
    EXPECT_LT(at(fmt::format("told {}", i)), at(fmt::format("done {}", i)));
    EXPECT_TRUE(i == 1 || at(fmt::format("done {}", i - 1)) < at(fmt::format("done {}", i)));
  }
}

TEST_F(RuntimeTest, RowsAreSettledOnceABatchAndToldAsWritten) {
  auto runtime = Started({&likes_});
  likes_.Refuse(3);  // an event that is taken back leaves nothing to settle
  std::mt19937_64 random(7);
  for (int batch = 0; batch < 30; ++batch) {
    ASSERT_TRUE(Commit(*runtime, events_.RandomBatch(random, 20)).ok());
    Rows settled = LiveRows(*runtime);
    std::erase_if(settled, [](const auto& row) { return !row.first.starts_with("s/"); });
    EXPECT_FALSE(settled.empty());
    EXPECT_EQ(likes_.mirror(), settled);
  }
  EXPECT_EQ(LiveRows(*runtime), PlainFold(likes_, log_));
}

TEST_F(RuntimeTest, BlocksTheCommitterBeyondItsBound) {
  options_.pending_batches_max = 3;
  auto runtime = Started({&likes_});
  constexpr int kBatches = 40;
  Gate gate;
  std::vector<EventPtr> events;
  for (int i = 0; i < kBatches; ++i) events.push_back(events_.Like(1, 1 + i));
  std::atomic<int> accepted{0};
  std::atomic<int> acknowledged{0};
  store_.before_write = [&] { gate.Pass(); };
  gate.Close();
  std::thread committer([&] {
    for (const EventPtr& event : events) {
      CommittedBatch batch;
      batch.events = {event};
      batch.done = [&](absl::Status) { ++acknowledged; };
      runtime->OnCommitted(std::move(batch));
      ++accepted;
    }
  });
  while (accepted < 3) std::this_thread::yield();
  EXPECT_EQ(acknowledged, 0);
  for (int i = 0; i < 1000; ++i) std::this_thread::yield();
  EXPECT_EQ(accepted, 3);  // the fourth is held back by the closed gate
  gate.Open();
  committer.join();
  runtime->Stop();
  EXPECT_EQ(acknowledged, kBatches);
  EXPECT_EQ(LiveRows(*runtime), PlainFold(likes_, log_));
}

TEST_F(RuntimeTest, StopAppliesWhatWasHandedOverAndRefusesTheRest) {
  options_.pending_batches_max = 100;
  auto runtime = Started({&likes_});
  std::vector<Handover> handovers(50);
  for (Handover& handover : handovers) {
    runtime->OnCommitted(handover.Batch({events_.Like(1, log_.Head() + 1)}));
  }
  runtime->Stop();
  for (Handover& handover : handovers) {
    EXPECT_TRUE(handover.Wait().ok());
    EXPECT_EQ(handover.calls(), 1);
  }
  EXPECT_EQ(LiveRows(*runtime), PlainFold(likes_, log_));
  EXPECT_FALSE(runtime->Ready());
  EXPECT_TRUE(absl::IsUnavailable(Commit(*runtime, {events_.Like(2, 2)})));
  EXPECT_TRUE(absl::IsUnavailable(runtime->BuildGeneration("likes").status()));
  runtime->Stop();
}

// ---- Catching up.

TEST_F(RuntimeTest, CatchesUpAtStart) {
  for (MemberId member = 1; member <= 50; ++member) events_.Like(1 + member % 3, member);
  options_.catch_up_batch_events = 7;
  std::vector<Position> progress;
  options_.on_progress = [&](std::string_view, Position at, Position head) {
    EXPECT_EQ(head, 50u);
    progress.push_back(at);
  };
  {
    auto runtime = Started({&likes_});
    EXPECT_EQ(runtime->AppliedPosition(), 50u);
    EXPECT_EQ(LiveRows(*runtime), PlainFold(likes_, log_));
    EXPECT_THAT(progress, ElementsAre(7, 14, 21, 28, 35, 42, 49, 50));
  }
  options_.on_progress = nullptr;
  events_.Like(9, 9);
  auto runtime = Started({&likes_});
  EXPECT_EQ(LiveRows(*runtime), PlainFold(likes_, log_));
  EXPECT_EQ(runtime->Status().at(0).events_applied, 1u);
  EXPECT_THAT(likes_.told(), IsEmpty());
}

TEST_F(RuntimeTest, ProjectionsWithDifferentCheckpointsCatchUpTogether) {
  LikesProjection old("old"), recent("recent"), fresh("fresh");
  events_.Like(1, 1);
  { auto runtime = Started({&old}); }
  events_.Like(1, 2);
  { auto runtime = Started({&recent}); }
  events_.Like(1, 3);
  auto runtime = Started({&old, &recent, &fresh});
  const Rows expected = PlainFold(likes_, log_);
  EXPECT_EQ(LiveRows(*runtime, "old"), expected);
  EXPECT_EQ(LiveRows(*runtime, "recent"), expected);
  EXPECT_EQ(LiveRows(*runtime, "fresh"), expected);
}

TEST_F(RuntimeTest, StopEndsACatchUp) {
  for (MemberId member = 1; member <= 50; ++member) events_.Like(1, member);
  options_.catch_up_batch_events = 10;
  auto runtime = Runtime::Create(&store_, &log_, options_);
  likes_.Register(*runtime);
  store_.before_write = [&] {
    if (store_.writes() == 3) runtime->Stop();
  };
  EXPECT_TRUE(absl::IsUnavailable(runtime->Start()));
  store_.before_write = nullptr;
  // What it had done is kept.
  auto again = Started({&likes_});
  EXPECT_EQ(LiveRows(*again), PlainFold(likes_, log_));
  EXPECT_LT(again->Status().at(0).events_applied, 50u);
}

TEST_F(RuntimeTest, RefusesAStoreOfAnotherFormat) {
  { auto runtime = Started({&likes_}); }
  StoreBatch batch;
  batch.Put(std::string("\0\0\0\0S", 5), "\x08\x63");  // format_version = 99
  ASSERT_TRUE(disk_.Write(std::move(batch)).ok());
  auto runtime = Runtime::Create(&store_, &log_, options_);
  likes_.Register(*runtime);
  const absl::Status started = runtime->Start();
  EXPECT_EQ(started.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(started.message()), HasSubstr("format 99"));
}

class Refusing final : public Projection {
 public:
  std::string_view name() const override { return "refusing"; }
  uint32_t version() const override { return 1; }
  std::span<const v1::Payload::KindCase> kinds() const override { return kKinds; }
  absl::Status Apply(const v1::Event&, ProjectionRows&) override {
    return absl::InvalidArgumentError("\xff\n" + std::string(100000, 'x'));
  }

 private:
  static constexpr v1::Payload::KindCase kKinds[] = {v1::Payload::kPostLiked};
};

TEST_F(RuntimeTest, AReasonOfAnyBytesIsReadAgain) {
  Refusing refusing;
  {
    auto runtime = Started({&refusing});
    ASSERT_TRUE(Commit(*runtime, {events_.Like(1, 1)}).ok());
  }
  auto runtime = Started({&refusing});
  const std::vector<ParkedKey> parked = runtime->Parked().value();
  ASSERT_THAT(parked, SizeIs(1));
  EXPECT_THAT(parked[0].reason, HasSubstr("INVALID_ARGUMENT: ??xxx"));
  EXPECT_LT(parked[0].reason.size(), 1000u);
  EXPECT_THAT(runtime->Parked(0).value(), IsEmpty());
}

// ---- Failures.

TEST_F(RuntimeTest, AFailedWriteStopsTheRuntimeUntilARestart) {
  auto runtime = Started({&likes_});
  ASSERT_TRUE(Commit(*runtime, {events_.Like(1, 1)}).ok());
  store_.FailAt(store_.writes() + 1, FailingStore::Failure::kNothingWritten);
  EXPECT_TRUE(absl::IsUnavailable(Commit(*runtime, {events_.Like(1, 2)})));
  EXPECT_THAT(std::string(runtime->Health().message()), HasSubstr("the disk is gone"));
  EXPECT_FALSE(runtime->Ready());
  store_.Heal();
  // Not even when the store works again: nobody knows what it holds.
  EXPECT_TRUE(absl::IsUnavailable(Commit(*runtime, {events_.Like(1, 3)})));
  EXPECT_TRUE(absl::IsUnavailable(runtime->Unpark("likes", "post/1")));
  EXPECT_EQ(runtime->AppliedPosition(), 1u);
  EXPECT_THAT(likes_.told(), ElementsAre(1));
  std::string count;
  EXPECT_TRUE(runtime->Reader("likes")->Get("c/00000001", &count).value());
  EXPECT_EQ(count, "1");

  runtime = Started({&likes_});
  EXPECT_EQ(LiveRows(*runtime), PlainFold(likes_, log_));
}

TEST_F(RuntimeTest, AFailureReleasesWhoWaitsForRoom) {
  options_.pending_batches_max = 1;
  auto runtime = Started({&likes_});
  Gate gate;
  store_.before_write = [&gate] { gate.Pass(); };
  store_.FailAt(store_.writes() + 1, FailingStore::Failure::kNothingWritten);
  gate.Close();
  Handover first, second;
  const EventPtr a = events_.Like(1, 1), b = events_.Like(1, 2);
  runtime->OnCommitted(first.Batch({a}));
  gate.WaitForArrivals(1);
  std::thread committer([&] { runtime->OnCommitted(second.Batch({b})); });
  gate.Open();
  EXPECT_TRUE(absl::IsUnavailable(first.Wait()));
  EXPECT_TRUE(absl::IsUnavailable(second.Wait()));
  committer.join();
  runtime->Stop();
  EXPECT_EQ(first.calls(), 1);
  EXPECT_EQ(second.calls(), 1);
}

TEST_F(RuntimeTest, AFailedReadStopsTheRuntimeAndParksNothing) {
  auto runtime = Started({&likes_});
  store_.FailReads(absl::DataLossError("bad block"));
  EXPECT_TRUE(absl::IsUnavailable(Commit(*runtime, {events_.Like(1, 1)})));
  EXPECT_THAT(std::string(runtime->Health().message()), HasSubstr("bad block"));
  EXPECT_THAT(runtime->Parked().value(), IsEmpty());
}

// ---- Parked keys.

TEST_F(RuntimeTest, ParksAKeyThatCannotBeAppliedAndUnparksItInOrder) {
  auto runtime = Started({&likes_});
  likes_.Refuse(2);
  ASSERT_TRUE(Commit(*runtime, {events_.Like(1, 1), events_.Like(2, 1), events_.Like(1, 2)}).ok());
  likes_.Accept(2);  // too late: later events of the key keep their place
  ASSERT_TRUE(Commit(*runtime, {events_.Unlike(2, 1), events_.Like(2, 5)}).ok());
  const auto parked = runtime->Parked().value();
  ASSERT_THAT(parked, SizeIs(1));
  EXPECT_EQ(parked[0].projection, "likes");
  EXPECT_EQ(parked[0].generation, 1u);
  EXPECT_EQ(parked[0].key, "post/2");
  EXPECT_EQ(parked[0].first_position, 2u);
  EXPECT_EQ(parked[0].events, 3u);
  EXPECT_THAT(parked[0].reason, HasSubstr("post 2 is refused"));
  EXPECT_EQ(runtime->Status().at(0).parked_keys, 1u);
  EXPECT_EQ(runtime->Status().at(0).checkpoint, 5u);
  // Nothing of the refused event is left, and nobody was told of it.
  for (const auto& [key, value] : LiveRows(*runtime)) EXPECT_THAT(key, HasSubstr("00000001"));
  EXPECT_THAT(likes_.told(), ElementsAre(1, 3));

  ASSERT_TRUE(runtime->Unpark("likes", "post/2").ok());
  EXPECT_THAT(runtime->Parked().value(), IsEmpty());
  EXPECT_EQ(LiveRows(*runtime), PlainFold(likes_, log_));
  EXPECT_THAT(likes_.told(), ElementsAre(1, 3, 0));
  ASSERT_TRUE(Commit(*runtime, {events_.Like(2, 6)}).ok());
  EXPECT_EQ(LiveRows(*runtime), PlainFold(likes_, log_));
}

TEST_F(RuntimeTest, AParkedKeyDoesNotConcernOtherProjections) {
  LikesProjection other("other");
  auto runtime = Started({&likes_, &other});
  likes_.Refuse(2);
  ASSERT_TRUE(Commit(*runtime, {events_.Like(2, 1), events_.Like(2, 2)}).ok());
  EXPECT_EQ(LiveRows(*runtime, "other"), PlainFold(other, log_));
  EXPECT_TRUE(LiveRows(*runtime, "likes").empty());
  EXPECT_EQ(runtime->Status().at(0).parked_keys, 1u);
  EXPECT_EQ(runtime->Status().at(1).parked_keys, 0u);
  EXPECT_TRUE(absl::IsNotFound(runtime->Unpark("other", "post/2")));
  EXPECT_TRUE(absl::IsNotFound(runtime->Unpark("likes", "post/3")));
  EXPECT_TRUE(absl::IsNotFound(runtime->Unpark("nobody", "post/2")));
}

TEST_F(RuntimeTest, ParkedKeysSurviveARestart) {
  likes_.Refuse(2);
  {
    auto runtime = Started({&likes_});
    ASSERT_TRUE(Commit(*runtime, {events_.Like(2, 1), events_.Like(1, 1)}).ok());
  }
  events_.Like(2, 2);
  auto runtime = Started({&likes_});
  ASSERT_TRUE(Commit(*runtime, {events_.Like(2, 3)}).ok());
  const auto parked = runtime->Parked().value();
  ASSERT_THAT(parked, SizeIs(1));
  EXPECT_EQ(parked[0].first_position, 1u);
  EXPECT_EQ(parked[0].events, 3u);
  EXPECT_THAT(parked[0].reason, HasSubstr("post 2 is refused"));
  likes_.Accept(2);
  ASSERT_TRUE(runtime->Unpark("likes", "post/2").ok());
  EXPECT_EQ(LiveRows(*runtime), PlainFold(likes_, log_));
  runtime = Started({&likes_});
  EXPECT_THAT(runtime->Parked().value(), IsEmpty());
  EXPECT_EQ(LiveRows(*runtime), PlainFold(likes_, log_));
}

TEST_F(RuntimeTest, UnparkKeepsWhatItCouldApplyWhenALaterEventFails) {
  // Refuses single events, by the member who likes.
  class Picky final : public LikesProjection {
   public:
    absl::Status Apply(const v1::Event& event, ProjectionRows& rows) override {
      if (event.payload().post_liked().member_id() >= refused_from) {
        return absl::FailedPreconditionError(
            fmt::format("member {}", event.payload().post_liked().member_id()));
      }
      return LikesProjection::Apply(event, rows);
    }
    std::atomic<MemberId> refused_from{1};
  };
  Picky picky;
  options_.catch_up_batch_events = 2;  // several rounds
  auto runtime = Started({&picky});
  std::vector<EventPtr> batch;
  for (MemberId member = 1; member <= 9; ++member) batch.push_back(events_.Like(1, member));
  ASSERT_TRUE(Commit(*runtime, batch).ok());
  EXPECT_EQ(runtime->Parked().value().at(0).events, 9u);

  picky.refused_from = 6;
  const absl::Status refused = runtime->Unpark("likes", "post/1");
  EXPECT_EQ(refused.code(), absl::StatusCode::kFailedPrecondition);
  const ParkedKey parked = runtime->Parked().value().at(0);
  EXPECT_EQ(parked.first_position, 6u);
  EXPECT_EQ(parked.events, 4u);
  EXPECT_THAT(parked.reason, HasSubstr("member 6"));
  std::string count;
  EXPECT_TRUE(runtime->Reader("likes")->Get("c/00000001", &count).value());
  EXPECT_EQ(count, "5");

  picky.refused_from = 100;
  runtime = Started({&picky});
  EXPECT_EQ(runtime->Parked().value().at(0).first_position, 6u);
  ASSERT_TRUE(runtime->Unpark("likes", "post/1").ok());
  EXPECT_EQ(LiveRows(*runtime), PlainFold(picky, log_));
}

}  // namespace
}  // namespace dailyfeed

#include "projections/runtime/runtime.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/engine/memory_event_log.h"
#include "core/engine/memory_store.h"
#include "projections/runtime/runtime_testing.h"

namespace dailyfeed {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class RuntimeTest : public ::testing::Test {
 protected:
  std::unique_ptr<Runtime> Started(std::vector<Projection*> projections) {
    auto runtime = Runtime::Create(&store_, &log_, options_);
    for (Projection* projection : projections) runtime->Register(projection);
    const absl::Status started = runtime->Start();
    EXPECT_TRUE(started.ok()) << started;
    return runtime;
  }
  Rows LiveRows(const Runtime& runtime, std::string_view projection = "likes") {
    return AllRows(*runtime.Reader(projection));
  }

  RuntimeOptions options_;
  MemoryEventLog log_;
  MemoryStore disk_;
  FailingStore store_{&disk_};
  EventMaker events_{&log_};
  LikesProjection likes_;
};

TEST_F(RuntimeTest, AppliesACommittedBatchBeforeItIsAcknowledged) {
  auto runtime = Started({&likes_});
  EXPECT_TRUE(runtime->Ready());
  EXPECT_EQ(runtime->AppliedPosition(), 0u);

  ASSERT_TRUE(Commit(*runtime, {events_.Like(1, 2), events_.SignUp(7), events_.Like(1, 3)}).ok());
  std::string count;
  EXPECT_TRUE(runtime->Reader("likes")->Get("c/00000001", &count).value());
  EXPECT_EQ(count, "2");
  EXPECT_EQ(runtime->AppliedPosition(), 3u);
  EXPECT_THAT(likes_.published(), ElementsAre(1, 2, 3));

  const ProjectionStatus status = runtime->Status().at(0);
  EXPECT_EQ(status.name, "likes");
  EXPECT_EQ(status.generation, 1u);
  EXPECT_EQ(status.checkpoint, 3u);
  EXPECT_EQ(status.lag, 0u);
  EXPECT_EQ(status.events_applied, 2u);
}

TEST_F(RuntimeTest, CatchesUpAtStart) {
  for (MemberId member = 1; member <= 50; ++member) events_.Like(member % 3, member);
  options_.catch_up_batch_events = 7;
  {
    auto runtime = Started({&likes_});
    EXPECT_EQ(runtime->AppliedPosition(), 50u);
    EXPECT_EQ(LiveRows(*runtime), PlainFold(likes_, log_));
  }
  events_.Like(9, 9);
  auto runtime = Started({&likes_});
  EXPECT_EQ(LiveRows(*runtime), PlainFold(likes_, log_));
  EXPECT_EQ(runtime->Status().at(0).events_applied, 1u);
}

TEST_F(RuntimeTest, ParksAKeyThatCannotBeAppliedAndUnparksItInOrder) {
  auto runtime = Started({&likes_});
  likes_.Refuse(2);
  ASSERT_TRUE(Commit(*runtime, {events_.Like(1, 1), events_.Like(2, 1), events_.Like(1, 2)}).ok());
  likes_.Accept(2);
  ASSERT_TRUE(Commit(*runtime, {events_.Unlike(2, 1), events_.Like(2, 5)}).ok());
  const auto parked = runtime->Parked().value();
  ASSERT_EQ(parked.size(), 1u);
  EXPECT_EQ(parked[0].key, "post/2");
  EXPECT_EQ(parked[0].first_position, 2u);
  EXPECT_EQ(parked[0].events, 3u);
  EXPECT_THAT(parked[0].reason, HasSubstr("post 2 is refused"));
  EXPECT_NE(LiveRows(*runtime), PlainFold(likes_, log_));
  ASSERT_TRUE(runtime->Unpark("likes", "post/2").ok());
  EXPECT_TRUE(runtime->Parked().value().empty());
  EXPECT_EQ(LiveRows(*runtime), PlainFold(likes_, log_));
}

TEST_F(RuntimeTest, BuildsAGenerationBesideTheLiveOneAndFlips) {
  auto runtime = Started({&likes_});
  ASSERT_TRUE(Commit(*runtime, {events_.Like(1, 1), events_.Like(2, 1)}).ok());
  EXPECT_EQ(runtime->BuildGeneration("likes").value(), 2u);
  ASSERT_TRUE(Commit(*runtime, {events_.Like(1, 2)}).ok());
  const Rows expected = PlainFold(likes_, log_);
  EXPECT_EQ(AllRows(**runtime->GenerationReader("likes", 2)), expected);
  ASSERT_TRUE(runtime->Activate("likes", 2).ok());
  EXPECT_EQ(LiveRows(*runtime), expected);
  ASSERT_TRUE(Commit(*runtime, {events_.Like(1, 3)}).ok());
  ASSERT_TRUE(runtime->Rollback("likes").ok());
  EXPECT_EQ(runtime->Status().at(0).generation, 1u);
  EXPECT_EQ(LiveRows(*runtime), PlainFold(likes_, log_));
}

}  // namespace
}  // namespace dailyfeed

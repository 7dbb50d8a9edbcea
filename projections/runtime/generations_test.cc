// Versions, generations beside the live one, flips under readers.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <random>
#include <thread>

#include "core/base/status_macros.h"
#include "core/ports/memory_event_log.h"
#include "core/ports/memory_store.h"
#include "projections/runtime/runtime.h"
#include "projections/runtime/runtime_testing.h"

namespace dailyfeed {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class GenerationsTest : public ::testing::Test {
 protected:
  std::unique_ptr<Runtime> Started() {
    auto runtime = Runtime::Create(&store_, log_.get(), options_);
    likes_.Register(*runtime);
    const absl::Status started = runtime->Start();
    EXPECT_TRUE(started.ok()) << started;
    return runtime;
  }
  static Rows LiveRows(const Runtime& runtime) { return AllRows(*runtime.Reader("likes")); }
  Rows Expected() { return PlainFold(likes_, *log_); }
  // Which keyspaces have rows of a projection.
  std::set<std::string> Keyspaces() const {
    std::set<std::string> keyspaces;
    for (auto it = disk_.NewIterator({.lower = std::string("\0\0\0\1", 4), .upper = ""});
         it->Valid(); it->Next()) {
      keyspaces.emplace(it->key().substr(0, 4));
    }
    return keyspaces;
  }
  // Rows of the runtime about `kind`.
  int RuntimeRows(char kind) const {
    int rows = 0;
    const std::string prefix = std::string(4, '\0') + kind;
    for (auto it = disk_.NewIterator({.lower = prefix, .upper = {}});
         it->Valid() && it->key().substr(0, 5) == prefix; it->Next()) {
      ++rows;
    }
    return rows;
  }
  static absl::StatusCode CodeOf(const absl::Status& status) { return status.code(); }

  RuntimeOptions options_;
  std::unique_ptr<MemoryEventLog> log_ = std::make_unique<MemoryEventLog>();
  MemoryStore disk_;
  FailingStore store_{&disk_};
  EventMaker events_{log_.get()};

  void NewLog(uint64_t salt) {
    log_ = std::make_unique<MemoryEventLog>();
    events_ = EventMaker(log_.get(), salt);
  }
  LikesProjection likes_;
};

// ---- Versions and invalid checkpoints, at Start.

TEST_F(GenerationsTest, AHigherVersionIsBuiltBeforeReady) {
  {
    auto runtime = Started();
    ASSERT_TRUE(Commit(*runtime, {events_.Like(1, 1), events_.Like(1, 2)}).ok());
  }
  likes_.set_version(2);
  {
    auto runtime = Started();
    const ProjectionStatus status = runtime->Status().at(0);
    EXPECT_EQ(status.version, 2u);
    EXPECT_EQ(status.generation, 2u);
    EXPECT_EQ(status.previous_generation, 1u);
    EXPECT_EQ(status.events_applied, 2u);
    EXPECT_EQ(LiveRows(*runtime), Expected());
    // The previous one was made by other code.
    EXPECT_EQ(CodeOf(runtime->Rollback("likes")), absl::StatusCode::kFailedPrecondition);
    ASSERT_TRUE(Commit(*runtime, {events_.Like(1, 3)}).ok());
  }
  // The program itself is rolled back: what it had made is used again.
  likes_.set_version(1);
  auto runtime = Started();
  const ProjectionStatus status = runtime->Status().at(0);
  EXPECT_EQ(status.generation, 1u);
  EXPECT_EQ(status.previous_generation, 2u);
  EXPECT_EQ(status.events_applied, 1u);
  EXPECT_EQ(LiveRows(*runtime), Expected());
}

TEST_F(GenerationsTest, OtherSettingsAreBuiltAnewAndTheOldOnesFoundAgain) {
  likes_.set_settings("weight=1");
  {
    auto runtime = Started();
    ASSERT_TRUE(Commit(*runtime, {events_.Like(1, 1), events_.Like(1, 2)}).ok());
  }
  likes_.set_settings("weight=2");
  {
    auto runtime = Started();
    EXPECT_EQ(runtime->Status().at(0).generation, 2u);
    EXPECT_EQ(runtime->Status().at(0).previous_generation, 1u);
    EXPECT_EQ(LiveRows(*runtime), Expected());
    EXPECT_EQ(CodeOf(runtime->Rollback("likes")), absl::StatusCode::kFailedPrecondition);
    ASSERT_TRUE(Commit(*runtime, {events_.Like(1, 3)}).ok());
  }
  { EXPECT_EQ(Started()->Status().at(0).generation, 2u) << "the same settings are kept"; }
  likes_.set_settings("weight=1");
  auto runtime = Started();
  EXPECT_EQ(runtime->Status().at(0).generation, 1u);
  EXPECT_EQ(LiveRows(*runtime), Expected());
}

TEST_F(GenerationsTest, AThirdVersionDropsTheFirst) {
  for (uint32_t version : {1, 2, 3}) {
    likes_.set_version(version);
    events_.Like(1, version);
    auto runtime = Started();
    EXPECT_EQ(LiveRows(*runtime), Expected());
  }
  EXPECT_EQ(Keyspaces().size(), 2u);
  EXPECT_EQ(RuntimeRows('C'), 2);
}

TEST_F(GenerationsTest, AnInterruptedBuildOfANewVersionIsContinued) {
  for (MemberId member = 1; member <= 40; ++member) events_.Like(1, member);
  { auto runtime = Started(); }
  likes_.set_version(2);
  options_.catch_up_batch_events = 10;
  store_.FailAt(store_.writes() + 4, FailingStore::Failure::kNothingWritten);
  {
    auto runtime = Runtime::Create(&store_, log_.get(), options_);
    likes_.Register(*runtime);
    EXPECT_TRUE(absl::IsUnavailable(runtime->Start()));
  }
  store_.Heal();
  auto runtime = Started();
  EXPECT_EQ(runtime->Status().at(0).generation, 2u);
  EXPECT_EQ(runtime->Status().at(0).events_applied, 20u);
  EXPECT_EQ(LiveRows(*runtime), Expected());
}

TEST_F(GenerationsTest, ACheckpointBeyondTheLogIsInvalid) {
  {
    auto runtime = Started();
    ASSERT_TRUE(Commit(*runtime, {events_.Like(1, 1), events_.Like(2, 2)}).ok());
    ASSERT_TRUE(runtime->BuildGeneration("likes").ok());
  }
  NewLog(0);
  events_.Like(1, 1);
  auto runtime = Started();
  EXPECT_EQ(LiveRows(*runtime), Expected());
  EXPECT_EQ(runtime->AppliedPosition(), 1u);
  EXPECT_EQ(runtime->Status().at(0).generation, 3u);
  EXPECT_EQ(runtime->Status().at(0).building_generation, std::nullopt);
  EXPECT_EQ(Keyspaces().size(), 1u);
}

TEST_F(GenerationsTest, ACheckpointOfAnotherLogIsInvalid) {
  {
    auto runtime = Started();
    ASSERT_TRUE(Commit(*runtime, {events_.Like(1, 1), events_.Like(2, 2)}).ok());
  }
  NewLog(1);
  for (MemberId member = 1; member <= 5; ++member) events_.Like(1, member);
  auto runtime = Started();
  EXPECT_EQ(LiveRows(*runtime), Expected());
  EXPECT_EQ(Keyspaces().size(), 1u);
}

// ---- Building, activating, rolling back, dropping.

TEST_F(GenerationsTest, BuildsBesideTheLiveOneAndFlips) {
  auto runtime = Started();
  ASSERT_TRUE(Commit(*runtime, {events_.Like(1, 1), events_.Like(2, 1)}).ok());
  EXPECT_EQ(runtime->BuildGeneration("likes").value(), 2u);
  EXPECT_EQ(runtime->Status().at(0).generation, 1u);
  EXPECT_EQ(runtime->Status().at(0).building_generation, 2u);
  EXPECT_TRUE(runtime->Status().at(0).building_ready);

  ASSERT_TRUE(Commit(*runtime, {events_.Like(1, 2)}).ok());
  EXPECT_EQ(runtime->Status().at(0).building_checkpoint, 3u);
  EXPECT_EQ(AllRows(**runtime->GenerationReader("likes", 2)), Expected());
  EXPECT_THAT(likes_.told(), ElementsAre(1, 2, 3));

  auto before_the_flip = runtime->Reader("likes")->NewIterator({});
  ASSERT_TRUE(runtime->Activate("likes", 2).ok());
  EXPECT_EQ(runtime->Status().at(0).generation, 2u);
  EXPECT_EQ(runtime->Status().at(0).previous_generation, 1u);
  EXPECT_THAT(likes_.told(), ElementsAre(1, 2, 3, 0));
  ASSERT_TRUE(runtime->Drop("likes", 1).ok());
  EXPECT_EQ(Keyspaces().size(), 1u);
  EXPECT_TRUE(absl::IsNotFound(runtime->GenerationReader("likes", 1).status()));
  // An iterator stays on the generation and the moment it was made for.
  Rows seen;
  for (; before_the_flip->Valid(); before_the_flip->Next()) {
    seen.emplace(before_the_flip->key(), before_the_flip->value());
  }
  EXPECT_EQ(seen, Expected());

  ASSERT_TRUE(Commit(*runtime, {events_.Like(1, 3)}).ok());
  EXPECT_EQ(LiveRows(*runtime), Expected());
}

TEST_F(GenerationsTest, RollsBackToThePreviousOneAndForwardAgain) {
  auto runtime = Started();
  EXPECT_EQ(CodeOf(runtime->Rollback("likes")), absl::StatusCode::kFailedPrecondition);
  ASSERT_TRUE(Commit(*runtime, {events_.Like(1, 1)}).ok());
  ASSERT_TRUE(runtime->BuildGeneration("likes").ok());
  ASSERT_TRUE(runtime->Activate("likes", 2).ok());
  options_.catch_up_batch_events = 2;
  for (MemberId member = 2; member <= 9; ++member) {
    ASSERT_TRUE(Commit(*runtime, {events_.Like(1, member)}).ok());
  }
  ASSERT_TRUE(runtime->Rollback("likes").ok());
  EXPECT_EQ(runtime->Status().at(0).generation, 1u);
  EXPECT_EQ(runtime->Status().at(0).previous_generation, 2u);
  EXPECT_EQ(LiveRows(*runtime), Expected());
  ASSERT_TRUE(Commit(*runtime, {events_.Unlike(1, 1)}).ok());
  ASSERT_TRUE(runtime->Rollback("likes").ok());
  EXPECT_EQ(runtime->Status().at(0).generation, 2u);
  EXPECT_EQ(LiveRows(*runtime), Expected());
  EXPECT_EQ(likes_.told().back(), 0u);
}

TEST_F(GenerationsTest, RefusesWhatMakesNoSense) {
  auto runtime = Started();
  EXPECT_EQ(CodeOf(runtime->BuildGeneration("nobody").status()), absl::StatusCode::kNotFound);
  EXPECT_EQ(CodeOf(runtime->Activate("nobody", 1)), absl::StatusCode::kNotFound);
  EXPECT_EQ(CodeOf(runtime->Rollback("nobody")), absl::StatusCode::kNotFound);
  EXPECT_EQ(CodeOf(runtime->Drop("nobody", 1)), absl::StatusCode::kNotFound);
  EXPECT_EQ(CodeOf(runtime->Activate("likes", 2)), absl::StatusCode::kNotFound);
  EXPECT_EQ(CodeOf(runtime->Drop("likes", 2)), absl::StatusCode::kNotFound);
  EXPECT_EQ(CodeOf(runtime->Drop("likes", 1)), absl::StatusCode::kFailedPrecondition);
  EXPECT_TRUE(runtime->Activate("likes", 1).ok());
  ASSERT_TRUE(runtime->BuildGeneration("likes").ok());
  EXPECT_EQ(CodeOf(runtime->BuildGeneration("likes").status()),
            absl::StatusCode::kFailedPrecondition);
  ASSERT_TRUE(runtime->Drop("likes", 2).ok());
  EXPECT_EQ(runtime->BuildGeneration("likes").value(), 3u);  // numbers are not used twice
  ASSERT_TRUE(runtime->Activate("likes", 3).ok());
  EXPECT_EQ(CodeOf(runtime->Activate("likes", 1)), absl::StatusCode::kFailedPrecondition);
  EXPECT_TRUE(runtime->Health().ok());
}

TEST_F(GenerationsTest, OneOperationAtATimeOnAProjection) {
  auto runtime = Started();
  ASSERT_TRUE(Commit(*runtime, {events_.Like(1, 1)}).ok());
  runtime->PauseBuild(true);
  ASSERT_TRUE(runtime->StartBuild({"likes"}, BuildGoal::kReady).ok());
  EXPECT_THAT(std::string(runtime->BuildGeneration("likes").status().message()),
              HasSubstr("another operation"));
  EXPECT_EQ(CodeOf(runtime->Drop("likes", 2)), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(CodeOf(runtime->Activate("likes", 2)), absl::StatusCode::kFailedPrecondition);
  runtime->PauseBuild(false);
  EXPECT_TRUE(runtime->WaitForBuild().ok());
}

TEST_F(GenerationsTest, AReadyGenerationIsKeptAndFedAfterARestart) {
  {
    auto runtime = Started();
    ASSERT_TRUE(Commit(*runtime, {events_.Like(1, 1)}).ok());
    ASSERT_TRUE(runtime->BuildGeneration("likes").ok());
  }
  events_.Like(1, 2);
  auto runtime = Started();
  ASSERT_TRUE(Commit(*runtime, {events_.Like(1, 3)}).ok());
  EXPECT_EQ(runtime->Status().at(0).building_checkpoint, 3u);
  ASSERT_TRUE(runtime->Activate("likes", 2).ok());
  EXPECT_EQ(LiveRows(*runtime), Expected());
}

TEST_F(GenerationsTest, ABuildThatFailedGoesOnAfterARestart) {
  options_.catch_up_batch_events = 10;
  {
    auto runtime = Started();
    for (MemberId member = 1; member <= 40; ++member) {
      ASSERT_TRUE(Commit(*runtime, {events_.Like(1, member)}).ok());
    }
    store_.FailAt(store_.writes() + 4, FailingStore::Failure::kNothingWritten);
    EXPECT_TRUE(absl::IsUnavailable(runtime->BuildGeneration("likes").status()));
    EXPECT_FALSE(runtime->Health().ok());
  }
  store_.Heal();
  const uint64_t applied = likes_.applied();
  auto runtime = Started();
  EXPECT_TRUE(runtime->WaitForBuild().ok());
  EXPECT_EQ(likes_.applied() - applied, 20u) << "the first two batches are kept";
  EXPECT_TRUE(runtime->Status().at(0).building_ready);
  EXPECT_EQ(AllRows(**runtime->GenerationReader("likes", 2)), Expected());
}

TEST_F(GenerationsTest, ParkedKeysBelongToTheirGeneration) {
  auto runtime = Started();
  likes_.Refuse(1);
  ASSERT_TRUE(Commit(*runtime, {events_.Like(1, 1), events_.Like(2, 1)}).ok());
  likes_.Accept(1);
  // The new generation is folded by code that can apply the event.
  ASSERT_TRUE(runtime->BuildGeneration("likes").ok());
  EXPECT_EQ(runtime->Parked().value().size(), 1u);
  ASSERT_TRUE(runtime->Activate("likes", 2).ok());
  EXPECT_THAT(runtime->Parked().value(), IsEmpty());
  EXPECT_EQ(LiveRows(*runtime), Expected());
  ASSERT_TRUE(runtime->Drop("likes", 1).ok());
  EXPECT_EQ(RuntimeRows('K'), 0);
  EXPECT_EQ(RuntimeRows('E'), 0);
}

TEST_F(GenerationsTest, UnparkWorksInEveryFedGeneration) {
  auto runtime = Started();
  likes_.Refuse(1);
  ASSERT_TRUE(Commit(*runtime, {events_.Like(1, 1), events_.Like(2, 1)}).ok());
  ASSERT_TRUE(runtime->BuildGeneration("likes").ok());
  ASSERT_TRUE(Commit(*runtime, {events_.Like(1, 2)}).ok());
  EXPECT_EQ(runtime->Parked().value().size(), 2u);
  likes_.Accept(1);
  ASSERT_TRUE(runtime->Unpark("likes", "post/1").ok());
  EXPECT_THAT(runtime->Parked().value(), IsEmpty());
  EXPECT_EQ(LiveRows(*runtime), Expected());
  EXPECT_EQ(AllRows(**runtime->GenerationReader("likes", 2)), Expected());
}

// ---- Under load.

// Every like has an edge, and the count of a post is the number of its edges.
void CheckCounts(const Rows& rows) {
  std::map<std::string, int> edges;
  for (const auto& [key, value] : rows) {
    if (key.starts_with("e/")) ++edges[key.substr(2, 8)];
  }
  for (const auto& [post, count] : edges) {
    auto found = rows.find("c/" + post);
    ASSERT_NE(found, rows.end()) << post;
    ASSERT_EQ(found->second, std::to_string(count)) << post;
  }
}

void RebuildUnderLoad(uint64_t seed, int rebuilds) {
  SCOPED_TRACE(RepeatWith("//projections/runtime:generations_test", seed));
  MemoryEventLog log;
  MemoryStore store;
  EventMaker events(&log);
  LikesProjection likes;
  auto runtime = Runtime::Create(&store, &log, {.catch_up_batch_events = 5});
  runtime->Register(&likes);
  ASSERT_TRUE(runtime->Start().ok());
  constexpr PostId kStablePost = 999;  // always there
  ASSERT_TRUE(Commit(*runtime, {events.Like(kStablePost, 1)}).ok());

  std::atomic<bool> finished{false};
  std::thread committer([&] {
    // Bounded, because the log in memory is slow to read when it is long.
    constexpr int kBatchesMax = 400;
    std::mt19937_64 random(seed);
    for (int i = 0; i < kBatchesMax && !finished; ++i) {
      EXPECT_TRUE(Commit(*runtime, events.RandomBatch(random, 10)).ok());
    }
  });
  std::thread getter([&] {
    auto reader = runtime->Reader("likes");
    std::string value;
    while (!finished) {
      const auto found = reader->Get("c/000003e7", &value);
      ASSERT_TRUE(found.ok() && *found);
      const auto both = reader->MultiGet({"c/000003e7", "e/000003e7/00000001"});
      ASSERT_TRUE(both.ok() && both->at(0).found && both->at(1).found);
    }
  });
  std::thread scanner([&] {
    auto reader = runtime->Reader("likes");
    while (!finished) {
      const Rows rows = AllRows(*reader);
      ASSERT_TRUE(rows.contains("c/000003e7"));
      CheckCounts(rows);
      runtime->Status();
      ASSERT_TRUE(runtime->Parked().ok());
    }
  });
  uint64_t previous = 1;
  for (int i = 0; i < rebuilds; ++i) {
    const auto built = runtime->BuildGeneration("likes");
    EXPECT_TRUE(built.ok()) << built.status();
    EXPECT_TRUE(runtime->Activate("likes", *built).ok());
    if (i % 3 == 2) {
      EXPECT_TRUE(runtime->Rollback("likes").ok());
      EXPECT_TRUE(runtime->Drop("likes", *built).ok());
    } else {
      EXPECT_TRUE(runtime->Drop("likes", previous).ok());
      previous = *built;
    }
  }
  finished = true;
  committer.join();
  getter.join();
  scanner.join();
  EXPECT_TRUE(runtime->Health().ok());
  EXPECT_EQ(AllRows(*runtime->Reader("likes")), PlainFold(likes, log));
}

TEST(GenerationsLoadTest, RebuildsFlipsAndDropsUnderReadersAndCommits) {
  for (uint64_t seed : Seeds({1, 2})) RebuildUnderLoad(seed, 6);
}

// ---- What must be forgotten.

// Names of members, as they signed up: what must be forgotten.
class NamesProjection final : public Projection {
 public:
  std::string_view name() const override { return "names"; }
  uint32_t version() const override { return 1; }
  static constexpr v1::Payload::KindCase kKinds[] = {v1::Payload::kMemberSignedUp,
                                                     v1::Payload::kMemberWithdrawn};
  std::span<const v1::Payload::KindCase> kinds() const override { return kKinds; }
  absl::Status Apply(const v1::Event& event, ProjectionRows& rows) override {
    if (event.payload().has_member_signed_up()) {
      const MemberId member = event.payload().member_signed_up().member_id();
      rows.Put(Key(member), destroyed.contains(member) ? "" : "name");
    } else {
      rows.Delete(Key(event.payload().member_withdrawn().member_id()));
    }
    return absl::OkStatus();
  }
  std::vector<std::string> TracesOf(MemberId member) const override { return {Key(member)}; }
  absl::Status Forget(MemberId member, ProjectionRows& rows) const override {
    std::string name;
    ASSIGN_OR_RETURN(const bool found, rows.Get(Key(member), &name));
    if (found) rows.Put(Key(member), "");
    return absl::OkStatus();
  }
  static std::string Key(MemberId member) { return fmt::format("n/{:08x}", member); }
  std::set<MemberId> destroyed;  // keys of these; set while nobody folds
};

class ErasureTest : public GenerationsTest {
 protected:
  std::unique_ptr<Runtime> StartedWithNames() {
    auto runtime = Runtime::Create(&store_, log_.get(), options_);
    likes_.Register(*runtime);
    runtime->Register(&names_);
    EXPECT_TRUE(runtime->Start().ok());
    return runtime;
  }
  static std::string Prefix(int keyspace) { return std::string({0, 0, 1, char(keyspace)}); }
  static KeyRange KeyIn(int keyspace) {
    return OnlyKey(Prefix(keyspace) + NamesProjection::Key(kMember));
  }
  // Every row of that keyspace and those up to before `behind`.
  static KeyRange Whole(int keyspace, int behind) { return {Prefix(keyspace), Prefix(behind)}; }

  static constexpr MemberId kMember = 7;
  NamesProjection names_;
};

// The keyspaces of likes are 0, those of names 1, 2 and so on.
TEST_F(ErasureTest, KeyspacesThatWereDroppedAreErasedOnce) {
  auto runtime = StartedWithNames();
  const std::vector<MemberId> members = {kMember};
  ASSERT_TRUE(runtime->EraseTraces(members).ok());
  EXPECT_THAT(store_.erased_traces, ElementsAre(KeyIn(1)));
  ASSERT_TRUE(runtime->Activate("names", runtime->BuildGeneration("names").value()).ok());
  ASSERT_TRUE(runtime->Status()[1].previous_generation.has_value());
  ASSERT_TRUE(runtime->EraseTraces(members).ok());
  // The previous one stood still with its rows: it is dropped, and its files are
  // looked after like those of the live one.
  EXPECT_FALSE(runtime->Status()[1].previous_generation.has_value());
  EXPECT_THAT(store_.erased_traces, ElementsAre(KeyIn(2), Whole(1, 2)));
  EXPECT_EQ(CodeOf(runtime->Rollback("names")), absl::StatusCode::kFailedPrecondition);
  ASSERT_TRUE(runtime->BuildGeneration("names").ok());
  ASSERT_TRUE(runtime->EraseTraces(members).ok());
  EXPECT_THAT(store_.erased_traces, ElementsAre(KeyIn(2), KeyIn(3)));
  EXPECT_TRUE(runtime->Status()[1].building_ready) << "a ready one is fed and stays";
  // Also what was dropped before a restart, whatever it was of.
  ASSERT_TRUE(runtime->Drop("names", 3).ok());
  ASSERT_TRUE(runtime->BuildGeneration("likes").ok());
  ASSERT_TRUE(runtime->Drop("likes", 2).ok());
  runtime = StartedWithNames();
  ASSERT_TRUE(runtime->EraseTraces(members).ok());
  EXPECT_THAT(store_.erased_traces, ElementsAre(KeyIn(2), Whole(3, 4), Whole(4, 5)));
  ASSERT_TRUE(runtime->EraseTraces(members).ok());
  EXPECT_THAT(store_.erased_traces, ElementsAre(KeyIn(2)));
  runtime->Stop();
  EXPECT_EQ(CodeOf(runtime->EraseTraces(members)), absl::StatusCode::kUnavailable);
}

TEST_F(ErasureTest, ABuildForgetsAndGoesOn) {
  options_.catch_up_batch_events = 2;
  events_.SignUp(kMember);
  events_.SignUp(8);
  auto runtime = StartedWithNames();
  for (PostId post = 1; post <= 20; ++post) {
    ASSERT_TRUE(Commit(*runtime, {events_.Like(post, 1)}).ok());
  }
  // The build stops where it has the name and has not come to the withdrawal.
  Gate gate;
  std::atomic<int> writes{-1};
  store_.before_write = [&] {
    if (writes >= 0 && ++writes == 4) gate.Pass();
  };
  gate.Close();
  writes = 0;
  ASSERT_TRUE(runtime->StartBuild({"likes", "names"}, BuildGoal::kReady).ok());
  gate.WaitForArrivals(1);
  runtime->PauseBuild(true);
  gate.Open();
  ASSERT_TRUE(Commit(*runtime, {events_.Withdraw(kMember)}).ok());
  ASSERT_TRUE(runtime->EraseTraces(std::vector<MemberId>{kMember}).ok());
  const auto building = runtime->GenerationReader("names", 2);
  std::string name = "none";
  ASSERT_TRUE((*building)->Get(NamesProjection::Key(kMember), &name).ok());
  EXPECT_EQ(name, "") << "erased in a row that is still to be deleted";
  ASSERT_TRUE((*building)->Get(NamesProjection::Key(8), &name).ok());
  EXPECT_EQ(name, "name");
  runtime->PauseBuild(false);
  ASSERT_TRUE(runtime->WaitForBuild().ok());
  EXPECT_EQ(AllRows(**building), PlainFold(names_, *log_));
  EXPECT_EQ(AllRows(**runtime->GenerationReader("likes", 2)), Expected());
}

}  // namespace
}  // namespace dailyfeed

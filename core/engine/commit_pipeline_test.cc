// Deciding while the disk is busy: a batch decided on what the one before it
// will leave has the same outcome as one decided after it, and falls with it.
#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <cstdlib>
#include <deque>
#include <functional>
#include <mutex>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "core/domain/errors.h"
#include "core/engine/engine.h"
#include "core/engine/engine_rig.h"
#include "core/ports/memory_event_log.h"
#include "fmt/format.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace dailyfeed {
namespace {

// A disk that waits for permission to write.
class Gate {
 public:
  void Pass() {
    std::unique_lock<std::mutex> lock(mutex_);
    ++waiting_;
    changed_.notify_all();
    changed_.wait(lock, [&] { return permits_ > 0; });
    --permits_;
    --waiting_;
  }
  void Allow(int64_t passes) {
    std::lock_guard<std::mutex> lock(mutex_);
    permits_ += passes;
    changed_.notify_all();
  }
  void Close() {
    std::lock_guard<std::mutex> lock(mutex_);
    permits_ = 0;
  }
  void WaitForSomebody() {
    std::unique_lock<std::mutex> lock(mutex_);
    changed_.wait(lock, [&] { return waiting_ > 0; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  int64_t permits_ = 0;
  int waiting_ = 0;
};

constexpr int64_t kForEver = 1 << 30;

// Answers at once, except while it is told to keep batches.
class KeepingListener final : public CommitListener {
 public:
  void OnCommitted(CommittedBatch batch) override {
    {
      std::lock_guard<std::mutex> lock(mutex_);
      for (const auto& event : batch.events) positions_.push_back(event->position());
      if (keeping_) {
        kept_.push_back(std::move(batch));
        arrived_.notify_all();
        return;
      }
    }
    batch.done(absl::OkStatus());
  }
  void Keep() {
    std::lock_guard<std::mutex> lock(mutex_);
    keeping_ = true;
  }
  void WaitForOne() {
    std::unique_lock<std::mutex> lock(mutex_);
    arrived_.wait(lock, [&] { return !kept_.empty(); });
  }
  void LetGo(const absl::Status& visible = absl::OkStatus()) {
    std::deque<CommittedBatch> kept;
    {
      std::lock_guard<std::mutex> lock(mutex_);
      keeping_ = false;
      kept.swap(kept_);
    }
    for (CommittedBatch& batch : kept) batch.done(visible);
  }
  std::vector<Position> positions() {
    std::lock_guard<std::mutex> lock(mutex_);
    return positions_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable arrived_;
  bool keeping_ = false;
  std::deque<CommittedBatch> kept_;
  std::vector<Position> positions_;
};

// Counts, so that a test can wait until a command was decided; and interrupts a
// decision.
class CountingIds final : public IdSource {
 public:
  std::string NewUuid() override {
    if (auto interrupt = std::exchange(interrupt_, nullptr)) interrupt();
    const std::string id = SystemIds().NewUuid();
    std::lock_guard<std::mutex> lock(mutex_);
    ++made_;
    changed_.notify_all();
    return id;
  }
  int made() {
    std::lock_guard<std::mutex> lock(mutex_);
    return made_;
  }
  void WaitFor(int count) {
    std::unique_lock<std::mutex> lock(mutex_);
    changed_.wait(lock, [&] { return made_ >= count; });
  }
  // Called once, by the thread that decides. Set while nothing is decided.
  void InterruptNext(std::function<void()> interrupt) { interrupt_ = std::move(interrupt); }

 private:
  std::function<void()> interrupt_;
  std::mutex mutex_;
  std::condition_variable changed_;
  int made_ = 0;
};

// Of a command with one event: its own and the event's.
constexpr int kIdsOfOneEvent = 2;

using Outcome = absl::StatusOr<CommandResult>;

class CommitPipelineTest : public ::testing::Test {
 protected:
  explicit CommitPipelineTest(EngineOptions options = {}) {
    log_.BeforeAppend([this] { gate_.Pass(); });
    gate_.Allow(kForEver);
    options.ids = &ids_;
    auto started = Engine::Start(&log_, &listener_, DayZone::Load("Asia/Seoul").value(), options);
    EXPECT_TRUE(started.ok()) << started.status();
    engine_ = *std::move(started);
    kim_ = engine_->Execute({.command = NewMember("kim")})->subject_id;
    lee_ = engine_->Execute({.command = NewMember("lee")})->subject_id;
    post_ = engine_->Execute({.command = PublishPost{.content = "x"}, .actor = kim_})->subject_id;
  }
  ~CommitPipelineTest() override {
    gate_.Allow(kForEver);
    listener_.LetGo();
    engine_->Stop();
  }

  // From here on batches go by way of the log's thread, and it waits.
  void HoldTheDisk() {
    listener_.Keep();
    engine_->Submit({.command = PublishPost{.content = "company"}, .actor = kim_}, [](auto) {});
    listener_.WaitForOne();
    gate_.Close();
  }
  void Submit(Submission submission, Outcome* outcome) {
    engine_->Submit(std::move(submission), [outcome](Outcome answer) { *outcome = answer; });
  }
  void Finish() {
    gate_.Allow(kForEver);
    listener_.LetGo();
    engine_->Stop();
  }

  Gate gate_;
  CountingIds ids_;
  MemoryEventLog log_;
  KeepingListener listener_;
  std::unique_ptr<Engine> engine_;
  MemberId kim_ = 0, lee_ = 0;
  PostId post_ = 0;
};

TEST_F(CommitPipelineTest, TheNextBatchIsDecidedWhileTheLastOneIsBeingWritten) {
  HoldTheDisk();
  const int ids = ids_.made();
  const Position head = log_.Head();
  Outcome like = absl::UnknownError(""), unlike = absl::UnknownError("");
  Submit({.command = LikePost{.post_id = post_}, .actor = lee_}, &like);
  gate_.WaitForSomebody();
  Submit({.command = UnlikePost{.post_id = post_}, .actor = lee_}, &unlike);
  ids_.WaitFor(ids + 2 * kIdsOfOneEvent);  // only a like that is there can be taken back
  EXPECT_EQ(log_.Head(), head) << "and neither is on disk";
  Finish();
  ASSERT_TRUE(like.ok()) << like.status();
  ASSERT_TRUE(unlike.ok()) << unlike.status();
  EXPECT_EQ(unlike->first_position, like->last_position + 1);
  EXPECT_EQ(log_.Head(), head + 2);
}

TEST_F(CommitPipelineTest, ARepeatFindsItsFirstTimeInTheBatchBeingWritten) {
  HoldTheDisk();
  const Position head = log_.Head();
  const Submission publish = {.command = PublishPost{.content = "once"},
                              .actor = kim_,
                              .idempotency = IdempotencyKey{"member/1", "key", "print"}};
  Outcome first = absl::UnknownError(""), second = absl::UnknownError("");
  Submit(publish, &first);
  gate_.WaitForSomebody();
  Submit(publish, &second);
  Finish();
  ASSERT_TRUE(first.ok() && second.ok()) << first.status() << second.status();
  EXPECT_TRUE(second->replayed);
  EXPECT_EQ(second->subject_id, first->subject_id);
  EXPECT_EQ(log_.Head(), head + 1);
}

TEST_F(CommitPipelineTest, AnExpectedVersionIsThatOfTheBatchBeingWritten) {
  HoldTheDisk();
  Outcome edit = absl::UnknownError(""), stale = absl::UnknownError(""), fresh = stale;
  Submit({.command = EditPost{.post_id = post_, .content = "y"}, .actor = kim_}, &edit);
  gate_.WaitForSomebody();
  Submission again = {.command = EditPost{.post_id = post_, .content = "z"}, .actor = kim_};
  again.expected_version = 1;
  Submit(again, &stale);
  again.expected_version = 2;
  Submit(again, &fresh);
  Finish();
  ASSERT_TRUE(edit.ok()) << edit.status();
  EXPECT_EQ(ErrorCodeOf(stale.status()), ErrorCode::kVersionConflict);
  ASSERT_TRUE(fresh.ok()) << fresh.status();
  EXPECT_EQ(fresh->stream_version, 3u);
}

TEST_F(CommitPipelineTest, WhatWasDecidedOnAFailedBatchFallsWithIt) {
  HoldTheDisk();
  const Position head = log_.Head();
  Outcome like = absl::UnknownError(""), refused = like, unlike = like;
  Submit({.command = LikePost{.post_id = post_}, .actor = lee_}, &like);
  gate_.WaitForSomebody();
  // A refusal that is true only if the first like is.
  Submit({.command = LikePost{.post_id = post_}, .actor = lee_}, &refused);
  Submit({.command = UnlikePost{.post_id = post_}, .actor = lee_}, &unlike);
  log_.FailAppends(absl::UnavailableError("sync failed: disk full"));
  Finish();
  for (const Outcome& outcome : {like, refused, unlike}) {
    EXPECT_TRUE(absl::IsUnavailable(outcome.status())) << outcome.status();
  }
  EXPECT_EQ(log_.Head(), head);
}

TEST_F(CommitPipelineTest, ABatchThatTheLogRefusesFallsAloneWithWhatWasDecidedOnIt) {
  HoldTheDisk();
  const Position head = log_.Head();
  Outcome like = absl::UnknownError(""), unlike = like;
  Submit({.command = LikePost{.post_id = post_}, .actor = lee_}, &like);
  gate_.WaitForSomebody();
  const int ids = ids_.made();
  Submit({.command = UnlikePost{.post_id = post_}, .actor = lee_}, &unlike);
  ids_.WaitFor(ids + kIdsOfOneEvent);
  log_.FailAppends(absl::InvalidArgumentError("refused by the test"));
  gate_.Allow(kForEver);
  listener_.LetGo();
  const Outcome other = engine_->Execute({.command = FollowMember{kim_}, .actor = lee_});
  EXPECT_TRUE(absl::IsUnavailable(other.status())) << other.status();
  EXPECT_TRUE(absl::IsUnavailable(like.status())) << like.status();
  EXPECT_TRUE(absl::IsUnavailable(unlike.status())) << unlike.status();
  EXPECT_EQ(log_.Head(), head);
  log_.FailAppends(absl::OkStatus());
  EXPECT_TRUE(engine_->WriteStatus().ok());
  const Outcome again = engine_->Execute({.command = LikePost{.post_id = post_}, .actor = lee_});
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(again->first_position, head + 1);
}

TEST_F(CommitPipelineTest, AfterAFailedListenerNothingMoreIsAppended) {
  HoldTheDisk();
  const Position head = log_.Head();
  Outcome under_way = absl::UnknownError(""), next = under_way;
  Submit({.command = LikePost{.post_id = post_}, .actor = lee_}, &under_way);
  gate_.WaitForSomebody();
  const int ids = ids_.made();
  Submit({.command = UnlikePost{.post_id = post_}, .actor = lee_}, &next);
  ids_.WaitFor(ids + kIdsOfOneEvent);
  listener_.LetGo(absl::UnavailableError("views: disk full"));
  Finish();
  EXPECT_EQ(log_.Head(), head + 1) << "the one the disk was writing";
  EXPECT_TRUE(absl::IsUnavailable(next.status())) << next.status();
}

class FullAtOnceTest : public CommitPipelineTest {
 protected:
  FullAtOnceTest() : CommitPipelineTest({.batch_bytes_max = 1}) {}
};

TEST_F(FullAtOnceTest, AFailureWhileABatchIsFilledRefusesTheRestOfItOnce) {
  HoldTheDisk();
  const Position head = log_.Head();
  constexpr int kCommands = 5;
  Outcome under_way = absl::UnknownError(""), next = under_way;
  Submit({.command = LikePost{.post_id = post_}, .actor = lee_}, &under_way);
  gate_.WaitForSomebody();
  const int ids = ids_.made();
  Submit({.command = UnlikePost{.post_id = post_}, .actor = lee_}, &next);
  ids_.WaitFor(ids + kIdsOfOneEvent);
  // Two batches are on their way: these wait for room, together.
  ids_.InterruptNext([this] { listener_.LetGo(absl::UnavailableError("views: disk full")); });
  std::atomic<int> unavailable = 0, answered = 0;
  for (int i = 0; i < kCommands; ++i) {
    engine_->Submit({.command = PublishPost{.content = "x"}, .actor = kim_}, [&](Outcome outcome) {
      ++answered;
      if (absl::IsUnavailable(outcome.status())) ++unavailable;
    });
  }
  gate_.Allow(kForEver);
  engine_->Stop();
  EXPECT_EQ(answered, kCommands);
  EXPECT_EQ(unavailable, kCommands);
  EXPECT_FALSE(engine_->WriteStatus().ok());
  EXPECT_EQ(engine_->stats().queue_depth, 0u);
  EXPECT_LE(log_.Head(), head + 2) << "of these, none is in the log";
}

// ---- Random histories: the same commands in the same order, once with every
// batch waiting for the one before it and once as the disk allows.

struct Step {
  Submission submission;
  bool disk_moves = false;
};

std::vector<Step> RandomSteps(std::mt19937_64& random) {
  std::vector<Step> steps;
  auto number = [&](uint64_t below) { return random() % below; };
  for (int i = 0; i < 400; ++i) {
    Submission submission;
    submission.actor = 1 + number(5);
    switch (number(9)) {
      case 0:
        submission.command = NewMember(fmt::format("member{}", number(6)));
        break;
      case 1:
        submission.command = FollowMember{1 + number(5)};
        break;
      case 2:
        submission.command = UnfollowMember{1 + number(5)};
        break;
      case 3:
        submission.command = PublishPost{.content = "x"};
        break;
      case 4:
        submission.command = EditPost{.post_id = 1 + number(6), .content = "y"};
        break;
      case 5:
        submission.command = DeletePost{1 + number(6)};
        break;
      case 6:
        submission.command = ChangeHandle{fmt::format("member{}", number(6))};
        break;
      case 7:
        submission.command = LikePost{1 + number(6)};
        break;
      default:
        submission.command = UnlikePost{1 + number(6)};
    }
    if (number(4) == 0) {
      // The kind of command is the fingerprint: some keys are used for another one.
      submission.idempotency = IdempotencyKey{"scope", fmt::format("key{}", number(20)),
                                              fmt::format("{}", submission.command.index())};
    }
    if (number(6) == 0) submission.expected_version = number(3);
    steps.push_back({std::move(submission), number(3) == 0});
  }
  return steps;
}

std::string Describe(const Outcome& outcome) {
  if (!outcome.ok()) return outcome.status().ToString();
  return fmt::format("subject {} positions {}-{} version {} replayed {}", outcome->subject_id,
                     outcome->first_position, outcome->last_position, outcome->stream_version,
                     outcome->replayed);
}

std::unique_ptr<Engine> StartOn(MemoryEventLog* log, CommitListener* listener) {
  EngineOptions options;
  options.batch_commands_max = 5;
  options.row_cache_entries = 4;  // rows come and go all the time
  auto started =
      Engine::Start(log, listener, DayZone::Load("Asia/Seoul").value(), std::move(options));
  EXPECT_TRUE(started.ok()) << started.status();
  return *std::move(started);
}

std::vector<std::string> OneByOne(const std::vector<Step>& steps, MemoryEventLog* log) {
  KeepingListener listener;
  const std::unique_ptr<Engine> engine = StartOn(log, &listener);
  std::vector<std::string> outcomes;
  for (const Step& step : steps) outcomes.push_back(Describe(engine->Execute(step.submission)));
  return outcomes;
}

std::vector<std::string> AsTheDiskAllows(const std::vector<Step>& steps, MemoryEventLog* log,
                                         std::vector<Position>* published,
                                         uint64_t* largest_batch) {
  Gate gate;
  log->BeforeAppend([&gate] { gate.Pass(); });
  KeepingListener listener;
  const std::unique_ptr<Engine> engine = StartOn(log, &listener);
  std::vector<Outcome> outcomes(steps.size(), absl::UnknownError("no answer"));
  for (size_t i = 0; i < steps.size(); ++i) {
    engine->Submit(steps[i].submission,
                   [&outcomes, i](Outcome answer) { outcomes[i] = std::move(answer); });
    if (steps[i].disk_moves) gate.Allow(1);
  }
  gate.Allow(kForEver);
  engine->Stop();
  *published = listener.positions();
  *largest_batch = engine->stats().largest_batch;
  std::vector<std::string> described;
  for (const Outcome& outcome : outcomes) described.push_back(Describe(outcome));
  return described;
}

std::vector<std::string> Rows(const MemoryEventLog& log) {
  std::vector<std::string> rows;
  EXPECT_TRUE(log.ScanDecisionRows([&](std::string_view key, std::string_view value) {
                   rows.push_back(fmt::format("{}={}", key, value));
                   return true;
                 })
                  .ok());
  return rows;
}

std::vector<uint64_t> Seeds() {
  if (const char* seed = std::getenv("DAILYFEED_SEED")) return {std::strtoull(seed, nullptr, 10)};
  std::vector<uint64_t> seeds;
  for (uint64_t seed = 1; seed <= 20; ++seed) seeds.push_back(seed);
  return seeds;
}

TEST(CommitPipelineModelTest, EveryHistoryEndsAsOneByOne) {
  for (const uint64_t seed : Seeds()) {
    SCOPED_TRACE(
        fmt::format("repeat: bazel test //core/engine:commit_pipeline_test "
                    "--test_env=DAILYFEED_SEED={}",
                    seed));
    std::mt19937_64 random(seed);
    const std::vector<Step> steps = RandomSteps(random);
    MemoryEventLog one_by_one, overlapped;
    std::vector<Position> published;
    uint64_t largest_batch = 0;
    ASSERT_EQ(AsTheDiskAllows(steps, &overlapped, &published, &largest_batch),
              OneByOne(steps, &one_by_one));
    ASSERT_GT(largest_batch, 1u) << "no two commands shared a batch";
    ASSERT_EQ(Rows(overlapped), Rows(one_by_one));
    ASSERT_EQ(published.size(), overlapped.Head());
    ASSERT_TRUE(std::is_sorted(published.begin(), published.end()));
  }
}

}  // namespace
}  // namespace dailyfeed

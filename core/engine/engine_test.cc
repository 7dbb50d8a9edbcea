// What the engine promises: all or nothing, bounded, in order, exactly one
// answer, and safe repeats.
#include "core/engine/engine.h"

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "core/domain/errors.h"
#include "core/ports/memory_event_log.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace dailyfeed {
namespace {

// Holds committed batches until the test lets them go.
class GatedListener final : public CommitListener {
 public:
  void OnCommitted(CommittedBatch batch) override {
    std::unique_lock<std::mutex> lock(mutex_);
    ++batches_;
    arrived_.notify_all();
    opened_.wait(lock, [&] { return open_; });
    for (const auto& event : batch.events) seen_.push_back(event->position());
    const absl::Status visible = visible_;
    lock.unlock();
    batch.done(visible);
  }
  void Close() { SetOpen(false); }
  void Open() { SetOpen(true); }
  void FailWith(absl::Status status) {
    std::lock_guard<std::mutex> lock(mutex_);
    visible_ = std::move(status);
  }
  void WaitForBatches(int count) {
    std::unique_lock<std::mutex> lock(mutex_);
    arrived_.wait(lock, [&] { return batches_ >= count; });
  }
  std::vector<Position> seen() {
    std::lock_guard<std::mutex> lock(mutex_);
    return seen_;
  }

 private:
  void SetOpen(bool open) {
    std::lock_guard<std::mutex> lock(mutex_);
    open_ = open;
    opened_.notify_all();
  }
  std::mutex mutex_;
  std::condition_variable arrived_, opened_;
  bool open_ = true;
  int batches_ = 0;
  absl::Status visible_;
  std::vector<Position> seen_;
};

SignUp NewMember(const std::string& handle) {
  SignUp command;
  command.handle = handle;
  command.email_digest = "digest-of-" + handle;
  command.subject_id = std::string(16, 's');
  command.sealed_profile = "sealed";
  return command;
}

class EngineTest : public ::testing::Test {
 protected:
  void Start(EngineOptions options = {}) {
    auto started =
        Engine::Start(&log_, &listener_, DayZone::Load("Asia/Seoul").value(), std::move(options));
    ASSERT_TRUE(started.ok()) << started.status();
    engine_ = *std::move(started);
  }
  MemberId Member(const std::string& handle) {
    auto result = engine_->Execute({.command = NewMember(handle)});
    EXPECT_TRUE(result.ok()) << result.status();
    return result.ok() ? result->subject_id : 0;
  }
  absl::StatusOr<CommandResult> Publish(MemberId author, const std::string& content,
                                        std::optional<IdempotencyKey> key = std::nullopt) {
    return engine_->Execute({.command = PublishPost{.title = "", .content = content},
                             .actor = author,
                             .idempotency = std::move(key)});
  }
  std::vector<std::string> EventTypes() {
    std::vector<std::string> types;
    EXPECT_TRUE(log_.Read(1,
                          [&](const v1::Event& event) {
                            types.emplace_back(EventTypeName(event.payload()));
                            return true;
                          })
                    .ok());
    return types;
  }

  MemoryEventLog log_;
  GatedListener listener_;
  std::unique_ptr<Engine> engine_;
};

TEST_F(EngineTest, AppendsWhatTheDomainDecidesAndStampsTheEnvelope) {
  Start();
  const MemberId kim = Member("kim");
  auto post = Publish(kim, "hello");
  ASSERT_TRUE(post.ok()) << post.status();
  EXPECT_EQ(post->first_position, 2u);
  EXPECT_EQ(post->last_position, 2u);
  EXPECT_EQ(post->stream_version, 1u);
  EXPECT_EQ(post->occurred_at % 1000, 0) << "stored precision is microseconds";
  EXPECT_FALSE(post->replayed);
  v1::Event stored;
  ASSERT_TRUE(log_.Read(2,
                        [&](const v1::Event& event) {
                          stored = event;
                          return true;
                        })
                  .ok());
  EXPECT_EQ(stored.actor(), kim);
  EXPECT_EQ(stored.event_id().size(), 16u);
  EXPECT_EQ(stored.command_id().size(), 16u);
  EXPECT_EQ(stored.payload().post_published().content(), "hello");
  EXPECT_EQ(stored.payload().post_published().post_id(), post->subject_id);
}

TEST_F(EngineTest, ARefusalAppendsNothing) {
  Start();
  const MemberId kim = Member("kim");
  const Position head = log_.Head();
  auto refused = engine_->Execute({.command = LikePost{.post_id = 99}, .actor = kim});
  EXPECT_EQ(ErrorCodeOf(refused.status()), ErrorCode::kPostNotFound);
  EXPECT_EQ(log_.Head(), head);
  EXPECT_EQ(engine_->stats().commands_rejected, 1u);
}

TEST_F(EngineTest, CommandsOfOneBatchSeeEachOther) {
  Start();
  const MemberId kim = Member("kim");
  const PostId post = Publish(kim, "hi")->subject_id;
  listener_.Close();
  // The gate holds the committer, so these wait together and share a batch.
  std::atomic<int> liked = 0, refused = 0;
  engine_->Submit({.command = PublishPost{.content = "gate"}, .actor = kim}, [](auto) {});
  listener_.WaitForBatches(3);
  std::vector<std::thread> threads;
  constexpr int kLikes = 20;
  std::atomic<int> answered = 0;
  for (int i = 0; i < kLikes; ++i) {
    engine_->Submit({.command = LikePost{.post_id = post}, .actor = kim},
                    [&](absl::StatusOr<CommandResult> result) {
                      ++(result.ok() ? liked : refused);
                      ++answered;
                    });
  }
  listener_.Open();
  engine_->Stop();
  EXPECT_EQ(answered, kLikes);
  EXPECT_EQ(liked, 1);
  EXPECT_EQ(refused, kLikes - 1);
}

TEST_F(EngineTest, SimultaneousSignUpsWithOneHandleGiveOneMember) {
  Start();
  constexpr int kThreads = 32;
  std::atomic<int> won = 0, taken = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&, i] {
      SignUp command = NewMember(i % 2 == 0 ? "Kim" : "kIM");
      command.email_digest = "digest-" + std::to_string(i);
      auto result = engine_->Execute({.command = std::move(command)});
      if (result.ok()) {
        ++won;
      } else if (ErrorCodeOf(result.status()) == ErrorCode::kMemberHandleAlreadyExists) {
        ++taken;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(won, 1);
  EXPECT_EQ(taken, kThreads - 1);
  EXPECT_EQ(log_.Head(), 1u);
}

TEST_F(EngineTest, EventsReachTheListenerInOrderOnce) {
  Start();
  const MemberId kim = Member("kim");
  constexpr int kThreads = 8, kPosts = 50;
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < kPosts; ++i) EXPECT_TRUE(Publish(kim, "x").ok());
    });
  }
  for (std::thread& thread : threads) thread.join();
  const std::vector<Position> seen = listener_.seen();
  ASSERT_EQ(seen.size(), 1u + kThreads * kPosts);
  for (size_t i = 0; i < seen.size(); ++i) ASSERT_EQ(seen[i], i + 1);
}

TEST_F(EngineTest, NothingIsAcknowledgedBeforeTheListenerIsDone) {
  Start();
  const MemberId kim = Member("kim");
  listener_.Close();
  std::atomic<bool> answered = false;
  engine_->Submit({.command = PublishPost{.content = "x"}, .actor = kim},
                  [&](auto) { answered = true; });
  listener_.WaitForBatches(2);
  EXPECT_EQ(log_.Head(), 2u) << "it is durable";
  EXPECT_FALSE(answered) << "but nobody can read it yet";
  listener_.Open();
  engine_->Stop();
  EXPECT_TRUE(answered);
}

TEST_F(EngineTest, AFullQueueRefusesAtOnceAndKeepsWhatItTook) {
  EngineOptions options;
  options.queue_capacity = 4;
  Start(options);
  const MemberId kim = Member("kim");
  listener_.Close();
  std::atomic<int> accepted = 0, refused = 0;
  auto submit = [&] {
    engine_->Submit({.command = PublishPost{.content = "x"}, .actor = kim},
                    [&](absl::StatusOr<CommandResult> result) {
                      if (result.ok()) {
                        ++accepted;
                      } else {
                        EXPECT_TRUE(absl::IsResourceExhausted(result.status()));
                        EXPECT_EQ(ErrorCodeOf(result.status()), ErrorCode::kServiceUnavailable);
                        ++refused;
                      }
                    });
  };
  submit();
  listener_.WaitForBatches(2);  // the committer is held: the rest queues up
  for (int i = 0; i < 10; ++i) submit();
  EXPECT_EQ(refused, 6);
  EXPECT_EQ(engine_->stats().queue_depth, 4u);
  listener_.Open();
  engine_->Stop();
  EXPECT_EQ(accepted, 5);
  EXPECT_EQ(log_.Head(), 6u);
}

TEST_F(EngineTest, AfterAFailedSyncEverythingIsRefused) {
  Start();
  const MemberId kim = Member("kim");
  log_.FailAppends(absl::UnavailableError("sync failed: disk full"));
  EXPECT_TRUE(engine_->WriteStatus().ok());
  auto failed = Publish(kim, "x");
  EXPECT_TRUE(absl::IsUnavailable(failed.status()));
  EXPECT_EQ(ErrorCodeOf(failed.status()), ErrorCode::kServiceUnavailable);
  EXPECT_TRUE(absl::IsUnavailable(engine_->WriteStatus()));
  log_.FailAppends(absl::OkStatus());
  auto later = Publish(kim, "y");
  EXPECT_TRUE(absl::IsUnavailable(later.status())) << "fail-stop until the next start";
  EXPECT_THAT(std::string(later.status().message()), ::testing::HasSubstr("disk full"));
  EXPECT_EQ(log_.Head(), 1u);
}

TEST_F(EngineTest, AFailedListenerAnswersUnavailableAndStopsWrites) {
  Start();
  const MemberId kim = Member("kim");
  listener_.FailWith(absl::UnavailableError("views: disk full"));
  EXPECT_TRUE(absl::IsUnavailable(Publish(kim, "x").status()));
  EXPECT_TRUE(absl::IsUnavailable(Publish(kim, "y").status()));
  EXPECT_EQ(log_.Head(), 2u) << "the second was refused before the log";
  EXPECT_TRUE(log_.WriteStatus().ok());
  EXPECT_TRUE(absl::IsUnavailable(engine_->WriteStatus()));
}

TEST_F(EngineTest, AnExpectedVersionThatDoesNotMatchIsRefused) {
  Start();
  const MemberId kim = Member("kim");
  const PostId post = Publish(kim, "one")->subject_id;
  auto edit = [&](StreamVersion expected) {
    return engine_->Execute({.command = EditPost{.post_id = post, .content = "two"},
                             .actor = kim,
                             .expected_version = expected});
  };
  EXPECT_EQ(ErrorCodeOf(edit(0).status()), ErrorCode::kVersionConflict);
  EXPECT_EQ(ErrorCodeOf(edit(2).status()), ErrorCode::kVersionConflict);
  auto edited = edit(1);
  ASSERT_TRUE(edited.ok()) << edited.status();
  EXPECT_EQ(edited->stream_version, 2u);
}

TEST_F(EngineTest, ARepeatedKeyAnswersTheFirstResultAndAppendsNothing) {
  Start();
  const MemberId kim = Member("kim");
  const IdempotencyKey key{"member/1", "k1", "print"};
  auto first = Publish(kim, "x", key);
  ASSERT_TRUE(first.ok());
  engine_->StoreAnswer(key, *first, "the answer");
  const Position head = log_.Head();
  // The answer rides in a later batch; a repeat before that has none.
  ASSERT_TRUE(Publish(kim, "another").ok());
  auto again = Publish(kim, "x", key);
  ASSERT_TRUE(again.ok());
  EXPECT_TRUE(again->replayed);
  EXPECT_EQ(again->subject_id, first->subject_id);
  EXPECT_EQ(again->last_position, first->last_position);
  EXPECT_EQ(again->stored_answer, "the answer");
  EXPECT_EQ(log_.Head(), head + 1);
}

TEST_F(EngineTest, AKeyForAnotherRequestIsRefused) {
  Start();
  const MemberId kim = Member("kim");
  ASSERT_TRUE(Publish(kim, "x", IdempotencyKey{"member/1", "k1", "print"}).ok());
  auto other = Publish(kim, "y", IdempotencyKey{"member/1", "k1", "other print"});
  EXPECT_EQ(ErrorCodeOf(other.status()), ErrorCode::kIdempotencyKeyReused);
  EXPECT_TRUE(Publish(kim, "y", IdempotencyKey{"member/2", "k1", "other print"}).ok())
      << "another scope is another key";
}

TEST_F(EngineTest, ARepeatedKeyRepeatsARefusalEvenWhenItWouldNowSucceed) {
  Start();
  const MemberId kim = Member("kim");
  const PostId post = Publish(kim, "x")->subject_id;
  const IdempotencyKey key{"member/1", "like", "print"};
  auto like = [&] {
    return engine_->Execute(
        {.command = LikePost{.post_id = post}, .actor = kim, .idempotency = key});
  };
  ASSERT_TRUE(engine_->Execute({.command = LikePost{.post_id = post}, .actor = kim}).ok());
  EXPECT_EQ(ErrorCodeOf(like().status()), ErrorCode::kPostLikeAlreadyExists);
  ASSERT_TRUE(engine_->Execute({.command = UnlikePost{.post_id = post}, .actor = kim}).ok());
  const Position head = log_.Head();
  EXPECT_EQ(ErrorCodeOf(like().status()), ErrorCode::kPostLikeAlreadyExists);
  EXPECT_EQ(log_.Head(), head);
}

TEST_F(EngineTest, RepeatsInOneBatchGiveOneEvent) {
  Start();
  const MemberId kim = Member("kim");
  listener_.Close();
  engine_->Submit({.command = PublishPost{.content = "gate"}, .actor = kim}, [](auto) {});
  listener_.WaitForBatches(2);
  std::mutex mutex;
  std::vector<PostId> posts;
  for (int i = 0; i < 5; ++i) {
    engine_->Submit({.command = PublishPost{.content = "x"},
                     .actor = kim,
                     .idempotency = IdempotencyKey{"member/1", "k", "print"}},
                    [&](absl::StatusOr<CommandResult> result) {
                      ASSERT_TRUE(result.ok());
                      std::lock_guard<std::mutex> lock(mutex);
                      posts.push_back(result->subject_id);
                    });
  }
  listener_.Open();
  engine_->Stop();
  ASSERT_EQ(posts.size(), 5u);
  EXPECT_THAT(posts, ::testing::Each(posts[0]));
  EXPECT_EQ(log_.Head(), 3u);
}

TEST_F(EngineTest, RelaxedCommandsAreAppendedWithoutAnybodyElsesWrite) {
  EngineOptions options;
  options.relaxed_delay = absl::Milliseconds(1);
  Start(options);
  const MemberId kim = Member("kim"), lee = Member("lee");
  const PostId post = Publish(kim, "x")->subject_id;
  std::mutex mutex;
  std::condition_variable counted;
  bool done = false;
  engine_->Submit(
      {.command = ViewPost{.post_id = post}, .actor = lee, .durability = Durability::kRelaxed},
      [&](absl::StatusOr<CommandResult> result) {
        EXPECT_TRUE(result.ok()) << result.status();
        std::lock_guard<std::mutex> lock(mutex);
        done = true;
        counted.notify_all();
      });
  std::unique_lock<std::mutex> lock(mutex);
  counted.wait(lock, [&] { return done; });
  EXPECT_EQ(EventTypes().back(), "PostViewed");
}

TEST_F(EngineTest, StopFinishesWhatWasTakenAndRefusesTheRest) {
  Start();
  const MemberId kim = Member("kim");
  std::atomic<int> answered = 0;
  constexpr int kCommands = 100;
  for (int i = 0; i < kCommands; ++i) {
    engine_->Submit({.command = PublishPost{.content = "x"}, .actor = kim},
                    [&](absl::StatusOr<CommandResult> result) {
                      EXPECT_TRUE(result.ok());
                      ++answered;
                    });
  }
  engine_->Stop();
  EXPECT_EQ(answered, kCommands);
  EXPECT_TRUE(absl::IsUnavailable(Publish(kim, "late").status()));
  EXPECT_EQ(log_.Head(), 1u + kCommands);
}

TEST_F(EngineTest, NonsenseOptionsAreNamed) {
  EngineOptions options;
  options.queue_capacity = 0;
  auto engine =
      Engine::Start(&log_, &listener_, DayZone::Load("Asia/Seoul").value(), std::move(options));
  EXPECT_TRUE(absl::IsInvalidArgument(engine.status()));
  EXPECT_THAT(std::string(engine.status().message()), ::testing::HasSubstr("queue_capacity"));
}

TEST(DayTest, ADayIsThatOfTheZone) {
  const DayZone seoul = DayZone::Load("Asia/Seoul").value();
  const DayZone utc = DayZone::Load("UTC").value();
  const TimestampNs late = 1'764'000'000LL * 1'000'000'000;  // 2025-11-24T16:00:00Z
  EXPECT_EQ(utc.DayOf(late), 20251124);
  EXPECT_EQ(seoul.DayOf(late), 20251125);
  EXPECT_EQ(utc.DayOf(-1), 19691231);
  EXPECT_FALSE(DayZone::Load("Asia/Nowhere").ok());
}

TEST(DayTest, ParsesOnlyRealDays) {
  EXPECT_EQ(ParseDay("20240229"), 20240229);
  EXPECT_EQ(ParseDay("20230229"), 0);
  EXPECT_EQ(ParseDay("2024022"), 0);
  EXPECT_EQ(ParseDay("2024022x"), 0);
  EXPECT_EQ(ParseDay("20241301"), 0);
}

}  // namespace
}  // namespace dailyfeed

// What the engine promises: all or nothing, bounded, in order, exactly one
// answer.
#include "core/engine/engine.h"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <limits>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "core/domain/errors.h"
#include "core/engine/engine_rig.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace dailyfeed {
namespace {

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
  EXPECT_EQ(engine_->stats().largest_batch, uint64_t{kLikes});
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

TEST_F(EngineTest, ABackgroundCommandIsAppendedWithoutAnotherWrite) {
  EngineOptions options;
  options.background_delay = absl::Milliseconds(1);
  Start(options);
  const MemberId kim = Member("kim"), lee = Member("lee");
  const PostId post = Publish(kim, "x")->subject_id;
  std::mutex mutex;
  std::condition_variable counted;
  bool done = false;
  engine_->Submit(
      {.command = ViewPost{.post_id = post}, .actor = lee, .priority = Priority::kBackground},
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

TEST_F(EngineTest, ABackgroundCommandThatIsDueGetsIntoAFullBatch) {
  EngineOptions options;
  options.batch_commands_max = 8;
  options.background_delay = absl::ZeroDuration();
  Start(options);
  const MemberId kim = Member("kim"), lee = Member("lee");
  const PostId post = Publish(kim, "x")->subject_id;
  listener_.Close();
  engine_->Submit({.command = PublishPost{.content = "gate"}, .actor = kim}, [](auto) {});
  listener_.WaitForBatches(4);
  for (int i = 0; i < 40; ++i) {
    engine_->Submit({.command = PublishPost{.content = "x"}, .actor = kim}, [](auto) {});
  }
  engine_->Submit(
      {.command = ViewPost{.post_id = post}, .actor = lee, .priority = Priority::kBackground},
      [](auto) {});
  const Position before = log_.Head();
  listener_.Open();
  engine_->Stop();
  const std::vector<std::string> types = EventTypes();
  const auto first_batch = types.begin() + static_cast<ptrdiff_t>(before);
  EXPECT_EQ(std::count(first_batch, first_batch + 8, "PostViewed"), 1);
  EXPECT_EQ(types.size(), before + 41);
  EXPECT_EQ(engine_->stats().largest_batch, 8u);
}

TEST_F(EngineTest, BackgroundCommandsLeaveMostOfTheQueueToOthers) {
  EngineOptions options;
  options.queue_capacity = 8;
  Start(options);
  const MemberId kim = Member("kim"), lee = Member("lee");
  const PostId post = Publish(kim, "x")->subject_id;
  listener_.Close();
  engine_->Submit({.command = PublishPost{.content = "gate"}, .actor = kim}, [](auto) {});
  listener_.WaitForBatches(4);
  std::atomic<int> refused = 0;
  const auto submit = [&](Submission submission) {
    engine_->Submit(std::move(submission), [&](absl::StatusOr<CommandResult> result) {
      if (absl::IsResourceExhausted(result.status())) ++refused;
    });
  };
  for (int i = 0; i < 8; ++i) {
    submit({.command = ViewPost{post}, .actor = lee, .priority = Priority::kBackground});
  }
  EXPECT_EQ(refused, 6);
  for (int i = 0; i < 6; ++i) submit({.command = PublishPost{.content = "y"}, .actor = kim});
  EXPECT_EQ(refused, 6) << "three quarters of the queue were free";
  listener_.Open();
  engine_->Stop();
  EXPECT_EQ(refused, 6);
}

TEST_F(EngineTest, MalformedArgumentsAreRefusedAndStopNobody) {
  Start();
  const MemberId kim = Member("kim");
  const auto refused = [&](Submission submission) {
    submission.command = PublishPost{.content = "x"};
    submission.actor = kim;
    const auto result = engine_->Execute(std::move(submission));
    EXPECT_TRUE(absl::IsInvalidArgument(result.status())) << result.status();
    EXPECT_EQ(ErrorCodeOf(result.status()), ErrorCode::kInvalidRequest);
  };
  const std::string nul(1, '\0');
  for (const IdempotencyKey& key : std::vector<IdempotencyKey>{
           {},
           {"member/1", "", "print"},
           {"", nul, "print"},
           {"member/1", "a b", "print"},
           {"member/1", "k\n", "print"},
           {"member/1", "k\x7f", "print"},
           {"member/1", "\xea\xb0\x80", "print"},
           {"member/1", std::string(kIdempotencyKeyBytesMax + 1, 'k'), "print"},
           {"member" + nul + "1", "k", "print"},
           {std::string(kIdempotencyScopeBytesMax + 1, 's'), "k", "print"}}) {
    refused({.idempotency = key});
  }
  refused({.occurred_at = std::numeric_limits<TimestampNs>::min()});
  refused({.occurred_at = std::numeric_limits<TimestampNs>::max()});
  EXPECT_TRUE(engine_->WriteStatus().ok());
  EXPECT_EQ(log_.Head(), 1u);
  EXPECT_EQ(engine_->stats().commands_refused, 12u);
  engine_->StoreAnswer({}, {}, "an answer to no key");
  const IdempotencyKey longest{"", std::string(kIdempotencyKeyBytesMax, '~'), ""};
  EXPECT_TRUE(Publish(kim, "x", longest).ok());
  EXPECT_TRUE(Publish(kim, "x", longest)->replayed);
}

TEST_F(EngineTest, ABatchEndsWithTheCommandThatFillsItsBytes) {
  EngineOptions options;
  options.batch_bytes_max = 1;
  Start(options);
  const MemberId kim = Member("kim");
  listener_.Close();
  engine_->Submit({.command = PublishPost{.content = "gate"}, .actor = kim}, [](auto) {});
  listener_.WaitForBatches(2);
  constexpr int kPosts = 20;
  std::mutex mutex;
  std::vector<PostId> posts;
  for (int i = 0; i < kPosts; ++i) {
    engine_->Submit({.command = PublishPost{.content = std::to_string(i)}, .actor = kim},
                    [&](absl::StatusOr<CommandResult> result) {
                      ASSERT_TRUE(result.ok()) << result.status();
                      std::lock_guard<std::mutex> lock(mutex);
                      posts.push_back(result->subject_id);
                    });
  }
  listener_.Open();
  engine_->Stop();
  EXPECT_EQ(posts.size(), size_t{kPosts});
  EXPECT_EQ(engine_->stats().largest_batch, 1u);
  int next = 0;
  EXPECT_TRUE(log_.Read(3,
                        [&](const v1::Event& event) {
                          EXPECT_EQ(event.payload().post_published().content(),
                                    std::to_string(next++));
                          return true;
                        })
                  .ok());
  EXPECT_EQ(next, kPosts) << "in the order of Submit";
}

class SteppingClock final : public Clock {
 public:
  TimestampNs Now() override { return now_; }
  void Set(TimestampNs now) { now_ = now; }

 private:
  std::atomic<TimestampNs> now_ = 0;
};

TEST_F(EngineTest, TheTimeOfRecordNeverGoesBack) {
  SteppingClock clock;
  EngineOptions options;
  options.clock = &clock;
  std::vector<TimestampNs> recorded;
  const auto run = [&](const std::vector<TimestampNs>& times) {
    Start(options);
    for (const TimestampNs time : times) {
      clock.Set(time);
      EXPECT_TRUE(Publish(1, "x").ok() || Member("kim") == 1);
    }
    engine_->Stop();
  };
  run({5'000'000, 3'000'000, 7'000'000, 1'000'000});
  run({2'000'000, 9'000'000, 8'000'000});
  EXPECT_TRUE(log_.Read(1,
                        [&](const v1::Event& event) {
                          recorded.push_back(event.recorded_at_ns());
                          return true;
                        })
                  .ok());
  EXPECT_EQ(recorded, (std::vector<TimestampNs>{5'000'000, 5'000'000, 7'000'000, 7'000'000,
                                                7'000'000, 9'000'000, 9'000'000}));
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

}  // namespace
}  // namespace dailyfeed

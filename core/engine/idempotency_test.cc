// Repeats of a command: the first answer again, and nothing appended.
#include <limits>
#include <mutex>
#include <string>
#include <vector>

#include "core/domain/errors.h"
#include "core/engine/engine.h"
#include "core/engine/engine_rig.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace dailyfeed {
namespace {

using IdempotencyTest = EngineTest;

TEST_F(IdempotencyTest, ARepeatedKeyAnswersTheFirstResultAndAppendsNothing) {
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

TEST_F(IdempotencyTest, AKeyForAnotherRequestIsRefused) {
  Start();
  const MemberId kim = Member("kim");
  ASSERT_TRUE(Publish(kim, "x", IdempotencyKey{"member/1", "k1", "print"}).ok());
  auto other = Publish(kim, "y", IdempotencyKey{"member/1", "k1", "other print"});
  EXPECT_EQ(ErrorCodeOf(other.status()), ErrorCode::kIdempotencyKeyReused);
  EXPECT_TRUE(Publish(kim, "y", IdempotencyKey{"member/2", "k1", "other print"}).ok())
      << "another scope is another key";
}

TEST_F(IdempotencyTest, ARepeatedKeyRepeatsARefusalEvenWhenItWouldNowSucceed) {
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

TEST_F(IdempotencyTest, RepeatsInOneBatchGiveOneEvent) {
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

TEST_F(IdempotencyTest, ADamagedRecordRefusesItsOwnKeyOnly) {
  const std::string key = std::string("member/1") + '\0' + "k";
  LogBatch damaged;
  damaged.idempotency.push_back(
      {.key = key, .expires_at_ns = std::numeric_limits<TimestampNs>::max(), .value = "\xff"});
  ASSERT_TRUE(log_.Append(damaged).ok());
  Start();
  const MemberId kim = Member("kim");
  const IdempotencyKey unreadable{"member/1", "k", "print"};
  const auto refused = Publish(kim, "x", unreadable);
  EXPECT_EQ(ErrorCodeOf(refused.status()), ErrorCode::kInternalServerError) << refused.status();
  engine_->StoreAnswer(unreadable, {}, "an answer");
  EXPECT_TRUE(Publish(kim, "x", IdempotencyKey{"member/1", "other", "print"}).ok());
  engine_->Stop();
  EXPECT_TRUE(engine_->WriteStatus().ok());
  EXPECT_EQ(log_.Head(), 2u);
}

TEST_F(IdempotencyTest, StoredAnswersAreBoundedByBytes) {
  EngineOptions options;
  options.batch_bytes_max = 4096;
  options.stored_answers_bytes_max = 10'000;
  options.background_delay = absl::Hours(1);
  Start(options);
  const MemberId kim = Member("kim");
  constexpr int kAnswers = 12;
  const auto key = [](int i) { return IdempotencyKey{"member/1", "k" + std::to_string(i), "p"}; };
  std::vector<CommandResult> first;
  for (int i = 0; i < kAnswers; ++i) first.push_back(Publish(kim, "x", key(i)).value());
  // The committer is held, so that all answers wait together.
  listener_.Close();
  engine_->Submit({.command = PublishPost{.content = "gate"}, .actor = kim}, [](auto) {});
  listener_.WaitForBatches(kAnswers + 2);
  for (int i = 0; i < kAnswers; ++i) engine_->StoreAnswer(key(i), first[i], std::string(1000, 'a'));
  const uint64_t batches = engine_->stats().batches;
  listener_.Open();
  engine_->Stop();
  EXPECT_GE(engine_->stats().batches, batches + 5) << "a quarter of a batch is two answers";
  Start();
  for (int i = 0; i < kAnswers; ++i) {
    const auto repeat = Publish(kim, "x", key(i));
    ASSERT_TRUE(repeat.ok() && repeat->replayed);
    EXPECT_EQ(repeat->stored_answer.size(), i < 10 ? 1000u : 0u) << i;
  }
}

TEST_F(IdempotencyTest, AnAnswerThatIsTooLongIsNotStored) {
  Start();
  const MemberId kim = Member("kim");
  constexpr size_t kLongest = 64u << 10;
  const IdempotencyKey fits{"member/1", "fits", "p"}, longer{"member/1", "longer", "p"};
  const auto first = Publish(kim, "x", fits), second = Publish(kim, "x", longer);
  ASSERT_TRUE(first.ok() && second.ok());
  engine_->StoreAnswer(fits, *first, std::string(kLongest, 'a'));
  engine_->StoreAnswer(longer, *second, std::string(kLongest + 1, 'a'));
  engine_->Stop();
  Start();
  EXPECT_EQ(Publish(kim, "x", fits)->stored_answer.size(), kLongest);
  EXPECT_EQ(Publish(kim, "x", longer)->stored_answer, "");
}

}  // namespace
}  // namespace dailyfeed

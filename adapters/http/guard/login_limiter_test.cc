#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

#include "adapters/http/guard/login_throttle.h"

namespace dailyfeed::http {
namespace {

const absl::Time kStart = absl::FromUnixSeconds(1'760'499'296);

// Begins an attempt that fails; false: it was refused.
bool Fail(LoginLimiter& limiter, const std::string& key, absl::Time now) {
  const LoginLimiter::Attempt attempt = limiter.Begin(key, now);
  if (attempt.refused_for) return false;
  limiter.Failed(key, attempt);
  return true;
}

TEST(LoginLimiterTest, RefusesAfterTheLimitUntilTheWindowHasPassed) {
  LoginLimiter limiter(3, absl::Minutes(10), 10);
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(Fail(limiter, "kim", kStart + absl::Minutes(i)));
  EXPECT_EQ(limiter.Begin("kim", kStart + absl::Minutes(4)).refused_for, absl::Minutes(6));
  EXPECT_EQ(limiter.Begin("lee", kStart + absl::Minutes(4)).refused_for, std::nullopt);
  EXPECT_EQ(limiter.Begin("kim", kStart + absl::Minutes(10) - absl::Seconds(1)).refused_for,
            absl::Seconds(1));
  EXPECT_EQ(limiter.Begin("kim", kStart + absl::Minutes(10)).refused_for, std::nullopt);
}

TEST(LoginLimiterTest, ASuccessForgetsFailures) {
  LoginLimiter limiter(2, absl::Minutes(10), 10);
  EXPECT_TRUE(Fail(limiter, "kim", kStart));
  limiter.Succeeded("kim", limiter.Begin("kim", kStart));
  EXPECT_EQ(limiter.size(), 0u);
  EXPECT_TRUE(Fail(limiter, "kim", kStart));
  EXPECT_EQ(limiter.Begin("kim", kStart).refused_for, std::nullopt);
}

TEST(LoginLimiterTest, AnAttemptThatWasNotMadeDoesNotCount) {
  LoginLimiter limiter(1, absl::Minutes(10), 10);
  for (int i = 0; i < 3; ++i) {
    const LoginLimiter::Attempt attempt = limiter.Begin("kim", kStart);
    EXPECT_EQ(attempt.refused_for, std::nullopt);
    limiter.Undo("kim", attempt);
    EXPECT_EQ(limiter.size(), 0u);
  }
  EXPECT_TRUE(Fail(limiter, "kim", kStart));
  EXPECT_FALSE(Fail(limiter, "kim", kStart));
}

TEST(LoginLimiterTest, ZeroIsOff) {
  LoginLimiter limiter(0, absl::Minutes(10), 10);
  for (int i = 0; i < 100; ++i) EXPECT_TRUE(Fail(limiter, "kim", kStart));
  EXPECT_EQ(limiter.size(), 0u);
}

TEST(LoginLimiterTest, MemoryIsBounded) {
  LoginLimiter limiter(1, absl::Minutes(10), 3);
  for (int i = 0; i < 10; ++i) {
    EXPECT_TRUE(Fail(limiter, std::to_string(i), kStart + absl::Seconds(i)));
  }
  EXPECT_EQ(limiter.size(), 3u);
  EXPECT_FALSE(Fail(limiter, "9", kStart + absl::Seconds(10)));
  EXPECT_TRUE(Fail(limiter, "0", kStart + absl::Seconds(10)));
}

// Whoever logs in many times at once and never fails waits for a moment only.
TEST(LoginLimiterTest, AttemptsUnderWayTakePlacesAndCloseNoWindow) {
  LoginLimiter limiter(3, absl::Minutes(10), 10);
  EXPECT_TRUE(Fail(limiter, "kim", kStart));
  const LoginLimiter::Attempt second = limiter.Begin("kim", kStart);
  const LoginLimiter::Attempt third = limiter.Begin("kim", kStart);
  EXPECT_EQ(third.refused_for, std::nullopt);
  EXPECT_EQ(third.earlier, 2u);
  EXPECT_EQ(limiter.Begin("kim", kStart).refused_for, LoginLimiter::kBusy);
  limiter.Failed("kim", second);
  EXPECT_EQ(limiter.Begin("kim", kStart).refused_for, LoginLimiter::kBusy);
  limiter.Failed("kim", third);
  EXPECT_EQ(limiter.Begin("kim", kStart).refused_for, absl::Minutes(10));
}

TEST(LoginLimiterTest, ASuccessLeavesWhatIsStillUnderWay) {
  LoginLimiter limiter(2, absl::Minutes(10), 10);
  const LoginLimiter::Attempt first = limiter.Begin("kim", kStart);
  const LoginLimiter::Attempt second = limiter.Begin("kim", kStart);
  limiter.Succeeded("kim", first);
  EXPECT_EQ(limiter.size(), 1u);
  EXPECT_TRUE(Fail(limiter, "kim", kStart));
  EXPECT_EQ(limiter.Begin("kim", kStart).refused_for, LoginLimiter::kBusy);
  limiter.Failed("kim", second);
  EXPECT_EQ(limiter.Begin("kim", kStart).refused_for, absl::Minutes(10));
}

// Attempts that began in a window that has passed count for no other.
TEST(LoginLimiterTest, TheEndOfAnAttemptOfAFormerWindowChangesNothing) {
  LoginLimiter limiter(2, absl::Minutes(10), 10);
  const LoginLimiter::Attempt late = limiter.Begin("kim", kStart);
  const LoginLimiter::Attempt later = limiter.Begin("kim", kStart);
  const absl::Time next = kStart + absl::Minutes(10);
  const LoginLimiter::Attempt now = limiter.Begin("kim", next);
  EXPECT_EQ(now.refused_for, std::nullopt);
  limiter.Failed("kim", late);
  limiter.Undo("kim", later);
  EXPECT_TRUE(Fail(limiter, "kim", next));
  EXPECT_EQ(limiter.Begin("kim", next).refused_for, LoginLimiter::kBusy);
  limiter.Failed("kim", now);
  EXPECT_EQ(limiter.Begin("kim", next).refused_for, absl::Minutes(10));
}

// What succeeds leaves no window behind that would end too early.
TEST(LoginLimiterTest, TheWindowBeginsWithTheFirstThatFails) {
  LoginLimiter limiter(2, absl::Minutes(10), 10);
  const LoginLimiter::Attempt slow = limiter.Begin("kim", kStart);
  limiter.Begin("lee", kStart + absl::Minutes(1));
  EXPECT_TRUE(Fail(limiter, "kim", kStart + absl::Minutes(9)));
  limiter.Undo("kim", slow);
  EXPECT_TRUE(Fail(limiter, "kim", kStart + absl::Minutes(10)));
  EXPECT_EQ(limiter.Begin("kim", kStart + absl::Minutes(11)).refused_for, absl::Minutes(8));
}

TEST(LoginLimiterTest, AttemptsAtTheSameTimeCannotPassTogether) {
  LoginLimiter limiter(5, absl::Minutes(10), 10);
  std::atomic<int> allowed = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&] {
      for (int n = 0; n < 10; ++n) allowed += Fail(limiter, "kim", kStart) ? 1 : 0;
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(allowed, 5);
}

}  // namespace
}  // namespace dailyfeed::http

#include "adapters/http/login_limiter.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

namespace dailyfeed::http {
namespace {

const absl::Time kStart = absl::FromUnixSeconds(1'760'499'296);

TEST(LoginLimiterTest, RefusesAfterTheLimitUntilTheWindowHasPassed) {
  LoginLimiter limiter(3, absl::Minutes(10), 10);
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(limiter.Begin("kim", kStart + absl::Minutes(i)).refused_for, std::nullopt);
  }
  EXPECT_EQ(limiter.Begin("kim", kStart + absl::Minutes(4)).refused_for, absl::Minutes(6));
  EXPECT_EQ(limiter.Begin("lee", kStart + absl::Minutes(4)).refused_for, std::nullopt);
  EXPECT_EQ(limiter.Begin("kim", kStart + absl::Minutes(10) - absl::Seconds(1)).refused_for,
            absl::Seconds(1));
  EXPECT_EQ(limiter.Begin("kim", kStart + absl::Minutes(10)).refused_for, std::nullopt);
}

TEST(LoginLimiterTest, ASuccessForgetsFailures) {
  LoginLimiter limiter(2, absl::Minutes(10), 10);
  EXPECT_EQ(limiter.Begin("kim", kStart).refused_for, std::nullopt);
  EXPECT_EQ(limiter.Begin("kim", kStart).refused_for, std::nullopt);
  limiter.Succeeded("kim");
  EXPECT_EQ(limiter.size(), 0u);
  EXPECT_EQ(limiter.Begin("kim", kStart).refused_for, std::nullopt);
}

TEST(LoginLimiterTest, AnAttemptThatWasNotMadeDoesNotCount) {
  LoginLimiter limiter(1, absl::Minutes(10), 10);
  EXPECT_EQ(limiter.Begin("kim", kStart).refused_for, std::nullopt);
  limiter.Undo("kim");
  limiter.Undo("kim");
  EXPECT_EQ(limiter.Begin("kim", kStart).refused_for, std::nullopt);
  EXPECT_NE(limiter.Begin("kim", kStart).refused_for, std::nullopt);
}

TEST(LoginLimiterTest, ZeroIsOff) {
  LoginLimiter limiter(0, absl::Minutes(10), 10);
  for (int i = 0; i < 100; ++i) EXPECT_EQ(limiter.Begin("kim", kStart).refused_for, std::nullopt);
  EXPECT_EQ(limiter.size(), 0u);
}

TEST(LoginLimiterTest, MemoryIsBounded) {
  LoginLimiter limiter(1, absl::Minutes(10), 3);
  for (int i = 0; i < 10; ++i) {
    EXPECT_EQ(limiter.Begin(std::to_string(i), kStart + absl::Seconds(i)).refused_for,
              std::nullopt);
  }
  EXPECT_EQ(limiter.size(), 3u);
  EXPECT_NE(limiter.Begin("9", kStart + absl::Seconds(10)).refused_for, std::nullopt);
  EXPECT_EQ(limiter.Begin("0", kStart + absl::Seconds(10)).refused_for, std::nullopt);
}

TEST(LoginLimiterTest, AttemptsAtTheSameTimeCannotPassTogether) {
  LoginLimiter limiter(5, absl::Minutes(10), 10);
  std::atomic<int> allowed = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&] {
      for (int n = 0; n < 10; ++n) allowed += limiter.Begin("kim", kStart).refused_for ? 0 : 1;
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(allowed, 5);
}

}  // namespace
}  // namespace dailyfeed::http

#include "adapters/http/login_throttle.h"

#include <gtest/gtest.h>

namespace dailyfeed::http {
namespace {

const absl::Time kStart = absl::FromUnixSeconds(1'760'499'296);

TEST(LoginThrottleTest, TheAnswersToFailuresOfAnAccountComeLaterAndLaterThenNoneIsTried) {
  LoginThrottle throttle({.account_failures_max = 5,
                          .address_failures_max = 0,
                          .delay_step = absl::Milliseconds(100),
                          .delay_max = absl::Milliseconds(250)});
  for (const int expected_ms : {0, 100, 200, 250, 250}) {
    const LoginThrottle::Attempt attempt = throttle.Begin("kim", "192.0.2.7", kStart);
    EXPECT_FALSE(attempt.refused_for);
    EXPECT_EQ(attempt.delay_if_failed, absl::Milliseconds(expected_ms));
  }
  EXPECT_EQ(throttle.Begin("kim", "192.0.2.8", kStart + absl::Minutes(1)).refused_for,
            absl::Minutes(9));
  EXPECT_EQ(throttle.refused(), 1u);
  EXPECT_EQ(throttle.Begin("lee", "192.0.2.7", kStart).delay_if_failed, absl::ZeroDuration());
  const LoginThrottle::Attempt later = throttle.Begin("kim", "192.0.2.7", kStart + absl::Hours(1));
  EXPECT_FALSE(later.refused_for);
  EXPECT_EQ(later.delay_if_failed, absl::ZeroDuration());
}

TEST(LoginThrottleTest, AnAddressThatTriesManyAccountsIsSlowedDownAndRefused) {
  LoginThrottle throttle({.account_failures_max = 2,
                          .address_failures_max = 5,
                          .delay_step = absl::Milliseconds(100),
                          .delay_max = absl::Seconds(1)});
  int n = 0;
  const auto begin = [&](std::string_view address) {
    return throttle.Begin(std::to_string(n++), address, kStart);
  };
  for (const int expected_ms : {0, 0, 0, 100, 200}) {
    EXPECT_EQ(begin("192.0.2.7").delay_if_failed, absl::Milliseconds(expected_ms));
  }
  EXPECT_EQ(begin("192.0.2.7").refused_for, absl::Minutes(10));
  EXPECT_EQ(begin("::ffff:192.0.2.7").refused_for, absl::Minutes(10));
  EXPECT_FALSE(begin("192.0.2.8").refused_for);
  EXPECT_FALSE(begin("").refused_for);  // not known
  // What was refused for its address does not count for the account.
  for (int i = 0; i < 10; ++i) throttle.Begin("kim", "192.0.2.7", kStart);
  EXPECT_FALSE(throttle.Begin("kim", "192.0.2.9", kStart).refused_for);
}

TEST(LoginThrottleTest, ASuccessForgetsTheAccountAndNotTheAddress) {
  LoginThrottle throttle({.account_failures_max = 3, .address_failures_max = 4});
  for (int i = 0; i < 2; ++i) throttle.Begin("kim", "192.0.2.7", kStart);
  throttle.Succeeded(throttle.Begin("kim", "192.0.2.7", kStart));
  EXPECT_EQ(throttle.Begin("kim", "192.0.2.9", kStart).delay_if_failed, absl::ZeroDuration());
  // Two of four are left, whatever succeeds in between.
  for (int i = 0; i < 10; ++i) throttle.Succeeded(throttle.Begin("eve", "192.0.2.7", kStart));
  EXPECT_FALSE(throttle.Begin("a", "192.0.2.7", kStart).refused_for);
  EXPECT_FALSE(throttle.Begin("b", "192.0.2.7", kStart).refused_for);
  EXPECT_TRUE(throttle.Begin("c", "192.0.2.7", kStart).refused_for);
}

TEST(LoginThrottleTest, WhatWasNeverCheckedDoesNotCount) {
  LoginThrottle throttle({.account_failures_max = 1, .address_failures_max = 1});
  for (int i = 0; i < 5; ++i) {
    const LoginThrottle::Attempt attempt = throttle.Begin("kim", "192.0.2.7", kStart);
    EXPECT_FALSE(attempt.refused_for);
    throttle.Undo(attempt);
  }
}

TEST(LoginThrottleTest, ZeroIsOff) {
  LoginThrottle throttle({.account_failures_max = 0, .address_failures_max = 0});
  for (int i = 0; i < 100; ++i) {
    const LoginThrottle::Attempt attempt = throttle.Begin("kim", "192.0.2.7", kStart);
    EXPECT_FALSE(attempt.refused_for);
    EXPECT_EQ(attempt.delay_if_failed, absl::ZeroDuration());
  }
}

}  // namespace
}  // namespace dailyfeed::http

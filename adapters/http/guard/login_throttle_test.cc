#include "adapters/http/guard/login_throttle.h"

#include <gtest/gtest.h>

namespace dailyfeed::http {
namespace {

const absl::Time kStart = absl::FromUnixSeconds(1'760'499'296);

// An attempt that fails unless it is refused.
LoginThrottle::Attempt Fail(LoginThrottle& throttle, std::string_view account,
                            std::string_view address, absl::Time now = kStart) {
  const LoginThrottle::Attempt attempt = throttle.Begin(account, address, now);
  if (!attempt.refused_for) throttle.Failed(attempt);
  return attempt;
}

TEST(LoginThrottleTest, TheAnswersToFailuresOfAnAccountComeLaterAndLaterThenNoneIsTried) {
  LoginThrottle throttle({.account_failures_max = 5,
                          .address_failures_max = 0,
                          .delay_step = absl::Milliseconds(100),
                          .delay_max = absl::Milliseconds(250)});
  for (const int expected_ms : {0, 100, 200, 250, 250}) {
    const LoginThrottle::Attempt attempt = Fail(throttle, "kim", "192.0.2.7");
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
  const auto fail = [&](std::string_view address) {
    return Fail(throttle, std::to_string(n++), address);
  };
  for (const int expected_ms : {0, 0, 0, 100, 200}) {
    EXPECT_EQ(fail("192.0.2.7").delay_if_failed, absl::Milliseconds(expected_ms));
  }
  EXPECT_EQ(fail("192.0.2.7").refused_for, absl::Minutes(10));
  EXPECT_EQ(fail("::ffff:192.0.2.7").refused_for, absl::Minutes(10));
  EXPECT_FALSE(fail("192.0.2.8").refused_for);
  EXPECT_FALSE(fail("").refused_for);  // not known
  // What was refused for its address does not count for the account.
  for (int i = 0; i < 10; ++i) Fail(throttle, "kim", "192.0.2.7");
  EXPECT_FALSE(throttle.Begin("kim", "192.0.2.9", kStart).refused_for);
}

TEST(LoginThrottleTest, ASuccessForgetsTheAccountAndNotTheAddress) {
  LoginThrottle throttle({.account_failures_max = 3, .address_failures_max = 4});
  for (int i = 0; i < 2; ++i) Fail(throttle, "kim", "192.0.2.7");
  throttle.Succeeded(throttle.Begin("kim", "192.0.2.7", kStart));
  EXPECT_EQ(Fail(throttle, "kim", "192.0.2.9").delay_if_failed, absl::ZeroDuration());
  // Two of four are left, whatever succeeds in between.
  for (int i = 0; i < 10; ++i) throttle.Succeeded(throttle.Begin("eve", "192.0.2.7", kStart));
  EXPECT_FALSE(Fail(throttle, "a", "192.0.2.7").refused_for);
  EXPECT_FALSE(Fail(throttle, "b", "192.0.2.7").refused_for);
  EXPECT_EQ(Fail(throttle, "c", "192.0.2.7").refused_for, absl::Minutes(10));
}

TEST(LoginThrottleTest, AttemptsUnderWayOfAnAddressAreNoFailures) {
  LoginThrottle throttle({.account_failures_max = 9, .address_failures_max = 2});
  const LoginThrottle::Attempt first = throttle.Begin("a", "192.0.2.7", kStart);
  const LoginThrottle::Attempt second = throttle.Begin("b", "192.0.2.7", kStart);
  EXPECT_EQ(throttle.Begin("c", "192.0.2.7", kStart).refused_for, LoginLimiter::kBusy);
  throttle.Succeeded(first);
  throttle.Failed(second);
  EXPECT_FALSE(Fail(throttle, "c", "192.0.2.7").refused_for);
  EXPECT_EQ(Fail(throttle, "d", "192.0.2.7").refused_for, absl::Minutes(10));
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
    const LoginThrottle::Attempt attempt = Fail(throttle, "kim", "192.0.2.7");
    EXPECT_FALSE(attempt.refused_for);
    EXPECT_EQ(attempt.delay_if_failed, absl::ZeroDuration());
  }
}

}  // namespace
}  // namespace dailyfeed::http

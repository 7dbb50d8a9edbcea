// A clock that starts wrong or jumps: nothing is forgotten too early, no session
// that was ended comes back, and everything goes on when the clock is right.
#include <fmt/format.h>

#include <cstdlib>
#include <random>
#include <vector>

#include "adapters/identity/identity_test_util.h"

namespace dailyfeed {
namespace {

constexpr absl::Duration kDays = absl::Hours(48);

class IdentityClockTest : public IdentityTest {
 protected:
  void ExpectDoubted() {
    EXPECT_TRUE(absl::IsFailedPrecondition(identity_->Maintain()));
    EXPECT_EQ(identity_->stats().clock_doubted, 1u);
  }
  void ExpectBelieved() {
    EXPECT_TRUE(identity_->Maintain().ok());
    EXPECT_EQ(identity_->stats().clock_doubted, 0u);
  }
};

TEST_F(IdentityClockTest, AStartDaysAheadForgetsNothing) {
  const IssuedTokens live = Login(1);
  const IssuedTokens ended = Login(2);
  ASSERT_TRUE(identity_->RevokeMember(2).ok());
  const size_t keys = Rows("k/"), rows = Rows("");
  for (const absl::Duration ahead : {kDays, absl::Hours(24 * 300)}) {
    clock_.Set(ahead);
    Reopen();
    ExpectDoubted();
    EXPECT_EQ(Rows("k/"), keys);
    EXPECT_EQ(Rows(""), rows);
    EXPECT_EQ(StateOf(ended.access_token), TokenState::kRevoked);
    clock_.Set(-ahead);
    ExpectBelieved();
    EXPECT_EQ(StateOf(live.access_token), TokenState::kValid);
    EXPECT_EQ(StateOf(ended.access_token), TokenState::kRevoked);
    EXPECT_EQ(identity_->CheckRefreshToken(live.refresh_token), 1u);
  }
  Reopen();
  EXPECT_EQ(StateOf(ended.access_token), TokenState::kRevoked);
}

TEST_F(IdentityClockTest, AJumpWhileItRunsForgetsNothing) {
  const IssuedTokens live = Login(1);
  const IssuedTokens ended_before = Login(2);
  const IssuedTokens ended_meanwhile = Login(3);
  ASSERT_TRUE(identity_->RevokeMember(2).ok());
  ExpectBelieved();
  clock_.Set(absl::Hours(24 * 40));
  ExpectDoubted();
  // Its tokens look expired, its session over: it is ended all the same.
  ASSERT_TRUE(identity_->RevokeMember(3).ok());
  const IssuedTokens ended_at_once = Login(4);
  ASSERT_TRUE(identity_->RevokeMember(4).ok());
  clock_.Advance(absl::Minutes(10));
  ExpectDoubted();
  clock_.Set(-absl::Hours(24 * 40));
  ExpectBelieved();
  EXPECT_EQ(StateOf(live.access_token), TokenState::kValid);
  EXPECT_EQ(Refresh(live.refresh_token).state, RefreshState::kRefreshed);
  for (const IssuedTokens& tokens : {ended_before, ended_meanwhile, ended_at_once}) {
    EXPECT_EQ(StateOf(tokens.access_token), TokenState::kRevoked);
    EXPECT_EQ(Refresh(tokens.refresh_token).state, RefreshState::kRevoked);
  }
}

TEST_F(IdentityClockTest, AServerThatWasStoppedForLongGoesOnAfterAWhile) {
  for (MemberId member = 1; member < 5; ++member) Login(member);
  clock_.Advance(absl::Hours(24 * 40));
  Reopen();
  ExpectDoubted();
  const IssuedTokens tokens = Login(9);
  clock_.Advance(options_.clock_trust_after - absl::Seconds(1));
  ExpectDoubted();
  EXPECT_EQ(Rows("f/"), 5u);
  clock_.Advance(absl::Seconds(1));
  ExpectBelieved();
  EXPECT_EQ(Rows("f/"), 1u);
  EXPECT_EQ(Rows("k/"), 2u);
  EXPECT_EQ(identity_->CheckRefreshToken(tokens.refresh_token), 9u);
  Reopen();
  ExpectBelieved();
}

// The longest token of before the jump is over when the clock is believed.
TEST_F(IdentityClockTest, AClockIsNotBelievedBeforeATokenIsOver) {
  options_.clock_trust_after = absl::ZeroDuration();
  options_.access_token_lifetime = absl::Hours(3);
  Reopen();
  clock_.Set(kDays);
  ExpectDoubted();
  clock_.Advance(absl::Hours(3) - absl::Seconds(1));
  ExpectDoubted();
  clock_.Advance(absl::Seconds(1));
  ExpectBelieved();
}

// It was wrong and believed: what it signed is good for too long, and what was
// ended then may be forgotten. All of it is refused; a refresh gives a new token.
TEST_F(IdentityClockTest, WhatAClockThatWasAheadHasSignedIsRefused) {
  for (const bool restart : {false, true}) {
    clock_.Set(kDays);
    ASSERT_FALSE(identity_->Maintain().ok());
    const IssuedTokens ended = Login(1);
    const IssuedTokens live = Login(2);
    ASSERT_TRUE(identity_->RevokeMember(1).ok());
    clock_.Advance(absl::Hours(27));
    ExpectBelieved();
    EXPECT_EQ(Rows("v/"), 0u);
    const IssuedTokens late = Login(3);
    clock_.Set(-kDays);
    if (restart) {
      Reopen();
    } else {
      ExpectDoubted();
    }
    for (const IssuedTokens& tokens : {ended, live, late}) {
      EXPECT_EQ(StateOf(tokens.access_token), TokenState::kUnknownKey);
    }
    EXPECT_EQ(Rows("k/"), 1u);
    const RefreshOutcome next = Refresh(late.refresh_token);
    ASSERT_EQ(next.state, RefreshState::kRefreshed);
    EXPECT_EQ(StateOf(next.tokens.access_token), TokenState::kValid);
    EXPECT_EQ(Refresh(ended.refresh_token).state, RefreshState::kRevoked);
    ExpectDoubted();  // and no key is replaced twice
    EXPECT_EQ(StateOf(next.tokens.access_token), TokenState::kValid);
    clock_.Advance(options_.clock_trust_after);
    ExpectBelieved();
  }
}

TEST_F(IdentityClockTest, AKeyFromTheFutureIsReplaced) {
  clock_.Set(absl::Hours(20));  // nobody doubts that
  ExpectBelieved();
  const IssuedTokens ahead = Login(1);
  clock_.Set(-absl::Hours(20));
  ExpectBelieved();
  EXPECT_NE(Login(2).access_token.substr(0, 60), ahead.access_token.substr(0, 60));
  const size_t keys = Rows("k/");
  ExpectBelieved();
  EXPECT_EQ(Rows("k/"), keys);
}

TEST_F(IdentityClockTest, TheLastEventOfTheLogIsPast) {
  options_.past = clock_.Now();
  clock_.Set(-kDays);
  Reopen();
  ExpectDoubted();
  clock_.Set(kDays);
  ExpectBelieved();
  options_.past = 0;
}

// Jumps of every size both ways: a token of a session that was ended is never
// good again. A clock that is not doubted is at most so wrong as it may be.
TEST_F(IdentityClockTest, NoJumpBringsAnEndedSessionBack) {
  const char* chosen = std::getenv("DAILYFEED_SEED");
  const uint64_t first = chosen != nullptr ? std::strtoull(chosen, nullptr, 10) : 1;
  for (uint64_t seed = first; seed < first + 8; ++seed) {
    SCOPED_TRACE(fmt::format("--test_env=DAILYFEED_SEED={}", seed));
    std::mt19937_64 random(seed);
    const auto below = [&](uint64_t n) { return static_cast<int64_t>(random() % n); };
    std::vector<std::string> ended;
    absl::Duration wrong;
    for (int step = 0; step < 300; ++step) {
      const MemberId member = 1 + below(3);
      switch (below(8)) {
        case 0:
        case 1: {
          const IssuedTokens tokens = Login(member);
          if (below(2) == 0) break;
          ASSERT_TRUE(identity_->RevokeMember(member).ok());
          ended.push_back(tokens.access_token);
          break;
        }
        case 2:
        case 3:
          clock_.Advance(absl::Minutes(below(240)));
          break;
        case 4:
        case 5: {
          const absl::Duration next =
              below(2) == 0 ? absl::Hours(below(24 * 40) - 24 * 20) : absl::Hours(below(23) - 11);
          clock_.Set(next - wrong);
          wrong = next;
          break;
        }
        case 6:
          Reopen();
          break;
        default:
          break;
      }
      const absl::Status maintained = identity_->Maintain();
      ASSERT_TRUE(maintained.ok() || absl::IsFailedPrecondition(maintained)) << maintained;
      for (const std::string& token : ended) {
        const TokenState state = StateOf(token);
        ASSERT_TRUE(state != TokenState::kValid && state != TokenState::kValidOlderKey) << step;
      }
    }
  }
}

}  // namespace
}  // namespace dailyfeed

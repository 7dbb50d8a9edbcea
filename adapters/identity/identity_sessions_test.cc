// Sessions through the Identity: refresh, reuse, and everything that ends them.
#include <atomic>
#include <thread>
#include <vector>

#include "adapters/identity/identity_test_util.h"
#include "adapters/identity/passwords/passwords.h"

namespace dailyfeed {
namespace {

TEST_F(IdentityTest, RefreshGivesTheNextPairOfTheFamily) {
  const IssuedTokens first = Login(41);
  EXPECT_EQ(first.refresh_token.size(), 43u);
  EXPECT_EQ(identity_->CheckRefreshToken(first.refresh_token), 41u);
  const RefreshOutcome outcome = Refresh(first.refresh_token);
  ASSERT_EQ(outcome.state, RefreshState::kRefreshed);
  EXPECT_EQ(outcome.member, 41u);
  EXPECT_NE(outcome.tokens.refresh_token, first.refresh_token);
  EXPECT_EQ(identity_->CheckAccessToken(first.access_token).session_id, outcome.session_id);
  EXPECT_EQ(identity_->CheckAccessToken(outcome.tokens.access_token).session_id,
            outcome.session_id);
  EXPECT_NE(identity_->CheckAccessToken(outcome.tokens.access_token).token_id,
            identity_->CheckAccessToken(first.access_token).token_id);
  EXPECT_EQ(StateOf(first.access_token), TokenState::kValid);
  EXPECT_EQ(identity_->CheckRefreshToken(first.refresh_token), std::nullopt);
  EXPECT_EQ(identity_->CheckRefreshToken(outcome.tokens.refresh_token), 41u);
}

TEST_F(IdentityTest, ReuseRevokesTheWholeFamily) {
  const IssuedTokens first = Login(41);
  const IssuedTokens elsewhere = Login(41);
  const IssuedTokens second = Refresh(first.refresh_token).tokens;
  clock_.Advance(options_.refresh_leeway);
  EXPECT_EQ(Refresh(first.refresh_token).state, RefreshState::kReused);
  EXPECT_EQ(StateOf(first.access_token), TokenState::kRevoked);
  EXPECT_EQ(StateOf(second.access_token), TokenState::kRevoked);
  EXPECT_EQ(identity_->CheckAccessToken(second.access_token).member, 41u);
  EXPECT_EQ(identity_->CheckRefreshToken(second.refresh_token), std::nullopt);
  EXPECT_EQ(Refresh(second.refresh_token).state, RefreshState::kRevoked);
  EXPECT_EQ(StateOf(elsewhere.access_token), TokenState::kValid);
  Reopen();
  EXPECT_EQ(StateOf(second.access_token), TokenState::kRevoked);
  EXPECT_EQ(Refresh(second.refresh_token).state, RefreshState::kRevoked);
  EXPECT_EQ(Refresh(elsewhere.refresh_token).state, RefreshState::kRefreshed);
}

// Two tabs refresh with one cookie: the later of them neither ends the session
// nor gets tokens.
TEST_F(IdentityTest, TheLastSpentTokenMayComeBackWithinTheLeeway) {
  const IssuedTokens first = Login(41);
  const RefreshOutcome refreshed = Refresh(first.refresh_token);
  const auto expect_just_used = [&] {
    const std::string before = Dump();
    const RefreshOutcome again = Refresh(first.refresh_token);
    EXPECT_EQ(again.state, RefreshState::kJustUsed);
    EXPECT_EQ(again.member, 41u);
    EXPECT_EQ(again.session_id, refreshed.session_id);
    EXPECT_TRUE(again.tokens.access_token.empty());
    EXPECT_TRUE(again.tokens.refresh_token.empty());
    EXPECT_EQ(Dump(), before);
  };
  expect_just_used();
  clock_.Advance(options_.refresh_leeway - absl::Nanoseconds(1));
  expect_just_used();
  Reopen();
  expect_just_used();
  EXPECT_EQ(identity_->CheckRefreshToken(first.refresh_token), std::nullopt);
  EXPECT_EQ(identity_->CheckRefreshToken(refreshed.tokens.refresh_token), 41u);
  EXPECT_EQ(identity_->stats().refresh_tokens_reused, 0u);
  clock_.Advance(absl::Nanoseconds(1));
  EXPECT_EQ(Refresh(first.refresh_token).state, RefreshState::kReused);
  EXPECT_EQ(StateOf(refreshed.tokens.access_token), TokenState::kRevoked);
}

TEST_F(IdentityTest, OnlyTheLastSpentTokenHasTheLeeway) {
  const IssuedTokens first = Login(41);
  const IssuedTokens second = Refresh(first.refresh_token).tokens;
  const IssuedTokens third = Refresh(second.refresh_token).tokens;
  EXPECT_EQ(Refresh(second.refresh_token).state, RefreshState::kJustUsed);
  EXPECT_EQ(Refresh(first.refresh_token).state, RefreshState::kReused);
  EXPECT_EQ(StateOf(third.access_token), TokenState::kRevoked);
  EXPECT_EQ(Refresh(second.refresh_token).state, RefreshState::kRevoked);
}

TEST_F(IdentityTest, AClockThatIsSetBackMakesTheLeewayNoLonger) {
  const IssuedTokens first = Login(41);
  Refresh(first.refresh_token);
  clock_.Advance(-options_.refresh_leeway);
  EXPECT_EQ(Refresh(first.refresh_token).state, RefreshState::kReused);
}

TEST_F(IdentityTest, WithoutALeewayEverySpentTokenIsReused) {
  options_.refresh_leeway = absl::ZeroDuration();
  Reopen();
  const IssuedTokens first = Login(41);
  Refresh(first.refresh_token);
  EXPECT_EQ(Refresh(first.refresh_token).state, RefreshState::kReused);
}

TEST_F(IdentityTest, ARepeatWithItsIdempotencyKeyGetsItsAnswerAndAnotherKeyTheLeeway) {
  const SessionRequest request = {.key = "k", .fingerprint = "refresh"};
  const SessionRequest other = {.key = "other", .fingerprint = "refresh"};
  const IssuedTokens first = Login(41);
  const IssuedTokens second = identity_->Refresh(first.refresh_token, &request)->tokens;
  EXPECT_EQ(Refresh(first.refresh_token).state, RefreshState::kJustUsed);
  EXPECT_EQ(identity_->Refresh(first.refresh_token, &other)->state, RefreshState::kJustUsed);
  EXPECT_EQ(identity_->Refresh(first.refresh_token, &request)->tokens.refresh_token,
            second.refresh_token);
  const IssuedTokens third = Refresh(second.refresh_token).tokens;
  EXPECT_EQ(identity_->Refresh(first.refresh_token, &request)->tokens.refresh_token,
            second.refresh_token);
  EXPECT_EQ(identity_->Refresh(first.refresh_token, &other)->state, RefreshState::kReused);
  EXPECT_EQ(StateOf(third.access_token), TokenState::kRevoked);
}

TEST_F(IdentityTest, UnknownAndExpiredRefreshTokens) {
  const IssuedTokens tokens = Login(41);
  std::string bad = tokens.refresh_token;
  bad[0] = bad[0] == 'A' ? 'B' : 'A';
  for (const std::string& text :
       {bad, std::string(), std::string(10'000, 'x'), tokens.refresh_token + "="}) {
    EXPECT_EQ(Refresh(text).state, RefreshState::kUnknown);
    EXPECT_EQ(identity_->CheckRefreshToken(text), std::nullopt);
  }
  clock_.Advance(absl::Hours(24 * 30) - absl::Nanoseconds(1));
  EXPECT_EQ(identity_->CheckRefreshToken(tokens.refresh_token), 41u);
  clock_.Advance(absl::Nanoseconds(1));
  EXPECT_EQ(identity_->CheckRefreshToken(tokens.refresh_token), std::nullopt);
  EXPECT_EQ(Refresh(tokens.refresh_token).state, RefreshState::kExpired);
}

TEST_F(IdentityTest, OfConcurrentRefreshesOneWins) {
  for (int round = 0; round < 20; ++round) {
    const IssuedTokens tokens = Login(41);
    std::atomic<int> refreshed = 0;
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i) {
      threads.emplace_back(
          [&] { refreshed += Refresh(tokens.refresh_token).state == RefreshState::kRefreshed; });
    }
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(refreshed, 1);
  }
}

TEST_F(IdentityTest, RevokingOneSessionLeavesTheOthers) {
  const IssuedTokens a = Login(41);
  const IssuedTokens b = Login(41);
  const std::string session(identity_->CheckAccessToken(a.access_token).session_id);
  ASSERT_TRUE(identity_->RevokeSession(42, session).ok());
  EXPECT_EQ(StateOf(a.access_token), TokenState::kValid);
  ASSERT_TRUE(identity_->RevokeSession(41, session).ok());
  ASSERT_TRUE(identity_->RevokeSession(41, "no such session").ok());
  EXPECT_EQ(StateOf(a.access_token), TokenState::kRevoked);
  EXPECT_EQ(Refresh(a.refresh_token).state, RefreshState::kRevoked);
  EXPECT_EQ(StateOf(b.access_token), TokenState::kValid);
}

TEST_F(IdentityTest, RevokingAMemberEndsEverythingOfThatMember) {
  std::vector<IssuedTokens> tokens;
  for (int i = 0; i < 5; ++i) tokens.push_back(Login(255));
  const IssuedTokens other = Login(256);
  ASSERT_TRUE(identity_->RevokeMember(255).ok());
  for (const IssuedTokens& t : tokens) {
    EXPECT_EQ(StateOf(t.access_token), TokenState::kRevoked);
    EXPECT_EQ(Refresh(t.refresh_token).state, RefreshState::kRevoked);
  }
  EXPECT_EQ(StateOf(other.access_token), TokenState::kValid);
  EXPECT_EQ(StateOf(Login(255).access_token), TokenState::kValid);
}

TEST_F(IdentityTest, RevokedStaysRevokedBehindItsEnd) {
  const IssuedTokens revoked = Login(41);
  const IssuedTokens live = Login(42);
  ASSERT_TRUE(identity_->RevokeMember(41).ok());
  clock_.Advance(absl::Hours(2));
  ASSERT_TRUE(identity_->Maintain().ok());
  EXPECT_EQ(Rows("v/"), 1u);
  EXPECT_EQ(StateOf(revoked.access_token), TokenState::kRevoked);
  // So long a clock may be ahead that nobody doubts.
  clock_.Advance(options_.clock_jump_max);
  ASSERT_TRUE(identity_->Maintain().ok());
  EXPECT_EQ(Rows("v/"), 0u);
  EXPECT_EQ(StateOf(revoked.access_token), TokenState::kRevoked);
  EXPECT_EQ(StateOf(live.access_token), TokenState::kExpired);
}

TEST_F(IdentityTest, WhatIsOverIsForgotten) {
  IssuedTokens kept = Login(1);
  for (MemberId member = 2; member < 50; ++member) Login(member);
  ASSERT_TRUE(identity_->RevokeMember(2).ok());
  clock_.Advance(absl::Hours(24 * 15));
  kept = Refresh(kept.refresh_token).tokens;
  clock_.Advance(absl::Hours(24 * 16));
  ASSERT_TRUE(identity_->Maintain().ok());
  EXPECT_EQ(Rows("f/"), 1u);
  EXPECT_EQ(Rows("r/"), 1u);
  EXPECT_EQ(Rows("s/"), 1u);
  EXPECT_EQ(Rows("v/"), 0u);
  EXPECT_EQ(Refresh(kept.refresh_token).state, RefreshState::kRefreshed);
  clock_.Advance(absl::Hours(24 * 31));
  ASSERT_TRUE(identity_->Maintain().ok());
  EXPECT_EQ(Rows("f/") + Rows("r/") + Rows("s/") + Rows("v/") + Rows("e/"), 0u);
}

// A damaged row among what is due is reported, and stops nothing behind it.
TEST_F(IdentityTest, ADamagedRowDoesNotStopThePurgeBehindIt) {
  for (MemberId member = 1; member < 9; ++member) Login(member);
  clock_.Advance(absl::Hours(24 * 30));
  ASSERT_TRUE(identity_->Maintain().ok());
  Login(9);
  StoreBatch damage;
  damage.Put("e/", {});
  damage.Put("e/\1", {});
  damage.Put(std::string("e/\0\0\0\0\0\0\0\1f/none", 16), {});
  auto it = store_.NewIterator({});
  while (it->key().substr(0, 2) != "f/") it->Next();
  damage.Put(it->key(), "\xff");
  it.reset();
  ASSERT_TRUE(store_.Write(std::move(damage)).ok());
  clock_.Advance(absl::Hours(24 * 31));
  EXPECT_TRUE(absl::IsDataLoss(identity_->Maintain()));
  EXPECT_EQ(Rows("f/") + Rows("r/") + Rows("e/"), 0u);
  EXPECT_TRUE(identity_->Maintain().ok());
}

TEST_F(IdentityTest, NoTokenIsEverStored) {
  const IssuedTokens tokens = Login(41);
  const IssuedTokens next = Refresh(tokens.refresh_token).tokens;
  const std::string all = Dump();
  for (const IssuedTokens& t : {tokens, next}) {
    EXPECT_EQ(all.find(t.refresh_token), std::string::npos);
    EXPECT_EQ(all.find(t.access_token), std::string::npos);
  }
}

TEST_F(IdentityTest, UserAgentIsCut) {
  const auto agent = [](size_t characters, std::string_view character) {
    std::string text;
    for (size_t i = 0; i < characters; ++i) text += character;
    return text;
  };
  const std::pair<std::string, std::string> rows[] = {
      {agent(700, "x"), agent(500, "x")},
      {agent(700, "한"), agent(500, "한")},
      {agent(700, "\xff"), agent(500, "\xff")},
      {agent(500, "😀"), agent(250, "😀")},              // two UTF-16 units each
      {"x" + agent(250, "😀"), "x" + agent(249, "😀")},  // no half of a pair
      {agent(499, "x") + "한", agent(499, "x") + "한"},
  };
  MemberId member = 0;
  for (const auto& [received, kept] : rows) {
    ASSERT_TRUE(identity_->OpenSession(++member, received, "p").ok());
    EXPECT_EQ(identity_->SessionsOf(member)->front().user_agent, kept);
  }
}

TEST_F(IdentityTest, LoggingOutEndsTheSessionOfTheCookieTooWhenItIsTheMembersOwn) {
  const IssuedTokens a = Login(41);
  const IssuedTokens b = Login(41);
  const IssuedTokens other = Login(42);
  const auto session = [&](const IssuedTokens& tokens) {
    return std::string(identity_->CheckAccessToken(tokens.access_token).session_id);
  };
  ASSERT_TRUE(identity_->LogOut(42, session(a), a.refresh_token).ok());
  ASSERT_TRUE(identity_->LogOut(41, "none", "none").ok());
  EXPECT_EQ(StateOf(a.access_token), TokenState::kValid);
  ASSERT_TRUE(identity_->LogOut(41, session(a), other.refresh_token).ok());
  EXPECT_EQ(StateOf(a.access_token), TokenState::kRevoked);
  EXPECT_EQ(StateOf(b.access_token), TokenState::kValid);
  EXPECT_EQ(StateOf(other.access_token), TokenState::kValid);
  const IssuedTokens c = Login(41);
  const IssuedTokens b_next = Refresh(b.refresh_token).tokens;
  ASSERT_TRUE(identity_->LogOut(41, session(c), b.refresh_token).ok());  // a spent one
  EXPECT_EQ(StateOf(c.access_token), TokenState::kRevoked);
  EXPECT_EQ(StateOf(b_next.access_token), TokenState::kRevoked);
}

TEST_F(IdentityTest, ALoginThatBeganBeforeEverySessionEndedOpensNone) {
  const uint64_t epoch = identity_->SessionEpoch(41);
  ASSERT_TRUE(identity_->OpenSession(41, "agent", "peer", epoch).ok());
  ASSERT_TRUE(identity_->RevokeMember(41).ok());
  EXPECT_TRUE(absl::IsAborted(identity_->OpenSession(41, "agent", "peer", epoch).status()));
  EXPECT_TRUE(identity_->SessionsOf(41)->empty());
  EXPECT_TRUE(identity_->OpenSession(41, "agent", "peer", identity_->SessionEpoch(41)).ok());
  EXPECT_EQ(identity_->SessionsOf(41)->size(), 1u);
}

TEST_F(IdentityTest, ANewPasswordEndsEverySessionInOneStep) {
  const std::string subject =
      identity_->CreateSubject(identity_->HashPassword("Secret1!x").value()).value();
  const IssuedTokens a = Login(41);
  const IssuedTokens b = Login(41);
  const IssuedTokens other = Login(42);
  const uint64_t epoch = identity_->SessionEpoch(41);
  const std::string hash = identity_->HashPassword("Other2@yy").value();
  ASSERT_TRUE(identity_->ReplacePassword(41, subject, hash, epoch).ok());
  for (const IssuedTokens& tokens : {a, b}) {
    EXPECT_EQ(StateOf(tokens.access_token), TokenState::kRevoked);
    EXPECT_EQ(Refresh(tokens.refresh_token).state, RefreshState::kRevoked);
  }
  EXPECT_EQ(StateOf(other.access_token), TokenState::kValid);
  EXPECT_FALSE(identity_->VerifyPassword(subject, "Secret1!x").value());
  EXPECT_TRUE(identity_->VerifyPassword(subject, "Other2@yy").value());
  // What was decided before that change does not undo it.
  const std::string stale = identity_->HashPassword("Secret1!x").value();
  EXPECT_TRUE(absl::IsAborted(identity_->ReplacePassword(41, subject, stale, epoch)));
  EXPECT_TRUE(identity_->VerifyPassword(subject, "Other2@yy").value());
}

TEST_F(IdentityTest, SessionsAreListedTheLastUsedFirstUntilTheyAreOver) {
  const IssuedTokens first = Login(41);
  clock_.Advance(absl::Minutes(1));
  const IssuedTokens second = Login(41);
  Login(42);
  clock_.Advance(absl::Minutes(1));
  ASSERT_EQ(Refresh(first.refresh_token).state, RefreshState::kRefreshed);
  std::vector<SessionInfo> sessions = identity_->SessionsOf(41).value();
  ASSERT_EQ(sessions.size(), 2u);
  EXPECT_EQ(sessions[0].session_id, identity_->CheckAccessToken(first.access_token).session_id);
  EXPECT_EQ(sessions[0].last_used_at, clock_.Now());
  EXPECT_EQ(sessions[0].created_at, clock_.Now() - absl::ToInt64Nanoseconds(absl::Minutes(2)));
  EXPECT_EQ(sessions[0].expires_at, clock_.Now() + absl::ToInt64Nanoseconds(absl::Hours(24 * 30)));
  EXPECT_EQ(sessions[1].session_id, identity_->CheckAccessToken(second.access_token).session_id);
  EXPECT_EQ(sessions[1].user_agent, "agent");
  EXPECT_EQ(sessions[1].peer_address, "10.0.0.1");
  EXPECT_TRUE(identity_->RevokeSession(41, sessions[1].session_id).value());
  EXPECT_FALSE(identity_->RevokeSession(41, sessions[1].session_id).value());
  EXPECT_EQ(identity_->SessionsOf(41)->size(), 1u);
  clock_.Advance(absl::Hours(24 * 30));  // not purged yet
  EXPECT_TRUE(identity_->SessionsOf(41)->empty());
  EXPECT_FALSE(identity_->RevokeSession(41, sessions[0].session_id).value());
}

// The same work for a member with a wrong password and for nobody.
TEST_F(IdentityTest, NobodysPasswordCostsAsMuchAsSomebodys) {
  const std::string subject =
      identity_->CreateSubject(identity_->HashPassword("Secret1!x").value()).value();
  const auto hashes = [&](std::string_view of) {
    const uint64_t before = identity_->stats().password_hashes;
    EXPECT_FALSE(identity_->VerifyPassword(of, "Wrong1!xx").value());
    return identity_->stats().password_hashes - before;
  };
  EXPECT_EQ(hashes(subject), 1u);
  EXPECT_EQ(hashes(""), 1u);
  EXPECT_EQ(hashes("0123456789abcdef"), 1u);
}

// The same while some passwords were hashed with former parameters: whoever
// guesses pays for every cost that is in use.
TEST_F(IdentityTest, NobodyIsToldByTheTimeOfFormerParameters) {
  const auto account = [&](std::string_view password) {
    return identity_->CreateSubject(identity_->HashPassword(password).value()).value();
  };
  const auto hashes = [&](std::string_view of) {
    const uint64_t before = identity_->stats().password_hashes;
    EXPECT_FALSE(identity_->VerifyPassword(of, "Wrong1!xx").value());
    return identity_->stats().password_hashes - before;
  };
  const auto renew = [&](std::string_view of, std::string_view password) {
    return identity_->RenewPasswordHash(41, of, password, identity_->SessionEpoch(41)).value();
  };
  const auto reopen_with = [&](uint64_t operations) {
    options_.argon2_operations = operations;
    Reopen();
  };
  const std::string first = account("First1!xx");
  reopen_with(2);
  const std::string second = account("Second1!x");
  reopen_with(3);
  const std::string third = account("Third1!xx");
  for (const std::string& subject : {first, second, third, std::string(), std::string("nobody")}) {
    EXPECT_EQ(hashes(subject), 3u);
  }
  EXPECT_TRUE(identity_->VerifyPassword(first, "First1!xx").value());
  EXPECT_TRUE(identity_->VerifyPassword(second, "Second1!x").value());
  EXPECT_TRUE(identity_->VerifyPassword(third, "Third1!xx").value());

  EXPECT_TRUE(renew(second, "Second1!x"));
  Reopen();  // nobody has the second cost any more
  for (const std::string& subject : {first, second, third, std::string()}) {
    EXPECT_EQ(hashes(subject), 2u);
  }
  EXPECT_TRUE(renew(first, "First1!xx"));
  Reopen();
  for (const std::string& subject : {first, second, third, std::string()}) {
    EXPECT_EQ(hashes(subject), 1u);
  }
  // Back to a cost that was the only one before.
  reopen_with(1);
  EXPECT_EQ(hashes(""), 2u);
  const std::string fourth = account("Fourth1!x");
  reopen_with(3);
  EXPECT_EQ(hashes(""), 2u);
  EXPECT_EQ(hashes(fourth), 2u);
  ASSERT_TRUE(identity_->DestroySubject(fourth).ok());
  Reopen();
  EXPECT_EQ(hashes(""), 1u);
}

// A login that hashes the password anew, and a change of that password which
// ends in between: the old one is not written over the new one.
TEST_F(IdentityTest, NoHashIsRenewedBehindAChangeOfThePassword) {
  const Argon2Parameters of_then = {.operations = 2, .memory_bytes = 8192};
  const std::string subject =
      identity_->CreateSubject(HashPasswordArgon2("old", of_then).value()).value();
  const uint64_t epoch = identity_->SessionEpoch(41);
  ASSERT_TRUE(identity_->VerifyPassword(subject, "old").value());
  const std::string next = HashPasswordArgon2("new", of_then).value();
  ASSERT_TRUE(identity_->ReplacePassword(41, subject, next, epoch).ok());
  EXPECT_TRUE(absl::IsAborted(identity_->RenewPasswordHash(41, subject, "old", epoch).status()));
  EXPECT_FALSE(identity_->VerifyPassword(subject, "old").value());
  EXPECT_TRUE(identity_->VerifyPassword(subject, "new").value());

  const uint64_t now = identity_->SessionEpoch(41);
  EXPECT_TRUE(identity_->RenewPasswordHash(41, subject, "new", now).value());
  EXPECT_TRUE(identity_->VerifyPassword(subject, "new").value());
  EXPECT_FALSE(identity_->RenewPasswordHash(41, subject, "new", now).value());  // it is of now
  ASSERT_TRUE(identity_->DestroySubject(subject).ok());
  EXPECT_FALSE(identity_->RenewPasswordHash(41, subject, "new", now).value());
  EXPECT_FALSE(identity_->VerifyPassword(subject, "new").value());
  EXPECT_EQ(identity_->stats().password_hashes_renewed, 1u);
}

}  // namespace
}  // namespace dailyfeed

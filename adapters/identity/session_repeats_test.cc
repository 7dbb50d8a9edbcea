#include "adapters/identity/sessions/session_repeats.h"

#include <thread>

#include "adapters/identity/identity_test_util.h"
#include "core/domain/errors.h"

namespace dailyfeed {
namespace {

constexpr MemberId kKim = 41;
constexpr MemberId kLee = 42;

class SessionRepeatsTest : public IdentityTest {
 protected:
  absl::StatusOr<IssuedTokens> LogIn(MemberId member, const SessionRequest& request) {
    return identity_->OpenSession(member, "agent", "10.0.0.1", std::nullopt, &request);
  }
  const SessionRequest request_ = {.key = "client-key-1", .fingerprint = "POST login"};
  const SessionRequest other_ = {.key = "client-key-1", .fingerprint = "POST refresh"};
};

void ExpectEqual(const IssuedTokens& a, const IssuedTokens& b) {
  EXPECT_EQ(a.access_token, b.access_token);
  EXPECT_EQ(a.access_lifetime, b.access_lifetime);
  EXPECT_EQ(a.refresh_token, b.refresh_token);
  EXPECT_EQ(a.refresh_lifetime, b.refresh_lifetime);
}

void ExpectKeyReused(const absl::Status& status) {
  EXPECT_EQ(ErrorCodeOf(status), ErrorCode::kIdempotencyKeyReused) << status;
}

TEST_F(SessionRepeatsTest, TheFirstAnswerComesAgainAndOpensNothing) {
  const IssuedTokens first = LogIn(kKim, request_).value();
  ExpectEqual(LogIn(kKim, request_).value(), first);
  Reopen();
  ExpectEqual(LogIn(kKim, request_).value(), first);
  EXPECT_EQ(identity_->SessionsOf(kKim)->size(), 1u);
  ExpectKeyReused(LogIn(kKim, other_).status());
  // The key of somebody else is another one.
  EXPECT_NE(LogIn(kLee, request_)->access_token, first.access_token);
  EXPECT_EQ(identity_->SessionsOf(kKim)->size(), 1u);
}

TEST_F(SessionRepeatsTest, AnswersAreForgottenWhenTheirTimeIsOver) {
  const IssuedTokens first = LogIn(kKim, request_).value();
  clock_.Advance(absl::Hours(24) - absl::Nanoseconds(1));
  ExpectEqual(LogIn(kKim, request_).value(), first);
  clock_.Advance(absl::Nanoseconds(1));
  const IssuedTokens second = LogIn(kKim, request_).value();
  EXPECT_NE(second.access_token, first.access_token);
  // The row of the first use goes, that of the second stays.
  EXPECT_EQ(Rows("a/"), 2u);
  clock_.Advance(absl::Nanoseconds(1));
  ASSERT_TRUE(identity_->Maintain().ok());
  EXPECT_EQ(Rows("a/"), 1u);
  ExpectEqual(LogIn(kKim, request_).value(), second);
}

TEST_F(SessionRepeatsTest, TheStoreTellsNeitherKeysNorTokens) {
  const IssuedTokens tokens = LogIn(kKim, request_).value();
  const RefreshOutcome next = identity_->Refresh(tokens.refresh_token, &request_).value();
  const std::string all = Dump();
  for (const std::string& secret :
       {request_.key, request_.fingerprint, tokens.access_token, tokens.refresh_token,
        next.tokens.access_token, next.tokens.refresh_token}) {
    EXPECT_EQ(all.find(secret), std::string::npos) << secret;
  }
  EXPECT_EQ(Rows("a/"), 2u);
}

TEST_F(SessionRepeatsTest, ARefreshIsRepeatedForWhoeverHasTokenAndKey) {
  const IssuedTokens login = Login(kKim);
  const RefreshOutcome first = identity_->Refresh(login.refresh_token, &request_).value();
  const RefreshOutcome again = identity_->Refresh(login.refresh_token, &request_).value();
  EXPECT_EQ(again.state, RefreshState::kRefreshed);
  EXPECT_EQ(again.member, kKim);
  EXPECT_EQ(again.session_id, first.session_id);
  ExpectEqual(again.tokens, first.tokens);
  ExpectKeyReused(identity_->Refresh(login.refresh_token, &other_).status());
  EXPECT_EQ(identity_->stats().refresh_tokens_reused, 0u);
  clock_.Advance(options_.refresh_leeway);
  EXPECT_EQ(identity_->Refresh(login.refresh_token)->state, RefreshState::kReused);
  EXPECT_EQ(StateOf(first.tokens.access_token), TokenState::kRevoked);
}

TEST_F(SessionRepeatsTest, EqualRequestsAtOnceGetOneAnswer) {
  constexpr int kThreads = 8;
  for (int round = 0; round < 20; ++round) {
    const IssuedTokens login = Login(kKim);
    std::vector<std::string> answers(kThreads);
    std::vector<std::thread> threads;
    for (std::string& answer : answers) {
      threads.emplace_back([&] {
        answer = identity_->Refresh(login.refresh_token, &request_)->tokens.access_token;
      });
    }
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(answers, std::vector<std::string>(kThreads, answers.front()));
    EXPECT_EQ(StateOf(answers.front()), TokenState::kValid);
  }
}

TEST_F(SessionRepeatsTest, WhatEndsSessionsIsRepeatedToo) {
  const std::string subject =
      identity_->CreateSubject(identity_->HashPassword("old").value()).value();
  const IssuedTokens a = Login(kKim);
  const std::string session(identity_->CheckAccessToken(a.access_token).session_id);
  EXPECT_FALSE(*identity_->RevokeSession(kLee, session, &request_));
  EXPECT_TRUE(*identity_->RevokeSession(kKim, session, &request_));
  EXPECT_TRUE(*identity_->RevokeSession(kKim, session, &request_));
  EXPECT_FALSE(*identity_->RevokeSession(kKim, session));
  ExpectKeyReused(identity_->RevokeSession(kKim, session, &other_).status());

  const SessionRequest change = {.key = "client-key-2", .fingerprint = "PUT password"};
  const std::string hash = identity_->HashPassword("new").value();
  const auto replace = [&] {
    return identity_->ReplacePassword(kKim, subject, hash, identity_->SessionEpoch(kKim), &change);
  };
  EXPECT_FALSE(*identity_->HasReplacedPassword(kKim, &change));
  EXPECT_FALSE(*identity_->HasReplacedPassword(kKim, nullptr));
  ASSERT_TRUE(replace().ok());
  EXPECT_TRUE(*identity_->HasReplacedPassword(kKim, &change));
  const IssuedTokens b = Login(kKim);
  ASSERT_TRUE(replace().ok());
  EXPECT_EQ(StateOf(b.access_token), TokenState::kValid);
}

TEST_F(SessionRepeatsTest, WhatFailsLeavesNothingToRepeat) {
  const std::string subject = identity_->CreateSubject("hash").value();
  const uint64_t epoch = identity_->SessionEpoch(kKim);
  ASSERT_TRUE(identity_->RevokeMember(kKim).ok());
  EXPECT_TRUE(
      absl::IsAborted(identity_->OpenSession(kKim, "agent", "peer", epoch, &request_).status()));
  EXPECT_TRUE(
      absl::IsAborted(identity_->ReplacePassword(kKim, subject, "other", epoch, &request_)));
  EXPECT_EQ(identity_->Refresh(std::string(43, 'x'), &request_)->state, RefreshState::kUnknown);
  EXPECT_EQ(Rows("a/"), 0u);
}

}  // namespace
}  // namespace dailyfeed

// Random histories of logins, refreshes, revocations, restarts and failing
// writes against a model that keeps everything in plain maps.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "adapters/identity/identity.h"
#include "core/domain/errors.h"
#include "core/ports/memory_store.h"

namespace dailyfeed {
namespace {

class ModelClock : public Clock {
 public:
  TimestampNs Now() override { return now_; }
  void Advance(absl::Duration by) {
    now_ += absl::ToInt64Nanoseconds(by);
    steady_.now += absl::ToInt64Nanoseconds(by);
  }
  void Set(absl::Duration ahead) { now_ += absl::ToInt64Nanoseconds(ahead); }
  Clock* steady() { return &steady_; }

 private:
  struct Steady : Clock {
    TimestampNs Now() override { return now; }
    TimestampNs now = 1'000'000'000;
  };

  Steady steady_;
  TimestampNs now_ = TimestampNs{1'763'000'000} * 1'000'000'000;
};

// Every write fails while `failing`, and then changes nothing.
class FailingStore : public Store {
 public:
  absl::StatusOr<bool> Get(std::string_view key, std::string* value) const override {
    return rows_.Get(key, value);
  }
  absl::StatusOr<std::vector<Found>> MultiGet(const std::vector<std::string>& keys) const override {
    return rows_.MultiGet(keys);
  }
  std::unique_ptr<StoreIterator> NewIterator(const KeyRange& range) const override {
    return rows_.NewIterator(range);
  }
  absl::Status Write(StoreBatch batch) override {
    if (failing) return absl::UnavailableError("no space left");
    return rows_.Write(std::move(batch));
  }
  absl::Status Sync() override { return rows_.Sync(); }
  std::unique_ptr<StoreSnapshot> NewSnapshot() const override { return rows_.NewSnapshot(); }

  bool failing = false;

 private:
  MemoryStore rows_;
};

constexpr absl::Duration kAccess = absl::Hours(1);
constexpr absl::Duration kRefresh = absl::Hours(24);
constexpr MemberId kMembers = 4;

struct Family {
  MemberId member = 0;
  bool revoked = false;
  int refreshes = 0;
};

struct Token {
  size_t family = 0;
  std::string refresh;
  std::string access;
  TimestampNs access_end = 0;
  TimestampNs refresh_end = 0;
  bool used = false;
  int serial = 0;
  TimestampNs used_at = 0;
  // When it was spent by a request with an idempotency key: what that answered.
  std::optional<IssuedTokens> answer;
  TimestampNs answer_end = 0;
};

struct LoginUnderWay {
  MemberId member = 0;
  uint64_t epoch = 0;
  int ended = 0;
};

class SessionsModel {
 public:
  explicit SessionsModel(uint64_t seed) : random_(seed) {
    options_.clock = &clock_;
    options_.steady_clock = clock_.steady();
    // Every jump of a history is corrected before it is believed.
    options_.clock_trust_after = absl::Hours(24 * 365);
    options_.access_token_lifetime = kAccess;
    options_.refresh_token_lifetime = kRefresh;
    // So far that no key is retired in a history; key_ring has tests of that.
    options_.key_grace = absl::Hours(24 * 365);
    options_.refresh_leeway = absl::Minutes(20);
    options_.idempotency_retention = absl::Hours(3);
    options_.argon2_operations = 1;
    options_.argon2_memory_bytes = 8192;
    Reopen();
  }

  void Step() {
    switch (Below(17)) {
      case 0:
      case 1:
      case 2:
        return Login();
      case 3:
      case 4:
      case 5:
        return Refresh();
      case 6:
        return RevokeOne();
      case 7:
        return Below(4) == 0 ? RevokeAll() : Login();
      case 8:
        return clock_.Advance(absl::Minutes(static_cast<int64_t>(Below(90))));
      case 9: {
        const absl::Status maintained = identity_->Maintain();
        EXPECT_TRUE(maintained.ok() || absl::IsFailedPrecondition(maintained)) << maintained;
        return;
      }
      case 10:
        return Below(4) == 0 ? Reopen() : Refresh();
      case 11:
        return WritesFail();
      case 12:
        return LogOut();
      case 13:
        return BeginLogin();
      case 14:
        return RefreshUnderKey();
      case 15:
        return Jump();
      default:
        return Below(3) == 0 ? ChangePassword() : EndLogin();
    }
  }

  void CheckEverything() {
    for (const Token& token : tokens_) {
      const Family& family = families_[token.family];
      const TokenCheck check = identity_->CheckAccessToken(token.access);
      ASSERT_EQ(check.member, family.member);
      if (clock_.Now() < token.access_end) {
        ASSERT_EQ(check.state == TokenState::kRevoked, family.revoked);
        ASSERT_TRUE(family.revoked || check.state == TokenState::kValid ||
                    check.state == TokenState::kValidOlderKey);
      } else if (!family.revoked) {
        ASSERT_EQ(check.state, TokenState::kExpired);
      } else {
        // Until the family is forgotten.
        ASSERT_TRUE(check.state == TokenState::kRevoked || check.state == TokenState::kExpired);
      }
      ASSERT_EQ(identity_->CheckRefreshToken(token.refresh).has_value(), Accepts(token));
    }
    for (MemberId member = 1; member <= kMembers; ++member) CheckList(member);
    for (MemberId member = 1; member <= kMembers; ++member) {
      for (const int password : {passwords_[member] - 1, passwords_[member]}) {
        ASSERT_EQ(identity_->VerifyPassword(subjects_[member], std::to_string(password)).value(),
                  password == passwords_[member]);
      }
    }
  }

 private:
  uint64_t Below(uint64_t n) { return std::uniform_int_distribution<uint64_t>(0, n - 1)(random_); }

  bool Accepts(const Token& token) const {
    return !token.used && !families_[token.family].revoked && clock_.Now() < token.refresh_end;
  }

  void Reopen() {
    identity_ = nullptr;
    logins_.clear();  // those under way went with the process
    identity_ = Identity::Open(&store_, options_).value();
    for (MemberId member = subjects_.size(); member <= kMembers; ++member) {
      subjects_.push_back(identity_->CreateSubject(identity_->HashPassword("0").value()).value());
    }
  }

  // A session is listed as long as one of its tokens is good for something.
  void CheckList(MemberId member) {
    std::set<std::string> expected, listed;
    for (const Token& token : tokens_) {
      const Family& family = families_[token.family];
      const TimestampNs end = std::max(token.access_end, token.refresh_end);
      if (family.member == member && !family.revoked && clock_.Now() < end) {
        expected.emplace(identity_->CheckAccessToken(token.access).session_id);
      }
    }
    const std::vector<SessionInfo> sessions = identity_->SessionsOf(member).value();
    for (const SessionInfo& session : sessions) listed.insert(session.session_id);
    ASSERT_EQ(listed, expected);
  }

  void Remember(size_t family, const IssuedTokens& issued) {
    const TimestampNs second = 1'000'000'000;
    const TimestampNs now = clock_.Now();
    tokens_.push_back({.family = family,
                       .refresh = issued.refresh_token,
                       .access = issued.access_token,
                       .access_end = now / second * second + absl::ToInt64Nanoseconds(kAccess),
                       .refresh_end = now + absl::ToInt64Nanoseconds(kRefresh),
                       .serial = families_[family].refreshes});
  }
  void Spend(Token* token) {
    token->used = true;
    token->used_at = clock_.Now();
    ++families_[token->family].refreshes;
  }

  void Login() {
    const MemberId member = 1 + Below(kMembers);
    const auto issued = identity_->OpenSession(member, "agent", "peer");
    ASSERT_TRUE(issued.ok()) << issued.status();
    families_.push_back({.member = member});
    Remember(families_.size() - 1, *issued);
  }

  void Refresh() {
    if (tokens_.empty()) return;
    const size_t index = Below(tokens_.size());
    Token& token = tokens_[index];
    Family& family = families_[token.family];
    const auto outcome = identity_->Refresh(token.refresh);
    ASSERT_TRUE(outcome.ok()) << outcome.status();
    if (clock_.Now() >= token.refresh_end) {
      ASSERT_TRUE(outcome->state == RefreshState::kExpired ||
                  outcome->state == RefreshState::kUnknown);  // purged
      return;
    }
    if (family.revoked) {
      ASSERT_EQ(outcome->state, RefreshState::kRevoked);
    } else if (token.used && token.serial + 1 == family.refreshes &&
               std::abs(clock_.Now() - token.used_at) <
                   absl::ToInt64Nanoseconds(options_.refresh_leeway)) {
      ASSERT_EQ(outcome->state, RefreshState::kJustUsed);
    } else if (token.used) {
      ASSERT_EQ(outcome->state, RefreshState::kReused);
      family.revoked = true;
    } else {
      ASSERT_EQ(outcome->state, RefreshState::kRefreshed);
      ASSERT_EQ(outcome->member, family.member);
      Spend(&token);
      Remember(token.family, outcome->tokens);  // `token` is gone now
    }
  }

  // Every token has a key of its own, which comes with some of its refreshes.
  void RefreshUnderKey() {
    if (tokens_.empty()) return;
    const size_t index = Below(tokens_.size());
    Token& token = tokens_[index];
    const SessionRequest request = {.key = "of the token", .fingerprint = "refresh"};
    const SessionRequest other = {.key = request.key, .fingerprint = "something else"};
    const bool repeated = token.answer && clock_.Now() < token.answer_end;
    const bool accepted = Accepts(token);
    if (!repeated && !accepted) return;  // as without a key, see Refresh
    const auto outcome = identity_->Refresh(token.refresh, &request);
    ASSERT_TRUE(outcome.ok()) << outcome.status();
    ASSERT_EQ(outcome->state, RefreshState::kRefreshed);
    ASSERT_EQ(outcome->member, families_[token.family].member);
    ASSERT_EQ(ErrorCodeOf(identity_->Refresh(token.refresh, &other).status()),
              ErrorCode::kIdempotencyKeyReused);
    if (repeated) {
      ASSERT_EQ(outcome->tokens.access_token, token.answer->access_token);
      ASSERT_EQ(outcome->tokens.refresh_token, token.answer->refresh_token);
      return;
    }
    Spend(&token);
    token.answer = outcome->tokens;
    token.answer_end = clock_.Now() + absl::ToInt64Nanoseconds(options_.idempotency_retention);
    Remember(token.family, outcome->tokens);  // `token` is gone now
  }

  void RevokeOne() {
    if (tokens_.empty()) return;
    const Token& token = tokens_[Below(tokens_.size())];
    const MemberId member = 1 + Below(kMembers);
    const std::string session(identity_->CheckAccessToken(token.access).session_id);
    ASSERT_TRUE(identity_->RevokeSession(member, session).ok());
    if (families_[token.family].member == member) families_[token.family].revoked = true;
  }

  // The clock is set days ahead, or right again. What time does is looked at
  // every second.
  void Jump() {
    const absl::Duration ahead =
        jumped_ == absl::ZeroDuration() ? absl::Hours(24 * (2 + Below(40))) : -jumped_;
    clock_.Set(ahead);
    jumped_ += ahead;
    identity_->Maintain().IgnoreError();
  }

  void RevokeAll() {
    const MemberId member = 1 + Below(kMembers);
    ASSERT_TRUE(identity_->RevokeMember(member).ok());
    EndAllOf(member);
  }

  // With a cookie, often of another session, and sometimes of somebody else.
  void LogOut() {
    if (tokens_.empty()) return;
    const Token& token = tokens_[Below(tokens_.size())];
    const Token& cookie = tokens_[Below(tokens_.size())];
    const MemberId member = families_[token.family].member;
    const std::string session(identity_->CheckAccessToken(token.access).session_id);
    ASSERT_TRUE(identity_->LogOut(member, session, cookie.refresh).ok());
    families_[token.family].revoked = true;
    if (families_[cookie.family].member != member || cookie.family == token.family) return;
    if (clock_.Now() < cookie.refresh_end) families_[cookie.family].revoked = true;
  }

  // The password was right when the epoch was read; much may happen until the
  // session is opened.
  void BeginLogin() {
    const MemberId member = 1 + Below(kMembers);
    logins_.push_back({member, identity_->SessionEpoch(member), ended_[member]});
  }
  void EndLogin() {
    if (logins_.empty()) return;
    const LoginUnderWay login = logins_.back();
    logins_.pop_back();
    const auto issued = identity_->OpenSession(login.member, "agent", "peer", login.epoch);
    if (login.ended != ended_[login.member]) {
      ASSERT_TRUE(absl::IsAborted(issued.status()));
      return;
    }
    ASSERT_TRUE(issued.ok()) << issued.status();
    families_.push_back({.member = login.member});
    Remember(families_.size() - 1, *issued);
  }

  void ChangePassword() {
    const MemberId member = 1 + Below(kMembers);
    const std::string hash =
        identity_->HashPassword(std::to_string(passwords_[member] + 1)).value();
    const uint64_t epoch = identity_->SessionEpoch(member);
    ASSERT_TRUE(identity_->ReplacePassword(member, subjects_[member], hash, epoch).ok());
    ++passwords_[member];
    EndAllOf(member);
    ASSERT_TRUE(
        absl::IsAborted(identity_->ReplacePassword(member, subjects_[member], hash, epoch)));
  }

  void EndAllOf(MemberId member) {
    ++ended_[member];
    for (size_t i = 0; i < families_.size(); ++i) {
      if (families_[i].member == member) families_[i].revoked = true;
    }
  }

  // Whatever is tried fails and changes nothing.
  void WritesFail() {
    store_.failing = true;
    EXPECT_FALSE(identity_->OpenSession(1, "agent", "peer").ok());
    EXPECT_FALSE(identity_->CreateSubject().ok());
    for (const Token& token : tokens_) {
      if (Accepts(token)) {
        EXPECT_FALSE(identity_->Refresh(token.refresh).ok());
        const MemberId member = families_[token.family].member;
        EXPECT_FALSE(identity_->RevokeMember(member).ok());
        EXPECT_FALSE(identity_
                         ->ReplacePassword(member, subjects_[member], "hash",
                                           identity_->SessionEpoch(member))
                         .ok());
        ++ended_[member];  // whoever logs in meanwhile has to begin again
      }
    }
    identity_->Maintain().IgnoreError();
    store_.failing = false;
  }

  std::mt19937_64 random_;
  absl::Duration jumped_;
  mutable ModelClock clock_;
  FailingStore store_;
  IdentityOptions options_;
  std::unique_ptr<Identity> identity_;
  std::vector<Family> families_;
  std::vector<Token> tokens_;
  std::vector<LoginUnderWay> logins_;
  // By member; nobody has id 0.
  std::vector<std::string> subjects_ = {""};
  std::array<int, kMembers + 1> passwords_{};
  std::array<int, kMembers + 1> ended_{};  // how often all sessions were
};

TEST(SessionsModel, RandomHistories) {
  std::vector<uint64_t> seeds = {1, 2, 3, 4, 5, 6};
  if (const char* seed = std::getenv("DAILYFEED_SEED")) {
    seeds = {std::strtoull(seed, nullptr, 10)};
  }
  for (const uint64_t seed : seeds) {
    SCOPED_TRACE(
        fmt::format("repeat with: bazel test //adapters/identity:sessions_model_test "
                    "--test_env=DAILYFEED_SEED={}",
                    seed));
    SessionsModel model(seed);
    for (int step = 0; step < 400; ++step) {
      model.Step();
      if (step % 10 == 0) model.CheckEverything();
      if (testing::Test::HasFailure()) return;
    }
    model.CheckEverything();
  }
}

}  // namespace
}  // namespace dailyfeed

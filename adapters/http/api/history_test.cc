// Random histories of people who sign up, log in, refresh, present spent
// tokens, log out, change passwords and withdraw, over a real socket while time
// passes and the server is restarted, against a model that keeps everything in
// plain vectors.
#include <algorithm>
#include <cstdlib>
#include <map>
#include <random>

#include "adapters/http/testing/api_test_util.h"

namespace dailyfeed::http {
namespace {

#ifdef DAILYFEED_SLOW_TEST
constexpr int kSteps = 3000;
const std::vector<uint64_t> kSeeds = {11, 12, 13, 14, 15, 16, 17, 18};
constexpr char kTarget[] = "api_history_slow_test";
#else
constexpr int kSteps = 250;
const std::vector<uint64_t> kSeeds = {1, 2, 3};
constexpr char kTarget[] = "api_history_test";
#endif

constexpr absl::Duration kAccess = absl::Hours(1);
constexpr absl::Duration kRefresh = absl::Hours(24);
constexpr absl::Duration kRotation = absl::Hours(1);
constexpr absl::Duration kLeeway = absl::Minutes(20);  // the steps of the clock are long
constexpr size_t kPeople = 4;
// Older tokens are not looked at any more.
constexpr size_t kTokensLookedAt = 30;
constexpr std::string_view kNeeded = "X-Token-Refresh-Needed";
constexpr std::string_view kRelogin = "X-Relogin-Required";

struct ModelPerson {
  MemberId id = 0;  // 0: nobody has signed up, or they have withdrawn
  int password = 0;
  int lives = 0;
};

struct ModelSession {
  size_t person = 0;
  int life = 0;  // of the person whose it is
  bool revoked = false;
  bool forgotten = false;        // purged: nobody knows any more that it was revoked
  TimestampNs refresh_end = 0;   // of its last refresh token
  size_t last_spent = SIZE_MAX;  // of tokens_
  TimestampNs spent_at = 0;
};

struct ModelToken {
  size_t session = 0;
  std::string access, refresh;
  int key = 0;
  TimestampNs access_end = 0, refresh_end = 0;
  bool spent = false;
};

class HistoryTest : public ApiTest {
 protected:
  HistoryTest() {
    options_.identity.access_token_lifetime = kAccess;
    options_.identity.refresh_token_lifetime = kRefresh;
    options_.identity.key_rotation = kRotation;
    options_.identity.refresh_leeway = kLeeway;
    // The clock jumps, and is right.
    options_.identity.clock_jump_max = absl::Hours(24 * 365);
    options_.identity.key_grace = absl::Hours(24 * 365);  // no key is forgotten
    // Keys are replaced and sessions forgotten when the history says so.
    options_.maintenance_interval = absl::Hours(1000);
    api_options_.failed_logins_max = 0;
    api_options_.failed_logins_per_address_max = 0;
  }

  void Begin(uint64_t seed) {
    Stop();
    std::filesystem::remove_all(directory_);
    std::filesystem::create_directories(directory_);
    random_.seed(seed);
    people_.assign(kPeople, {});
    sessions_.clear();
    owners_.clear();
    tokens_.clear();
    key_ = 0;
    key_made_ = clock_.Now();
    Start();
  }

  void Step() {
    switch (Below(16)) {
      case 0:
      case 1:
        return SignUp();
      case 2:
      case 3:
      case 4:
        return LogIn();
      case 5:
      case 6:
      case 7:
        return Refresh();
      case 8:
        return LogOut();
      case 9:
        return EndSession();
      case 10:
        return Below(3) == 0 ? LogOutEverywhere() : LogIn();
      case 11:
        return Below(2) == 0 ? ChangePassword() : Refresh();
      case 12:
        return Below(3) == 0 ? Withdraw() : SignUp();
      case 13:
      case 14:
        return TimePasses();
      default:
        return Below(5) == 0 ? RestartAll() : Maintain();
    }
  }

  void CheckEverything() {
    const size_t first = tokens_.size() - std::min(tokens_.size(), kTokensLookedAt);
    for (size_t i = first; i < tokens_.size(); ++i) {
      CheckAccess(tokens_[i], nullptr);
      CheckAccess(tokens_[i], &tokens_[Below(tokens_.size())]);
      CheckSessions(tokens_[i]);
      if (HasFailure()) return;
    }
  }

 private:
  size_t Below(size_t n) { return random_() % n; }
  TimestampNs Now() { return clock_.Now(); }
  static std::string Name(size_t person) { return fmt::format("person{}", person); }
  static std::string Password(int number) { return fmt::format("Secret{}!x", number); }

  // --- What the model knows ---------------------------------------------------
  bool IsOver(const ModelSession& session) {
    return session.revoked || Now() >= session.refresh_end;
  }
  bool IsAlive(const ModelToken& token) {
    return Now() / kSecond < token.access_end / kSecond && !sessions_[token.session].revoked;
  }
  bool CanRefresh(const ModelToken& token) {
    return !token.spent && Now() < token.refresh_end && !sessions_[token.session].revoked;
  }
  // Another tab presents the token that was spent last, within the leeway.
  bool IsJustSpent(size_t i) {
    const ModelSession& session = sessions_[tokens_[i].session];
    return session.last_spent == i && !session.revoked && Now() < tokens_[i].refresh_end &&
           Now() - session.spent_at < absl::ToInt64Nanoseconds(kLeeway);
  }
  MemberId OwnerOf(const ModelToken& token) { return owners_.at(token.session); }
  void EndAll(size_t person) {
    for (ModelSession& session : sessions_) {
      if (session.person == person && session.life == people_[person].lives && !session.forgotten) {
        session.revoked = true;
      }
    }
  }
  void Rotate() {
    if (Now() < key_made_ + absl::ToInt64Nanoseconds(kRotation)) return;
    ++key_;
    key_made_ = Now();
  }

  // --- What happens -----------------------------------------------------------
  void SignUp() {
    const size_t person = Below(kPeople);
    ModelPerson& model = people_[person];
    const HttpReply reply =
        Send("POST", "/api/authentication/signup", {}, SignUpBody(Name(person)));
    if (model.id != 0) return ExpectError(reply, 400, "MEMBER_ALREADY_EXISTS");
    ASSERT_EQ(reply.status, 200) << reply.body;
    const MemberId id = Number(reply, "id");
    for (const auto& [session, owner] : owners_) EXPECT_NE(owner, id) << "an id came again";
    model = {.id = id, .password = 1, .lives = model.lives + 1};
  }

  void LogIn() {
    const size_t person = Below(kPeople);
    const ModelPerson& model = people_[person];
    const int password = Below(4) == 0 ? model.password + 1 : model.password;
    const HttpReply reply =
        Send("POST", "/api/authentication/login", {}, LoginBody(Name(person), Password(password)));
    if (model.id == 0 || password != model.password) {
      return ExpectError(reply, 403, "MEMBER_PASSWORD_INVALID");
    }
    ASSERT_EQ(reply.status, 200) << reply.body;
    sessions_.push_back({.person = person, .life = model.lives});
    owners_[sessions_.size() - 1] = model.id;
    TakeTokens(reply, sessions_.size() - 1);
  }

  // With a token of any age, spent ones among them.
  void Refresh() {
    if (tokens_.empty()) return;
    const size_t begin = tokens_.size() - std::min(tokens_.size(), kTokensLookedAt);
    const size_t i = begin + Below(tokens_.size() - begin);
    const bool good = CanRefresh(tokens_[i]), just_spent = IsJustSpent(i);
    const char* path = Below(2) == 0 ? "/api/authentication/refresh" : "/api/token/refresh";
    const HttpReply reply = Send("POST", path, {CookieOf(tokens_[i])});
    if (good) {
      ASSERT_EQ(reply.status, 200) << reply.body;
      ExpectSpecialHeader(reply, "");
      tokens_[i].spent = true;
      sessions_[tokens_[i].session].last_spent = i;
      sessions_[tokens_[i].session].spent_at = Now();
      return TakeTokens(reply, tokens_[i].session);
    }
    ExpectError(reply, 401, "INVALID_TOKEN");
    ExpectSpecialHeader(reply, just_spent ? kNeeded : kRelogin);
    if (just_spent) return;
    // Somebody has a copy of it.
    if (tokens_[i].spent && Now() < tokens_[i].refresh_end) {
      sessions_[tokens_[i].session].revoked = true;
    }
  }

  void LogOut() {
    ModelToken* const token = Any();
    if (token == nullptr) return;
    const ModelToken* const cookie = Below(2) == 0 ? Any() : nullptr;
    HttpHeaders headers = {Bearer(*token)};
    if (cookie != nullptr) headers.push_back(CookieOf(*cookie));
    const HttpReply reply = Send("POST", "/api/authentication/logout", headers);
    const ModelSession& session = sessions_[token->session];
    if (session.revoked && !session.forgotten) return ExpectRefused(reply, *token, cookie);
    ExpectData(reply, 200, "true");  // also with a token that has only expired
    if (!session.forgotten) sessions_[token->session].revoked = true;
    if (cookie == nullptr || Now() >= cookie->refresh_end) return;
    if (OwnerOf(*cookie) == OwnerOf(*token)) sessions_[cookie->session].revoked = true;
  }

  void EndSession() {
    ModelToken* const token = Any();
    ModelToken* const other = Any();
    if (token == nullptr) return;
    const std::string sid(feed_->identity().CheckAccessToken(other->access).session_id);
    const bool alive = IsAlive(*token);
    const HttpReply reply = Send("DELETE", "/api/authentication/sessions/" + sid, {Bearer(*token)});
    if (!alive) return ExpectRefused(reply, *token, nullptr);
    ModelSession& session = sessions_[other->session];
    if (OwnerOf(*other) != OwnerOf(*token) || IsOver(session)) {
      return ExpectError(reply, 404, "NOT_FOUND");
    }
    ExpectData(reply, 200, "true");
    session.revoked = true;
  }

  void LogOutEverywhere() {
    ModelToken* const token = Any();
    if (token == nullptr) return;
    const bool alive = IsAlive(*token);
    const HttpReply reply = Send("POST", "/api/authentication/logout-all", {Bearer(*token)});
    if (!alive) return ExpectRefused(reply, *token, nullptr);
    ExpectData(reply, 200, "true");
    EndAll(sessions_[token->session].person);
  }

  void ChangePassword() {
    ModelToken* const token = Any();
    if (token == nullptr) return;
    const bool alive = IsAlive(*token);
    ModelPerson& model = people_[sessions_[token->session].person];
    const bool knows = Below(4) != 0;
    const HttpReply reply = Send("PUT", "/api/members/password", {Bearer(*token)},
                                 fmt::format(R"({{"currentPassword":"{}","newPassword":"{}"}})",
                                             Password(knows ? model.password : model.password + 5),
                                             Password(model.password + 1)));
    if (!alive) return ExpectRefused(reply, *token, nullptr);
    if (!knows) return ExpectError(reply, 403, "MEMBER_PASSWORD_INVALID");
    ExpectData(reply, 200, "true");
    ++model.password;
    EndAll(sessions_[token->session].person);
  }

  void Withdraw() {
    ModelToken* const token = Any();
    if (token == nullptr) return;
    const bool alive = IsAlive(*token);
    const HttpReply reply = Send("DELETE", "/api/authentication/deactivate", {Bearer(*token)});
    if (!alive) return ExpectRefused(reply, *token, nullptr);
    EXPECT_EQ(reply.body, R"({"status":204,"result":"SUCCESS","data":true})");
    const size_t person = sessions_[token->session].person;
    EndAll(person);
    people_[person].id = 0;
  }

  void TimePasses() {
    clock_.Advance(absl::Microseconds(Below(40ull * 60 * 1'000'000)));
    if (Below(20) == 0) clock_.Advance(kRefresh);
  }

  void Maintain() {
    ASSERT_TRUE(feed_->identity().Maintain().ok());
    Maintained();
  }
  void Maintained() {
    Rotate();
    for (ModelSession& session : sessions_) {
      if (Now() > session.refresh_end) session.forgotten = true;
    }
  }

  void RestartAll() {
    Restart();
    Maintained();  // the last thing before it closed
  }

  // --- Tokens -----------------------------------------------------------------
  ModelToken* Any() {
    if (tokens_.empty()) return nullptr;
    const size_t begin = tokens_.size() - std::min(tokens_.size(), kTokensLookedAt);
    return &tokens_[begin + Below(tokens_.size() - begin)];
  }
  static std::pair<std::string, std::string> Bearer(const ModelToken& token) {
    return {"Authorization", "Bearer " + token.access};
  }
  static std::pair<std::string, std::string> CookieOf(const ModelToken& token) {
    return {"Cookie", "refresh_token=" + token.refresh};
  }

  void TakeTokens(const HttpReply& reply, size_t session) {
    const std::string_view authorization = reply.Header("Authorization");
    const std::string cookie(reply.Header("Set-Cookie"));
    ASSERT_TRUE(authorization.starts_with("Bearer ")) << authorization;
    ASSERT_TRUE(cookie.starts_with("refresh_token=")) << cookie;
    ModelToken token;
    token.session = session;
    token.access = authorization.substr(7);
    const size_t begin = cookie.find('=') + 1;
    token.refresh = cookie.substr(begin, cookie.find(';') - begin);
    token.key = key_;
    token.access_end = (Now() / kSecond) * kSecond + absl::ToInt64Nanoseconds(kAccess);
    token.refresh_end = Now() + absl::ToInt64Nanoseconds(kRefresh);
    for (const ModelToken& other : tokens_) {
      EXPECT_NE(other.access, token.access);
      EXPECT_NE(other.refresh, token.refresh);
    }
    sessions_[session].refresh_end = token.refresh_end;
    tokens_.push_back(std::move(token));
  }

  // --- What must hold ---------------------------------------------------------
  static void ExpectSpecialHeader(const HttpReply& reply, std::string_view header) {
    for (const std::string_view name : {kNeeded, kRelogin}) {
      EXPECT_EQ(reply.HeaderValues(name),
                name == header ? std::vector<std::string>{"true"} : std::vector<std::string>{})
          << name << ": " << reply.body;
    }
  }

  // Section 2.7 of the contract.
  void ExpectRefused(const HttpReply& reply, const ModelToken& token, const ModelToken* cookie) {
    const ModelSession& session = sessions_[token.session];
    if (session.revoked && !session.forgotten) {
      ExpectError(reply, 401, "INVALID_TOKEN");
      return ExpectSpecialHeader(reply, kRelogin);
    }
    ExpectError(reply, 401, "JWT_EXPIRED");
    const bool good =
        cookie == nullptr || (CanRefresh(*cookie) && OwnerOf(*cookie) == OwnerOf(token));
    ExpectSpecialHeader(reply, good ? kNeeded : kRelogin);
  }

  void CheckAccess(const ModelToken& token, const ModelToken* cookie) {
    HttpHeaders headers = {Bearer(token)};
    if (cookie != nullptr) headers.push_back(CookieOf(*cookie));
    const HttpReply reply = Send("GET", "/api/members", headers);
    if (!IsAlive(token)) return ExpectRefused(reply, token, cookie);
    ASSERT_EQ(reply.status, 200) << reply.body;
    EXPECT_EQ(Number(reply, "id"), OwnerOf(token));
    ExpectSpecialHeader(reply, token.key == key_ ? "" : kNeeded);
  }

  void CheckSessions(const ModelToken& token) {
    if (!IsAlive(token)) return;
    const HttpReply reply = Send("GET", "/api/authentication/sessions", {Bearer(token)});
    size_t live = 0;
    for (size_t i = 0; i < sessions_.size(); ++i) {
      live += owners_.at(i) == OwnerOf(token) && !IsOver(sessions_[i]);
    }
    EXPECT_EQ(Data(reply).as_array().size(), live);
  }

  static constexpr TimestampNs kSecond = 1'000'000'000;

  std::mt19937_64 random_;
  std::vector<ModelPerson> people_;
  std::vector<ModelSession> sessions_;
  std::map<size_t, MemberId> owners_;  // of sessions
  std::vector<ModelToken> tokens_;
  int key_ = 0;
  TimestampNs key_made_ = 0;
};

TEST_F(HistoryTest, TheModelAgrees) {
  std::vector<uint64_t> seeds = kSeeds;
  if (const char* seed = std::getenv("DAILYFEED_SEED")) {
    seeds = {std::strtoull(seed, nullptr, 10)};
  }
  for (const uint64_t seed : seeds) {
    SCOPED_TRACE(
        fmt::format("repeat with: bazel test //adapters/http:{} --config=slow "
                    "--test_env=DAILYFEED_SEED={}",
                    kTarget, seed));
    Begin(seed);
    for (int step = 0; step < kSteps; ++step) {
      SCOPED_TRACE(fmt::format("step {}", step));
      Step();
      if (step % 25 == 0) CheckEverything();
      if (HasFailure()) return;
    }
    CheckEverything();
    if (HasFailure()) return;
  }
}

}  // namespace
}  // namespace dailyfeed::http

// Sections 2.2, 2.3, 2.5 and the token rows of 6.1 of the HTTP contract: what
// keeps sessions alive and what ends them.
#include <algorithm>
#include <thread>

#include "adapters/http/testing/api_test_util.h"

namespace dailyfeed::http {
namespace {

constexpr char kLogin[] = "/api/authentication/login";
constexpr char kLogout[] = "/api/authentication/logout";
constexpr char kLogoutAll[] = "/api/authentication/logout-all";
constexpr char kRefresh[] = "/api/authentication/refresh";
constexpr char kTokenRefresh[] = "/api/token/refresh";
constexpr char kSessions[] = "/api/authentication/sessions";
constexpr char kDeletedCookie[] =
    "refresh_token=; Path=/; Max-Age=0; HttpOnly; Secure; SameSite=Strict";
constexpr std::string_view kNeeded = "X-Token-Refresh-Needed";
constexpr std::string_view kRelogin = "X-Relogin-Required";

class SessionTest : public ApiTest {
 protected:
  static std::pair<std::string, std::string> Cookie(const std::string& token) {
    return {"Cookie", "a=b; refresh_token=" + token};
  }
  HttpReply Refresh(const std::string& refresh_token, const char* path = kRefresh) {
    return Send("POST", path, {Cookie(refresh_token)});
  }
  // The tokens that an answer delivers.
  static ApiTest::Person TokensOf(const HttpReply& reply, const Person& person) {
    Person next = person;
    const std::string_view authorization = reply.Header("Authorization");
    EXPECT_TRUE(authorization.starts_with("Bearer ")) << reply.body;
    next.token = authorization.substr(std::min<size_t>(7, authorization.size()));
    const std::string cookie(reply.Header("Set-Cookie"));
    EXPECT_TRUE(cookie.ends_with("; Path=/; Max-Age=2592000; HttpOnly; Secure; SameSite=Strict"))
        << cookie;
    const size_t begin = cookie.find('=') + 1;
    next.refresh_token = cookie.substr(begin, cookie.find(';') - begin);
    return next;
  }
  // No special header at all, or one of them, once, with the value "true".
  static void ExpectSpecialHeader(const HttpReply& reply, std::string_view header) {
    for (const std::string_view name : {kNeeded, kRelogin}) {
      EXPECT_EQ(reply.HeaderValues(name),
                name == header ? std::vector<std::string>{"true"} : std::vector<std::string>{})
          << name << ": " << reply.body;
    }
  }
  static void ExpectCookieDeleted(const HttpReply& reply) {
    EXPECT_EQ(reply.HeaderValues("Set-Cookie"), std::vector<std::string>{kDeletedCookie});
  }
  static void ExpectSameAnswer(const HttpReply& reply, const HttpReply& first) {
    EXPECT_EQ(reply.status, first.status);
    EXPECT_EQ(reply.body, first.body);
    for (const std::string_view name : {"Authorization", "Set-Cookie"}) {
      EXPECT_EQ(reply.HeaderValues(name), first.HeaderValues(name)) << name;
    }
  }
  void ExpectRefreshFails(const std::string& refresh_token) {
    for (const char* path : {kRefresh, kTokenRefresh}) {
      const HttpReply reply = Refresh(refresh_token, path);
      ExpectError(reply, 401, "INVALID_TOKEN");
      ExpectSpecialHeader(reply, kRelogin);
      ExpectCookieDeleted(reply);
      EXPECT_TRUE(reply.HeaderValues("Authorization").empty());
    }
  }
  void ExpectLive(const Person& person) { EXPECT_EQ(Get("/api/members", person).status, 200); }
  void ExpectDead(const Person& person) {
    for (const char* method : {"GET", "POST"}) {
      const HttpReply reply =
          Send(method, method == std::string("GET") ? "/api/members" : "/api/posts", As(person),
               R"({"content":"x"})");
      ExpectError(reply, 401, "INVALID_TOKEN");
      ExpectSpecialHeader(reply, kRelogin);
    }
  }
};

// --- Refresh -----------------------------------------------------------------

TEST_F(SessionTest, RefreshGivesANewPairOfTheSameSession) {
  const Person first = Join("kim");
  clock_.Advance(absl::Minutes(5));
  const HttpReply reply = Refresh(first.refresh_token);
  const Person second = TokensOf(reply, first);
  ExpectData(reply, 200, fmt::format(R"({{"accessToken":"{}","expiresIn":3600}})", second.token));
  ExpectSpecialHeader(reply, "");
  EXPECT_NE(second.token, first.token);
  EXPECT_NE(second.refresh_token, first.refresh_token);
  const HttpReply again = Refresh(second.refresh_token, kTokenRefresh);
  ExpectData(again, 200, "true");
  ExpectSpecialHeader(again, "");
  const Person third = TokensOf(again, second);
  // The access tokens before stay valid until their own end.
  for (const Person& person : {first, second, third}) ExpectLive(person);
  EXPECT_EQ(Data(Get(kSessions, third)).as_array().size(), 1u);
  clock_.Advance(absl::Minutes(55));
  ExpectError(Get("/api/members", first), 401, "JWT_EXPIRED");
  ExpectLive(third);
}

TEST_F(SessionTest, EachRefreshTokenIsGoodForThirtyDays) {
  Person kim = Join("kim");
  for (int i = 0; i < 3; ++i) {
    clock_.Advance(absl::Hours(24 * 30) - absl::Seconds(1));
    kim = TokensOf(Refresh(kim.refresh_token), kim);
  }
  ExpectLive(kim);
  clock_.Advance(absl::Hours(24 * 30));
  ExpectRefreshFails(kim.refresh_token);
}

TEST_F(SessionTest, WhatIsNoGoodRefreshTokenMeansLoginAgain) {
  const Person kim = Join("kim");
  std::string bad = kim.refresh_token;
  bad[5] = bad[5] == 'A' ? 'B' : 'A';
  for (const std::string& token :
       {bad, std::string(), std::string("x"), std::string(4000, 'x'), kim.token}) {
    ExpectRefreshFails(token);
  }
  const HttpReply none = Send("POST", kRefresh);
  ExpectError(none, 401, "INVALID_TOKEN");
  ExpectSpecialHeader(none, kRelogin);
  ExpectCookieDeleted(none);
  ExpectLive(kim);
  // Only the cookie counts: no body, no header, and Authorization is not looked at.
  ExpectError(Send("POST", kRefresh, {{"Authorization", "Bearer " + kim.refresh_token}},
                   fmt::format(R"({{"refreshToken":"{}"}})", kim.refresh_token)),
              401, "INVALID_TOKEN");
  EXPECT_EQ(
      Send("POST", kRefresh, {{"Authorization", "Bearer dead"}, Cookie(kim.refresh_token)}).status,
      200);
}

// Whose answer was lost may ask again: without the key that is the reuse of a
// spent token.
TEST_F(SessionTest, ARefreshIsRepeatedForItsIdempotencyKeyAndItsToken) {
  for (const char* path : {kRefresh, kTokenRefresh}) {
    const Person kim = path == kRefresh ? Join("kim") : LogIn("kim");
    const Person lee = path == kRefresh ? Join("lee") : LogIn("lee");
    const std::pair<std::string, std::string> key = {"Idempotency-Key", path};
    const HttpReply first = Send("POST", path, {key, Cookie(kim.refresh_token)});
    const Person next = TokensOf(first, kim);
    Restart();
    ExpectSameAnswer(Send("POST", path, {key, Cookie(kim.refresh_token)}), first);
    ExpectError(
        Send("POST", path == kRefresh ? kTokenRefresh : kRefresh, {key, Cookie(kim.refresh_token)}),
        422, "IDEMPOTENCY_KEY_REUSED");
    EXPECT_NE(TokensOf(Send("POST", path, {key, Cookie(lee.refresh_token)}), lee).token,
              next.token);
    ExpectLive(next);
    EXPECT_EQ(feed_->identity().stats().refresh_tokens_reused, 0u);
    clock_.Advance(options_.identity.refresh_leeway);
    ExpectError(Send("POST", path, {{"Idempotency-Key", "k2"}, Cookie(kim.refresh_token)}), 401,
                "INVALID_TOKEN");
    ExpectDead(next);
  }
}

TEST_F(SessionTest, EndingASessionIsRepeatedForItsIdempotencyKey) {
  const Person kim = Join("kim");
  const Person other = LogIn("kim");
  const auto session_of = [&](const Person& person) {
    return std::string(feed_->identity().CheckAccessToken(person.token).session_id);
  };
  const auto end = [&](const std::string& key, const std::string& session) {
    return Send("DELETE", fmt::format("{}/{}", kSessions, session),
                As(kim, {{"Idempotency-Key", key}}));
  };
  const std::string session = session_of(other);
  const HttpReply first = end("k", session);
  ExpectData(first, 200, "true");
  ExpectSameAnswer(end("k", session), first);
  ExpectError(end("k2", session), 404, "NOT_FOUND");
  const Person third = LogIn("kim");
  ExpectError(end("k", session_of(third)), 422, "IDEMPOTENCY_KEY_REUSED");
  ExpectLive(third);
}

TEST_F(SessionTest, ReuseOfASpentTokenEndsTheWholeFamilyAndIsCounted) {
  const Person elsewhere = Join("kim");
  const Person first = LogIn("kim");
  const Person second = TokensOf(Refresh(first.refresh_token), first);
  EXPECT_EQ(feed_->identity().stats().refresh_tokens_reused, 0u);
  clock_.Advance(options_.identity.refresh_leeway);
  ExpectRefreshFails(first.refresh_token);
  EXPECT_EQ(feed_->identity().stats().refresh_tokens_reused, 1u);
  ExpectDead(first);
  ExpectDead(second);
  ExpectRefreshFails(second.refresh_token);
  ExpectLive(elsewhere);
  Restart();
  ExpectDead(second);
  ExpectRefreshFails(second.refresh_token);
  ExpectLive(elsewhere);
  TokensOf(Refresh(elsewhere.refresh_token), elsewhere);
}

// Two tabs refresh with one cookie within a second. The later one is told to try
// again; the browser has the new cookie by then.
TEST_F(SessionTest, TheSecondTabIsToldToTryAgainWithTheNextCookie) {
  const Person first = Join("kim");
  const Person second = TokensOf(Refresh(first.refresh_token), first);
  for (int round = 0; round < 2; ++round) {
    clock_.Advance(absl::Seconds(1));
    for (const char* path : {kRefresh, kTokenRefresh}) {
      const HttpReply reply = Refresh(first.refresh_token, path);
      ExpectError(reply, 401, "INVALID_TOKEN");
      ExpectSpecialHeader(reply, kNeeded);
      EXPECT_TRUE(reply.HeaderValues("Set-Cookie").empty());
      EXPECT_TRUE(reply.HeaderValues("Authorization").empty());
    }
    Restart();
  }
  ExpectLive(second);
  EXPECT_EQ(feed_->identity().stats().refresh_tokens_reused, 0u);
  ExpectLive(TokensOf(Refresh(second.refresh_token), second));
}

TEST_F(SessionTest, OfSimultaneousRefreshesWithOneTokenOneWins) {
  for (int round = 0; round < 5; ++round) {
    const Person kim = round == 0 ? Join("kim") : LogIn("kim");
    std::vector<int> statuses(4);
    std::vector<std::thread> threads;
    for (int& status : statuses) {
      threads.emplace_back([&] {
        HttpClient client(server_->port());
        const auto reply = client.Request("POST", kRefresh, {Cookie(kim.refresh_token)});
        status = reply.ok() ? reply->status : 0;
      });
    }
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(std::count(statuses.begin(), statuses.end(), 200), 1);
    EXPECT_EQ(std::count(statuses.begin(), statuses.end(), 401), 3);
    EXPECT_EQ(feed_->identity().stats().sessions_revoked, 0u);
  }
}

// --- Logout ------------------------------------------------------------------

TEST_F(SessionTest, LogoutEndsTheSessionWithAllItsTokens) {
  const Person elsewhere = Join("kim");
  const Person first = LogIn("kim");
  const Person second = TokensOf(Refresh(first.refresh_token), first);
  const HttpReply reply = Send("POST", kLogout, As(second));
  ExpectData(reply, 200, "true");
  EXPECT_EQ(reply.HeaderValues("Authorization"), std::vector<std::string>{""});
  ExpectCookieDeleted(reply);
  ExpectSpecialHeader(reply, "");
  ExpectDead(second);
  ExpectDead(first);  // an earlier token of the session that has not expired
  ExpectRefreshFails(second.refresh_token);
  ExpectLive(elsewhere);
  ExpectError(Send("POST", kLogout, As(second)), 401, "INVALID_TOKEN");
  Restart();
  ExpectDead(first);
  ExpectDead(second);
  ExpectLive(elsewhere);
  ExpectLive(LogIn("kim"));
}

TEST_F(SessionTest, LogoutEndsTheSessionOfTheCookieTooWhenItIsTheMembersOwn) {
  const Person kim = Join("kim");
  const Person other = LogIn("kim");
  const Person lee = Join("lee");
  // Somebody else's cookie is left alone.
  ExpectData(Send("POST", kLogout, As(LogIn("kim"), {Cookie(lee.refresh_token)})), 200, "true");
  ExpectLive(lee);
  ExpectLive(other);
  ExpectData(Send("POST", kLogout, As(LogIn("kim"), {Cookie("nonsense")})), 200, "true");
  ExpectLive(other);
  ExpectData(Send("POST", kLogout, As(kim, {Cookie(other.refresh_token)})), 200, "true");
  ExpectDead(kim);
  ExpectDead(other);
  // A spent cookie names its session as well.
  const Person a = LogIn("kim");
  const Person b = LogIn("kim");
  const Person b_next = TokensOf(Refresh(b.refresh_token), b);
  ExpectData(Send("POST", kLogout, As(a, {Cookie(b.refresh_token)})), 200, "true");
  ExpectDead(b_next);
}

TEST_F(SessionTest, LogoutWithAnExpiredTokenEndsItsSession) {
  const Person lee = Join("lee");
  const Person with_cookie = Join("kim");
  const Person without = LogIn("kim");
  const Person bad_cookie = LogIn("kim");
  const Person foreign_cookie = LogIn("kim");
  clock_.Advance(absl::Hours(5));
  ASSERT_TRUE(feed_->identity().Maintain().ok());
  const std::pair<Person, std::string> rows[] = {{with_cookie, with_cookie.refresh_token},
                                                 {without, ""},
                                                 {bad_cookie, "nonsense"},
                                                 {foreign_cookie, lee.refresh_token}};
  for (const auto& [person, cookie] : rows) {
    HttpHeaders headers = As(person);
    if (!cookie.empty()) headers.push_back(Cookie(cookie));
    const HttpReply reply = Send("POST", kLogout, headers);
    ExpectData(reply, 200, "true");
    EXPECT_EQ(reply.HeaderValues("Authorization"), std::vector<std::string>{""});
    ExpectCookieDeleted(reply);
    ExpectSpecialHeader(reply, "");
    ExpectRefreshFails(person.refresh_token);
    // The session is over: a repeat comes with a dead token.
    ExpectError(Send("POST", kLogout, As(person)), 401, "INVALID_TOKEN");
  }
  EXPECT_EQ(Refresh(lee.refresh_token).status, 200);
}

TEST_F(SessionTest, LogoutWithAValidCookieAloneEndsItsSession) {
  const Person lee = Join("lee");
  const Person kim = Join("kim");
  const Person elsewhere = LogIn("kim");
  const HttpReply reply = Send("POST", kLogout, {Cookie(kim.refresh_token)});
  ExpectData(reply, 200, "true");
  ExpectCookieDeleted(reply);
  ExpectSpecialHeader(reply, "");
  ExpectDead(kim);
  ExpectRefreshFails(kim.refresh_token);
  ExpectLive(elsewhere);
  ExpectLive(lee);
  // A token whose key is long retired says as much as none.
  for (int day = 0; day < 6; day += 3) {
    clock_.Advance(absl::Hours(24 * 3));
    ASSERT_TRUE(feed_->identity().Maintain().ok());
  }
  ExpectError(Get("/api/members", elsewhere), 401, "JWT_KEY_EXPIRED");
  ExpectData(Send("POST", kLogout, As(elsewhere, {Cookie(elsewhere.refresh_token)})), 200, "true");
  ExpectRefreshFails(elsewhere.refresh_token);
}

TEST_F(SessionTest, LogoutWithNothingThatNamesASessionIsRefused) {
  const Person first = Join("kim");
  const Person second = TokensOf(Refresh(first.refresh_token), first);
  const std::pair<HttpHeaders, std::string_view> rows[] = {
      {{}, "BEARER_TOKEN_MISSING"},
      {{Cookie("nonsense")}, "BEARER_TOKEN_MISSING"},
      {{Cookie(first.refresh_token)}, "BEARER_TOKEN_MISSING"},  // a spent one
      {{{"Authorization", "Bearer x.y.z"}, Cookie(second.refresh_token)}, "INVALID_TOKEN"},
  };
  for (const auto& [headers, code] : rows) {
    const HttpReply reply = Send("POST", kLogout, headers);
    ExpectError(reply, 401, code);
    ExpectSpecialHeader(reply, kRelogin);
  }
  ExpectLive(second);
  EXPECT_EQ(Refresh(second.refresh_token).status, 200);
}

TEST_F(SessionTest, LogoutEverywhereEndsEveryTokenOfTheMemberAtOnce) {
  const Person lee = Join("lee");
  std::vector<Person> sessions = {Join("kim")};
  for (int i = 0; i < 3; ++i) sessions.push_back(LogIn("kim"));
  sessions.push_back(TokensOf(Refresh(sessions.back().refresh_token), sessions.back()));
  const HttpReply reply = Send("POST", kLogoutAll, As(sessions[1]));
  ExpectData(reply, 200, "true");
  ExpectCookieDeleted(reply);
  EXPECT_TRUE(reply.HeaderValues("Authorization").empty());
  for (const Person& session : sessions) ExpectDead(session);
  for (const Person& session : sessions) ExpectRefreshFails(session.refresh_token);
  ExpectLive(lee);
  const Person again = LogIn("kim");
  ExpectLive(again);
  Restart();
  for (const Person& session : sessions) ExpectDead(session);
  ExpectLive(again);
}

TEST_F(SessionTest, ADeadTokenStaysDeadBehindItsEnd) {
  const Person kim = Join("kim");
  const Person lee = Join("lee");
  EXPECT_EQ(Send("POST", kLogout, As(kim)).status, 200);
  clock_.Advance(absl::Hours(1) + absl::Seconds(1));
  ASSERT_TRUE(feed_->identity().Maintain().ok());
  ExpectDead(kim);
  ExpectError(Get("/api/members", lee), 401, "JWT_EXPIRED");
}

TEST_F(SessionTest, WithoutSecureCookiesTheDeletionHasTheSameAttributes) {
  api_options_.secure_cookies = false;
  Restart();
  const HttpReply reply = Send("POST", kLogout, As(Join("kim")));
  EXPECT_EQ(reply.Header("Set-Cookie"),
            "refresh_token=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax");
  EXPECT_EQ(Send("POST", kRefresh).Header("Set-Cookie"),
            "refresh_token=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax");
}

// A queue without room refuses every job: nothing happens, nobody is logged out.
TEST_F(SessionTest, AFullQueueAnswersTryLater) {
  const Person kim = Join("kim");
  api_options_.session_queue_max = 0;
  Restart();
  for (const char* path : {kRefresh, kTokenRefresh, kLogout, kLogoutAll}) {
    const HttpReply reply = Send("POST", path, As(kim, {Cookie(kim.refresh_token)}));
    ExpectError(reply, 503, "SERVICE_UNAVAILABLE");
    EXPECT_EQ(reply.Header("Retry-After"), "1");
    ExpectSpecialHeader(reply, "");
    EXPECT_EQ(reply.Header("Set-Cookie"), "");
  }
  api_options_.session_queue_max = 10;
  Restart();
  ExpectLive(kim);
  EXPECT_EQ(Refresh(kim.refresh_token).status, 200);
}

// --- A new password ----------------------------------------------------------

constexpr char kPasswordPath[] = "/api/members/password";

std::string PasswordBody(std::string_view current, std::string_view next) {
  return fmt::format(R"({{"currentPassword":"{}","newPassword":"{}"}})", current, next);
}

TEST_F(SessionTest, ANewPasswordEndsEverySessionAndOnlyTheNewOneLogsIn) {
  const Person lee = Join("lee");
  const Person kim = Join("kim");
  const Person phone = LogIn("kim");
  clock_.Advance(absl::Minutes(1));
  const HttpReply reply = Put(kPasswordPath, PasswordBody(kPassword, "Other2@yy"), kim);
  ExpectData(reply, 200, "true");
  ExpectCookieDeleted(reply);
  for (const Person& person : {kim, phone}) {
    ExpectDead(person);
    ExpectRefreshFails(person.refresh_token);
  }
  ExpectLive(lee);
  ExpectError(Send("POST", kLogin, {}, LoginBody("kim")), 403, "MEMBER_PASSWORD_INVALID");
  EXPECT_EQ(Send("POST", kLogin, {}, LoginBody("kim", "Other2@yy")).status, 200);
  Restart();
  ExpectDead(kim);
  ExpectError(Send("POST", kLogin, {}, LoginBody("kim")), 403, "MEMBER_PASSWORD_INVALID");
  EXPECT_EQ(Send("POST", kLogin, {}, LoginBody("kim", "Other2@yy")).status, 200);
}

TEST_F(SessionTest, AChangeOfThePasswordIsRepeatedForItsIdempotencyKey) {
  const Person kim = Join("kim");
  const auto change = [&](const Person& person, const char* next) {
    return Send("PUT", kPasswordPath, As(person, {{"Idempotency-Key", "k"}}),
                PasswordBody(kPassword, next));
  };
  const HttpReply first = change(kim, "Other2@yy");
  ExpectData(first, 200, "true");
  ExpectError(change(kim, "Other2@yy"), 401, "INVALID_TOKEN");
  const Person again = TokensOf(Send("POST", kLogin, {}, LoginBody("kim", "Other2@yy")), kim);
  ExpectSameAnswer(change(again, "Other2@yy"), first);
  ExpectError(change(again, "Third3#zz"), 422, "IDEMPOTENCY_KEY_REUSED");
  ExpectLive(again);  // neither ended anything
  EXPECT_EQ(Send("POST", kLogin, {}, LoginBody("kim", "Other2@yy")).status, 200);
}

TEST_F(SessionTest, APasswordIsNotChangedByWhoeverDoesNotKnowIt) {
  const Person kim = Join("kim");
  const struct {
    std::string body;
    int status;
    const char* code;
    const char* message;
  } rows[] = {
      {"", 400, "INVALID_REQUEST", "요청이 올바르지 않습니다."},
      {"{}", 400, "INVALID_REQUEST",
       "현재 비밀번호는 비워 둘 수 없습니다, 새 비밀번호는 비워 둘 수 없습니다"},
      {PasswordBody(kPassword, "Ab1!"), 400, "INVALID_REQUEST",
       "새 비밀번호는 8자 이상 50자 이하여야 합니다"},
      {R"({"currentPassword":1,"newPassword":[]})", 400, "INVALID_REQUEST",
       "현재 비밀번호는 올바른 형식이어야 합니다, 새 비밀번호는 올바른 형식이어야 합니다"},
      {PasswordBody("Wrong1!xx", "Other2@yy"), 403, "MEMBER_PASSWORD_INVALID", ""},
  };
  for (const auto& row : rows) {
    ExpectError(Put(kPasswordPath, row.body, kim), row.status, row.code, row.message);
  }
  ExpectLive(kim);
  ExpectLive(LogIn("kim"));
}

TEST_F(SessionTest, GuessesOfTheCurrentPasswordAreLimited) {
  api_options_.failed_logins_max = 3;
  Restart();
  const Person kim = Join("kim");
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(Put(kPasswordPath, PasswordBody("Wrong1!xx", "Other2@yy"), kim).status, 403);
  }
  const HttpReply refused = Put(kPasswordPath, PasswordBody(kPassword, "Other2@yy"), kim);
  ExpectError(refused, 429, "TOO_MANY_REQUEST");
  EXPECT_EQ(refused.Header("Retry-After"), "600");
  ExpectLive(LogIn("kim"));  // the owner still gets in
  clock_.Advance(absl::Minutes(10));
  EXPECT_EQ(Put(kPasswordPath, PasswordBody(kPassword, "Other2@yy"), LogIn("kim")).status, 200);
}

// Whoever logged in with the old password while it was changed is out too: at
// the end no session is left but those of the new one.
TEST_F(SessionTest, NoLoginSlipsPastAChangeOfThePassword) {
  api_options_.password_threads = 4;
  api_options_.failed_logins_max = 0;
  Restart();
  const Person first = Join("kim");
  std::vector<std::string> tokens(3);
  std::vector<std::thread> threads;
  std::atomic<bool> changed = false;
  for (std::string& token : tokens) {
    threads.emplace_back([&] {
      HttpClient client(server_->port());
      while (!changed) {
        const auto reply = client.Request("POST", kLogin, {}, LoginBody("kim"));
        if (!reply.ok() || reply->status != 200) continue;
        token = std::string(reply->Header("Authorization"));
      }
    });
  }
  EXPECT_EQ(Put(kPasswordPath, PasswordBody(kPassword, "Other2@yy"), first).status, 200);
  changed = true;
  for (std::thread& thread : threads) thread.join();
  for (const std::string& token : tokens) {
    if (token.empty()) continue;
    ExpectError(Send("GET", "/api/members", {{"Authorization", token}}), 401, "INVALID_TOKEN");
  }
}

// --- One's own sessions ------------------------------------------------------

TEST_F(SessionTest, AMemberSeesTheirOwnSessions) {
  Join("lee");
  const Person kim = Join("kim");
  clock_.Advance(absl::Minutes(1));
  const HttpReply login =
      Send("POST", kLogin, {{"User-Agent", "phone\xff\"<b>"}}, LoginBody("kim"));
  const Person phone = TokensOf(login, kim);
  clock_.Advance(absl::Minutes(1));
  const Person next = TokensOf(Refresh(kim.refresh_token), kim);
  const std::string sid_kim(feed_->identity().CheckAccessToken(kim.token).session_id);
  const std::string sid_phone(feed_->identity().CheckAccessToken(phone.token).session_id);
  ExpectData(
      Get(kSessions, next), 200,
      fmt::format(
          R"([{{"sid":"{}","createdAt":"2025-10-15T12:34:56","lastUsedAt":"2025-10-15T12:36:56",)"
          R"("expiresAt":"2025-11-14T12:36:56","userAgent":"","address":"127.0.0.1","current":true}},)"
          R"({{"sid":"{}","createdAt":"2025-10-15T12:35:56","lastUsedAt":"2025-10-15T12:35:56",)"
          R"("expiresAt":"2025-11-14T12:35:56","userAgent":"phone)"
          "\xef\xbf\xbd"
          R"(\"<b>","address":"127.0.0.1","current":false}}])",
          sid_kim, sid_phone));
  EXPECT_EQ(Send("POST", kLogout, As(phone)).status, 200);
  EXPECT_EQ(Data(Get(kSessions, next)).as_array().size(), 1u);
}

TEST_F(SessionTest, AMemberEndsOneOfTheirSessions) {
  const Person kim = Join("kim");
  const Person phone = LogIn("kim");
  const Person lee = Join("lee");
  const auto path_of = [&](const Person& person) {
    return fmt::format("{}/{}", kSessions,
                       feed_->identity().CheckAccessToken(person.token).session_id.text());
  };
  ExpectError(Delete(path_of(lee), kim), 404, "NOT_FOUND");
  ExpectError(Delete(fmt::format("{}/none", kSessions), kim), 404, "NOT_FOUND");
  ExpectLive(lee);
  const HttpReply ended = Delete(path_of(phone), kim);
  ExpectData(ended, 200, "true");
  EXPECT_EQ(ended.Header("Set-Cookie"), "");
  ExpectDead(phone);
  ExpectRefreshFails(phone.refresh_token);
  ExpectLive(kim);
  ExpectError(Delete(path_of(phone), kim), 404, "NOT_FOUND");
  const HttpReply own = Delete(path_of(kim), kim);
  ExpectData(own, 200, "true");
  ExpectCookieDeleted(own);
  ExpectDead(kim);
}

TEST_F(SessionTest, OfManySessionsABoundedNumberIsListed) {
  options_.identity.sessions_listed_max = 3;
  Restart();
  // Whichever of them asks: their own is always there, once.
  std::vector<Person> logins = {Join("kim")};
  for (int i = 0; i < 7; ++i) logins.push_back(LogIn("kim"));
  for (const Person& kim : logins) {
    const boost::json::value data = Data(Get(kSessions, kim));
    const boost::json::array& sessions = data.as_array();
    EXPECT_EQ(sessions.size(), 3u);
    EXPECT_EQ(std::count_if(sessions.begin(), sessions.end(),
                            [](const boost::json::value& session) {
                              return session.as_object().at("current") == true;
                            }),
              1);
  }
}

}  // namespace
}  // namespace dailyfeed::http

// Section 2 of the HTTP contract, and signing up and logging in (6.1).
#include <algorithm>
#include <thread>

#include "adapters/crypto/base64url.h"
#include "adapters/http/testing/api_test_util.h"

namespace dailyfeed::http {
namespace {

constexpr std::string_view kRefresh = "X-Token-Refresh-Needed";
constexpr std::string_view kRelogin = "X-Relogin-Required";
constexpr char kSignUp[] = "/api/authentication/signup";
constexpr char kLogin[] = "/api/authentication/login";

class AuthenticationTest : public ApiTest {
 protected:
  // Exactly one of the two headers, once, with the value "true".
  static void ExpectHeader(const HttpReply& reply, std::string_view header) {
    for (const std::string_view name : {kRefresh, kRelogin}) {
      EXPECT_EQ(reply.HeaderValues(name),
                name == header ? std::vector<std::string>{"true"} : std::vector<std::string>{})
          << name << ": " << reply.body;
    }
  }
  void ExpectDenied(const HttpHeaders& headers, std::string_view code, std::string_view header) {
    for (const char* method : {"GET", "POST"}) {
      const HttpReply reply =
          Send(method, method == std::string("GET") ? "/api/members" : "/api/posts", headers, "{}");
      ExpectError(reply, 401, code);
      ExpectHeader(reply, header);
    }
  }
  static std::pair<std::string, std::string> Cookie(const std::string& value) {
    return {"Cookie", "theme=dark; refresh_token=" + value + "; x=1"};
  }
  static std::string Jwt(std::string_view header, std::string_view claims) {
    return Base64UrlEncode(header) + "." + Base64UrlEncode(claims) + "." +
           Base64UrlEncode(std::string(32, 's'));
  }
  // Until the signing key has been replaced.
  void Rotate() {
    clock_.Advance(options_.identity.key_rotation);
    ASSERT_TRUE(feed_->identity().Maintain().ok());
  }
};

TEST_F(AuthenticationTest, NoBearerToken) {
  const Person kim = Join("kim");
  for (const char* value : {"", "Bearer", "Bearer ", "Basic eA==", "Token x"}) {
    const HttpHeaders with_header = {{"Authorization", value}};
    ExpectDenied(with_header, "BEARER_TOKEN_MISSING", kRelogin);
    HttpHeaders with_cookie = with_header;
    with_cookie.push_back(Cookie(kim.refresh_token));
    ExpectDenied(with_cookie, "BEARER_TOKEN_MISSING", kRefresh);
  }
  ExpectDenied({}, "BEARER_TOKEN_MISSING", kRelogin);
  ExpectDenied({Cookie("nonsense")}, "BEARER_TOKEN_MISSING", kRelogin);
  ExpectDenied({Cookie("")}, "BEARER_TOKEN_MISSING", kRelogin);
  ExpectDenied({Cookie(kim.refresh_token)}, "BEARER_TOKEN_MISSING", kRefresh);
}

TEST_F(AuthenticationTest, MalformedTokensNeedALoginWhateverTheCookie) {
  const Person kim = Join("kim");
  const size_t dot = kim.token.find('.');
  const std::string payload = kim.token.substr(dot + 1, kim.token.rfind('.') - dot - 1);
  std::string tampered = kim.token;
  tampered[dot + 3] = tampered[dot + 3] == 'A' ? 'B' : 'A';
  std::string unsigned_token = kim.token.substr(0, kim.token.rfind('.') + 1);
  for (const std::string& token :
       {std::string("x"), std::string("a.b.c"), std::string(9000, 'x'), tampered, unsigned_token,
        kim.token + "x", Base64UrlEncode(R"({"alg":"none"})") + "." + payload + ".",
        Jwt(R"({"alg":"HS512","kid":"x"})", "{}"), Jwt(R"({"alg":"HS256"})", "{}")}) {
    SCOPED_TRACE(token.substr(0, 60));
    ExpectDenied({{"Authorization", "Bearer " + token}, Cookie(kim.refresh_token)}, "INVALID_TOKEN",
                 kRelogin);
  }
}

TEST_F(AuthenticationTest, UnknownKey) {
  const Person kim = Join("kim");
  const std::string token =
      Jwt(R"({"alg":"HS256","typ":"JWT","kid":"3b241101-e2bb-4255-8caf-4136c566a962"})",
          R"({"jti":"3b241101-e2bb-4255-8caf-4136c566a963","sub":"1","id":1,"iat":1760499296,)"
          R"("exp":1960502896,"sid":"3b241101-e2bb-4255-8caf-4136c566a964"})");
  const std::pair<std::string, std::string> authorization = {"Authorization", "Bearer " + token};
  ExpectDenied({authorization}, "JWT_KEY_EXPIRED", kRelogin);
  ExpectDenied({authorization, Cookie("nonsense")}, "JWT_KEY_EXPIRED", kRelogin);
  ExpectDenied({authorization, Cookie(kim.refresh_token)}, "JWT_KEY_EXPIRED", kRefresh);
}

TEST_F(AuthenticationTest, ExpiredToken) {
  const Person kim = Join("kim");
  const Person lee = Join("lee");
  clock_.Advance(options_.identity.access_token_lifetime);
  ExpectDenied(As(kim), "JWT_EXPIRED", kRefresh);
  ExpectDenied(As(kim, {Cookie(kim.refresh_token)}), "JWT_EXPIRED", kRefresh);
  ExpectDenied(As(kim, {Cookie("nonsense")}), "JWT_EXPIRED", kRelogin);
  ExpectDenied(As(kim, {Cookie("")}), "JWT_EXPIRED", kRelogin);
  // Somebody else's.
  ExpectDenied(As(kim, {Cookie(lee.refresh_token)}), "JWT_EXPIRED", kRelogin);
  clock_.Advance(options_.identity.refresh_token_lifetime);
}

TEST_F(AuthenticationTest, RevokedToken) {
  const Person kim = Join("kim");
  clock_.Advance(absl::Seconds(1));
  ASSERT_TRUE(feed_->identity().RevokeMember(kim.id).ok());
  ExpectDenied(As(kim), "INVALID_TOKEN", kRelogin);
  ExpectDenied(As(kim, {Cookie(kim.refresh_token)}), "INVALID_TOKEN", kRelogin);
}

TEST_F(AuthenticationTest, ValidToken) {
  const Person kim = Join("kim");
  for (const std::string& prefix : {std::string("Bearer "), std::string("bearer "),
                                    std::string("BEARER   "), std::string("Bearer Bearer ")}) {
    const HttpReply reply =
        Send("GET", "/api/members", {{"Authorization", prefix + kim.token}, Cookie("nonsense")});
    EXPECT_EQ(reply.status, 200) << prefix;
    ExpectHeader(reply, "");
  }
}

TEST_F(AuthenticationTest, AnOlderKeyAsksForARefreshOnReadsOnly) {
  options_.identity.access_token_lifetime = absl::Hours(3);
  Restart();
  const Person kim = Join("kim");
  Rotate();
  const HttpReply get = Get("/api/members", kim);
  ExpectData(get, 200, fmt::format(R"({{"id":{},"name":"Member kim"}})", kim.id));
  ExpectHeader(get, kRefresh);
  ExpectHeader(Send("HEAD", "/api/members", As(kim)), kRefresh);
  ExpectHeader(Get("/api/members/999", kim), kRefresh);
  const HttpReply post = Post("/api/posts", R"({"content":"x"})", kim);
  EXPECT_EQ(post.status, 200);
  ExpectHeader(post, "");
  ExpectHeader(Post("/api/posts", "{", kim), "");
}

TEST_F(AuthenticationTest, PublicEndpointsIgnoreAuthorization) {
  Join("kim");
  const HttpHeaders dead = {{"Authorization", "Bearer dead"}, Cookie("nonsense")};
  const HttpReply login = Send("POST", kLogin, dead, LoginBody("kim"));
  EXPECT_EQ(login.status, 200);
  ExpectHeader(login, "");
  EXPECT_EQ(Send("POST", kSignUp, dead, SignUpBody("lee")).status, 200);
  EXPECT_EQ(Send("GET", "/openapi.json", dead).status, 200);
}

TEST_F(AuthenticationTest, TokensAndCookieOfALogin) {
  Join("kim");
  const HttpReply reply = Send("POST", kLogin, {}, LoginBody("kim"));
  ExpectData(reply, 200,
             R"({"memberId":1,"id":1,"memberName":"Member kim","memberHandle":"kim",)"
             R"("displayName":"kim!","verificationStatus":"NONE","avatarUrl":"no-image",)"
             R"("updatedAt":"2025-10-15T12:34:56"})");
  const std::string token(reply.Header("Authorization").substr(7));
  const size_t begin = token.find('.') + 1;
  char buffer[1024];
  const auto size =
      Base64UrlDecode(token.substr(begin, token.rfind('.') - begin), buffer, sizeof(buffer));
  ASSERT_TRUE(size.has_value());
  const boost::json::object claims =
      boost::json::parse(boost::json::string_view(buffer, *size)).as_object();
  EXPECT_EQ(claims.at("id").to_number<int>(), 1);
  EXPECT_EQ(claims.at("sub").as_string(), "1");
  EXPECT_EQ(claims.at("exp").to_number<int64_t>() - claims.at("iat").to_number<int64_t>(), 3600);
  EXPECT_TRUE(claims.contains("jti"));
  EXPECT_TRUE(claims.contains("sid"));
  const std::string cookie(reply.Header("Set-Cookie"));
  EXPECT_TRUE(cookie.ends_with("; Path=/; Max-Age=2592000; HttpOnly; Secure; SameSite=Strict"))
      << cookie;
  EXPECT_EQ(cookie.find("Domain"), std::string::npos);
  api_options_.secure_cookies = false;
  Restart();
  const std::string plain(Send("POST", kLogin, {}, LoginBody("kim")).Header("Set-Cookie"));
  EXPECT_TRUE(plain.ends_with("; Path=/; Max-Age=2592000; HttpOnly; SameSite=Lax")) << plain;
}

TEST_F(AuthenticationTest, ALoginIsRepeatedForItsIdempotencyKeyAndItsPassword) {
  const Person kim = Join("kim");
  Join("lee");
  const auto login = [&](std::string_view body, std::string_view key = "k") {
    return Send("POST", kLogin, {{"Idempotency-Key", std::string(key)}}, body);
  };
  const HttpReply first = login(LoginBody("kim"));
  Restart();
  const HttpReply again = login(LoginBody("kim"));
  EXPECT_EQ(again.body, first.body);
  for (const std::string_view name : {"Authorization", "Set-Cookie"}) {
    EXPECT_EQ(again.HeaderValues(name), first.HeaderValues(name)) << name;
  }
  const auto sessions = [&] {
    return Data(Get("/api/authentication/sessions", kim)).as_array().size();
  };
  EXPECT_EQ(sessions(), 2u);  // the one of Join and this one
  ExpectError(login(LoginBody("kim", "Wrong1!xx")), 403, "MEMBER_PASSWORD_INVALID");
  ExpectError(login(LoginBody("kim") + " "), 422, "IDEMPOTENCY_KEY_REUSED");
  EXPECT_NE(login(LoginBody("lee")).Header("Authorization"), first.Header("Authorization"));
  EXPECT_NE(login(LoginBody("kim"), "k2").Header("Authorization"), first.Header("Authorization"));
  EXPECT_EQ(sessions(), 3u);
  clock_.Advance(absl::Hours(24));
  EXPECT_NE(login(LoginBody("kim")).Header("Authorization"), first.Header("Authorization"));
}

TEST_F(AuthenticationTest, WrongPasswordAndUnknownEmailAreTheSameAnswer) {
  Join("kim");
  const HttpReply wrong = Send("POST", kLogin, {}, LoginBody("kim", "Wrong1!xx"));
  const HttpReply unknown = Send("POST", kLogin, {}, LoginBody("nobody"));
  ExpectError(wrong, 403, "MEMBER_PASSWORD_INVALID", "이메일 또는 비밀번호가 올바르지 않습니다.");
  EXPECT_EQ(wrong.body, unknown.body);
  ExpectHeader(wrong, "");
  EXPECT_EQ(wrong.Header("Set-Cookie"), "");
  EXPECT_EQ(Send("POST", kLogin, {}, LoginBody("KIM")).status, 200);  // e-mails fold
}

TEST_F(AuthenticationTest, FailedLoginsAreLimitedPerEmailUntilTheWindowHasPassed) {
  api_options_.failed_logins_max = 3;
  Restart();
  Join("kim");
  Join("lee");
  const auto fail = [&] { return Send("POST", kLogin, {}, LoginBody("kim", "Wrong1!xx")); };
  EXPECT_EQ(fail().status, 403);
  EXPECT_EQ(fail().status, 403);
  EXPECT_EQ(Send("POST", kLogin, {}, LoginBody("kim")).status, 200);  // forgets them
  for (int i = 0; i < 3; ++i) EXPECT_EQ(fail().status, 403);
  for (const std::string& body :
       {LoginBody("kim", "Wrong1!xx"), LoginBody("kim"), LoginBody("KIM")}) {
    const HttpReply refused = Send("POST", kLogin, {}, body);
    ExpectError(refused, 429, "TOO_MANY_REQUEST");
    EXPECT_EQ(refused.Header("Retry-After"), "600");
  }
  EXPECT_EQ(Send("POST", kLogin, {}, LoginBody("lee")).status, 200);
  clock_.Advance(absl::Minutes(10));
  EXPECT_EQ(Send("POST", kLogin, {}, LoginBody("kim")).status, 200);
}

TEST_F(AuthenticationTest, LoginNamesWhatIsMissing) {
  ExpectError(Send("POST", kLogin, {}, "{}"), 400, "INVALID_REQUEST",
              "이메일은 비워 둘 수 없습니다, 비밀번호는 비워 둘 수 없습니다");
  ExpectError(Send("POST", kLogin, {{"Accept-Language", "en"}}, R"({"email":"x","password":" "})"),
              400, "INVALID_REQUEST",
              "The e-mail is not in the right form, The password must not be blank");
  ExpectError(Send("POST", kLogin, {}, R"({"email":1,"password":2})"), 400, "INVALID_REQUEST",
              "이메일은 올바른 형식이어야 합니다, 비밀번호는 올바른 형식이어야 합니다");
  ExpectError(Send("POST", kLogin, {}, ""), 400, "INVALID_REQUEST", "요청이 올바르지 않습니다.");
}

TEST_F(AuthenticationTest, SignUpAnswersTheMember) {
  ExpectData(Send("POST", kSignUp, {}, SignUpBody("kim")), 201, R"({"id":1,"name":"Member kim"})");
  ExpectError(Send("POST", kSignUp, {}, SignUpBody("kim")), 400, "MEMBER_ALREADY_EXISTS");
  std::string other = SignUpBody("kim");
  other.replace(other.find("kim@"), 3, "lee");
  ExpectError(Send("POST", kSignUp, {}, other), 400, "MEMBER_HANDLE_ALREADY_EXISTS");
}

TEST_F(AuthenticationTest, OfSimultaneousSignUpsExactlyOneSucceeds) {
  std::vector<int> statuses(6);
  std::vector<std::thread> threads;
  for (size_t i = 0; i < statuses.size(); ++i) {
    threads.emplace_back([&, i] {
      HttpClient client(server_->port());
      const auto reply = client.Request("POST", kSignUp, {}, SignUpBody("kim"));
      statuses[i] = reply.ok() ? reply->status : 0;
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(std::count(statuses.begin(), statuses.end(), 200), 1);
  EXPECT_EQ(std::count(statuses.begin(), statuses.end(), 400), 5);
}

// A queue without room refuses every job.
TEST_F(AuthenticationTest, AFullPasswordQueueAnswersTryLaterAndIsNoFailedLogin) {
  api_options_.password_queue_max = 0;
  api_options_.failed_logins_max = 1;
  Restart();
  for (int i = 0; i < 3; ++i) {
    const HttpReply login = Send("POST", kLogin, {}, LoginBody("kim"));
    ExpectError(login, 503, "SERVICE_UNAVAILABLE");
    EXPECT_EQ(login.Header("Retry-After"), "1");
    const HttpReply signup = Send("POST", kSignUp, {}, SignUpBody("kim"));
    ExpectError(signup, 503, "SERVICE_UNAVAILABLE");
    EXPECT_EQ(signup.Header("Retry-After"), "1");
  }
  ExpectUnchanged(0);
}

}  // namespace
}  // namespace dailyfeed::http

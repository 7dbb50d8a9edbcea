// Section 6.1 of the HTTP contract, row by row: every rule of every field of a
// sign-up, and what the endpoints of authentication answer. How tokens and
// sessions live and end stands in api_session_test.cc and api_token_test.cc.
#include "adapters/http/testing/api_rows_test_util.h"

namespace dailyfeed::http {
namespace {

constexpr char kSignUp[] = "/api/authentication/signup";

constexpr char kWeakPassword[] =
    "비밀번호는 영문, 숫자, 특수문자(@ $ ! % * ? & #)만 사용하고 소문자, 대문자, 숫자, 특수문자를 "
    "각각 "
    "하나 이상 포함해야 합니다";

// One property of a good body replaced by another text, or by nothing.
struct FieldRow {
  const char* field;
  std::string value;  // JSON; empty: the field is left out
  const char* message;
};

class SignUpRowsTest : public ContractRowsTest {
 protected:
  HttpReply SignUpWith(const std::string& field, const std::string& value) {
    boost::json::object body = boost::json::parse(SignUpBody("kim")).as_object();
    body.erase(field);
    std::string text = boost::json::serialize(body);
    if (!value.empty()) {
      text.pop_back();
      text += fmt::format(R"(,"{}":{}}})", field, value);
    }
    return Send("POST", kSignUp, {}, text);
  }
};

TEST_F(SignUpRowsTest, RefusesEachBrokenRule) {
  const std::string pair = "😀";  // two units
  std::string units;             // 1002 units in 501 code points
  for (int i = 0; i < 501; ++i) units += pair;
  const FieldRow rows[] = {
      {"email", "", "이메일은 비워 둘 수 없습니다"},
      {"email", "null", "이메일은 비워 둘 수 없습니다"},
      {"email", R"("\t ")", "이메일은 비워 둘 수 없습니다"},
      {"email", R"("kim")", "이메일은 올바른 형식이어야 합니다"},
      {"email", R"("a@b@c")", "이메일은 올바른 형식이어야 합니다"},
      {"email", R"("@b")", "이메일은 올바른 형식이어야 합니다"},
      {"email", R"("a@")", "이메일은 올바른 형식이어야 합니다"},
      {"email", R"("a b@c")", "이메일은 올바른 형식이어야 합니다"},
      {"email", '"' + std::string(65, 'a') + "@b\"", "이메일은 올바른 형식이어야 합니다"},
      {"email", '"' + std::string(50, 'a') + "@" + std::string(50, 'b') + '"',
       "이메일은 100자를 넘을 수 없습니다"},
      {"password", R"("Ab1!")", "비밀번호는 8자 이상 50자 이하여야 합니다"},
      {"password", R"("nouppercase1!")", kWeakPassword},
      {"password", R"("Secret1!^")", kWeakPassword},
      {"memberName", R"("x")", "이름은 2자 이상 30자 이하여야 합니다"},
      {"handle", R"("a-b")", "핸들은 올바른 형식이어야 합니다"},
      {"handle", R"("ab")", "핸들은 3자 이상 50자 이하여야 합니다"},
      {"handle", R"("한글핸들")", "핸들은 올바른 형식이어야 합니다"},
      {"displayName", '"' + std::string(51, 'x') + '"', "표시 이름은 50자를 넘을 수 없습니다"},
      {"bio", '"' + units + '"', "자기소개는 500자를 넘을 수 없습니다"},
      {"bio", "7", "자기소개는 올바른 형식이어야 합니다"},
      {"websiteUrl", R"("ftp://x.example")", "웹사이트 주소는 올바른 형식이어야 합니다"},
      {"birthDate", R"("2025-10-15")", "생년월일은 오늘보다 이전이어야 합니다"},
      {"birthDate", R"("1990-02-30")", "생년월일은 올바른 형식이어야 합니다"},
      {"gender", "", ""},
      {"gender", R"("male")", "성별은 허용된 값이어야 합니다"},
      {"countryCode", R"("XX")", "국가 코드는 허용된 값이어야 합니다"},
      {"timezone", "null", "시간대는 null일 수 없습니다"},
      {"timezone", R"(" ")", "시간대는 비워 둘 수 없습니다"},
      {"languageCode", "null", "언어 코드는 null일 수 없습니다"},
      {"languageCode", R"("x")", "언어 코드는 2자 이상 5자 이하여야 합니다"},
      {"verificationStatus", R"("MAYBE")", "인증 상태는 허용된 값이어야 합니다"},
      {"privacyLevel", R"("SECRET")", "공개 범위는 허용된 값이어야 합니다"},
      {"isActive", "null", "활성 상태는 null일 수 없습니다"},
      {"isActive", R"("true")", "활성 상태는 올바른 형식이어야 합니다"},
      {"avatarUrl", '"' + std::string(1001, 'x') + '"',
       "프로필 이미지 주소는 1000자를 넘을 수 없습니다"},
      {"coverUrl", R"("/relative")", "커버 이미지 주소는 올바른 형식이어야 합니다"},
  };
  for (const FieldRow& row : rows) {
    SCOPED_TRACE(std::string(row.field) + " " + row.value.substr(0, 60));
    ExpectError(SignUpWith(row.field, row.value), 400, "INVALID_REQUEST", row.message);
  }
  ExpectUnchanged(0);
}

TEST_F(SignUpRowsTest, AcceptsWhatIsAllowed) {
  const std::pair<const char*, std::string> rows[] = {
      {"email", R"("a@b")"},
      {"displayName", R"("")"},
      {"bio", "null"},
      {"websiteUrl", R"("")"},
      {"websiteUrl", R"("HTTPS://x.example/y?z")"},
      {"birthDate", R"("")"},
      {"birthDate", R"("2025-10-14")"},
      {"timezone", R"("Mars/Olympus")"},
      {"verificationStatus", R"("VERIFIED")"},
      {"verificationStatus", "null"},
      {"privacyLevel", "null"},
      {"isActive", "false"},
      {"avatarUrl", R"("  ")"},
      {"avatarUrl", R"("any text")"},
      {"coverUrl", R"("http://x.example/c.png")"},
      {"unknown", R"({"deep":[1,2]})"},
  };
  int n = 0;
  for (const auto& [field, value] : rows) {
    SCOPED_TRACE(std::string(field) + " " + value);
    boost::json::object body =
        boost::json::parse(SignUpBody(fmt::format("kim{}", n++))).as_object();
    body[field] = boost::json::parse(value);
    EXPECT_EQ(Send("POST", kSignUp, {}, boost::json::serialize(body)).status, 200);
  }
}

TEST_F(SignUpRowsTest, ReportsAllViolationsInFieldOrder) {
  ExpectError(
      Send("POST", kSignUp, {{"Accept-Language", "en"}},
           R"({"isActive":null,"coverUrl":"x","gender":7,"handle":"a!","email":"","bio":1,)"
           R"("password":"Secret1!x","memberName":"Kim","countryCode":"KR","timezone":null})"),
      400, "INVALID_REQUEST",
      "The e-mail must not be blank, The handle must have 3 to 50 characters, The bio is not in "
      "the right form, The gender is not in the right form, The time zone must not be null, The "
      "active flag must not be null, The cover URL is not in the right form");
}

// The longest and the shortest text that each field takes, and one unit beyond.
TEST_F(SignUpRowsTest, BoundariesOfEveryField) {
  const auto url = [](size_t units) { return "http://x/" + std::string(units - 9, 'u'); };
  const auto password = [](size_t units) { return "Aa1!" + std::string(units - 4, 'x'); };
  const auto email = [](size_t local, size_t domain) {
    return std::string(local, 'e') + "@" + std::string(domain, 'd');
  };
  const std::string pair = "😀";  // two units
  const auto pairs = [&](size_t n) {
    std::string text;
    for (size_t i = 0; i < n; ++i) text += pair;
    return text;
  };
  const struct {
    const char* field;
    std::vector<std::string> accepted;
    std::vector<std::string> refused;
  } rows[] = {
      {"email", {email(64, 35), email(1, 98)}, {email(65, 1), email(64, 36), email(1, 99)}},
      {"password", {password(8), password(50)}, {password(7), password(51)}},
      {"memberName",
       {"ab", std::string(30, 'n'), pair, pairs(15)},
       {"a", std::string(31, 'n'), pairs(15) + "n"}},
      {"handle", {"abc", std::string(50, 'h')}, {"ab", std::string(51, 'h')}},
      {"displayName", {pairs(25)}, {pairs(25) + "d"}},
      {"bio", {pairs(250)}, {pairs(250) + "b"}},
      {"location", {std::string(100, 'l')}, {std::string(101, 'l')}},
      {"websiteUrl", {url(200)}, {url(201)}},
      {"birthDate", {"2025-10-14"}, {"2025-10-15", "2025-10-16"}},
      {"timezone", {"x", std::string(50, 't')}, {std::string(51, 't')}},
      {"languageCode", {"ko", "zh-CN"}, {"k", "zh-TWN"}},
      {"avatarUrl", {std::string(1000, 'a')}, {std::string(1001, 'a')}},
      {"coverUrl", {url(500)}, {url(501)}},
  };
  int n = 0;
  for (const auto& row : rows) {
    for (const bool accepted : {false, true}) {
      for (const std::string& value : accepted ? row.accepted : row.refused) {
        SCOPED_TRACE(fmt::format("{} {} units: {}", row.field, value.size(), value.substr(0, 40)));
        boost::json::object body =
            boost::json::parse(SignUpBody(fmt::format("bound_{}", n++))).as_object();
        body[row.field] = value;
        const Position head = feed_->log().Head();
        const HttpReply reply = Send("POST", kSignUp, {}, boost::json::serialize(body));
        if (accepted) {
          EXPECT_EQ(reply.status, 200) << reply.body;
        } else {
          ExpectError(reply, 400, "INVALID_REQUEST");
          ExpectUnchanged(head);
        }
      }
    }
  }
}

// A violation is told before what is taken, the e-mail before the handle.
TEST_F(SignUpRowsTest, WhatIsTakenComesBehindTheFields) {
  Join("kim");
  const auto body = [&](const char* email, const char* handle, const char* name) {
    boost::json::object fields = boost::json::parse(SignUpBody("kim")).as_object();
    fields["email"] = email;
    fields["handle"] = handle;
    fields["memberName"] = name;
    return boost::json::serialize(fields);
  };
  const Person nobody;
  ExpectErrors({
      {"POST", kSignUp, body("kim@example.com", "kim", "x"), &nobody, 400, "INVALID_REQUEST"},
      {"POST", kSignUp, body("KIM@Example.com", "kim", "Kim"), &nobody, 400,
       "MEMBER_ALREADY_EXISTS"},
      {"POST", kSignUp, body("lee@example.com", "KIM", "Kim"), &nobody, 400,
       "MEMBER_HANDLE_ALREADY_EXISTS"},
  });
  EXPECT_EQ(Send("POST", "/api/authentication/signup/", {}, body("l@x", "lee", "Lee")).status, 200);
}

// --- The other rows of 6.1 -------------------------------------------------------

TEST_F(SignUpRowsTest, AnswersOfAuthentication) {
  for (const char* slash : {"", "/"}) {
    const std::string name = *slash == 0 ? "kim" : "lee";
    const std::string summary =
        fmt::format(R"({{"memberId":{0},"id":{0},"memberName":"Member {1}","memberHandle":"{1}",)"
                    R"("displayName":"{1}!","verificationStatus":"NONE","avatarUrl":"no-image",)"
                    R"("updatedAt":"2025-10-15T12:34:56"}})",
                    Join(name).id, name);
    const auto path = [&](const char* of) { return fmt::format("/api/{}{}", of, slash); };
    const auto log_in = [&] {
      const HttpReply reply = Send("POST", path("authentication/login"), {}, LoginBody(name));
      ExpectData(reply, 200, summary);
      EXPECT_TRUE(reply.Header("Authorization").starts_with("Bearer "));
      EXPECT_TRUE(reply.Header("Set-Cookie").starts_with("refresh_token="));
      EXPECT_TRUE(reply.Header("Set-Cookie")
                      .ends_with("; Path=/; Max-Age=2592000; HttpOnly; Secure; SameSite=Strict"));
      return LogIn(name);
    };
    const auto refresh = [&](const char* of, Person* person) {
      const HttpReply reply =
          Send("POST", path(of), {{"Cookie", "refresh_token=" + person->refresh_token}});
      EXPECT_TRUE(reply.Header("Authorization").starts_with("Bearer "));
      const std::string cookie(reply.Header("Set-Cookie"));
      const size_t begin = cookie.find('=') + 1;
      person->refresh_token = cookie.substr(begin, cookie.find(';') - begin);
      return reply;
    };
    Person person = log_in();
    const HttpReply token = refresh("authentication/refresh", &person);
    ExpectData(token, 200,
               fmt::format(R"({{"accessToken":"{}","expiresIn":3600}})",
                           token.Header("Authorization").substr(7)));
    ExpectData(refresh("token/refresh", &person), 200, "true");

    const auto end = [&](const char* method, const char* of, int status) {
      const Person leaving = log_in();
      ExpectError(Send(method, path(of)), 401, "BEARER_TOKEN_MISSING");
      const HttpReply reply = Send(method, path(of), As(leaving));
      ExpectData(reply, status, "true");
      EXPECT_EQ(reply.Header("Set-Cookie"),
                "refresh_token=; Path=/; Max-Age=0; HttpOnly; Secure; SameSite=Strict");
      ExpectError(Get("/api/members", leaving), 401, "INVALID_TOKEN");
      return reply;
    };
    const HttpReply logged_out = end("POST", "authentication/logout", 200);
    EXPECT_EQ(logged_out.HeaderValues("Authorization"), std::vector<std::string>{""});
    end("POST", "authentication/logout-all", 200);
    end("DELETE", "authentication/deactivate", 204);
    ExpectError(Send("POST", path("authentication/login"), {}, LoginBody(name)), 403,
                "MEMBER_PASSWORD_INVALID");
  }
}

TEST_F(SignUpRowsTest, ErrorsOfAuthentication) {
  Join("kim");
  const Person nobody;
  const std::string login = "/api/authentication/login";
  ExpectErrors({
      {"POST", login, "{}", &nobody, 400, "INVALID_REQUEST"},
      {"POST", login, R"({"email":"kim","password":"x"})", &nobody, 400, "INVALID_REQUEST"},
      {"POST", login, R"({"email":"kim@example.com","password":" "})", &nobody, 400,
       "INVALID_REQUEST"},
      {"POST", login, "{", &nobody, 400, "INVALID_REQUEST"},
      {"POST", login, LoginBody("nobody"), &nobody, 403, "MEMBER_PASSWORD_INVALID"},
      {"POST", login, LoginBody("kim", "Wrong1!xx"), &nobody, 403, "MEMBER_PASSWORD_INVALID"},
      {"POST", "/api/authentication/refresh", "", &nobody, 401, "INVALID_TOKEN"},
      {"POST", "/api/token/refresh", "", &nobody, 401, "INVALID_TOKEN"},
      {"GET", login, "", &nobody, 405, "METHOD_NOT_ALLOWED"},
      {"POST", "/api/authentication/deactivate", "", &nobody, 405, "METHOD_NOT_ALLOWED"},
  });
}

}  // namespace
}  // namespace dailyfeed::http

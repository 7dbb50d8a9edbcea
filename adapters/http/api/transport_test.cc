// Section 1 of the HTTP contract, except paging and repeats: routes, methods,
// headers, origins, the error envelope.
#include "adapters/http/testing/api_test_util.h"

namespace dailyfeed::http {
namespace {

class TransportTest : public ApiTest {};

TEST_F(TransportTest, OneTrailingSlashIsTheSamePath) {
  const Person kim = Join("kim");
  for (const char* path : {"/api/members", "/api/members/summary", "/api/timeline/posts",
                           "/healthcheck/ready", "/openapi.json"}) {
    const HttpReply without = Get(path, kim);
    const HttpReply with = Get(std::string(path) + "/", kim);
    EXPECT_EQ(without.status, 200) << path;
    EXPECT_EQ(with.status, 200) << path;
    EXPECT_EQ(with.body, without.body) << path;
  }
  ExpectError(Get("/api/members//", kim), 404, "NOT_FOUND");
}

TEST_F(TransportTest, UnknownPathsAndMethodsNeedNoToken) {
  ExpectError(Send("GET", "/api/nothing"), 404, "NOT_FOUND");
  ExpectError(Send("GET", "/"), 404, "NOT_FOUND");
  ExpectError(Send("POST", "/api/nothing", {}, "{}"), 404, "NOT_FOUND");
  const struct {
    const char* method;
    const char* path;
    const char* allow;
  } rows[] = {
      {"GET", "/api/posts", "POST, OPTIONS"},
      {"PATCH", "/api/posts/7", "PUT, DELETE, OPTIONS"},
      {"POST", "/api/timeline/posts", "GET, HEAD, OPTIONS"},
      {"PUT", "/api/members/follow/7", "POST, DELETE, OPTIONS"},
      {"PUT", "/api/comments/replies", "POST, OPTIONS"},
      {"BREW", "/livez", "GET, HEAD, OPTIONS"},
  };
  for (const auto& row : rows) {
    const HttpReply reply = Send(row.method, row.path);
    ExpectError(reply, 405, "METHOD_NOT_ALLOWED");
    EXPECT_EQ(reply.Header("Allow"), row.allow) << row.path;
    const HttpReply options = Send("OPTIONS", row.path);
    EXPECT_EQ(options.status, 200);
    EXPECT_EQ(options.body, "{}");
    EXPECT_EQ(options.Header("Allow"), row.allow) << row.path;
  }
  ExpectError(Send("OPTIONS", "/api/nothing"), 404, "NOT_FOUND");
}

TEST_F(TransportTest, HeadIsGetWithoutABody) {
  const Person kim = Join("kim");
  for (const char* path : {"/api/members/profile", "/api/timeline/posts/followings"}) {
    const HttpReply get = Get(path, kim);
    const HttpReply head = Send("HEAD", path, As(kim));
    EXPECT_EQ(head.status, 200);
    EXPECT_EQ(head.body, "");
    EXPECT_EQ(head.Header("Content-Length"), std::to_string(get.body.size()));
    EXPECT_EQ(head.Header("Content-Type"), "application/json");
  }
  EXPECT_EQ(Send("HEAD", "/api/members/summary").status, 401);
}

TEST_F(TransportTest, BodilessWritesWithAndWithoutALength) {
  const Person kim = Join("kim");
  const Person lee = Join("lee");
  const std::string path = fmt::format("/api/members/follow/{}", lee.id);
  // The client sends Content-Length: 0 with the first and none with the second.
  ExpectData(Post(path, "", kim), 201, "true");
  const std::string raw = fmt::format(
      "DELETE {} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {}\r\n"
      "Content-Type: application/json\r\n\r\n",
      path, kim.token);
  ASSERT_TRUE(client_->Send(raw).ok());
  const auto reply = client_->Receive();
  ASSERT_TRUE(reply.ok());
  ExpectData(*reply, 204, "true");
}

TEST_F(TransportTest, EveryAnswerCarriesTheHeaders) {
  const Person kim = Join("kim");
  const HttpReply replies[] = {Get("/api/members", kim),
                               Send("GET", "/api/members"),
                               Send("GET", "/api/nothing"),
                               Send("OPTIONS", "/api/posts"),
                               Send("GET", "/livez"),
                               Send("GET", "/demo-ui.html"),
                               Send("GET", "/openapi.json"),
                               Post("/api/posts", "{", kim),
                               Send("DELETE", "/livez"),
                               Post("/api/posts", R"({"content":"x"})", kim),
                               Send("GET", "/api/members", {{"Origin", "http://evil.example"}})};
  const std::pair<const char*, const char*> headers[] = {
      {"X-Content-Type-Options", "nosniff"},
      {"X-XSS-Protection", "0"},
      {"X-Frame-Options", "DENY"},
      {"Referrer-Policy", "no-referrer"},
      {"Cache-Control", "no-cache, no-store, max-age=0, must-revalidate"},
      {"Pragma", "no-cache"},
      {"Expires", "0"}};
  for (const HttpReply& reply : replies) {
    for (const auto& [name, value] : headers) {
      EXPECT_EQ(reply.HeaderValues(name), std::vector<std::string>{value}) << reply.body;
    }
    EXPECT_NE(reply.status, 204);
    EXPECT_NE(reply.status / 100, 3);
  }
}

TEST_F(TransportTest, AllowedOriginsAreNamedOthersRefused) {
  const Person kim = Join("kim");
  for (const char* origin : {"http://localhost:3000", "http://localhost:3001"}) {
    const HttpReply reply = Send("GET", "/api/members", As(kim, {{"Origin", origin}}));
    EXPECT_EQ(reply.status, 200);
    EXPECT_EQ(reply.Header("Access-Control-Allow-Origin"), origin);
    EXPECT_EQ(reply.Header("Access-Control-Allow-Credentials"), "true");
    EXPECT_EQ(reply.Header("Vary"), "Origin");
    EXPECT_EQ(reply.Header("Access-Control-Expose-Headers"),
              "Authorization, Cache-Control, Content-Type, X-Token-Refresh-Needed, "
              "X-Relogin-Required");
    // Errors too, or a page could not read them.
    EXPECT_EQ(
        Send("GET", "/api/members", {{"Origin", origin}}).Header("Access-Control-Allow-Origin"),
        origin);
  }
  for (const char* origin : {"http://localhost:3002", "https://localhost:3000", "null",
                             "http://localhost:3000.evil.example", "http://LOCALHOST:30000"}) {
    const HttpReply reply = Send("GET", "/api/members", As(kim, {{"Origin", origin}}));
    ExpectError(reply, 403, "CORS_ORIGIN_REJECTED");
    EXPECT_EQ(reply.Header("Access-Control-Allow-Origin"), "") << origin;
  }
  const HttpReply none = Get("/api/members", kim);
  EXPECT_EQ(none.Header("Access-Control-Allow-Origin"), "");
  EXPECT_EQ(none.Header("Vary"), "");
}

TEST_F(TransportTest, TheServersOwnOriginAndOtherPathsAreOutsideCors) {
  const Person kim = Join("kim");
  const std::string own = fmt::format("http://127.0.0.1:{}", server_->port());
  const HttpReply reply = Send("GET", "/api/members", As(kim, {{"Origin", own}}));
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.Header("Access-Control-Allow-Origin"), "");
  EXPECT_EQ(Send("GET", "/livez", {{"Origin", "http://evil.example"}}).status, 200);
}

TEST_F(TransportTest, Preflight) {
  const HttpReply reply = Send("OPTIONS", "/api/posts",
                               {{"Origin", "http://localhost:3000"},
                                {"Access-Control-Request-Method", "POST"},
                                {"Access-Control-Request-Headers", "authorization, x-y"}});
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.body, "{}");
  EXPECT_EQ(reply.Header("Access-Control-Allow-Origin"), "http://localhost:3000");
  EXPECT_EQ(reply.Header("Access-Control-Allow-Credentials"), "true");
  EXPECT_EQ(reply.Header("Access-Control-Allow-Methods"), "GET, POST, PUT, PATCH, DELETE, OPTIONS");
  EXPECT_EQ(reply.Header("Access-Control-Allow-Headers"), "authorization, x-y");
  EXPECT_EQ(reply.Header("Access-Control-Max-Age"), "3600");
  ExpectError(Send("OPTIONS", "/api/posts",
                   {{"Origin", "http://evil.example"}, {"Access-Control-Request-Method", "POST"}}),
              403, "CORS_ORIGIN_REJECTED");
}

TEST_F(TransportTest, ErrorsNameThePathAsReceived) {
  EXPECT_EQ(Send("GET", "/api/none/%41/?q=1").body,
            R"({"statusCode":404,"resultCode":"FAIL","message":"존재하지 않는 경로입니다.",)"
            R"("path":"/api/none/%41/","errorCode":"NOT_FOUND"})");
}

TEST_F(TransportTest, KoreanUnlessEnglishIsPreferred) {
  const struct {
    const char* accept_language;
    const char* message;
  } rows[] = {{"*", "존재하지 않는 경로입니다."},
              {"ko-KR,ko;q=0.9,en;q=0.8", "존재하지 않는 경로입니다."},
              {"en-US,en;q=0.9,ko;q=0.8", "There is no such path."},
              {"fr-FR", "존재하지 않는 경로입니다."}};
  for (const auto& row : rows) {
    ExpectError(Send("GET", "/api/none", {{"Accept-Language", row.accept_language}}), 404,
                "NOT_FOUND", row.message);
  }
}

// CORS, route and method, authentication, body, existence.
TEST_F(TransportTest, TheFirstCheckThatFailsAnswers) {
  const Person kim = Join("kim");
  const HttpHeaders evil = {{"Origin", "http://evil.example"}};
  ExpectError(Send("GET", "/api/none", evil), 403, "CORS_ORIGIN_REJECTED");
  ExpectError(Send("PATCH", "/api/posts/x"), 405, "METHOD_NOT_ALLOWED");
  ExpectError(Send("PUT", "/api/posts/x", {}, "{"), 401, "BEARER_TOKEN_MISSING");
  ExpectError(Put("/api/posts/x", "{", kim), 400, "INVALID_REQUEST");
  ExpectError(Put("/api/posts/999", R"({"content":""})", kim), 400, "POST_CONTENT_EMPTY");
  ExpectError(Put("/api/posts/999", R"({"content":"x"})", kim), 404, "POST_NOT_FOUND");
}

// Also when the server does not read the body, because too much is announced or
// comes in a chunk: what the headers say is checked first.
TEST_F(TransportTest, ATooLargeBodyIsRefusedAfterWhatTheHeadersSay) {
  const Person kim = Join("kim");
  const HttpHeaders evil = {{"Origin", "http://evil.example"}};
  const struct {
    const char* method;
    const char* path;
    HttpHeaders headers;
    int status;
    const char* code;
  } rows[] = {{"POST", "/api/posts", {}, 401, "BEARER_TOKEN_MISSING"},
              {"POST", "/api/images/upload", {}, 401, "BEARER_TOKEN_MISSING"},
              {"POST", "/api/posts", {{"Authorization", "Bearer x"}}, 401, "INVALID_TOKEN"},
              {"POST", "/api/posts", evil, 403, "CORS_ORIGIN_REJECTED"},
              {"POST", "/api/none", {}, 404, "NOT_FOUND"},
              {"PATCH", "/api/posts", {}, 405, "METHOD_NOT_ALLOWED"},
              {"POST", "/api/posts", As(kim), 413, "PAYLOAD_TOO_LARGE"},
              {"POST", "/api/images/upload", As(kim), 413, "PAYLOAD_TOO_LARGE"},
              {"POST", "/api/authentication/login", {}, 413, "PAYLOAD_TOO_LARGE"}};
  const Position head = feed_->log().Head();
  for (const auto& row : rows) {
    for (const char* body :
         {"Content-Length: 12582912\r\n\r\n", "Transfer-Encoding: chunked\r\n\r\nc00000\r\n"}) {
      SCOPED_TRACE(fmt::format("{} {} {}", row.method, row.path, body));
      std::string raw = fmt::format("{} {} HTTP/1.1\r\nHost: x\r\n", row.method, row.path);
      for (const auto& [name, value] : row.headers) raw += name + ": " + value + "\r\n";
      HttpClient client(server_->port());
      ASSERT_TRUE(client.Connect().ok());
      ASSERT_TRUE(client.Send(raw + body).ok());
      const auto reply = client.Receive();
      ASSERT_TRUE(reply.ok()) << reply.status();
      ExpectError(*reply, row.status, row.code);
      EXPECT_EQ(reply->Header("X-Relogin-Required"), row.status == 401 ? "true" : "");
      EXPECT_EQ(reply->Header("Connection"), "close");
    }
  }
  ExpectUnchanged(head);
}

// The same behind a server that read all of it.
TEST_F(TransportTest, TheApiItselfChecksTheTokenBeforeTheSizeOfTheBody) {
  HttpRequest request;
  request.method = "POST";
  request.target = "/api/posts";
  request.body.assign((1u << 20) + 1, 'x');
  HttpResponse response;
  api_->Handle(request, [&](HttpResponse answer) { response = std::move(answer); });
  EXPECT_EQ(response.error_code, "BEARER_TOKEN_MISSING");
  request.target = "/api/authentication/login";
  api_->Handle(request, [&](HttpResponse answer) { response = std::move(answer); });
  EXPECT_EQ(response.error_code, "PAYLOAD_TOO_LARGE");
}

TEST_F(TransportTest, HealthChecksAreTextOrJson) {
  for (const char* path :
       {"/healthcheck/ready", "/healthcheck/live", "/healthcheck/startup", "/livez"}) {
    const HttpReply reply = Send("GET", path);
    EXPECT_EQ(reply.status, 200);
    EXPECT_EQ(reply.body, "OK") << path;
    EXPECT_TRUE(reply.Header("Content-Type").starts_with("text/plain")) << path;
  }
  Join("kim");
  const boost::json::object ready = Json(Send("GET", "/readyz")).as_object();
  EXPECT_TRUE(ready.at("ready").as_bool());
  EXPECT_TRUE(ready.at("acceptsWrites").as_bool());
  EXPECT_EQ(ready.at("head").to_number<uint64_t>(), feed_->log().Head());
  EXPECT_EQ(ready.at("lag").to_number<uint64_t>(), 0u);
  EXPECT_EQ(ready.at("membersSignedUp").to_number<uint64_t>(), 1u);
  EXPECT_FALSE(ready.at("projections").as_array().empty());
}

TEST_F(TransportTest, DrainingRefusesEverythingButHealth) {
  const Person kim = Join("kim");
  api_->BeginDrain();
  const HttpReply refused = Get("/api/members", kim);
  ExpectError(refused, 503, "SERVICE_UNAVAILABLE");
  EXPECT_EQ(refused.Header("Retry-After"), "1");
  EXPECT_EQ(Send("GET", "/healthcheck/ready").status, 503);
  EXPECT_EQ(Send("GET", "/healthcheck/live").body, "OK");
  const HttpReply ready = Send("GET", "/readyz");
  EXPECT_EQ(ready.status, 503);
  EXPECT_FALSE(Json(ready).as_object().at("ready").as_bool());
}

TEST_F(TransportTest, RefusalsOfTheServerHaveTheSameForm) {
  const struct {
    int status;
    const char* code;
    const char* korean;
    const char* english;
  } rows[] = {
      {400, "INVALID_REQUEST", "HTTP 요청의 형식이 올바르지 않습니다.",
       "The request is not well-formed HTTP."},
      {408, "INVALID_REQUEST", "요청이 제한 시간 안에 도착하지 않았습니다.",
       "The request did not arrive in time."},
      {413, "PAYLOAD_TOO_LARGE", "요청 본문이 너무 큽니다.", "The request body is too large."},
      {417, "INVALID_REQUEST", "지원하지 않는 Expect 헤더입니다.",
       "The Expect header is not supported."},
      {431, "INVALID_REQUEST", "요청 헤더가 너무 크거나 너무 많습니다.",
       "The request headers are too large or too many."},
      {500, "INTERNAL_SERVER_ERROR", "서버에서 오류가 발생했습니다.",
       "Something went wrong on the server."},
      {503, "SERVICE_UNAVAILABLE", "지금은 요청을 처리할 수 없습니다. 잠시 후 다시 시도해 주세요.",
       "The request cannot be served right now. Please try again soon."}};
  for (const auto& row : rows) {
    HttpRequest partial;
    partial.method = "POST";
    partial.target = "/api/authentication/login?x=1";
    const HttpResponse response = api_->Refuse(row.status, partial);
    EXPECT_EQ(response.status, row.status);
    EXPECT_EQ(response.error_code, row.code);
    const boost::json::object error = boost::json::parse(response.body).as_object();
    EXPECT_EQ(error.at("statusCode").to_number<int>(), row.status);
    EXPECT_EQ(error.at("path").as_string(), "/api/authentication/login");
    EXPECT_EQ(error.at("errorCode").as_string(), row.code);
    EXPECT_EQ(error.at("message").as_string(), row.korean);
    partial.headers = {{"Accept-Language", "en"}};
    const HttpResponse english = api_->Refuse(row.status, partial);
    EXPECT_EQ(boost::json::parse(english.body).as_object().at("message").as_string(), row.english);
    EXPECT_NE(response.header_lines.find("nosniff"), std::string_view::npos);
  }
  EXPECT_EQ(api_->BodyLimit({}), 1u << 20);
}

// Route, origin and token come before a byte of the body is read.
TEST_F(TransportTest, ABodyThatIsNotWantedIsNotRead) {
  const struct {
    const char* head;
    int status;
    const char* code;
  } rows[] = {
      {"POST /api/images/upload", 401, "BEARER_TOKEN_MISSING"},
      {"POST /api/images/upload HTTP/1.1\r\nAuthorization: Bearer x", 401, "INVALID_TOKEN"},
      {"POST /api/nowhere", 404, "NOT_FOUND"},
      {"PUT /api/posts", 405, "METHOD_NOT_ALLOWED"},
      {"POST /api/posts HTTP/1.1\r\nOrigin: http://evil.example", 403, "CORS_ORIGIN_REJECTED"},
  };
  for (const auto& row : rows) {
    std::string head = row.head;
    if (head.find("HTTP/1.1") == std::string::npos) head += " HTTP/1.1";
    HttpClient client(server_->port());
    ASSERT_TRUE(client
                    .Send(head + "\r\nHost: x\r\nContent-Length: 10000000\r\n"
                                 "Expect: 100-continue\r\n\r\n")
                    .ok());
    const auto reply = client.Receive();
    ASSERT_TRUE(reply.ok()) << row.head << reply.status();
    ExpectError(*reply, row.status, row.code);
    EXPECT_EQ(reply->Header("Connection"), "close");
  }
}

TEST_F(TransportTest, ABodyThatIsWantedIsAskedFor) {
  HttpClient client(server_->port());
  const std::string body = R"({"email":"nobody@example.com","password":"Wrong1!pass"})";
  ASSERT_TRUE(client
                  .Send("POST /api/authentication/login HTTP/1.1\r\nHost: x\r\n"
                        "Expect: 100-continue\r\nContent-Length: " +
                        std::to_string(body.size()) + "\r\n\r\n")
                  .ok());
  EXPECT_EQ(client.Receive()->status, 100);
  ASSERT_TRUE(client.Send(body).ok());
  ExpectError(*client.Receive(), 403, "MEMBER_PASSWORD_INVALID");
}

TEST_F(TransportTest, SeveralLinesOfAListHeaderAreOneList) {
  HttpClient client(server_->port());
  ASSERT_TRUE(client
                  .Send("GET /api/nowhere HTTP/1.1\r\nHost: x\r\nAccept-Language: fr\r\n"
                        "accept-language: en\r\n\r\n")
                  .ok());
  const auto reply = client.Receive();
  ASSERT_TRUE(reply.ok()) << reply.status();
  EXPECT_NE(reply->body.find("There is no such path."), std::string::npos) << reply->body;
}

TEST_F(TransportTest, AHeaderFloodIsToldWhatIsWrong) {
  HttpClient client(server_->port());
  ASSERT_TRUE(client.Connect().ok());
  ASSERT_TRUE(
      client
          .Send("GET /livez HTTP/1.1\r\nHost: x\r\nX: " + std::string(32u << 10, 'x') + "\r\n\r\n")
          .ok());
  const auto reply = client.Receive();
  ASSERT_TRUE(reply.ok()) << reply.status();
  ExpectError(*reply, 431, "INVALID_REQUEST");
  EXPECT_NE(reply->body.find("헤더가 너무 크거나"), std::string::npos) << reply->body;
}

class StartPageTest : public ApiTest {
 protected:
  StartPageTest() {
    api_options_.start_page = true;
    api_options_.sample_logins_file = (directory_ / "logins.json").string();
  }
  void WriteLogins(std::string_view text) {
    std::FILE* file = std::fopen(api_options_.sample_logins_file.c_str(), "wb");
    ASSERT_NE(file, nullptr);
    std::fwrite(text.data(), 1, text.size(), file);
    std::fclose(file);
  }
};

TEST_F(StartPageTest, ShowsTheLoginsAndNothingFromOutside) {
  WriteLogins(R"([{"email":"kim@example.com","password":"</script><b>","name":"Kim"}])");
  const HttpReply page = Send("GET", "/");
  EXPECT_EQ(page.status, 200);
  EXPECT_TRUE(page.Header("Content-Type").starts_with("text/html"));
  EXPECT_NE(page.body.find("kim@example.com"), std::string::npos);
  EXPECT_EQ(page.body.find("</script><b>"), std::string::npos);
  EXPECT_NE(page.body.find("\\u003c/script>"), std::string::npos);
  for (const char* outside : {"http://", "https://", "src=", "<link", "@import"}) {
    EXPECT_EQ(page.body.find(outside), std::string::npos) << outside;
  }
  EXPECT_EQ(Send("GET", "/demo-ui.html").body, page.body);
}

TEST_F(StartPageTest, WorksWithoutLoginsAndWithABrokenFile) {
  EXPECT_NE(Send("GET", "/").body.find("sampleLogins = [];"), std::string::npos);
  WriteLogins("{not json");
  EXPECT_NE(Send("GET", "/").body.find("sampleLogins = [];"), std::string::npos);
}

}  // namespace
}  // namespace dailyfeed::http

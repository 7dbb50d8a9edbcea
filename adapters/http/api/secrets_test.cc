// What must stay secret appears nowhere: not in the data directory, not in what
// is logged, not in metrics, not in an error.
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>

#include "adapters/crypto/base64url.h"
#include "adapters/http/server/access_log.h"
#include "adapters/http/testing/api_test_util.h"
#include "adapters/http/testing/captured_log.h"
#include "adapters/monitor/monitor.h"
#include "adapters/monitor/request_metrics.h"

namespace dailyfeed::http {
namespace {

constexpr char kOldPassword[] = "Unlikely1!aa";
constexpr char kNewPassword[] = "Improbable2@bb";
constexpr char kWrongPassword[] = "Unheard3#cc";

class SecretsTest : public ApiTest {
 protected:
  // As `dailyfeed serve` does it: a log line and numbers for every request.
  void SetUp() override {
    ApiTest::SetUp();
    ServerOptions options;
    options.threads = 1;
    options.on_request = [this](const RequestRecord& record) {
      metrics_.Record(record);
      LogRequest(AccessLog::kAll, record);
    };
    logged_server_ = *Server::Start(api_.get(), std::move(options));
    client_ = std::make_unique<HttpClient>(logged_server_->port());
    monitor_ = *monitor::Monitor::Start({});
    monitor_->Attach({.feed = feed_.get(), .server = logged_server_.get(), .requests = &metrics_});
  }
  void TearDown() override { CloseLoggedServer(); }
  void CloseLoggedServer() {
    client_ = nullptr;
    monitor_ = nullptr;
    logged_server_ = nullptr;
  }

  // Sends, remembers what the answer delivers, and the body when it is an error.
  HttpReply Do(std::string_view method, std::string_view target, HttpHeaders headers = {},
               std::string_view body = {}) {
    HttpReply reply = Send(method, target, std::move(headers), body);
    const std::string_view authorization = reply.Header("Authorization");
    if (authorization.starts_with("Bearer ")) {
      token_ = authorization.substr(7);
      secrets_.insert(token_);
      secrets_.insert(token_.substr(token_.rfind('.') + 1));  // its signature alone
    }
    const std::string cookie(reply.Header("Set-Cookie"));
    const size_t begin = cookie.find('=') + 1;
    const std::string value = cookie.substr(begin, cookie.find(';') - begin);
    if (!cookie.empty() && !value.empty()) {
      cookie_ = value;
      secrets_.insert(value);
    }
    if (reply.status >= 400) errors_ += reply.body;
    return reply;
  }
  HttpHeaders Both() const {
    return {{"Authorization", "Bearer " + token_}, {"Cookie", "refresh_token=" + cookie_}};
  }
  static std::string Login(std::string_view password) {
    return fmt::format(R"({{"email":"kim@example.com","password":"{}"}})", password);
  }

  void LiveThroughEverything() {
    std::string sign_up = SignUpBody("kim");
    sign_up.replace(sign_up.find(kPassword), sizeof(kPassword) - 1, kOldPassword);
    const HttpHeaders key = {{"Idempotency-Key", "once"}};
    for (int i = 0; i < 2; ++i) {
      EXPECT_EQ(Do("POST", "/api/authentication/signup", key, sign_up).status, 200);
    }
    EXPECT_EQ(Do("POST", "/api/authentication/signup", {}, sign_up).status, 400);
    const std::string weak = R"({"email":"x","password":"unheard3#cc"})";
    EXPECT_EQ(Do("POST", "/api/authentication/signup", {}, weak).status, 400);
    EXPECT_EQ(Do("POST", "/api/authentication/login", {}, Login(kWrongPassword)).status, 403);
    EXPECT_EQ(Do("POST", "/api/authentication/login", {}, Login(kOldPassword)).status, 200);
    const HttpHeaders spent = Both();
    EXPECT_EQ(Do("POST", "/api/authentication/refresh", Both()).status, 200);
    EXPECT_EQ(Do("GET", "/api/members?token=" + token_, Both()).status, 200);
    clock_.Advance(options_.identity.refresh_leeway);
    EXPECT_EQ(Do("POST", "/api/token/refresh", spent).status, 401);  // reuse
    EXPECT_EQ(Do("GET", "/api/members", Both()).status, 401);
    EXPECT_EQ(Do("POST", "/api/authentication/login", {}, Login(kOldPassword)).status, 200);
    EXPECT_EQ(Do("POST", "/api/authentication/logout", Both()).status, 200);
    EXPECT_EQ(Do("POST", "/api/authentication/logout", Both()).status, 401);
    EXPECT_EQ(Do("POST", "/api/authentication/login", {}, Login(kOldPassword)).status, 200);
    const auto change = [&](const char* current) {
      return Do(
          "PUT", "/api/members/password", Both(),
          fmt::format(R"({{"currentPassword":"{}","newPassword":"{}"}})", current, kNewPassword));
    };
    EXPECT_EQ(change(kWrongPassword).status, 403);
    EXPECT_EQ(change(kOldPassword).status, 200);
    EXPECT_EQ(Do("POST", "/api/authentication/login", {}, Login(kNewPassword)).status, 200);
    EXPECT_EQ(Do("POST", "/api/posts", Both(), R"({"content":"a visible text"})").status, 200);
    EXPECT_EQ(Do("POST", "/api/posts", Both(), "{\"content\":\"" + token_).status, 400);
    EXPECT_EQ(Do("GET", "/api/authentication/sessions", Both()).status, 200);
    EXPECT_EQ(Do("POST", "/api/authentication/logout-all", Both()).status, 200);
    secrets_.insert({kOldPassword, kNewPassword, kWrongPassword, "unheard3#cc"});
  }

  std::string Metrics() {
    HttpClient client(monitor_->port());
    std::string all;
    for (const char* path : {"/metrics", "/debug/stats", "/debug/config", "/readyz"}) {
      all += client.Request("GET", path)->body;
    }
    return all;
  }
  std::string Files() {
    std::string all;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(directory_ / "feed")) {
      if (!entry.is_regular_file()) continue;
      std::ifstream file(entry.path(), std::ios::binary);
      all.append(std::istreambuf_iterator<char>(file), {});
    }
    return all;
  }
  // Neither as it is nor in one of the forms it might be written in.
  void ExpectWithoutSecrets(const std::string& text, const char* where) {
    constexpr char kHex[] = "0123456789abcdef";
    for (const std::string& secret : secrets_) {
      std::string hex;
      for (const char c : secret) {
        hex += kHex[static_cast<uint8_t>(c) >> 4];
        hex += kHex[static_cast<uint8_t>(c) & 15];
      }
      for (const std::string& form : {secret, Base64UrlEncode(secret), hex}) {
        EXPECT_EQ(text.find(form), std::string::npos) << where << ": " << secret;
      }
    }
  }

  monitor::RequestMetrics metrics_;
  std::unique_ptr<Server> logged_server_;
  std::unique_ptr<monitor::Monitor> monitor_;
  std::string token_, cookie_, errors_;
  std::set<std::string> secrets_;
};

TEST_F(SecretsTest, AppearNowhere) {
  std::string log;
  {
    const CapturedLog captured((directory_ / "log.txt").string());
    LiveThroughEverything();
    log = captured.Text();
  }
  const std::string metrics = Metrics();
  CloseLoggedServer();
  Stop();
  const std::string files = Files();
  EXPECT_GT(secrets_.size(), 15u);
  ExpectWithoutSecrets(log, "log");
  ExpectWithoutSecrets(metrics, "metrics");
  ExpectWithoutSecrets(errors_, "errors");
  ExpectWithoutSecrets(files, "data directory");
  // The negative controls: what may be there is found.
  EXPECT_NE(log.find("/api/authentication/login"), std::string::npos);
  EXPECT_NE(log.find("a spent refresh token was presented again"), std::string::npos);
  EXPECT_NE(metrics.find("dailyfeed_refresh_tokens_reused_total 1"), std::string::npos);
  EXPECT_NE(errors_.find("MEMBER_PASSWORD_INVALID"), std::string::npos);
  EXPECT_NE(files.find("a visible text"), std::string::npos);
}

// For the line of the log: whose session, from where, on which request.
TEST_F(SecretsTest, TheLineAboutAReuseNamesMemberAndSession) {
  std::string log;
  std::string session;
  {
    const CapturedLog captured((directory_ / "log.txt").string());
    Join("kim");
    Do("POST", "/api/authentication/login", {}, LoginBody("kim"));
    session = std::string(feed_->identity().CheckAccessToken(token_).session_id);
    const HttpHeaders spent = Both();
    Do("POST", "/api/token/refresh", spent);
    clock_.Advance(options_.identity.refresh_leeway);
    EXPECT_EQ(Do("POST", "/api/token/refresh", spent).status, 401);
    EXPECT_EQ(Do("POST", "/api/token/refresh", spent).status, 401);  // no second line
    log = captured.Text();
  }
  constexpr std::string_view kMessage = "\"message\":\"a spent refresh token was presented again\"";
  const size_t at = log.find(kMessage);
  ASSERT_NE(at, std::string::npos);
  const std::string line = log.substr(at, log.find('\n', at) - at);
  EXPECT_NE(line.find("\"member\":1,"), std::string::npos) << line;
  EXPECT_NE(line.find("\"session\":\"" + session + "\""), std::string::npos) << line;
  EXPECT_NE(line.find("\"address\":\"127.0.0.1\""), std::string::npos) << line;
  EXPECT_NE(line.find("\"request_id\":"), std::string::npos) << line;
  EXPECT_EQ(log.find(kMessage, at + 1), std::string::npos);
}

}  // namespace
}  // namespace dailyfeed::http

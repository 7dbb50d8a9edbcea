// What the tests of the API share: a real feed in a fresh directory, the API
// over it, a server, and a client that speaks to it over a socket. For tests
// only.
//
//   TEST_F(ApiTest, ...) {
//     const Person kim = Join("kim");
//     ExpectData(Post("/api/posts", R"({"content":"hi"})", kim), 201, ...);
//   }
#ifndef DAILYFEED_ADAPTERS_HTTP_TESTING_API_TEST_UTIL_H_
#define DAILYFEED_ADAPTERS_HTTP_TESTING_API_TEST_UTIL_H_

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <atomic>
#include <boost/json.hpp>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/embedded/dailyfeed.h"
#include "adapters/http/api/api.h"
#include "adapters/http/server/server.h"
#include "tools/test_support/http_client.h"

namespace dailyfeed::http {

using test_support::HttpClient;
using test_support::HttpHeaders;
using test_support::HttpReply;

// Moves only when told. Begins at 2025-10-15T12:34:56.123456 in Seoul.
class ManualClock final : public Clock {
 public:
  TimestampNs Now() override { return now_; }
  // Time passes.
  void Advance(absl::Duration duration) {
    Set(duration);
    steady_.now += absl::ToInt64Nanoseconds(duration);
  }
  // Somebody sets the clock, and no time passes.
  void Set(absl::Duration ahead) { now_ += absl::ToInt64Nanoseconds(ahead); }
  Clock* steady() { return &steady_; }

 private:
  struct Steady : Clock {
    TimestampNs Now() override { return now; }
    std::atomic<TimestampNs> now = 1'000'000'000;
  };

  std::atomic<TimestampNs> now_ = 1'760'499'296'123'456'000;
  Steady steady_;
};
class ApiTest : public testing::Test {
 protected:
  struct Person {
    MemberId id = 0;
    std::string name;
    std::string token;
    std::string refresh_token;
  };
  static constexpr char kPassword[] = "Secret1!x";

  ApiTest()
      : directory_(std::filesystem::path(testing::TempDir()) /
                   testing::UnitTest::GetInstance()->current_test_info()->test_suite_name() /
                   testing::UnitTest::GetInstance()->current_test_info()->name()) {
    std::filesystem::remove_all(directory_);
    std::filesystem::create_directories(directory_);
    options_.data_directory = (directory_ / "feed").string();
    options_.identity.argon2_operations = 1;
    options_.identity.argon2_memory_bytes = 8192;
    options_.engine.clock = &clock_;
    options_.identity.clock = &clock_;
    options_.identity.steady_clock = clock_.steady();
    api_options_.failed_login_delay_step = absl::ZeroDuration();  // tests that fail on purpose
  }
  ~ApiTest() override { Stop(); }

  void SetUp() override { Start(); }

  void Start() {
    absl::StatusOr<std::unique_ptr<Dailyfeed>> opened = Dailyfeed::Open(options_);
    ASSERT_TRUE(opened.ok()) << opened.status();
    feed_ = *std::move(opened);
    api_ = Api::Create(feed_.get(), api_options_);
    ServerOptions server_options;
    server_options.threads = 2;
    auto server = Server::Start(api_.get(), std::move(server_options));
    ASSERT_TRUE(server.ok()) << server.status();
    server_ = *std::move(server);
    client_ = std::make_unique<HttpClient>(server_->port());
  }
  void Stop() {
    client_ = nullptr;
    server_ = nullptr;
    api_ = nullptr;
    feed_ = nullptr;
  }
  void Restart() {
    Stop();
    Start();
  }

  // --- Requests ---------------------------------------------------------------
  HttpReply Send(std::string_view method, std::string_view target, HttpHeaders headers = {},
                 std::string_view body = {}) {
    absl::StatusOr<HttpReply> reply = client_->Request(method, target, headers, body);
    EXPECT_TRUE(reply.ok()) << method << " " << target << ": " << reply.status();
    return reply.ok() ? *std::move(reply) : HttpReply{};
  }
  static HttpHeaders As(const Person& person, HttpHeaders more = {}) {
    more.emplace_back("Authorization", "Bearer " + person.token);
    return more;
  }
  HttpReply Get(std::string_view target, const Person& person) {
    return Send("GET", target, As(person));
  }
  HttpReply Post(std::string_view target, std::string_view body, const Person& person) {
    return Send("POST", target, As(person), body);
  }
  HttpReply Put(std::string_view target, std::string_view body, const Person& person) {
    return Send("PUT", target, As(person), body);
  }
  HttpReply Delete(std::string_view target, const Person& person) {
    return Send("DELETE", target, As(person));
  }

  // --- People and things, made through the API --------------------------------
  static std::string SignUpBody(std::string_view name) {
    return fmt::format(
        R"({{"email":"{0}@example.com","password":"{1}","memberName":"Member {0}",)"
        R"("handle":"{0}","displayName":"{0}!","gender":"OTHER","countryCode":"KR"}})",
        name, kPassword);
  }
  static std::string LoginBody(std::string_view name, std::string_view password = kPassword) {
    return fmt::format(R"({{"email":"{}@example.com","password":"{}"}})", name, password);
  }
  Person LogIn(std::string_view name) {
    const HttpReply reply = Send("POST", "/api/authentication/login", {}, LoginBody(name));
    EXPECT_EQ(reply.status, 200) << reply.body;
    Person person;
    person.name = name;
    const std::string_view authorization = reply.Header("Authorization");
    EXPECT_TRUE(authorization.starts_with("Bearer "));
    if (authorization.size() > 7) person.token = authorization.substr(7);
    const std::string cookie(reply.Header("Set-Cookie"));
    const size_t begin = cookie.find('=') + 1;
    person.refresh_token = cookie.substr(begin, cookie.find(';') - begin);
    person.id = reply.status == 200 ? Number(reply, "memberId") : 0;
    return person;
  }
  Person Join(std::string_view name) {
    const HttpReply reply = Send("POST", "/api/authentication/signup", {}, SignUpBody(name));
    EXPECT_EQ(reply.status, 200) << reply.body;
    return LogIn(name);
  }
  PostId Publish(const Person& author, std::string_view content) {
    const HttpReply reply =
        Post("/api/posts", fmt::format(R"({{"content":"{}"}})", content), author);
    EXPECT_EQ(reply.status, 200) << reply.body;
    return Number(reply, "id");
  }
  CommentId AddComment(const Person& author, PostId post, std::string_view content) {
    const HttpReply reply = Post(
        "/api/comments", fmt::format(R"({{"content":"{}","postId":{}}})", content, post), author);
    EXPECT_EQ(reply.status, 200) << reply.body;
    return Number(reply, "id");
  }
  CommentId AddReply(const Person& author, PostId post, CommentId parent,
                     std::string_view content) {
    const HttpReply reply =
        Post("/api/comments/replies",
             fmt::format(R"({{"content":"{}","postId":{},"parentId":{}}})", content, post, parent),
             author);
    EXPECT_EQ(reply.status, 200) << reply.body;
    return Number(reply, "id");
  }
  void Follow(const Person& follower, const Person& followee) {
    const HttpReply reply = Post(fmt::format("/api/members/follow/{}", followee.id), "", follower);
    EXPECT_EQ(reply.status, 200) << reply.body;
  }

  // --- Answers ----------------------------------------------------------------
  static boost::json::value Json(const HttpReply& reply) {
    boost::json::error_code error;
    boost::json::value value = boost::json::parse(reply.body, error);
    EXPECT_FALSE(error) << reply.body;
    return value;
  }
  static boost::json::value Data(const HttpReply& reply) {
    const boost::json::value value = Json(reply);
    if (!value.is_object() || !value.get_object().contains("data")) {
      ADD_FAILURE() << "no data: " << reply.body;
      return nullptr;
    }
    return value.get_object().at("data");
  }
  static uint64_t Number(const HttpReply& reply, std::string_view field) {
    const boost::json::value data = Data(reply);
    return data.is_object() ? data.get_object().at(field).to_number<uint64_t>() : 0;
  }
  // The ids of the rows of a page.
  static std::vector<uint64_t> Ids(const HttpReply& reply) {
    std::vector<uint64_t> ids;
    const boost::json::value data = Data(reply);
    if (!data.is_object()) return ids;
    for (const boost::json::value& row : data.get_object().at("content").as_array()) {
      ids.push_back(row.get_object().at("id").to_number<uint64_t>());
    }
    return ids;
  }
  static std::string NextCursor(const HttpReply& reply) {
    const boost::json::value data = Data(reply);
    const boost::json::value& cursor = data.get_object().at("nextCursor");
    return cursor.is_string() ? std::string(cursor.get_string()) : std::string();
  }

  // The whole body, byte for byte.
  static void ExpectData(const HttpReply& reply, int status, std::string_view data) {
    EXPECT_EQ(reply.status, 200);
    EXPECT_EQ(reply.body,
              fmt::format(R"({{"status":{},"result":"SUCCESS","data":{}}})", status, data));
    EXPECT_EQ(reply.Header("Content-Type"), "application/json");
  }
  static void ExpectError(const HttpReply& reply, int status, std::string_view code,
                          std::string_view message = {}) {
    EXPECT_EQ(reply.status, status) << reply.body;
    EXPECT_EQ(reply.Header("Content-Type"), "application/json");
    const boost::json::value value = Json(reply);
    if (!value.is_object()) return;
    const boost::json::object& error = value.get_object();
    std::string names;
    for (const auto& [name, field] : error) names += std::string(name) + " ";
    EXPECT_EQ(names, "statusCode resultCode message path errorCode ");
    EXPECT_EQ(error.at("statusCode").to_number<int>(), status);
    EXPECT_EQ(error.at("resultCode").as_string(), "FAIL");
    EXPECT_EQ(error.at("errorCode").as_string(), code) << reply.body;
    EXPECT_FALSE(error.at("message").as_string().empty());
    if (!message.empty()) {
      EXPECT_EQ(std::string(error.at("message").as_string()), message);
    }
  }
  // Nothing was committed since `head`.
  void ExpectUnchanged(Position head) { EXPECT_EQ(feed_->log().Head(), head); }

  std::filesystem::path directory_;
  ManualClock clock_;
  Options options_;
  ApiOptions api_options_;
  std::unique_ptr<Dailyfeed> feed_;
  std::unique_ptr<Api> api_;
  std::unique_ptr<Server> server_;
  std::unique_ptr<HttpClient> client_;
};

}  // namespace dailyfeed::http

#endif  // DAILYFEED_ADAPTERS_HTTP_TESTING_API_TEST_UTIL_H_

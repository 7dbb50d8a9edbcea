// Section 7.1 of the HTTP contract: failed logins are slowed down and then
// refused, for each account and for each address, and an unknown e-mail is
// treated as a wrong password is.
#include <condition_variable>
#include <mutex>
#include <thread>
#include <utility>

#include "adapters/http/testing/api_test_util.h"
#include "adapters/http/testing/captured_log.h"

namespace dailyfeed::http {
namespace {

constexpr char kLogin[] = "/api/authentication/login";

// A clock that stands between a login and its session: while it is closed,
// whoever asks for the time waits, and with it the worker.
class GateClock final : public Clock {
 public:
  explicit GateClock(Clock* clock) : clock_(clock) {}
  TimestampNs Now() override {
    std::unique_lock lock(mutex_);
    ++waiting_;
    changed_.wait(lock, [this] { return open_; });
    --waiting_;
    return clock_->Now();
  }
  void Close() {
    std::lock_guard lock(mutex_);
    open_ = false;
  }
  void Open() {
    std::lock_guard lock(mutex_);
    open_ = true;
    changed_.notify_all();
  }
  int waiting() const {
    std::lock_guard lock(mutex_);
    return waiting_;
  }

 private:
  Clock* const clock_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  bool open_ = true;
  int waiting_ = 0;
};

// Requests at the same time, each on a connection and a thread of its own.
class Crowd {
 public:
  explicit Crowd(uint16_t port) : port_(port) {}
  ~Crowd() { Join(); }

  void Post(std::string target, HttpHeaders headers, std::string body) {
    threads_.emplace_back(
        [this, target = std::move(target), headers = std::move(headers), body = std::move(body)] {
          HttpClient client(port_);
          absl::StatusOr<HttpReply> reply = client.Request("POST", target, headers, body);
          ASSERT_TRUE(reply.ok()) << reply.status();
          std::lock_guard lock(mutex_);
          replies_.push_back(*std::move(reply));
        });
  }
  void Join() {
    for (std::thread& thread : threads_) thread.join();
    threads_.clear();
  }
  std::vector<HttpReply> AnsweredWith(int status) const {
    std::lock_guard lock(mutex_);
    std::vector<HttpReply> replies;
    for (const HttpReply& reply : replies_) {
      if (reply.status == status) replies.push_back(reply);
    }
    return replies;
  }
  void WaitFor(size_t count, int status) const {
    while (AnsweredWith(status).size() < count) std::this_thread::yield();
  }

 private:
  const uint16_t port_;
  mutable std::mutex mutex_;
  std::vector<HttpReply> replies_;
  std::vector<std::thread> threads_;
};

class ThrottleTest : public ApiTest {
 protected:
  ~ThrottleTest() override {
    gate_.Open();
    Stop();  // before the gate goes
  }
  void RestartWithGate() {
    options_.identity.clock = &gate_;
    options_.maintenance_interval = absl::Hours(1);  // which would ask for the time too
    api_options_.password_threads = 1;
    Restart();
  }
  HttpReply LogInAs(std::string_view name, std::string_view password, HttpHeaders headers = {}) {
    return Send("POST", kLogin, std::move(headers), LoginBody(name, password));
  }
  HttpReply Fail(std::string_view name, HttpHeaders headers = {}) {
    return LogInAs(name, "Wrong1!xx", std::move(headers));
  }
  static HttpHeaders From(const char* address) { return {{"X-Forwarded-For", address}}; }
  static void ExpectRefused(const HttpReply& reply, const char* seconds) {
    ExpectError(reply, 429, "TOO_MANY_REQUEST");
    EXPECT_EQ(reply.HeaderValues("Retry-After"), std::vector<std::string>{seconds});
    EXPECT_TRUE(reply.HeaderValues("Authorization").empty());
    EXPECT_TRUE(reply.HeaderValues("Set-Cookie").empty());
  }
  uint64_t Hashes() { return feed_->identity().stats().password_hashes; }

  GateClock gate_{&clock_};
};

TEST_F(ThrottleTest, TwentyFailuresOfAnEmailThenNoneIsTriedUntilTheWindowHasPassed) {
  Join("kim");
  Join("lee");
  for (const char* name : {"kim", "nobody"}) {
    for (int i = 0; i < 20; ++i) ExpectError(Fail(name), 403, "MEMBER_PASSWORD_INVALID");
    const uint64_t before = Hashes();
    ExpectRefused(Fail(name), "600");
    ExpectRefused(LogInAs(name, kPassword), "600");
    EXPECT_EQ(Hashes(), before);  // not even tried
  }
  EXPECT_EQ(LogInAs("lee", kPassword).status, 200);
  clock_.Advance(absl::Minutes(10) - absl::Seconds(1));
  ExpectRefused(LogInAs("kim", kPassword), "1");
  clock_.Advance(absl::Seconds(1));
  EXPECT_EQ(LogInAs("kim", kPassword).status, 200);
}

// None of them fails, so there is nothing to be locked out for.
TEST_F(ThrottleTest, ManyLoginsOfOneAccountAtOnceWaitForAMomentOnly) {
  RestartWithGate();
  Join("kim");
  gate_.Close();
  Crowd crowd(server_->port());
  for (int i = 0; i < 25; ++i) crowd.Post(kLogin, {}, LoginBody("kim"));
  crowd.WaitFor(5, 429);
  gate_.Open();
  crowd.Join();
  EXPECT_EQ(crowd.AnsweredWith(200).size(), 20u);
  for (const HttpReply& reply : crowd.AnsweredWith(429)) ExpectRefused(reply, "1");
  EXPECT_EQ(LogInAs("kim", kPassword).status, 200);
}

TEST_F(ThrottleTest, GuessesAtTheSameTimeAreNoMoreThanTheLimit) {
  Join("kim");
  const uint64_t before = Hashes();
  Crowd crowd(server_->port());
  for (int i = 0; i < 40; ++i) crowd.Post(kLogin, {}, LoginBody("kim", "Wrong1!xx"));
  crowd.Join();
  size_t tried = crowd.AnsweredWith(403).size();
  EXPECT_LE(tried, 20u);
  EXPECT_EQ(Hashes() - before, tried);
  EXPECT_EQ(crowd.AnsweredWith(429).size(), 40 - tried);
  for (; tried < 20; ++tried) ExpectError(Fail("kim"), 403, "MEMBER_PASSWORD_INVALID");
  ExpectRefused(LogInAs("kim", kPassword), "600");
  EXPECT_EQ(Hashes() - before, 20u);
}

// One worker that is held up, and an address that fills what it may of its
// queue: all others still find room.
TEST_F(ThrottleTest, OneAddressCannotKeepEverybodyFromLoggingIn) {
  api_options_.password_queue_max = 5;
  api_options_.password_jobs_per_address_max = 3;
  api_options_.trusted_proxies = {"127.0.0.1"};
  RestartWithGate();
  Join("kim");
  Join("lee");
  gate_.Close();
  Crowd crowd(server_->port());
  crowd.Post(kLogin, From("192.0.2.9"), LoginBody("lee"));
  while (gate_.waiting() == 0) std::this_thread::yield();
  for (int i = 0; i < 4; ++i) {
    crowd.Post("/api/authentication/signup", From("2001:db8:0:1::1"),
               SignUpBody("new" + std::to_string(i)));
    crowd.Post(kLogin, From("2001:db8:0:1::2"), LoginBody("kim"));
  }
  crowd.WaitFor(5, 503);
  crowd.Post(kLogin, From("2001:db8:0:2::1"), LoginBody("lee"));
  crowd.Post(kLogin, {}, LoginBody("lee"));
  gate_.Open();
  crowd.Join();
  const std::vector<HttpReply> refused = crowd.AnsweredWith(503);
  EXPECT_EQ(refused.size(), 5u);
  for (const HttpReply& reply : refused) {
    ExpectError(reply, 503, "SERVICE_UNAVAILABLE");
    EXPECT_EQ(reply.Header("Retry-After"), "1");
  }
  EXPECT_EQ(crowd.AnsweredWith(200).size(), 6u);
  // Each place was given back, also those of the refused.
  for (int i = 0; i < 8; ++i) {
    EXPECT_EQ(LogInAs("kim", kPassword, From("2001:db8:0:1::3")).status, 200);
  }
}

TEST_F(ThrottleTest, AnAnswerThatIsHeldBackTakesNoPlaceOfItsAddress) {
  api_options_.trusted_proxies = {"127.0.0.1"};
  api_options_.password_jobs_per_address_max = 1;
  api_options_.failed_login_delay_step = absl::Hours(1);
  api_options_.failed_login_delay_max = absl::Hours(1);
  Restart();
  Join("kim");
  Join("lee");
  EXPECT_EQ(Fail("kim").status, 403);  // the first at once
  const uint64_t before = Hashes();
  std::thread held_back([&] {
    HttpClient client(server_->port());
    client.Request("POST", kLogin, From("192.0.2.1"), LoginBody("kim", "Wrong1!xx")).IgnoreError();
  });
  while (Hashes() < before + 1) std::this_thread::yield();
  // The job may not have ended yet; a place that is kept is kept for an hour.
  HttpReply reply;
  do reply = LogInAs("lee", kPassword, From("192.0.2.1"));
  while (reply.status == 503);
  EXPECT_EQ(reply.status, 200);
  Stop();
  held_back.join();
}

TEST_F(ThrottleTest, AnAddressThatGuessesForManyAccountsIsRefused) {
  api_options_.failed_logins_per_address_max = 4;
  api_options_.trusted_proxies = {"127.0.0.1"};
  Restart();
  Join("kim");
  for (int i = 0; i < 4; ++i) {
    EXPECT_EQ(Fail("kim" + std::to_string(i), From("192.0.2.1")).status, 403);
  }
  ExpectRefused(Fail("other", From("192.0.2.1")), "600");
  ExpectRefused(LogInAs("kim", kPassword, From("192.0.2.1")), "600");
  EXPECT_EQ(LogInAs("kim", kPassword, From("192.0.2.2")).status, 200);
  // A proxy that names nobody stands for all who come through it.
  for (int i = 0; i < 8; ++i) EXPECT_EQ(Fail("x" + std::to_string(i)).status, 403);
  EXPECT_EQ(LogInAs("kim", kPassword).status, 200);
  clock_.Advance(absl::Minutes(10));
  EXPECT_EQ(LogInAs("kim", kPassword, From("192.0.2.1")).status, 200);
}

// Whatever the client wrote itself stands left of what its proxy says, in the
// same line or in one before it; and a port makes no other address.
TEST_F(ThrottleTest, AClientBehindAProxyIsOneAddressWhateverItForges) {
  api_options_.failed_logins_per_address_max = 4;
  api_options_.trusted_proxies = {"127.0.0.1", "10.0.0.2"};
  Restart();
  Join("kim");
  const HttpHeaders forms[] = {
      {{"X-Forwarded-For", "6.6.6.1"}, {"x-forwarded-for", "192.0.2.1"}},
      {{"X-Forwarded-For", "6.6.6.2, 192.0.2.1:5001"}},
      {{"X-Forwarded-For", "10.0.2.i,"}, {"X-Forwarded-For", " [::ffff:192.0.2.1]:5002"}},
      {{"X-Forwarded-For", "6.6.6.3"}, {"X-Forwarded-For", "192.0.2.1, 10.0.0.2:80"}},
  };
  int n = 0;
  for (const HttpHeaders& headers : forms) {
    EXPECT_EQ(Fail("nobody" + std::to_string(n++), headers).status, 403);
  }
  for (const HttpHeaders& headers : forms) ExpectRefused(LogInAs("kim", kPassword, headers), "600");
  EXPECT_EQ(LogInAs("kim", kPassword, From("192.0.2.2")).status, 200);
}

TEST_F(ThrottleTest, ASessionShowsAnAddressAndNothingElse) {
  api_options_.trusted_proxies = {"127.0.0.1"};
  Restart();
  const Person kim = Join("kim");
  const std::pair<const char*, const char*> rows[] = {{"6.6.6.6, 192.0.2.7:5123", "192.0.2.7"},
                                                      {"[2001:db8::7]:443", "2001:db8::7"},
                                                      {"<script>", "127.0.0.1"},
                                                      {"10.0.2.i,", "127.0.0.1"}};
  for (const auto& [forwarded, address] : rows) {
    clock_.Advance(absl::Seconds(1));
    EXPECT_EQ(LogInAs("kim", kPassword, From(forwarded)).status, 200);
    const boost::json::value sessions = Data(Get("/api/authentication/sessions", kim));
    EXPECT_EQ(sessions.as_array().at(0).as_object().at("address").as_string(), address);
  }
}

// The peer may be a proxy that nobody told the server of: others' failures
// behind it lock nobody out, whatever it says.
TEST_F(ThrottleTest, APrivatePeerThatIsNoTrustedProxyIsNotLimited) {
  api_options_.failed_logins_per_address_max = 2;
  api_options_.password_jobs_per_address_max = 1;
  Restart();
  Join("kim");
  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ(Fail("a" + std::to_string(i)).status, 403);
    EXPECT_EQ(Fail("b" + std::to_string(i), From("192.0.2.1")).status, 403);
  }
  EXPECT_EQ(LogInAs("kim", kPassword).status, 200);
  EXPECT_EQ(LogInAs("kim", kPassword, From("192.0.2.1")).status, 200);
  // Without its header it is the address of every session.
  const Person kim = LogIn("kim");
  const boost::json::value sessions = Data(Get("/api/authentication/sessions", kim));
  for (const boost::json::value& session : sessions.as_array()) {
    EXPECT_EQ(session.as_object().at("address").as_string(), "127.0.0.1");
  }
}

TEST_F(ThrottleTest, NamesFromAnUntrustedPeerAreSaidOnceInTheLog) {
  std::string log;
  {
    const CapturedLog captured((directory_ / "log.txt").string());
    Fail("a");
    Fail("b", From("192.0.2.1"));
    Fail("c", From("192.0.2.2"));
    log = captured.Text();
  }
  constexpr std::string_view kMessage = "not in api.trusted_proxies";
  const size_t at = log.find(kMessage);
  ASSERT_NE(at, std::string::npos);
  EXPECT_NE(log.find("\"address\":\"127.0.0.1\"", at), std::string::npos);
  EXPECT_EQ(log.find(kMessage, at + 1), std::string::npos);
}

TEST_F(ThrottleTest, NobodyIsTreatedAsSomebodyWithAWrongPassword) {
  Join("kim");
  const uint64_t before = Hashes();
  const HttpReply wrong = Fail("kim");
  const uint64_t after_wrong = Hashes();
  const HttpReply unknown = Fail("nobody");
  EXPECT_EQ(after_wrong - before, 1u);
  EXPECT_EQ(Hashes() - after_wrong, 1u);
  EXPECT_EQ(wrong.body, unknown.body);
  const auto without_date = [](HttpHeaders headers) {
    std::erase_if(headers, [](const auto& header) { return header.first == "Date"; });
    return headers;
  };
  EXPECT_EQ(without_date(wrong.headers), without_date(unknown.headers));
}

// One worker, and an answer that is held back for an hour: others log in
// meanwhile, and the end of the server does not wait for it.
TEST_F(ThrottleTest, AnAnswerThatIsHeldBackHoldsNoThread) {
  api_options_.failed_login_delay_step = absl::Hours(1);
  api_options_.failed_login_delay_max = absl::Hours(1);
  api_options_.password_threads = 1;
  Restart();
  Join("kim");
  Join("lee");
  EXPECT_EQ(Fail("kim").status, 403);  // the first at once
  const uint64_t before = Hashes();
  std::vector<std::thread> threads;
  std::atomic<int> answered = 0;
  for (int i = 0; i < 3; ++i) {
    threads.emplace_back([&] {
      HttpClient client(server_->port());
      const auto reply = client.Request("POST", kLogin, {}, LoginBody("kim", "Wrong1!xx"));
      answered += reply.ok() ? 1 : 0;
    });
  }
  while (Hashes() < before + 3) std::this_thread::yield();
  for (int i = 0; i < 5; ++i) EXPECT_EQ(LogInAs("lee", kPassword).status, 200);
  EXPECT_EQ(LogInAs("kim", kPassword).status, 200);
  EXPECT_EQ(answered, 0);
  Stop();
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(answered, 0);
}

TEST_F(ThrottleTest, OfTooManyAnswersThatAreHeldBackTheRestIsToldToComeLater) {
  api_options_.failed_login_delay_step = absl::Milliseconds(1);
  api_options_.delayed_answers_max = 0;
  Restart();
  EXPECT_EQ(Fail("kim").status, 403);
  const HttpReply reply = Fail("kim");
  ExpectError(reply, 503, "SERVICE_UNAVAILABLE");
  EXPECT_EQ(reply.Header("Retry-After"), "1");
}

TEST_F(ThrottleTest, EachFailureIsAnsweredLaterThanTheOneBefore) {
  api_options_.failed_login_delay_step = absl::Milliseconds(20);
  api_options_.failed_login_delay_max = absl::Milliseconds(30);
  Restart();
  for (const int expected_ms : {0, 20, 30, 30}) {
    const auto begin = std::chrono::steady_clock::now();
    ExpectError(Fail("kim"), 403, "MEMBER_PASSWORD_INVALID");
    EXPECT_GE(std::chrono::steady_clock::now() - begin, std::chrono::milliseconds(expected_ms));
  }
}

}  // namespace
}  // namespace dailyfeed::http

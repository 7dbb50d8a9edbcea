// What a client of the gateway sees when the disk below is full, fails or loses
// power, and when more comes than can be taken: a clear refusal, reads go on,
// nothing acknowledged is ever lost.
#include <gtest/gtest.h>

#include <atomic>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "adapters/http/testing/api_test_util.h"
#include "adapters/monitor/monitor.h"
#include "adapters/rocksdb/testing/fault_env.h"

namespace dailyfeed::http {
namespace {

class ApiFaultTest : public ApiTest {
 protected:
  void SetUp() override {
    options_.log.env = env_.env();
    options_.views.env = env_.env();
    options_.secrets.env = env_.env();
    Start();
  }
  ~ApiFaultTest() override { Stop(); }  // before the disk goes

  // Publishes until the gateway refuses; the posts it acknowledged.
  std::vector<PostId> PublishUntilRefused(const Person& author, HttpReply* refusal) {
    constexpr int kPostsMax = 100'000;
    const std::string body = R"({"content":")" + std::string(4000, 'x') + R"("})";
    std::vector<PostId> posts;
    for (int i = 0; i < kPostsMax; ++i) {
      *refusal = Post("/api/posts", body, author);
      if (refusal->status != 200) return posts;
      posts.push_back(Number(*refusal, "id"));
    }
    ADD_FAILURE() << "never refused";
    return posts;
  }
  void ExpectAllThere(const std::vector<PostId>& posts, const Person& reader) {
    for (const PostId post : posts) {
      EXPECT_EQ(Get(fmt::format("/api/timeline/posts/{}", post), reader).status, 200) << post;
    }
  }

  FaultEnv env_;
};

TEST_F(ApiFaultTest, AFullDiskRefusesWritesKeepsReadsAndRecoversAfterARestart) {
  const Person kim = Join("kim");
  const PostId first = Publish(kim, "before");
  env_.disk().SetCapacity(env_.disk().used() + (1u << 20));
  HttpReply refusal;
  std::vector<PostId> posts = PublishUntilRefused(kim, &refusal);
  ExpectError(refusal, 503, "SERVICE_UNAVAILABLE");
  EXPECT_FALSE(refusal.Header("Retry-After").empty());
  posts.push_back(first);
  ExpectAllThere(posts, kim);
  ExpectError(Post("/api/posts", R"({"content":"again"})", kim), 503, "SERVICE_UNAVAILABLE");

  env_.disk().SetCapacity(std::nullopt);
  ExpectError(Post("/api/posts", R"({"content":"still"})", kim), 503, "SERVICE_UNAVAILABLE");
  Restart();
  ExpectAllThere(posts, kim);
  EXPECT_NE(Publish(kim, "after"), 0u);
  auto report = VerifyRocksEventLog(feed_->log());
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_EQ(report->fault, "");
}

TEST_F(ApiFaultTest, APowerLossKeepsEverythingAcknowledged) {
  const Person kim = Join("kim"), lee = Join("lee");
  Follow(lee, kim);
  for (uint64_t seed = 1; seed <= 5; ++seed) {
    std::vector<PostId> posts;
    for (int i = 0; i < 20; ++i) {
      posts.push_back(Publish(kim, fmt::format("post {} of round {}", i, seed)));
      EXPECT_EQ(Post(fmt::format("/api/posts/{}/like", posts.back()), "", lee).status, 200);
    }
    env_.disk().CrashNow(FaultDisk::Crash::kPowerTorn, seed);
    Stop();
    env_.disk().Restart();
    Start();
    SCOPED_TRACE(fmt::format("seed {}", seed));
    for (const PostId post : posts) {
      const HttpReply reply = Get(fmt::format("/api/timeline/posts/{}", post), kim);
      ASSERT_EQ(reply.status, 200) << reply.body;
      EXPECT_EQ(Number(reply, "likeCount"), 1u);
    }
    const std::vector<uint64_t> feed = Ids(Get("/api/timeline/posts/followings?size=20", lee));
    EXPECT_EQ(feed, std::vector<uint64_t>(posts.rbegin(), posts.rend()));
  }
}

// Every n-th operation of the disk fails once, under a short history: each
// request is answered, none wrongly, and a restart has all that was
// acknowledged.
TEST_F(ApiFaultTest, AnyFailingOperationGivesAnAnswerAndLosesNothing) {
  const Person kim = Join("kim");
  constexpr uint64_t kOperations = 24;
  std::vector<PostId> posts;
  for (uint64_t n = 1; n <= kOperations; ++n) {
    SCOPED_TRACE(fmt::format("operation {}", n));
    env_.disk().ResetCount();
    env_.disk().FailAt(n, FaultDisk::Fault::kError, false);
    for (int i = 0; i < 4; ++i) {
      const HttpReply reply = Post("/api/posts", R"({"content":"x"})", kim);
      if (reply.status == 200) {
        posts.push_back(Number(reply, "id"));
      } else {
        ExpectError(reply, 503, "SERVICE_UNAVAILABLE");
      }
    }
    env_.disk().ClearFaults();
    Restart();
  }
  ExpectAllThere(posts, kim);
  EXPECT_GT(posts.size(), kOperations);
}

// What a refresh has answered is on disk: the spent token is known as the last
// one, and the next one works.
TEST_F(ApiFaultTest, ARefreshThatWasAnsweredSurvivesAPowerLoss) {
  const auto refresh = [&](const std::string& token) {
    return Send("POST", "/api/token/refresh", {{"Cookie", "refresh_token=" + token}});
  };
  const Person kim = Join("kim");
  std::string cookie(refresh(kim.refresh_token).Header("Set-Cookie"));
  const size_t begin = cookie.find('=') + 1;
  const std::string next = cookie.substr(begin, cookie.find(';') - begin);
  env_.disk().CrashNow(FaultDisk::Crash::kPowerTorn, 1);
  Stop();
  env_.disk().Restart();
  Start();
  const HttpReply again = refresh(kim.refresh_token);
  ExpectError(again, 401, "INVALID_TOKEN");
  EXPECT_EQ(again.Header("X-Token-Refresh-Needed"), "true");
  EXPECT_EQ(refresh(next).status, 200);
}

// The log and the read models on disks of their own.
class ApiHealthTest : public ApiTest {
 protected:
  void SetUp() override {
    options_.log.env = log_env_.env();
    options_.views.env = views_env_.env();
    options_.secrets.env = secrets_env_.env();
    Start();
  }
  ~ApiHealthTest() override { Stop(); }  // before the disks go

  // Fills the disk and publishes until the gateway refuses.
  void Fill(FaultDisk& disk, const Person& author) {
    disk.SetCapacity(disk.used());
    const std::string body = R"({"content":")" + std::string(4000, 'x') + R"("})";
    while (Post("/api/posts", body, author).status == 200) continue;
  }
  void ExpectNotServing(const char* reason, bool accepts_writes = false) {
    for (const char* path : {"/healthcheck/ready", "/healthcheck/startup"}) {
      const HttpReply reply = Send("GET", path);
      EXPECT_EQ(reply.status, 503) << path;
      EXPECT_EQ(reply.body, reason) << path;
    }
    const HttpReply ready = Send("GET", "/readyz");
    EXPECT_EQ(ready.status, 503);
    const boost::json::object state = Json(ready).as_object();
    EXPECT_FALSE(state.at("ready").as_bool());
    EXPECT_EQ(state.at("acceptsWrites").as_bool(), accepts_writes);
    EXPECT_EQ(state.at("reason").as_string(), reason);
    for (const char* path : {"/healthcheck/live", "/livez"}) {
      const HttpReply reply = Send("GET", path);
      EXPECT_EQ(reply.status, 503) << path;
      EXPECT_EQ(reply.body, "storage failed; restart needed") << path;
    }
  }

  FaultEnv log_env_, views_env_, secrets_env_;
};

TEST_F(ApiHealthTest, AFullDiskUnderTheLogIsToldAndReadsGoOn) {
  const Person kim = Join("kim");
  const PostId post = Publish(kim, "before");
  EXPECT_EQ(Send("GET", "/readyz").status, 200);
  Fill(log_env_.disk(), kim);
  ExpectNotServing("the log cannot be written");
  EXPECT_EQ(Get(fmt::format("/api/timeline/posts/{}", post), kim).status, 200);
}

TEST_F(ApiHealthTest, AFullDiskUnderTheReadModelsIsToldAndReadsGoOn) {
  const Person kim = Join("kim");
  const PostId post = Publish(kim, "before");
  Fill(views_env_.disk(), kim);
  ExpectNotServing("the read models cannot be written");
  EXPECT_EQ(Get(fmt::format("/api/timeline/posts/{}", post), kim).status, 200);
  EXPECT_TRUE(feed_->log().WriteStatus().ok());
}

// The log and the read models know nothing of it: posts go on, and nobody can log
// in until the process is started again.
TEST_F(ApiHealthTest, AFullDiskUnderTheSecretsIsTold) {
  const Person kim = Join("kim");
  secrets_env_.disk().SetCapacity(secrets_env_.disk().used());
  // No file has grown before the first of these.
  HttpReply login;
  do login = Send("POST", "/api/authentication/login", {}, LoginBody("kim"));
  while (login.status == 200);
  ExpectError(login, 503, "SERVICE_UNAVAILABLE");
  ExpectNotServing("sessions and passwords cannot be written", true);
  Publish(kim, "posts go on");
  {
    const auto monitor = monitor::Monitor::Start({}).value();
    monitor->Attach({.feed = feed_.get(), .server = server_.get()});
    HttpClient client(monitor->port());
    for (const char* path : {"/readyz", "/livez"}) {
      EXPECT_EQ(client.Request("GET", path)->status, 503) << path;
    }
  }
  secrets_env_.disk().SetCapacity(std::nullopt);
  Restart();
  EXPECT_EQ(Send("GET", "/readyz").status, 200);
  LogIn("kim");
}

class ApiBurstTest : public ApiTest {
 protected:
  void SetUp() override {
    options_.engine.queue_capacity = 4;
    options_.engine.batch_commands_max = 2;
    Start();
  }
};

TEST_F(ApiBurstTest, ABurstBeyondCapacityIsRefusedAndWhatWasAcknowledgedStays) {
  const Person kim = Join("kim");
  constexpr int kThreads = 32, kPostsEach = 40;
  std::mutex mutex;
  std::set<uint64_t> acknowledged;
  std::atomic<int> refused = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&] {
      HttpClient client(server_->port());
      for (int i = 0; i < kPostsEach; ++i) {
        auto reply = client.Request("POST", "/api/posts", As(kim), R"({"content":"x"})");
        ASSERT_TRUE(reply.ok()) << reply.status();
        if (reply->status == 200) {
          std::lock_guard<std::mutex> lock(mutex);
          EXPECT_TRUE(acknowledged.insert(Number(*reply, "id")).second);
        } else {
          ExpectError(*reply, 503, "SERVICE_UNAVAILABLE");
          EXPECT_EQ(reply->Header("Retry-After"), "1");
          ++refused;
        }
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_GT(refused, 0) << "the burst was not beyond the capacity";
  EXPECT_EQ(acknowledged.size() + static_cast<size_t>(refused), size_t{kThreads} * kPostsEach);
  Restart();
  std::set<uint64_t> stored;
  std::string cursor;
  do {
    const HttpReply page =
        Get("/api/timeline/posts?size=100" + (cursor.empty() ? "" : "&cursor=" + cursor), kim);
    for (const uint64_t id : Ids(page)) stored.insert(id);
    cursor = NextCursor(page);
  } while (!cursor.empty());
  EXPECT_EQ(stored, acknowledged);
}

}  // namespace
}  // namespace dailyfeed::http

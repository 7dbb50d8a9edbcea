// The monitor over a real data directory and a real socket.
#include "adapters/monitor/monitor.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <filesystem>
#include <thread>

#include "adapters/embedded/dailyfeed.h"
#include "adapters/monitor/request_metrics.h"
#include "adapters/rocksdb/testing/fault_env.h"
#include "tools/test_support/http_client.h"

namespace dailyfeed::monitor {
namespace {

using test_support::HttpClient;
using test_support::HttpReply;
using ::testing::HasSubstr;

class MonitorTest : public ::testing::Test {
 protected:
  MonitorTest() : monitor_(Monitor::Start({}).value()), client_(monitor_->port()) {}

  void OpenFeed(Options options = {}) {
    const std::filesystem::path directory =
        std::filesystem::path(::testing::TempDir()) /
        ::testing::UnitTest::GetInstance()->current_test_info()->name();
    std::filesystem::remove_all(directory);
    options.data_directory = directory.string();
    options.identity.argon2_operations = 1;
    options.identity.argon2_memory_bytes = 8192;
    auto feed = Dailyfeed::Open(options);
    ASSERT_TRUE(feed.ok()) << feed.status();
    feed_ = *std::move(feed);
    monitor_->Attach({.feed = feed_.get(), .requests = &requests_, .config = "a = 1\n"});
  }
  HttpReply Get(std::string_view target) {
    auto reply = client_.Request("GET", target);
    EXPECT_TRUE(reply.ok()) << reply.status();
    return reply.value_or(HttpReply());
  }

  std::unique_ptr<Dailyfeed> feed_;
  RequestMetrics requests_;
  std::unique_ptr<Monitor> monitor_;
  HttpClient client_;
};

TEST_F(MonitorTest, BeforeTheStartIsOverItIsAliveAndNotReady) {
  EXPECT_EQ(Get("/livez").status, 200);
  monitor_->SetStarting("catching up: 1 of 2");
  const HttpReply ready = Get("/readyz");
  EXPECT_EQ(ready.status, 503);
  EXPECT_EQ(ready.Header("Content-Type"), "application/json");
  EXPECT_EQ(boost::json::parse(ready.body).at("reasons").as_array().at(0),
            "starting: catching up: 1 of 2");
  EXPECT_THAT(Get("/metrics").body, HasSubstr("dailyfeed_ready 0\n"));
}

TEST_F(MonitorTest, ShowsARunningFeedUntilItIsDetached) {
  OpenFeed();
  auto kim = feed_->SignUp({.email = "kim@example.com",
                            .password = "Secret1!x",
                            .member_name = "Kim",
                            .handle = "kim_7"});
  ASSERT_TRUE(kim.ok()) << kim.status();
  http::RequestRecord record;
  record.method = "POST";
  record.route = "/api/authentication/signup";
  record.status = 200;
  requests_.Record(record);

  const HttpReply ready = Get("/readyz");
  EXPECT_EQ(ready.status, 200) << ready.body;
  const auto json = boost::json::parse(ready.body).as_object();
  EXPECT_EQ(json.at("head"), 1);
  EXPECT_EQ(json.at("lag"), 0);
  EXPECT_GE(json.at("projections").as_array().size(), 5u);

  const HttpReply metrics = Get("/metrics");
  EXPECT_EQ(metrics.Header("Content-Type"), "text/plain; version=0.0.4; charset=utf-8");
  EXPECT_THAT(metrics.body, HasSubstr("dailyfeed_ready 1\n"));
  EXPECT_THAT(metrics.body, HasSubstr("dailyfeed_log_head_position 1\n"));
  EXPECT_THAT(metrics.body, HasSubstr("dailyfeed_engine_commands_accepted_total 1\n"));
  EXPECT_THAT(metrics.body, HasSubstr("dailyfeed_storage_bytes{part=\"log\"} "));
  EXPECT_THAT(metrics.body, HasSubstr("route=\"/api/authentication/signup\",status=\"200\"} 1\n"));

  EXPECT_EQ(boost::json::parse(Get("/debug/stats").body).at("engine").at("eventsAppended"), 1);
  EXPECT_EQ(Get("/debug/config").body, "a = 1\n");
  EXPECT_THAT(Get("/debug/threads").body, HasSubstr("http-0"));

  monitor_->BeginDrain();
  EXPECT_EQ(Get("/readyz").status, 503);
  EXPECT_EQ(Get("/livez").status, 200);
  monitor_->Detach();
  feed_.reset();
  EXPECT_EQ(Get("/readyz").status, 503);
  EXPECT_EQ(Get("/metrics").status, 200);
}

// Whichever disk is full: nothing is written any more and only a restart helps.
TEST_F(MonitorTest, AFullDiskIsNeitherReadyNorAliveNorWritable) {
  for (const bool of_log : {true, false}) {
    auto log_disk = std::make_unique<FaultEnv>();
    auto views_disk = std::make_unique<FaultEnv>();
    FaultDisk& disk = of_log ? log_disk->disk() : views_disk->disk();
    Options options;
    options.log.env = log_disk->env();
    options.views.env = views_disk->env();
    OpenFeed(options);
    const auto kim = feed_->SignUp({.email = "kim@example.com",
                                    .password = "Secret1!x",
                                    .member_name = "Kim",
                                    .handle = "kim_7"});
    ASSERT_TRUE(kim.ok()) << kim.status();
    EXPECT_EQ(Get("/livez").status, 200);
    EXPECT_THAT(Get("/metrics").body, HasSubstr("dailyfeed_log_writable 1\n"));
    disk.SetCapacity(disk.used());
    const PublishPost post{.content = std::string(4000, 'x')};
    while (feed_->Execute(*kim, post).ok()) continue;

    const HttpReply ready = Get("/readyz");
    EXPECT_EQ(ready.status, 503);
    const auto json = boost::json::parse(ready.body).as_object();
    EXPECT_EQ(json.at("acceptsWrites"), false);
    EXPECT_THAT(
        std::string(json.at("reasons").as_array().at(0).as_string()),
        HasSubstr(of_log ? "the log takes no writes: " : "the read models take no writes: "));
    EXPECT_EQ(json.at("reasons").as_array().size(), 1u) << ready.body;
    EXPECT_EQ(Get("/livez").status, 503);
    EXPECT_THAT(Get("/metrics").body, HasSubstr("dailyfeed_log_writable 0\n"));
    EXPECT_THAT(Get("/metrics").body, HasSubstr("dailyfeed_ready 0\n"));
    monitor_->Detach();
    EXPECT_EQ(Get("/livez").status, 200);
    feed_.reset();
  }
}

TEST_F(MonitorTest, AnswersWhatItDoesNotHave) {
  EXPECT_EQ(Get("/nothing").status, 404);
  EXPECT_THAT(Get("/").body, HasSubstr("/metrics"));
  const auto post = client_.Request("POST", "/livez");
  ASSERT_TRUE(post.ok());
  EXPECT_EQ(post->status, 405);
  EXPECT_EQ(post->Header("Allow"), "GET, HEAD");
  EXPECT_EQ(client_.Request("POST", "/livez", {}, "body")->status, 413);
  EXPECT_EQ(Get("/debug/cpu-profile?seconds=0").status, 400);
  EXPECT_EQ(Get("/debug/cpu-profile?seconds=61").status, 400);

  auto strict = Monitor::Start({.connections_max = 1, .profile_time_max = absl::Seconds(2)});
  ASSERT_TRUE(strict.ok()) << strict.status();
  HttpClient first((*strict)->port());
  auto reply = first.Request("GET", "/debug/cpu-profile?seconds=3");
  ASSERT_TRUE(reply.ok()) << reply.status();
  EXPECT_EQ(reply->status, 400);
  EXPECT_THAT(reply->body, HasSubstr("from 1 to 2"));
  HttpClient second((*strict)->port());
  reply = second.Request("GET", "/livez");
  EXPECT_TRUE(!reply.ok() || reply->status == 503);
  EXPECT_TRUE(absl::IsInvalidArgument(
      Monitor::Start({.profile_time_max = absl::Milliseconds(1)}).status()));
  EXPECT_EQ(Get("/debug/cpu-profile?other=1").status, 400);
}

// Any page in a browser on this machine may ask 127.0.0.1; it cannot choose these headers.
TEST_F(MonitorTest, DiagnosticsAreNotForWebPages) {
  const auto status_of = [this](std::string_view target, std::string_view headers) {
    HttpClient client(monitor_->port());
    EXPECT_TRUE(client.Send(fmt::format("GET {} HTTP/1.1\r\n{}\r\n\r\n", target, headers)).ok());
    const auto reply = client.Receive();
    EXPECT_TRUE(reply.ok()) << reply.status();
    return reply.ok() ? reply->status : 0;
  };
  for (const char* headers :
       {"Host: 127.0.0.1:9090\r\nOrigin: http://evil.example", "Host: rebound.example:9090",
        "Host: 127.0.0.1\r\nOrigin: null", "Host: localhost\r\nSec-Fetch-Site: cross-site",
        "Host: localhost.evil.example"}) {
    for (const char* target : {"/debug/threads", "/debug/cpu-profile?seconds=60",
                               "/debug/heap-profile", "/debug/config", "/debug/stats"}) {
      EXPECT_EQ(status_of(target, headers), 403) << target << " " << headers;
    }
    EXPECT_EQ(status_of("/livez", headers), 200);
    EXPECT_EQ(status_of("/metrics", headers), 200);
  }
  for (const char* headers : {"Host: 127.0.0.1:9090", "Host: localhost:9090", "Host: [::1]:9090",
                              "Host: localhost\r\nSec-Fetch-Site: none"}) {
    EXPECT_EQ(status_of("/debug/threads", headers), 200) << headers;
  }
}

TEST_F(MonitorTest, AHeapProfileNeedsJemalloc) {
  const HttpReply heap = Get("/debug/heap-profile");
  EXPECT_EQ(heap.status, 501);
  EXPECT_THAT(heap.body, HasSubstr("jemalloc"));
}

TEST_F(MonitorTest, OneCpuProfileAtATimeAndOneThatEndsWithTheMonitor) {
  HttpClient profiling(monitor_->port());
  ASSERT_TRUE(
      profiling.Send("GET /debug/cpu-profile?seconds=60 HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n").ok());
  // Whether the first has begun is not to be seen; once it has, others are
  // refused, and until then one of them is the first.
  HttpClient second(monitor_->port(), "127.0.0.1", absl::Seconds(1));
  ASSERT_TRUE(
      second.Send("GET /debug/cpu-profile?seconds=60 HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n").ok());
  auto refused = second.Receive();
  if (!refused.ok()) refused = profiling.Receive();
  ASSERT_TRUE(refused.ok()) << refused.status();
  EXPECT_EQ(refused->status, 409);
  // Does not take a minute: the destructor ends the profile.
}

}  // namespace
}  // namespace dailyfeed::monitor

#include "adapters/monitor/snapshot.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <bit>
#include <boost/json.hpp>
#include <fstream>
#include <set>
#include <sstream>

namespace dailyfeed::monitor {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

// Everything there is, and well.
Snapshot Healthy() {
  Snapshot snapshot;
  snapshot.process.resident_bytes = 1000;
  snapshot.process.cpu_seconds = 1.5;
  snapshot.server = http::ServerStats{.connections_open = 3, .requests_total = 9};
  FeedSnapshot feed;
  feed.head = 41;
  feed.applied = 40;
  feed.state.caught_up = true;
  feed.engine.queue_depth = 2;
  ProjectionStatus posts;
  posts.name = "posts";
  posts.generation = 3;
  posts.checkpoint = 40;
  posts.lag = 1;
  feed.projections = {posts};
  feed.caches = {
      {CacheCounts{.hits = 7, .misses = 1, .bytes = 100, .entries = 2}, /*cache=*/"members"}};
  feed.feed.log_bytes = 1000;
  feed.feed.views_bytes = 2000;
  feed.feed.disk_free_bytes = 5000;
  snapshot.feed = feed;
  RequestMetrics::Row row;
  row.method = "GET";
  row.route = "/api/posts/{postId}";
  row.status = 200;
  row.count = 2;
  row.seconds = 0.5;
  row.buckets[1] = 1;
  row.buckets.back() = 1;
  snapshot.requests = {row};
  snapshot.errors = {{"POST_NOT_FOUND", 4}};
  snapshot.relay.emplace();
  return snapshot;
}

// Whatever a field of the facade's statistics is called, it is shown.
TEST(MetricsTest, EveryStatisticOfTheFacadeIsExported) {
  constexpr size_t kFields = sizeof(DailyfeedStats) / sizeof(uint64_t);
  std::array<uint64_t, kFields> values;
  for (size_t i = 0; i < kFields; ++i) values[i] = 770001 + i;
  Snapshot snapshot = Healthy();
  snapshot.feed->feed = std::bit_cast<DailyfeedStats>(values);
  for (const uint64_t value : values) {
    EXPECT_THAT(MetricsText(snapshot), HasSubstr(" " + std::to_string(value) + "\n"));
    EXPECT_THAT(StatsJson(snapshot), HasSubstr(std::to_string(value)));
  }
}

TEST(ReadinessTest, ReadyWhenEverythingIs) {
  EXPECT_THAT(ReasonsNotReady(Healthy()), ElementsAre());
  const auto json = boost::json::parse(ReadinessJson(Healthy())).as_object();
  EXPECT_EQ(json.at("ready"), true);
  EXPECT_EQ(json.at("head"), 41);
  EXPECT_EQ(json.at("lag"), 1);
  const auto& posts = json.at("projections").as_array().at(0).as_object();
  EXPECT_EQ(posts.at("name"), "posts");
  EXPECT_EQ(posts.at("lag"), 1);
}

TEST(ReadinessTest, SaysEveryReason) {
  Snapshot snapshot;
  EXPECT_THAT(ReasonsNotReady(snapshot), ElementsAre("the data directory is not open"));
  snapshot.starting = "catching up: 10 of 20";
  EXPECT_THAT(ReasonsNotReady(snapshot), ElementsAre("starting: catching up: 10 of 20"));

  snapshot = Healthy();
  snapshot.draining = true;
  snapshot.feed->state.log = absl::UnavailableError("disk \"full\"");
  snapshot.feed->state.caught_up = false;
  EXPECT_THAT(ReasonsNotReady(snapshot),
              ElementsAre("the server is shutting down", "the log takes no writes: disk \"full\"",
                          "the read models have not caught up with the log"));
  EXPECT_EQ(boost::json::parse(ReadinessJson(snapshot)).at("ready"), false);

  snapshot = Healthy();
  snapshot.feed->state.caught_up = false;
  snapshot.feed->state.runtime = absl::UnavailableError("io");
  EXPECT_THAT(ReasonsNotReady(snapshot), ElementsAre("the read models take no writes: io"));
}

TEST(MetricsTest, ExposesPrometheusText) {
  const std::string text = MetricsText(Healthy());
  EXPECT_THAT(text, HasSubstr("# TYPE dailyfeed_log_head_position gauge\n"
                              "dailyfeed_log_head_position 41\n"));
  EXPECT_THAT(text, HasSubstr("dailyfeed_ready 1\n"));
  EXPECT_THAT(text, HasSubstr("dailyfeed_log_writable 1\n"));
  EXPECT_THAT(text, HasSubstr("dailyfeed_projection_lag_events{projection=\"posts\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("dailyfeed_cache_hits_total{cache=\"members\"} 7\n"));
  const std::string labels = "method=\"GET\",route=\"/api/posts/{postId}\",status=\"200\"";
  EXPECT_THAT(text, HasSubstr("dailyfeed_http_requests_total{" + labels + "} 2\n"));
  const std::string histogram = "dailyfeed_http_request_duration_seconds";
  EXPECT_THAT(text, HasSubstr(histogram + "_count{" + labels + "} 2\n"));
  EXPECT_THAT(text, HasSubstr(histogram + "_bucket{" + labels + ",le=\"0.0001\"} 0\n"));
  EXPECT_THAT(text, HasSubstr(histogram + "_bucket{" + labels + ",le=\"10\"} 1\n"));
  EXPECT_THAT(text, HasSubstr(histogram + "_bucket{" + labels + ",le=\"+Inf\"} 2\n"));
  EXPECT_THAT(text, HasSubstr("dailyfeed_http_errors_total{error_code=\"POST_NOT_FOUND\"} 4\n"));
}

TEST(MetricsTest, NothingIsWritableWhenAnyStorageFailed) {
  for (absl::Status FeedState::*part : {&FeedState::log, &FeedState::runtime, &FeedState::engine}) {
    Snapshot snapshot = Healthy();
    snapshot.feed->state.*part = absl::UnavailableError("disk full");
    EXPECT_THAT(MetricsText(snapshot), HasSubstr("dailyfeed_log_writable 0\n"));
    EXPECT_EQ(boost::json::parse(ReadinessJson(snapshot)).at("acceptsWrites"), false);
  }
  EXPECT_EQ(boost::json::parse(ReadinessJson(Healthy())).at("acceptsWrites"), true);
}

TEST(MetricsTest, AFullDiskAcceptsNoWritesAndNeedsNoRestart) {
  Snapshot snapshot = Healthy();
  snapshot.feed->state.disk = absl::ResourceExhaustedError("the disk is nearly full");
  const std::string text = MetricsText(snapshot);
  EXPECT_THAT(text, HasSubstr("dailyfeed_ready 1\n"));
  EXPECT_THAT(text, HasSubstr("dailyfeed_log_writable 1\n"));
  EXPECT_THAT(text, HasSubstr("dailyfeed_writes_accepted 0\n"));
  const auto json = boost::json::parse(ReadinessJson(snapshot)).as_object();
  EXPECT_EQ(json.at("ready"), true);
  EXPECT_EQ(json.at("acceptsWrites"), false);
  EXPECT_EQ(json.at("warnings").as_array().at(0), "commands are refused: the disk is nearly full");
}

TEST(MetricsTest, LeavesOutWhatIsNotThere) {
  const std::string text = MetricsText(Snapshot());
  EXPECT_THAT(text, HasSubstr("dailyfeed_ready 0\n"));
  EXPECT_THAT(text, HasSubstr("dailyfeed_process_resident_memory_bytes"));
  EXPECT_THAT(text, Not(HasSubstr("dailyfeed_log_head_position")));
}

// The names in "# TYPE name type" lines, or in rows "| `name` | type |".
std::set<std::string> ExposedMetrics(const std::string& text) {
  std::set<std::string> metrics;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::string hash, keyword, name, type;
    words >> hash >> keyword >> name >> type;
    if (hash == "#" && keyword == "TYPE") metrics.insert(name + " " + type);
  }
  return metrics;
}
std::set<std::string> DocumentedMetrics(const std::string& text) {
  std::set<std::string> metrics;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::string bar, name, type;
    words >> bar >> name >> bar >> type;
    if (bar == "|" && name.rfind("`dailyfeed_", 0) == 0) {
      metrics.insert(name.substr(1, name.size() - 2) + " " + type);
    }
  }
  return metrics;
}

TEST(MetricsTest, TheReferenceListsExactlyWhatIsExposed) {
  std::ifstream file("docs/reference/metrics.md");
  std::stringstream document;
  document << file.rdbuf();
  EXPECT_EQ(DocumentedMetrics(document.str()), ExposedMetrics(MetricsText(Healthy())));
  EXPECT_THAT(document.str(), HasSubstr(MetricsReference()))
      << "docs/reference/metrics.md must have this table";
}

TEST(StatsTest, IsJson) {
  const auto json = boost::json::parse(StatsJson(Healthy())).as_object();
  EXPECT_EQ(json.at("engine").at("queueDepth"), 2);
  EXPECT_EQ(json.at("caches").as_array().at(0).at("name"), "members");
  EXPECT_EQ(json.at("http").at("connectionsOpen"), 3);
  EXPECT_EQ(json.at("process").at("residentBytes"), 1000);
  EXPECT_EQ(json.at("storage").at("views"), 2000);
  EXPECT_TRUE(boost::json::parse(StatsJson(Snapshot())).is_object());
}

TEST(ProcessStatsTest, ReadsThisProcess) {
  const ProcessStats stats = ReadProcessStats();
  EXPECT_GT(stats.resident_bytes, 1u << 20);
  EXPECT_GE(stats.threads, 1u);
  EXPECT_GE(stats.open_files, 1u);
  EXPECT_GT(stats.open_files_max, stats.open_files);
  EXPECT_GT(stats.start_time_seconds, 1.7e9);
  const auto threads = ReadThreadStats();
  ASSERT_GE(threads.size(), 1u);
  EXPECT_NE(threads[0].id, 0);
  EXPECT_NE(threads[0].name, "");
}

}  // namespace
}  // namespace dailyfeed::monitor

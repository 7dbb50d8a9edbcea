// The Redis part of bench feed: the same first pages from Redis, in turns, in
// this process and as HTTP answers.
#include "tools/bench/feed_redis.h"

#include <fmt/format.h>

#include <memory>
#include <random>
#include <vector>

#include "absl/time/clock.h"
#include "adapters/http/api/api.h"
#include "adapters/http/api/objects.h"
#include "adapters/http/server/server.h"
#include "adapters/http/text/json_writer.h"
#include "core/base/status_macros.h"
#include "core/ports/day.h"
#include "tools/bench/benches.h"
#include "tools/bench/histogram.h"
#include "tools/bench/http_load.h"
#include "tools/bench/redis_feed.h"

namespace dailyfeed::bench {
namespace {

constexpr uint32_t kPageSize = 20;
constexpr uint32_t kLoadedRows = 2 * kPageSize;
constexpr size_t kViewers = 1000;
constexpr double kInProcessGoal = 0.2;

class Comparison {
 public:
  Comparison(Dailyfeed* feed, RedisFeed* redis, const BenchOptions& options)
      : feed_(feed), redis_(redis), rounds_(options.quick ? 5 : 20) {}

  absl::Status Load(uint64_t members, uint64_t seed) {
    std::mt19937_64 random(seed);
    while (viewers_.size() < kViewers) {
      const MemberId viewer = 1 + random() % members;
      ASSIGN_OR_RETURN(const Slice<PostView> rows,
                       feed_->queries().FollowFeed(viewer, {.size = kLoadedRows}));
      RETURN_IF_ERROR(redis_->Load(viewer, rows.rows));
      viewers_.push_back(viewer);
    }
    return absl::OkStatus();
  }

  absl::Status InProcess(BenchReporter& reporter) {
    Histogram ours, peer;
    for (int round = 0; round < rounds_; ++round) {
      for (const MemberId viewer : viewers_) {
        const absl::Time start = absl::Now();
        const auto page = feed_->queries().FollowFeed(viewer, {.size = kPageSize});
        ours.RecordSince(start);
        RETURN_IF_ERROR(page.status());
      }
      for (const MemberId viewer : viewers_) {
        const absl::Time start = absl::Now();
        const auto page = redis_->ReadPage(viewer, kPageSize);
        peer.RecordSince(start);
        RETURN_IF_ERROR(page.status());
      }
    }
    const Percentiles fast = ours.Summary(), slow = peer.Summary();
    const double ratio = fast.p50_us / slow.p50_us;
    reporter.Report({.bench = "feed",
                     .name = "first page p50 in-process, beside Redis",
                     .value = fast.p50_us,
                     .unit = "us",
                     .peer = "the same page from Redis, pipelined over loopback",
                     .peer_value = slow.p50_us,
                     .goal = "at most 0.2x",
                     .met = ratio <= kInProcessGoal,
                     .percentiles = fast});
    return absl::OkStatus();
  }

  // One client each, one request after the other.
  absl::Status OverHttp(BenchReporter& reporter) {
    std::vector<std::string> requests;
    for (const MemberId viewer : viewers_) {
      ASSIGN_OR_RETURN(const IssuedTokens tokens,
                       feed_->identity().OpenSession(viewer, "bench", "127.0.0.1"));
      requests.push_back(
          fmt::format("GET /api/timeline/posts/followings?size={} HTTP/1.1\r\nHost: a\r\n"
                      "Authorization: Bearer {}\r\n\r\n",
                      kPageSize, tokens.access_token));
    }
    const std::unique_ptr<http::Api> api = http::Api::Create(feed_, {});
    ASSIGN_OR_RETURN(const std::unique_ptr<http::Server> server,
                     http::Server::Start(api.get(), {.threads = 1}));
    double ours = 0, peer = 0;
    for (int round = 0; round < rounds_; ++round) {
      ASSIGN_OR_RETURN(const HttpLoad load,
                       RunHttpLoad(server->port(), requests,
                                   {.connections = 1, .duration = absl::Milliseconds(200)}));
      ours += load.per_second / rounds_;
      ASSIGN_OR_RETURN(const double pages, RedisAnswers(absl::Milliseconds(200)));
      peer += pages / rounds_;
    }
    const double ratio = ours / peer;
    reporter.Report({.bench = "feed",
                     .name = "first page over HTTP, one client, beside Redis",
                     .value = ours,
                     .unit = "pages/s",
                     .peer = "the same page from Redis and the same JSON, without HTTP",
                     .peer_value = peer,
                     .goal = "at least 1x",
                     .met = ratio >= 1});
    return absl::OkStatus();
  }

 private:
  absl::StatusOr<double> RedisAnswers(absl::Duration duration) {
    ASSIGN_OR_RETURN(const DayZone zone, DayZone::Load(feed_->options().time_zone));
    const http::ObjectWriter objects(zone.zone(), "https://example.com/cover.png");
    const absl::Time start = absl::Now();
    uint64_t pages = 0;
    uint64_t bytes = 0;
    while (absl::Now() - start < duration) {
      ASSIGN_OR_RETURN(const std::vector<PostView> rows,
                       redis_->ReadPage(viewers_[pages++ % viewers_.size()], kPageSize));
      http::JsonWriter json(16384);
      json.BeginArray();
      for (const PostView& row : rows) objects.Post(row, json);
      json.EndArray();
      bytes += json.Take().size();
    }
    if (bytes == 0) return absl::InternalError("Redis answered nothing");
    return static_cast<double>(pages) / absl::ToDoubleSeconds(absl::Now() - start);
  }

  Dailyfeed* const feed_;
  RedisFeed* const redis_;
  const int rounds_;
  std::vector<MemberId> viewers_;
};

}  // namespace

absl::Status CompareWithRedis(Dailyfeed& feed, const std::string& directory, uint64_t members,
                              const BenchOptions& options, BenchReporter& reporter) {
  absl::StatusOr<std::unique_ptr<RedisFeed>> redis = RedisFeed::Start(directory);
  if (absl::IsNotFound(redis.status())) {
    reporter.Progress("left out: " + std::string(redis.status().message()));
    return absl::OkStatus();
  }
  RETURN_IF_ERROR(redis.status());
  Comparison comparison(&feed, redis->get(), options);
  RETURN_IF_ERROR(comparison.Load(members, options.seed + 11));
  RETURN_IF_ERROR(comparison.InProcess(reporter));
  return comparison.OverHttp(reporter);
}

}  // namespace dailyfeed::bench

// bench search over HTTP: decorated pages of ten hits beside pages of the follow
// feed; and the follow feed while 64 clients repeat the slowest queries.
#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "adapters/http/api/api.h"
#include "adapters/http/server/server.h"
#include "core/base/status_macros.h"
#include "tools/bench/child.h"
#include "tools/bench/http_load.h"
#include "tools/bench/search_data.h"

namespace dailyfeed::bench {
namespace {

constexpr int kServerThreads = 2;
constexpr int kConnections = 64;
constexpr size_t kViewers = 200;
constexpr size_t kSearchesPerClass = 50;
constexpr double kShareGoal = 0.3;
constexpr double kHostileGoal = 1.5;

std::string Encoded(std::string_view text) {
  std::string encoded;
  for (const char c : text) encoded += fmt::format("%{:02X}", static_cast<unsigned char>(c));
  return encoded;
}

class HttpBench {
 public:
  explicit HttpBench(SearchData* data) : data_(*data) {}

  absl::Status Run() {
    RETURN_IF_ERROR(OpenSessions());
    api_ = http::Api::Create(&data_.feed(), {});
    ASSIGN_OR_RETURN(server_, http::Server::Start(api_.get(), {.threads = kServerThreads}));
    RETURN_IF_ERROR(MeasureShare());
    return MeasureHostile();
  }

 private:
  absl::Status OpenSessions() {
    for (size_t i = 0; i < kViewers; ++i) {
      ASSIGN_OR_RETURN(const IssuedTokens tokens, data_.feed().identity().OpenSession(
                                                      data_.members()[i], "bench", "127.0.0.1"));
      tokens_.push_back(tokens.access_token);
    }
    return absl::OkStatus();
  }

  std::string Get(std::string_view target, size_t viewer) const {
    return fmt::format("GET {} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {}\r\n\r\n",
                       target, tokens_[viewer % tokens_.size()]);
  }
  std::vector<std::string> FeedPages() const {
    std::vector<std::string> requests;
    for (size_t i = 0; i < kViewers; ++i) {
      requests.push_back(Get("/api/timeline/posts/followings?page=0&size=20", i));
    }
    return requests;
  }
  std::vector<std::string> Searches(const std::vector<std::string>& keywords) const {
    std::vector<std::string> requests;
    for (size_t i = 0; i < keywords.size(); ++i) {
      requests.push_back(Get(fmt::format("/api/search/posts?keyword={}&page=0&size={}",
                                         Encoded(keywords[i]), kSearchPageSize),
                             i));
    }
    return requests;
  }
  absl::Duration span() const { return absl::Milliseconds(data_.options().quick ? 500 : 3000); }

  absl::Status MeasureShare() {
    std::vector<std::string> keywords;
    for (const QueryClass kind : kQueryClasses) {
      if (IsQ(kind)) continue;
      const std::vector<std::string> some = data_.corpus().Queries(kind, kSearchesPerClass);
      keywords.insert(keywords.end(), some.begin(), some.end());
    }
    std::shuffle(keywords.begin(), keywords.end(), std::mt19937_64(data_.options().seed));
    const std::vector<std::string> searches = Searches(keywords);
    const std::vector<std::string> pages = FeedPages();
    const HttpLoadOptions load = {.connections = kConnections, .duration = span()};
    double ours = 0, feed = 0;
    Histogram latency;
    constexpr int kRounds = 3;
    for (int i = 0; i < kRounds; ++i) {
      ASSIGN_OR_RETURN(const HttpLoad searched, RunHttpLoad(server_->port(), searches, load));
      ASSIGN_OR_RETURN(const HttpLoad read, RunHttpLoad(server_->port(), pages, load));
      ours += searched.per_second / kRounds;
      feed += read.per_second / kRounds;
      latency.Merge(searched.latency);
    }
    data_.reporter().Report(
        {.bench = "search",
         .name = fmt::format("over HTTP, {} connections, pages of 10", kConnections),
         .value = ours,
         .unit = "requests/s",
         .peer = "pages of 20 of the follow feed, same server",
         .peer_value = feed,
         .goal = "at least 0.3x",
         .met = ours >= kShareGoal * feed,
         .percentiles = latency.Summary()});
    return absl::OkStatus();
  }

  absl::Status MeasureHostile() {
    const std::vector<std::string> pages = FeedPages();
    const HttpLoadOptions reading = {.connections = 4, .duration = span()};
    ASSIGN_OR_RETURN(const HttpLoad idle, RunHttpLoad(server_->port(), pages, reading));
    ResetPeakMemory();
    const uint64_t before = PeakMemoryBytes();
    absl::StatusOr<HttpLoad> attack = absl::UnknownError("not run");
    std::thread attackers([&] {
      attack = RunHttpLoad(server_->port(), Searches(data_.slow_keywords),
                           {.connections = kConnections, .duration = span()});
    });
    const absl::StatusOr<HttpLoad> beside = RunHttpLoad(server_->port(), pages, reading);
    attackers.join();
    RETURN_IF_ERROR(attack.status());
    RETURN_IF_ERROR(beside.status());
    const Percentiles quiet = idle.latency.Summary();
    const Percentiles busy = beside->latency.Summary();
    data_.reporter().Report(
        {.bench = "search",
         .name = fmt::format("follow feed while {} clients repeat the slowest queries: p99",
                             kConnections),
         .value = busy.p99_us,
         .unit = "us",
         .peer = "without them",
         .peer_value = quiet.p99_us,
         .goal = "at most 1.5x",
         .met = busy.p99_us <= kHostileGoal * quiet.p99_us,
         .percentiles = busy});
    data_.reporter().Report(
        {.bench = "search",
         .name = "memory that they cost",
         .value =
             (static_cast<double>(PeakMemoryBytes()) - static_cast<double>(before)) / (1 << 20),
         .unit = "MiB"});
    return absl::OkStatus();
  }

  SearchData& data_;
  std::vector<std::string> tokens_;
  std::unique_ptr<http::Api> api_;
  std::unique_ptr<http::Server> server_;
};

}  // namespace

absl::Status MeasureSearchOverHttp(SearchData& data) { return HttpBench(&data).Run(); }

}  // namespace dailyfeed::bench

// bench http: the first page of the follow feed over loopback, of the community
// that bench feed reads in-process, beside a bare Beast server that answers a
// constant body of the same size. Both run in this process, with as many
// threads, under the same load, in turns.
#include <fmt/format.h>

#include <memory>
#include <random>

#include "absl/time/clock.h"
#include "adapters/http/api/api.h"
#include "adapters/http/server/server.h"
#include "core/base/status_macros.h"
#include "tools/bench/bare_server.h"
#include "tools/bench/benches.h"
#include "tools/bench/child.h"
#include "tools/bench/dataset.h"
#include "tools/bench/http_load.h"

namespace dailyfeed::bench {
namespace {

constexpr int kServerThreads = 2;
constexpr size_t kViewers = 2000;  // each with a token: pages differ

// A request for each viewer, as a client that is logged in sends it.
absl::StatusOr<std::vector<std::string>> Requests(Dailyfeed& feed, uint64_t members,
                                                  uint64_t seed) {
  std::mt19937_64 random(seed);
  std::vector<std::string> requests;
  for (size_t i = 0; i < std::min<uint64_t>(kViewers, members); ++i) {
    ASSIGN_OR_RETURN(IssuedTokens tokens,
                     feed.identity().OpenSession(1 + random() % members, "bench", "127.0.0.1"));
    requests.push_back(
        fmt::format("GET /api/timeline/posts/followings?page=0&size=20 HTTP/1.1\r\n"
                    "Host: 127.0.0.1\r\nAuthorization: Bearer {}\r\n\r\n",
                    tokens.access_token));
  }
  return requests;
}

absl::Status RunCase(int connections, const BenchOptions& options, const DatasetOptions& size,
                     uint16_t ours_port, uint16_t bare_port,
                     const std::vector<std::string>& requests, size_t body_bytes,
                     BenchReporter& reporter) {
  const int rounds = options.quick ? 2 : 5;
  const HttpLoadOptions load{.connections = connections,
                             .duration = absl::Milliseconds(options.quick ? 500 : 2000)};
  double ours = 0, bare = 0;
  Histogram latency;
  for (int i = 0; i < rounds; ++i) {
    ASSIGN_OR_RETURN(HttpLoad measured, RunHttpLoad(ours_port, requests, load));
    ASSIGN_OR_RETURN(HttpLoad peer, RunHttpLoad(bare_port, requests, load));
    ours += measured.per_second / rounds;
    bare += peer.per_second / rounds;
    latency.Merge(measured.latency);
  }
  const double ratio = ours / bare;
  reporter.Report({.bench = "http",
                   .name = fmt::format("follow feed page, {} members, {} posts, {} connections",
                                       size.members, size.posts, connections),
                   .value = ours,
                   .unit = "requests/s",
                   .peer = fmt::format("bare Beast server, constant body of {} bytes", body_bytes),
                   .peer_value = bare,
                   .goal = "at least 0.5x",
                   .met = ratio >= 0.5,
                   .percentiles = latency.Summary()});
  return absl::OkStatus();
}

absl::Status ServeStage(const std::string& directory, const DatasetOptions& size,
                        const BenchOptions& options, BenchReporter& reporter) {
  ASSIGN_OR_RETURN(std::unique_ptr<Dailyfeed> feed, OpenFeed(directory));
  reporter.Progress("waiting for what building left to compact");
  RETURN_IF_ERROR(WaitUntilQuiet());
  ASSIGN_OR_RETURN(std::vector<std::string> requests,
                   Requests(*feed, size.members, options.seed + 1));
  std::unique_ptr<http::Api> api = http::Api::Create(feed.get(), {});
  ASSIGN_OR_RETURN(std::unique_ptr<http::Server> server,
                   http::Server::Start(api.get(), {.threads = kServerThreads}));
  // Warms the caches, and says how large an answer is.
  ASSIGN_OR_RETURN(HttpLoad warm,
                   RunHttpLoad(server->port(), requests,
                               {.duration = absl::Milliseconds(options.quick ? 500 : 3000)}));
  constexpr size_t kBareHeadBytes = 80;
  const size_t body_bytes = static_cast<size_t>(warm.bytes_per_answer) - kBareHeadBytes;
  BareServer bare(std::string(body_bytes, 'x'), kServerThreads);
  for (int connections : {64, 512}) {
    RETURN_IF_ERROR(RunCase(connections, options, size, server->port(), bare.port(), requests,
                            body_bytes, reporter));
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status RunHttp(const BenchOptions& options, BenchReporter& reporter) {
  const std::string data = options.work_directory + "/data";
  const DatasetOptions size = FeedDataset(options);
  RETURN_IF_ERROR(RunInChild([&](Figures&) -> absl::Status {
                    ASSIGN_OR_RETURN(std::unique_ptr<Dailyfeed> feed, OpenFeed(data));
                    return Dataset(feed.get(), size).Build(reporter);
                  }).status());
  return RunInChild([&](Figures&) { return ServeStage(data, size, options, reporter); }).status();
}

}  // namespace dailyfeed::bench

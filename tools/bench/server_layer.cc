// What the HTTP server itself costs: a handler that answers a constant body at
// once, and one that answers from another thread, beside the bare Beast server
// with the same body. For whoever changes adapters/http; `bench http` measures
// the whole.
//
//   bazel run --config=opt //tools/bench:server_layer
#include <fmt/format.h>

#include <condition_variable>
#include <cstdio>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "adapters/http/server/server.h"
#include "adapters/monitor/request_metrics.h"
#include "core/base/check.h"
#include "tools/bench/bare_server.h"
#include "tools/bench/http_load.h"

namespace dailyfeed::bench {
namespace {

constexpr int kServerThreads = 2;
constexpr int kRounds = 4;
constexpr size_t kBodyBytes = 14'000;
constexpr char kRequest[] =
    "GET /api/timeline/posts/followings?page=0&size=20 HTTP/1.1\r\nHost: 127.0.0.1\r\n"
    "Authorization: Bearer aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
    "\r\n\r\n";

// The headers of an answer of the API.
http::HttpResponse Answer(const std::string& body) {
  http::HttpResponse response;
  response.headers = {{"X-Content-Type-Options", "nosniff"},
                      {"X-XSS-Protection", "0"},
                      {"X-Frame-Options", "DENY"},
                      {"Referrer-Policy", "no-referrer"},
                      {"Cache-Control", "no-cache, no-store, max-age=0, must-revalidate"},
                      {"Pragma", "no-cache"},
                      {"Expires", "0"}};
  response.body = body;
  response.route = "/api/timeline/posts/followings";
  return response;
}

class Constant : public http::Handler {
 public:
  void Handle(http::HttpRequest, http::Respond respond) override { respond(Answer(body_)); }
  http::HttpResponse Refuse(int status, const http::HttpRequest&) override {
    http::HttpResponse response;
    response.status = status;
    return response;
  }
  size_t BodyLimit(const http::HttpRequest&) const override { return 0; }

 protected:
  const std::string body_ = std::string(kBodyBytes, 'x');
};

// Answers all that waits at once, as the engine acknowledges a batch.
class Elsewhere : public Constant {
 public:
  ~Elsewhere() override {
    {
      std::lock_guard lock(mutex_);
      stop_ = true;
    }
    arrived_.notify_one();
    thread_.join();
  }
  void Handle(http::HttpRequest, http::Respond respond) override {
    std::lock_guard lock(mutex_);
    waiting_.push_back(std::move(respond));
    if (waiting_.size() == 1) arrived_.notify_one();
  }

 private:
  void Run() {
    std::vector<http::Respond> taken;
    std::unique_lock lock(mutex_);
    for (;;) {
      arrived_.wait(lock, [this] { return stop_ || !waiting_.empty(); });
      if (waiting_.empty()) return;
      taken.swap(waiting_);
      lock.unlock();
      for (http::Respond& respond : taken) respond(Answer(body_));
      taken.clear();
      lock.lock();
    }
  }

  std::mutex mutex_;
  std::condition_variable arrived_;
  std::vector<http::Respond> waiting_;
  bool stop_ = false;
  std::thread thread_ = std::thread([this] { Run(); });
};

HttpLoad Load(uint16_t port, int connections) {
  auto load = RunHttpLoad(port, {kRequest},
                          {.connections = connections, .duration = absl::Milliseconds(700)});
  if (!load.ok()) fmt::print(stderr, "{}\n", load.status().ToString());
  DAILYFEED_CHECK(load.ok());
  return *std::move(load);
}

void Compare(const char* name, http::Handler& handler, int connections) {
  monitor::RequestMetrics metrics;
  http::ServerOptions options;
  options.threads = kServerThreads;
  options.on_request = [&](const http::RequestRecord& record) { metrics.Record(record); };
  auto server = http::Server::Start(&handler, std::move(options));
  DAILYFEED_CHECK(server.ok());
  BareServer bare(std::string(kBodyBytes, 'x'), kServerThreads);
  double ours = 0, peer = 0;
  Histogram latency;
  for (int i = 0; i < kRounds; ++i) {
    const HttpLoad load = Load((*server)->port(), connections);
    ours += load.per_second / kRounds;
    latency.Merge(load.latency);
    peer += Load(bare.port(), connections).per_second / kRounds;
  }
  fmt::print(
      "{:<10} {:>4} connections: {:>8.0f}/s, bare Beast {:>8.0f}/s, ratio {:.2f}, p99 {:.0f} us\n",
      name, connections, ours, peer, ours / peer, latency.Summary().p99_us);
}

}  // namespace
}  // namespace dailyfeed::bench

int main() {
  for (const int connections : {64, 512}) {
    dailyfeed::bench::Constant constant;
    dailyfeed::bench::Compare("at once", constant, connections);
    dailyfeed::bench::Elsewhere elsewhere;
    dailyfeed::bench::Compare("elsewhere", elsewhere, connections);
  }
}

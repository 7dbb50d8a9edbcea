#include "adapters/monitor/monitor.h"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <shared_mutex>
#include <thread>
#include <utility>

#include "absl/strings/numbers.h"
#include "adapters/embedded/health.h"
#include "adapters/http/server/server.h"
#include "adapters/kafka/relay/relay.h"
#include "adapters/logging/logging.h"
#include "adapters/monitor/cpu_profile.h"
#include "adapters/monitor/snapshot.h"
#include "adapters/threads/workers.h"
#include "core/base/status_macros.h"
#include "fmt/format.h"

namespace dailyfeed::monitor {
namespace {

using http::HttpRequest;
using http::HttpResponse;
using http::Respond;

constexpr int kOk = 200;
constexpr int kBadRequest = 400;
constexpr int kForbidden = 403;
constexpr int kNotFound = 404;
constexpr int kMethodNotAllowed = 405;
constexpr int kConflict = 409;
constexpr int kNotImplemented = 501;
constexpr int kUnavailable = 503;

constexpr char kPlainText[] = "text/plain; charset=utf-8";
constexpr char kMetricsType[] = "text/plain; version=0.0.4; charset=utf-8";

constexpr int kProfileSecondsDefault = 10;
// Beyond, a monitoring system asks faster than it is answered.
constexpr size_t kReportsWaitingMax = 64;

constexpr char kIndex[] =
    "/livez\n/readyz\n/metrics\n/debug/stats\n/debug/config\n/debug/threads\n"
    "/debug/cpu-profile?seconds=10\n/debug/heap-profile\n";

HttpResponse Text(int status, std::string body, std::string content_type = kPlainText) {
  HttpResponse response;
  response.status = status;
  response.content_type = std::move(content_type);
  response.body = std::move(body);
  return response;
}

HttpResponse Json(int status, std::string body) {
  return Text(status, std::move(body), "application/json");
}

HttpResponse Error(const absl::Status& status) {
  const int code = absl::IsFailedPrecondition(status) ? kConflict
                   : absl::IsUnimplemented(status)    ? kNotImplemented
                                                      : kUnavailable;
  return Text(code, std::string(status.message()) + "\n");
}

// The value of ?seconds=N; nullopt when it is not a number from 1 to `most`.
std::optional<int> SecondsOf(std::string_view query, int most) {
  constexpr std::string_view kName = "seconds=";
  if (query.empty()) return std::min(kProfileSecondsDefault, most);
  int seconds = 0;
  if (query.substr(0, kName.size()) != kName ||
      !absl::SimpleAtoi(std::string(query.substr(kName.size())), &seconds) || seconds < 1 ||
      seconds > most) {
    return std::nullopt;
  }
  return seconds;
}

std::string ThreadsText() {
  std::string text = "id       state  cpu_seconds  name\n";
  for (const ThreadStats& thread : ReadThreadStats()) {
    text += fmt::format("{:<8} {:<6} {:>11.2f}  {}\n", thread.id, thread.state, thread.cpu_seconds,
                        thread.name);
  }
  return text;
}

class MonitorImpl : public Monitor, public http::Handler {
 public:
  ~MonitorImpl() override {
    {
      std::lock_guard lock(profile_mutex_);
      stopping_ = true;
    }
    profile_stop_.notify_all();
    if (profile_thread_.joinable()) profile_thread_.join();
    reports_.Stop();
    server_.reset();
  }

  absl::Status Listen(const MonitorOptions& options) {
    http::ServerOptions server;
    server.host = host_ = options.host;
    server.port = options.port;
    server.threads = 1;
    server.connections_max = options.connections_max;
    server.refusals_at_once_max = kRefusalsAtOnceMax;
    server.requests_in_flight_max = options.requests_in_flight_max;
    server.request_timeout = options.request_timeout;
    server.idle_timeout = options.idle_timeout;
    server.write_timeout = options.write_timeout;
    profile_seconds_max_ = static_cast<int>(absl::ToInt64Seconds(options.profile_time_max));
    if (profile_seconds_max_ < 1) {
      return absl::InvalidArgumentError("profile_time_max of the monitor is a second or more");
    }
    ASSIGN_OR_RETURN(server_, http::Server::Start(this, std::move(server)));
    return absl::OkStatus();
  }

  uint16_t port() const override { return server_->port(); }

  void SetStarting(std::string what) override {
    std::unique_lock lock(mutex_);
    starting_ = std::move(what);
  }
  void Attach(MonitorSources sources) override {
    std::unique_lock lock(mutex_);
    sources_ = std::move(sources);
    starting_.clear();
  }
  void BeginDrain() override {
    std::unique_lock lock(mutex_);
    draining_ = true;
  }
  void Detach() override {
    std::unique_lock lock(mutex_);
    sources_ = {};
  }

  void Handle(HttpRequest request, Respond respond) override {
    const std::string_view target = request.target;
    const std::string_view path = target.substr(0, target.find('?'));
    if (request.method != "GET" && request.method != "HEAD") {
      HttpResponse response = Text(kMethodNotAllowed, "only GET and HEAD\n");
      response.headers.emplace_back("Allow", "GET, HEAD");
      return respond(std::move(response));
    }
    if (path == "/livez") return respond(Live());
    if (path.starts_with("/debug") && !MayDiagnose(request)) {
      return respond(Text(kForbidden,
                          "diagnostics answer requests of no web page, to an IP address or "
                          "localhost\n"));
    }
    if (path == "/debug/cpu-profile") {
      const std::string_view query = target.substr(std::min(path.size() + 1, target.size()));
      return Profile(query, std::move(respond));
    }
    Report(std::string(path), std::move(respond));
  }

  HttpResponse Refuse(int status, const HttpRequest&) override { return Text(status, "refused\n"); }
  size_t BodyLimit(const HttpRequest&) const override { return 0; }

 private:
  // A page that somebody has open must not start profiles on their machine: it
  // sends an Origin, or asks under a name that leads here.
  bool MayDiagnose(const HttpRequest& request) const {
    const std::string_view site = request.Header("Sec-Fetch-Site");
    if (request.HasHeader("Origin") || site == "cross-site" || site == "same-site") return false;
    std::string_view host = request.Header("Host");
    if (host.starts_with('[')) return true;  // an IPv6 address
    host = host.substr(0, host.find(':'));
    const bool is_address = host.find_first_not_of("0123456789.") == std::string_view::npos;
    return is_address || host == "localhost" || host == host_;
  }

  // On a thread of their own: whether the process lives is answered meanwhile.
  void Report(std::string path, Respond respond) {
    const auto shared = std::make_shared<Respond>(std::move(respond));
    const absl::Status queued =
        reports_.Submit([this, shared, path = std::move(path)] { (*shared)(Answer(path)); });
    if (!queued.ok()) (*shared)(Text(kUnavailable, "too many requests at once\n"));
  }

  HttpResponse Answer(std::string_view path) {
    if (path == "/readyz") {
      const Snapshot snapshot = Take();
      const bool ready = ReasonsNotReady(snapshot).empty();
      return Json(ready ? kOk : kUnavailable, ReadinessJson(snapshot));
    }
    if (path == "/metrics") return Text(kOk, MetricsText(Take()), kMetricsType);
    if (path == "/debug/stats") return Json(kOk, StatsJson(Take()));
    if (path == "/debug/threads") return Text(kOk, ThreadsText());
    if (path == "/debug/config") {
      std::shared_lock lock(mutex_);
      return Text(kOk, sources_.config);
    }
    if (path == "/debug/heap-profile") {
      absl::StatusOr<std::string> profile = CollectHeapProfile();
      if (!profile.ok()) return Error(profile.status());
      return Text(kOk, *std::move(profile), "application/octet-stream");
    }
    if (path == "/" || path == "/debug") return Text(kOk, kIndex);
    return Text(kNotFound, std::string("not here; there are:\n") + kIndex);
  }

  // Also while there is nothing yet that could have failed.
  HttpResponse Live() {
    std::shared_lock lock(mutex_);
    const bool alive = sources_.feed == nullptr || HealthOf(*sources_.feed).alive;
    return alive ? Text(kOk, "OK\n") : Text(kUnavailable, "storage failed; restart needed\n");
  }

  Snapshot Take() {
    Snapshot snapshot;
    snapshot.process = ReadProcessStats();
    snapshot.log_lines_dropped = logging::DroppedLines();
    // Held while the sources are read: Detach waits for it.
    std::shared_lock lock(mutex_);
    snapshot.starting = starting_;
    snapshot.draining = draining_;
    if (sources_.server != nullptr) snapshot.server = sources_.server->stats();
    if (sources_.requests != nullptr) {
      snapshot.requests = sources_.requests->Rows();
      snapshot.errors = sources_.requests->Errors();
    }
    if (sources_.feed != nullptr) snapshot.feed = TakeFeed(*sources_.feed);
    if (sources_.relay != nullptr) snapshot.relay = sources_.relay->stats();
    return snapshot;
  }

  static FeedSnapshot TakeFeed(Dailyfeed& feed) {
    FeedSnapshot snapshot;
    snapshot.applied = feed.runtime().AppliedPosition();
    snapshot.head = feed.log().Head();
    snapshot.state = StateOf(feed);
    snapshot.engine = feed.engine().stats();
    snapshot.projections = feed.runtime().Status();
    snapshot.caches = feed.queries().Caches();
    snapshot.feed = feed.stats();
    snapshot.identity = feed.identity().stats();
    return snapshot;
  }

  // On a thread of its own, so that health is answered meanwhile.
  void Profile(std::string_view query, Respond respond) {
    const std::optional<int> seconds = SecondsOf(query, profile_seconds_max_);
    if (!seconds) {
      return respond(Text(kBadRequest, fmt::format("seconds must be a number from 1 to {}\n",
                                                   profile_seconds_max_)));
    }
    std::lock_guard lock(profile_mutex_);
    if (stopping_) return respond(Text(kUnavailable, "the server is shutting down\n"));
    if (profiling_) return respond(Text(kConflict, "a profile is being taken\n"));
    if (profile_thread_.joinable()) profile_thread_.join();
    profiling_ = true;
    profile_thread_ =
        std::thread([this, seconds = *seconds, respond = std::move(respond)]() mutable {
          absl::StatusOr<std::string> folded = CollectCpuProfile([&] {
            std::unique_lock wait_lock(profile_mutex_);
            profile_stop_.wait_for(wait_lock, std::chrono::seconds(seconds),
                                   [this] { return stopping_; });
          });
          {
            std::lock_guard done_lock(profile_mutex_);
            profiling_ = false;
          }
          respond(folded.ok() ? Text(kOk, *std::move(folded)) : Error(folded.status()));
        });
  }

  mutable std::shared_mutex mutex_;
  std::string starting_ = "the process";
  bool draining_ = false;
  MonitorSources sources_;

  std::string host_;
  Workers reports_{{.what = "reports", .threads = 1, .queue_capacity = kReportsWaitingMax}};
  int profile_seconds_max_ = 0;
  std::mutex profile_mutex_;
  std::condition_variable profile_stop_;
  bool profiling_ = false;
  bool stopping_ = false;
  std::thread profile_thread_;
  std::unique_ptr<http::Server> server_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<Monitor>> Monitor::Start(const MonitorOptions& options) {
  auto monitor = std::make_unique<MonitorImpl>();
  RETURN_IF_ERROR(monitor->Listen(options));
  return monitor;
}

}  // namespace dailyfeed::monitor

// The monitor: health, metrics and diagnostics on a port of their own, which
// must not be reachable by clients.
//
//   ASSIGN_OR_RETURN(auto monitor, Monitor::Start({.host = "127.0.0.1", .port = 9090}));
//   monitor->SetStarting("opening the data directory");   // /readyz answers 503
//   ...
//   monitor->Attach({.feed = feed.get(), .server = server.get(), .requests = &metrics});
//   ...
//   monitor->BeginDrain();                                // /readyz answers 503
//   monitor->Detach();                                    // before the sources go
//
//   GET /livez                200, or 503 when only a restart helps
//   GET /readyz               200 or 503, and JSON with lag and reasons
//   GET /metrics              Prometheus; docs/reference/metrics.md
//   GET /debug/stats          engine, read models, caches, process as JSON
//   GET /debug/config         the configuration in force
//   GET /debug/threads        name, state and CPU time of each thread
//   GET /debug/cpu-profile    ?seconds=10: sampled stacks, folded, as flamegraph.pl takes them
//   GET /debug/heap-profile   jemalloc's heap profile, as jeprof takes it
//
// Nothing here walks a directory. /livez is answered at once, whatever else is
// asked. What begins with /debug is refused (403) to web pages: to requests with
// an Origin, or to a name that is neither localhost nor the monitor's own host.
//
// Threads: everything from any thread.
#ifndef DAILYFEED_ADAPTERS_MONITOR_MONITOR_H_
#define DAILYFEED_ADAPTERS_MONITOR_MONITOR_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace dailyfeed {
class Dailyfeed;
}

namespace dailyfeed::http {
class Server;
}

namespace dailyfeed::kafka {
class Relay;
}

namespace dailyfeed::monitor {

class RequestMetrics;

// Connections above MonitorOptions::connections_max that are told 503; beyond,
// closed at once.
inline constexpr size_t kRefusalsAtOnceMax = 16;

struct MonitorOptions {
  std::string host = "127.0.0.1";
  uint16_t port = 0;  // 0: any free one, see port()
  // As http::ServerOptions.
  size_t connections_max = 10000;
  size_t requests_in_flight_max = 4096;
  absl::Duration request_timeout = absl::Seconds(10);
  absl::Duration idle_timeout = absl::Seconds(60);
  absl::Duration write_timeout = absl::Seconds(30);
  // The longest CPU profile that may be asked for.
  absl::Duration profile_time_max = absl::Seconds(60);
};

// Nothing is owned; what is null is left out. All must live until Detach.
struct MonitorSources {
  Dailyfeed* feed = nullptr;
  const http::Server* server = nullptr;
  const RequestMetrics* requests = nullptr;
  const kafka::Relay* relay = nullptr;  // nullptr: nothing is sent to Kafka
  std::string config;                   // the text of /debug/config
};

class Monitor {
 public:
  // Listening when it returns, not ready. UNAVAILABLE as http::Server::Start.
  static absl::StatusOr<std::unique_ptr<Monitor>> Start(const MonitorOptions& options);
  virtual ~Monitor() = default;

  virtual uint16_t port() const = 0;

  // What the start is busy with, for /readyz: "catching up: 1000 of 50000".
  virtual void SetStarting(std::string what) = 0;
  // The start is over.
  virtual void Attach(MonitorSources sources) = 0;
  virtual void BeginDrain() = 0;
  // Returns when no request uses the sources any more.
  virtual void Detach() = 0;
};

}  // namespace dailyfeed::monitor

#endif  // DAILYFEED_ADAPTERS_MONITOR_MONITOR_H_

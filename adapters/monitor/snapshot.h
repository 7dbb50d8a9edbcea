// One look at everything the monitor shows. Internal to the monitor: plain
// data, so that what is made of it can be tested without a running system.
#ifndef DAILYFEED_ADAPTERS_MONITOR_SNAPSHOT_H_
#define DAILYFEED_ADAPTERS_MONITOR_SNAPSHOT_H_

#include <optional>
#include <string>
#include <vector>

#include "adapters/embedded/dailyfeed.h"
#include "adapters/embedded/health.h"
#include "adapters/http/server/server.h"
#include "adapters/kafka/relay/relay.h"
#include "adapters/monitor/process_stats.h"
#include "adapters/monitor/request_metrics.h"

namespace dailyfeed::monitor {

struct FeedSnapshot {
  Position head = 0;
  Position applied = 0;
  FeedState state;
  EngineStats engine;
  std::vector<ProjectionStatus> projections;
  std::vector<Queries::CacheStats> caches;
  DailyfeedStats feed;
  IdentityStats identity;
};

struct Snapshot {
  std::string starting;  // what a start is busy with; empty once it is over
  bool draining = false;
  ProcessStats process;
  std::optional<FeedSnapshot> feed;
  std::optional<http::ServerStats> server;
  std::optional<kafka::RelayStats> relay;  // of a server that sends to Kafka
  uint64_t log_lines_dropped = 0;
  std::vector<RequestMetrics::Row> requests;
  std::vector<RequestMetrics::ErrorRow> errors;
};

// Why requests should go elsewhere, one sentence each; empty: ready.
std::vector<std::string> ReasonsNotReady(const Snapshot& snapshot);

// The body of /readyz.
std::string ReadinessJson(const Snapshot& snapshot);
// The body of /debug/stats.
std::string StatsJson(const Snapshot& snapshot);

// The body of /metrics, Prometheus' text format 0.0.4.
std::string MetricsText(const Snapshot& snapshot);
// Every metric as the table of docs/reference/metrics.md.
std::string MetricsReference();

}  // namespace dailyfeed::monitor

#endif  // DAILYFEED_ADAPTERS_MONITOR_SNAPSHOT_H_

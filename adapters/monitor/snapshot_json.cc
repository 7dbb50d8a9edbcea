#include <algorithm>
#include <utility>

#include "adapters/http/text/json_writer.h"
#include "adapters/monitor/snapshot.h"
#include "fmt/format.h"

namespace dailyfeed::monitor {
namespace {

using http::JsonWriter;

void WriteProjections(const FeedSnapshot& feed, JsonWriter& json) {
  json.Key("projections");
  json.BeginArray();
  for (const ProjectionStatus& projection : feed.projections) {
    json.BeginObject();
    json.Field("name", projection.name);
    json.Field("version", projection.version);
    json.Field("generation", projection.generation);
    json.Field("checkpoint", projection.checkpoint);
    json.Field("lag", projection.lag);
    json.Field("parkedKeys", projection.parked_keys);
    json.Field("eventsApplied", projection.events_applied);
    if (!projection.upkeep.last_failure.empty()) {
      json.Field("upkeepFailure", projection.upkeep.last_failure);
    }
    if (projection.building_generation) {
      json.Field("buildingGeneration", *projection.building_generation);
      json.Field("buildingCheckpoint", projection.building_checkpoint);
      json.Field("buildingReady", projection.building_ready);
    }
    json.EndObject();
  }
  json.EndArray();
}

void WriteEngine(const EngineStats& engine, JsonWriter& json) {
  json.Key("engine");
  json.BeginObject();
  json.Field("queueDepth", static_cast<uint64_t>(engine.queue_depth));
  json.Field("commandsAccepted", engine.commands_accepted);
  json.Field("commandsRejected", engine.commands_rejected);
  json.Field("commandsRefused", engine.commands_refused);
  json.Field("eventsAppended", engine.events_appended);
  json.Field("batches", engine.batches);
  json.Field("largestBatch", engine.largest_batch);
  json.EndObject();
}

void WriteCaches(const std::vector<Queries::CacheStats>& caches, JsonWriter& json) {
  json.Key("caches");
  json.BeginArray();
  for (const Queries::CacheStats& cache : caches) {
    json.BeginObject();
    json.Field("name", cache.cache);
    json.Field("hits", cache.hits);
    json.Field("misses", cache.misses);
    json.Field("bytes", cache.bytes);
    json.Field("entries", cache.entries);
    json.EndObject();
  }
  json.EndArray();
}

void WriteSearch(const SearchStats& search, JsonWriter& json) {
  json.Key("search");
  json.BeginObject();
  json.Field("looseDocuments", search.loose_documents);
  json.Field("segments", search.segments);
  json.Field("voidDocuments", search.void_documents);
  json.Field("memoryBytes", search.memory_bytes);
  json.Field("searches", search.searches);
  json.Field("searchesRefused", search.searches_refused);
  json.Field("searchesFailed", search.searches_failed);
  json.EndObject();
}

void WriteProcess(const ProcessStats& process, JsonWriter& json) {
  json.Key("process");
  json.BeginObject();
  json.Field("residentBytes", process.resident_bytes);
  json.Field("virtualBytes", process.virtual_bytes);
  json.Field("openFiles", process.open_files);
  json.Field("openFilesMax", process.open_files_max);
  json.Field("threads", process.threads);
  json.Key("cpuSeconds");
  json.Raw(fmt::format("{:.2f}", process.cpu_seconds));
  json.EndObject();
}

void WriteServer(const http::ServerStats& server, JsonWriter& json) {
  json.Key("http");
  json.BeginObject();
  json.Field("connectionsOpen", server.connections_open);
  json.Field("connectionsAccepted", server.connections_accepted);
  json.Field("connectionsRefused", server.connections_refused);
  json.Field("requestsInFlight", server.requests_in_flight);
  json.Field("requestsTotal", server.requests_total);
  json.EndObject();
}

}  // namespace

std::vector<std::string> ReasonsNotReady(const Snapshot& snapshot) {
  std::vector<std::string> reasons;
  if (snapshot.draining) reasons.push_back("the server is shutting down");
  if (!snapshot.starting.empty()) reasons.push_back("starting: " + snapshot.starting);
  if (!snapshot.feed) {
    if (reasons.empty()) reasons.push_back("the data directory is not open");
    return reasons;
  }
  Health health = HealthOf(snapshot.feed->state);
  for (std::string& detail : health.details) {
    reasons.push_back(std::move(detail));
  }
  return reasons;
}

std::string_view HealthName(kafka::RelayHealth health) {
  switch (health) {
    case kafka::RelayHealth::kHealthy:
      return "HEALTHY";
    case kafka::RelayHealth::kCaution:
      return "CAUTION";
    case kafka::RelayHealth::kCritical:
      return "CRITICAL";
  }
  return "";
}

// Kafka never makes a server unready: writes and reads go on without it.
void WriteRelay(const kafka::RelayStats& relay, JsonWriter& json) {
  json.Key("kafka");
  json.BeginObject();
  json.Field("state", HealthName(relay.health));
  json.Key("reason");
  json.UntrustedString(relay.reason);
  json.Field("backlog", relay.backlog);
  json.EndObject();
}

std::string ReadinessJson(const Snapshot& snapshot) {
  const std::vector<std::string> reasons = ReasonsNotReady(snapshot);
  JsonWriter json;
  json.BeginObject();
  json.Field("ready", reasons.empty());
  json.Key("reasons");
  json.BeginArray();
  for (const std::string& reason : reasons) json.UntrustedString(reason);
  json.EndArray();
  if (snapshot.feed) {
    const Health health = HealthOf(snapshot.feed->state);
    json.Field("acceptsWrites", health.accepts_writes);
    json.Key("warnings");
    json.BeginArray();
    for (const std::string& warning : health.warnings) json.UntrustedString(warning);
    json.EndArray();
    json.Field("head", snapshot.feed->head);
    json.Field("applied", snapshot.feed->applied);
    json.Field("lag", snapshot.feed->head - std::min(snapshot.feed->head, snapshot.feed->applied));
    WriteProjections(*snapshot.feed, json);
  }
  if (snapshot.relay) WriteRelay(*snapshot.relay, json);
  json.EndObject();
  return json.Take() + "\n";
}

std::string StatsJson(const Snapshot& snapshot) {
  JsonWriter json;
  json.BeginObject();
  WriteProcess(snapshot.process, json);
  if (snapshot.server) WriteServer(*snapshot.server, json);
  json.Field("logLinesDropped", snapshot.log_lines_dropped);
  if (snapshot.feed) {
    const FeedSnapshot& feed = *snapshot.feed;
    json.Field("head", feed.head);
    json.Field("applied", feed.applied);
    WriteEngine(feed.engine, json);
    WriteProjections(feed, json);
    WriteCaches(feed.caches, json);
    WriteSearch(feed.feed.search, json);
    json.Key("storage");
    json.BeginObject();
    json.Field("log", feed.feed.log_bytes);
    json.Field("pictures", feed.feed.pictures_bytes);
    json.Field("secrets", feed.feed.secrets_bytes);
    json.Field("views", feed.feed.views_bytes);
    json.Field("free", feed.feed.disk_free_bytes);
    json.EndObject();
    json.Key("feed");
    json.BeginObject();
    json.Field("viewsDropped", feed.feed.views_dropped);
    json.Field("activitiesDropped", feed.feed.activities_dropped);
    json.Field("orphansDestroyed", feed.feed.orphans_destroyed);
    json.Field("orphansWaiting", feed.feed.orphans_waiting);
    json.Field("maintenanceFailures", feed.feed.maintenance_failures);
    json.Field("picturesStored", feed.feed.pictures.prepared);
    json.Field("picturesRefused", feed.feed.pictures.refused);
    json.Field("pictureFailures", feed.feed.pictures.failures);
    json.Field("pictureFilesRemoved", feed.feed.pictures.files_removed);
    json.Field("withdrawalsWaiting", feed.feed.withdrawals_waiting);
    json.Field("withdrawalsUnerased", feed.feed.withdrawals_unerased);
    json.Field("withdrawalsCompleted", feed.feed.withdrawals_completed);
    json.Field("withdrawalFailures", feed.feed.withdrawal_failures);
    json.Field("liveWatches", feed.feed.live.watches);
    json.Field("liveWatchesBehind", feed.feed.live.watches_behind);
    json.Field("liveItems", feed.feed.live.items_offered);
    json.Field("liveEventsSkipped", feed.feed.live.events_skipped);
    json.EndObject();
    json.Key("identity");
    json.BeginObject();
    json.Field("passwordHashes", feed.identity.password_hashes);
    json.Field("sessionsOpened", feed.identity.sessions_opened);
    json.Field("sessionsRefreshed", feed.identity.sessions_refreshed);
    json.Field("sessionsRevoked", feed.identity.sessions_revoked);
    json.Field("refreshTokensRefused", feed.identity.refresh_tokens_refused);
    json.Field("refreshTokensReused", feed.identity.refresh_tokens_reused);
    json.Field("revocations", feed.identity.revocations);
    json.EndObject();
  }
  json.EndObject();
  return json.Take() + "\n";
}

}  // namespace dailyfeed::monitor

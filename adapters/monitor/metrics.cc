// The metrics, one line of a table each: what docs/reference/metrics.md lists
// and what /metrics exposes are made from it.
#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>

#include <functional>
#include <sstream>
#include <utility>

#include "absl/time/time.h"
#include "adapters/monitor/snapshot.h"
#include "fmt/format.h"

namespace dailyfeed::monitor {
namespace {

using prometheus::ClientMetric;
using prometheus::MetricType;
using Metrics = std::vector<ClientMetric>;
using Labels = std::vector<ClientMetric::Label>;

struct Definition {
  std::string name;
  MetricType type;
  std::string labels;  // for the reference: "`method`, `route`"
  std::string help;
  std::function<void(const Snapshot&, Metrics&)> collect;
};

// Adds a sample of either type: the serializer reads the one it needs.
void AddSample(Labels labels, double value, Metrics& out) {
  ClientMetric& metric = out.emplace_back();
  metric.label = std::move(labels);
  metric.gauge.value = value;
  metric.counter.value = value;
}

template <typename Number>
double ToDouble(Number number) {
  return static_cast<double>(number);
}

// One sample of a part of the snapshot that may not be there.
template <typename Part, typename Member>
auto Of(std::optional<Part> Snapshot::*part, Member member) {
  return [part, member](const Snapshot& snapshot, Metrics& out) {
    if (snapshot.*part) AddSample({}, ToDouble(std::invoke(member, *(snapshot.*part))), out);
  };
}

template <typename Member>
auto OfProcess(Member member) {
  return [member](const Snapshot& snapshot, Metrics& out) {
    AddSample({}, ToDouble(std::invoke(member, snapshot.process)), out);
  };
}

template <typename Member>
auto OfEngine(Member member) {
  return Of(&Snapshot::feed,
            [member](const FeedSnapshot& feed) { return std::invoke(member, feed.engine); });
}

template <typename Member>
auto OfFeed(Member member) {
  return Of(&Snapshot::feed,
            [member](const FeedSnapshot& feed) { return std::invoke(member, feed.feed); });
}

template <typename Member>
auto OfIdentity(Member member) {
  return Of(&Snapshot::feed,
            [member](const FeedSnapshot& feed) { return std::invoke(member, feed.identity); });
}

template <typename Member>
auto OfProjections(Member member) {
  return [member](const Snapshot& snapshot, Metrics& out) {
    if (!snapshot.feed) return;
    for (const ProjectionStatus& projection : snapshot.feed->projections) {
      AddSample({{"projection", projection.name}}, ToDouble(std::invoke(member, projection)), out);
    }
  };
}

template <typename Member>
auto OfUpkeep(Member member) {
  return OfProjections([member](const ProjectionStatus& projection) {
    return std::invoke(member, projection.upkeep);
  });
}

template <typename Member>
auto OfCaches(Member member) {
  return [member](const Snapshot& snapshot, Metrics& out) {
    if (!snapshot.feed) return;
    for (const Queries::CacheStats& cache : snapshot.feed->caches) {
      AddSample({{"cache", cache.cache}}, ToDouble(std::invoke(member, cache)), out);
    }
  };
}

Labels LabelsOf(const RequestMetrics::Row& row) {
  return {{"method", row.method}, {"route", row.route}, {"status", std::to_string(row.status)}};
}

template <typename Member>
auto OfRequests(Member member) {
  return [member](const Snapshot& snapshot, Metrics& out) {
    for (const RequestMetrics::Row& row : snapshot.requests) {
      AddSample(LabelsOf(row), ToDouble(std::invoke(member, row)), out);
    }
  };
}

void CollectDurations(const Snapshot& snapshot, Metrics& out) {
  for (const RequestMetrics::Row& row : snapshot.requests) {
    ClientMetric& metric = out.emplace_back();
    metric.label = LabelsOf(row);
    metric.histogram.sample_count = row.count;
    metric.histogram.sample_sum = row.seconds;
    uint64_t cumulative = 0;
    for (size_t i = 0; i < RequestMetrics::kBucketSeconds.size(); ++i) {
      cumulative += row.buckets[i];
      metric.histogram.bucket.push_back({cumulative, RequestMetrics::kBucketSeconds[i]});
    }
  }
}

void CollectErrors(const Snapshot& snapshot, Metrics& out) {
  for (const RequestMetrics::ErrorRow& row : snapshot.errors) {
    AddSample({{"error_code", row.error_code}}, ToDouble(row.count), out);
  }
}

void CollectReady(const Snapshot& snapshot, Metrics& out) {
  AddSample({}, ReasonsNotReady(snapshot).empty() ? 1 : 0, out);
}

constexpr MetricType kGauge = MetricType::Gauge;
constexpr MetricType kCounter = MetricType::Counter;
constexpr MetricType kHistogram = MetricType::Histogram;

void AddProcess(std::vector<Definition>& all) {
  all.push_back({"ready", kGauge, "", "1 while /readyz answers 200.", CollectReady});
  all.push_back({"process_resident_memory_bytes", kGauge, "", "Memory of the process.",
                 OfProcess(&ProcessStats::resident_bytes)});
  all.push_back({"process_virtual_memory_bytes", kGauge, "", "Address space of the process.",
                 OfProcess(&ProcessStats::virtual_bytes)});
  all.push_back({"process_open_fds", kGauge, "", "Open files and connections.",
                 OfProcess(&ProcessStats::open_files)});
  all.push_back({"process_max_fds", kGauge, "", "The limit of open files.",
                 OfProcess(&ProcessStats::open_files_max)});
  all.push_back({"process_threads", kGauge, "", "Threads.", OfProcess(&ProcessStats::threads)});
  all.push_back({"process_cpu_seconds_total", kCounter, "", "CPU time, user and system.",
                 OfProcess(&ProcessStats::cpu_seconds)});
  all.push_back({"process_start_time_seconds", kGauge, "", "When the process began, since 1970.",
                 OfProcess(&ProcessStats::start_time_seconds)});
}

void AddLog(std::vector<Definition>& all) {
  const auto part = &Snapshot::feed;
  all.push_back({"log_head_position", kGauge, "", "The position of the last event.",
                 Of(part, &FeedSnapshot::head)});
  all.push_back({"log_applied_position", kGauge, "", "Every read model is at least here.",
                 Of(part, &FeedSnapshot::applied)});
  all.push_back(
      {"log_writable", kGauge, "",
       "0 when every command is refused because storage failed: restart when it is mended.",
       Of(part, [](const FeedSnapshot& feed) { return HealthOf(feed.state).alive; })});
  all.push_back(
      {"writes_accepted", kGauge, "",
       "0 while every command is refused: as log_writable, or because the disk is nearly full.",
       Of(part, [](const FeedSnapshot& feed) { return HealthOf(feed.state).accepts_writes; })});
  all.push_back({"engine_queue_depth", kGauge, "", "Commands waiting for the committer.",
                 OfEngine(&EngineStats::queue_depth)});
  all.push_back({"engine_commands_accepted_total", kCounter, "", "Commands that were committed.",
                 OfEngine(&EngineStats::commands_accepted)});
  all.push_back({"engine_commands_rejected_total", kCounter, "", "Commands a decider refused.",
                 OfEngine(&EngineStats::commands_rejected)});
  all.push_back({"engine_commands_refused_total", kCounter, "",
                 "Commands refused because the queue was full or the log not writable.",
                 OfEngine(&EngineStats::commands_refused)});
  all.push_back({"engine_events_appended_total", kCounter, "", "Events written to the log.",
                 OfEngine(&EngineStats::events_appended)});
  all.push_back({"engine_batches_total", kCounter, "", "Synced writes of the log.",
                 OfEngine(&EngineStats::batches)});
  all.push_back({"engine_largest_batch_commands", kGauge, "",
                 "The most commands that shared one sync.", OfEngine(&EngineStats::largest_batch)});
}

void CollectStorage(const Snapshot& snapshot, Metrics& out) {
  if (!snapshot.feed) return;
  const DailyfeedStats& feed = snapshot.feed->feed;
  AddSample({{"part", "log"}}, ToDouble(feed.log_bytes), out);
  AddSample({{"part", "pictures"}}, ToDouble(feed.pictures_bytes), out);
  AddSample({{"part", "secrets"}}, ToDouble(feed.secrets_bytes), out);
  AddSample({{"part", "views"}}, ToDouble(feed.views_bytes), out);
}

void AddStorage(std::vector<Definition>& all) {
  all.push_back({"storage_bytes", kGauge, "`part`",
                 "Files of a part of the data directory: log, pictures, secrets, views.",
                 CollectStorage});
  all.push_back({"storage_free_bytes", kGauge, "", "Room on the file system of the directory.",
                 OfFeed(&DailyfeedStats::disk_free_bytes)});
}

void AddProjections(std::vector<Definition>& all) {
  const std::string labels = "`projection`";
  all.push_back(
      {"runtime_healthy", kGauge, "", "0 after the store of the read models failed.",
       Of(&Snapshot::feed, [](const FeedSnapshot& feed) { return feed.state.runtime.ok(); })});
  all.push_back({"projection_lag_events", kGauge, labels, "Events not yet applied.",
                 OfProjections(&ProjectionStatus::lag)});
  all.push_back({"projection_checkpoint_position", kGauge, labels, "The last event applied.",
                 OfProjections(&ProjectionStatus::checkpoint)});
  all.push_back({"projection_generation", kGauge, labels, "The live generation.",
                 OfProjections(&ProjectionStatus::generation)});
  all.push_back({"projection_parked_keys", kGauge, labels,
                 "Keys set aside because an event of theirs could not be applied.",
                 OfProjections(&ProjectionStatus::parked_keys)});
  all.push_back({"projection_events_applied_total", kCounter, labels,
                 "Events applied since the start.",
                 OfProjections(&ProjectionStatus::events_applied)});
  all.push_back({"projection_upkeep_committed_total", kCounter, labels,
                 "Pieces of work that made rows beside the batches.",
                 OfUpkeep(&UpkeepStatus::committed)});
  all.push_back({"projection_upkeep_failed_total", kCounter, labels,
                 "Such pieces that failed and are done again.", OfUpkeep(&UpkeepStatus::failed)});
  all.push_back({"projection_upkeep_cancelled_total", kCounter, labels,
                 "Such pieces that were ended, by a dropped generation or by erasure.",
                 OfUpkeep(&UpkeepStatus::cancelled)});
  all.push_back({"projection_upkeep_written_bytes_total", kCounter, labels,
                 "Bytes of the rows beside the batches that they wrote.",
                 OfUpkeep(&UpkeepStatus::bytes_written)});
  all.push_back(
      {"projection_upkeep_seconds_total", kCounter, labels, "Time that they worked.",
       OfUpkeep([](const UpkeepStatus& upkeep) { return absl::ToDoubleSeconds(upkeep.time); })});
  all.push_back({"projection_building_checkpoint_position", kGauge, labels,
                 "How far the next generation is; 0 when none is being built.",
                 OfProjections(&ProjectionStatus::building_checkpoint)});
  all.push_back({"views_dropped_total", kCounter, "",
                 "Views of posts that were not counted: the engine refused them.",
                 OfFeed(&DailyfeedStats::views_dropped)});
  all.push_back({"activities_dropped_total", kCounter, "",
                 "Reads, logins and logouts that were not recorded: the engine refused them.",
                 OfFeed(&DailyfeedStats::activities_dropped)});
  all.push_back({"orphans_destroyed_total", kCounter, "",
                 "Personal keys of sign-ups that were refused.",
                 OfFeed(&DailyfeedStats::orphans_destroyed)});
  all.push_back({"orphans_waiting", kGauge, "", "Such keys not destroyed yet.",
                 OfFeed(&DailyfeedStats::orphans_waiting)});
  all.push_back({"search_loose_documents", kGauge, "",
                 "Posts and comments not in a segment of the index yet; every search scans them.",
                 OfFeed([](const DailyfeedStats& stats) { return stats.search.loose_documents; })});
  all.push_back({"search_segments", kGauge, "", "Segments of the index.",
                 OfFeed([](const DailyfeedStats& stats) { return stats.search.segments; })});
  all.push_back({"search_void_documents", kGauge, "",
                 "Documents of segments that were edited or deleted since.",
                 OfFeed([](const DailyfeedStats& stats) { return stats.search.void_documents; })});
  all.push_back({"search_memory_bytes", kGauge, "", "Memory the index holds.",
                 OfFeed([](const DailyfeedStats& stats) { return stats.search.memory_bytes; })});
  all.push_back({"searches_total", kCounter, "", "Full-text searches.",
                 OfFeed([](const DailyfeedStats& stats) { return stats.search.searches; })});
  all.push_back(
      {"searches_refused_total", kCounter, "", "Searches beyond search.query_work_max.",
       OfFeed([](const DailyfeedStats& stats) { return stats.search.searches_refused; })});
  all.push_back({"searches_failed_total", kCounter, "",
                 "Searches that met a damaged segment, or a store that failed.",
                 OfFeed([](const DailyfeedStats& stats) { return stats.search.searches_failed; })});
  all.push_back({"live_watches", kGauge, "", "Live streams under way.",
                 OfFeed([](const DailyfeedStats& stats) { return stats.live.watches; })});
  all.push_back({"live_watches_behind", kGauge, "",
                 "Live streams that are served from the log: slow, or resumed.",
                 OfFeed([](const DailyfeedStats& stats) { return stats.live.watches_behind; })});
  all.push_back({"live_items_total", kCounter, "", "Posts and activities handed to live streams.",
                 OfFeed([](const DailyfeedStats& stats) { return stats.live.items_offered; })});
  all.push_back({"live_events_skipped_total", kCounter, "",
                 "Damaged events of the log that live streams left out.",
                 OfFeed([](const DailyfeedStats& stats) { return stats.live.events_skipped; })});
  const auto of_pictures = [](uint64_t PictureStats::*field) {
    return Of(&Snapshot::feed,
              [field](const FeedSnapshot& feed) { return feed.feed.pictures.*field; });
  };
  all.push_back({"pictures_stored_total", kCounter, "", "Uploads whose files were stored.",
                 of_pictures(&PictureStats::prepared)});
  all.push_back({"pictures_refused_total", kCounter, "", "Uploads that were no pictures.",
                 of_pictures(&PictureStats::refused)});
  all.push_back({"picture_failures_total", kCounter, "",
                 "Uploads that failed for no fault of the file: storage, libvips.",
                 of_pictures(&PictureStats::failures)});
  all.push_back({"picture_files_removed_total", kCounter, "",
                 "Files that no picture uses any more.",
                 of_pictures(&PictureStats::files_removed)});
  all.push_back({"maintenance_failures_total", kCounter, "",
                 "Runs of the maintenance of keys and sessions that failed.",
                 OfFeed(&DailyfeedStats::maintenance_failures)});
  all.push_back({"withdrawals_waiting", kGauge, "",
                 "Withdrawals of members that wait for their answer.",
                 OfFeed(&DailyfeedStats::withdrawals_waiting)});
  all.push_back({"withdrawals_unerased", kGauge, "",
                 "Withdrawn members whose files are still to be rewritten.",
                 OfFeed(&DailyfeedStats::withdrawals_unerased)});
  all.push_back({"withdrawals_completed_total", kCounter, "",
                 "Withdrawn members of whom nothing is left.",
                 OfFeed(&DailyfeedStats::withdrawals_completed)});
  all.push_back({"withdrawal_failures_total", kCounter, "",
                 "Steps of withdrawals that failed and are tried again.",
                 OfFeed(&DailyfeedStats::withdrawal_failures)});
}

void AddIdentity(std::vector<Definition>& all) {
  all.push_back({"password_hashes_total", kCounter, "",
                 "Runs of argon2id: logins, sign-ups, changes of a password.",
                 OfIdentity(&IdentityStats::password_hashes)});
  all.push_back({"password_hashes_renewed_total", kCounter, "",
                 "Passwords hashed anew at a login, because argon2id's settings are others now.",
                 OfIdentity(&IdentityStats::password_hashes_renewed)});
  all.push_back({"sessions_opened_total", kCounter, "", "Logins that succeeded.",
                 OfIdentity(&IdentityStats::sessions_opened)});
  all.push_back({"sessions_refreshed_total", kCounter, "", "Refresh tokens exchanged.",
                 OfIdentity(&IdentityStats::sessions_refreshed)});
  all.push_back({"sessions_revoked_total", kCounter, "",
                 "Sessions ended before their time, for whatever reason.",
                 OfIdentity(&IdentityStats::sessions_revoked)});
  all.push_back({"refresh_tokens_refused_total", kCounter, "",
                 "Refresh tokens that were unknown, expired, revoked or just used.",
                 OfIdentity(&IdentityStats::refresh_tokens_refused)});
  all.push_back({"refresh_tokens_reused_total", kCounter, "",
                 "Spent refresh tokens that came back: somebody has a copy. Each has a line in "
                 "the log.",
                 OfIdentity(&IdentityStats::refresh_tokens_reused)});
  all.push_back({"session_revocations", kGauge, "",
                 "Ended sessions that access tokens are checked against.",
                 OfIdentity(&IdentityStats::revocations)});
  all.push_back({"clock_doubted", kGauge, "",
                 "1: the clock differs too much from the last known time, and sessions and signing "
                 "keys are not maintained.",
                 OfIdentity(&IdentityStats::clock_doubted)});
}

void AddCaches(std::vector<Definition>& all) {
  const std::string labels = "`cache`";
  all.push_back({"cache_hits_total", kCounter, labels, "Look-ups answered from memory.",
                 OfCaches(&Queries::CacheStats::hits)});
  all.push_back({"cache_misses_total", kCounter, labels, "Look-ups that read the store.",
                 OfCaches(&Queries::CacheStats::misses)});
  all.push_back({"cache_bytes", kGauge, labels, "Memory the cache holds.",
                 OfCaches(&Queries::CacheStats::bytes)});
  all.push_back({"cache_entries", kGauge, labels, "Entries the cache holds.",
                 OfCaches(&Queries::CacheStats::entries)});
}

void AddHttp(std::vector<Definition>& all) {
  const auto part = &Snapshot::server;
  all.push_back({"http_connections_open", kGauge, "", "Open connections of the API.",
                 Of(part, &http::ServerStats::connections_open)});
  all.push_back({"http_connections_accepted_total", kCounter, "", "Connections served.",
                 Of(part, &http::ServerStats::connections_accepted)});
  all.push_back({"http_connections_refused_total", kCounter, "",
                 "Connections told 503 because too many were open.",
                 Of(part, &http::ServerStats::connections_refused)});
  all.push_back({"http_requests_in_flight", kGauge, "", "Requests being handled.",
                 Of(part, &http::ServerStats::requests_in_flight)});
  all.push_back({"http_body_bytes", kGauge, "", "Memory that request bodies hold.",
                 Of(part, &http::ServerStats::body_bytes)});
  const std::string labels = "`method`, `route`, `status`";
  all.push_back({"http_requests_total", kCounter, labels,
                 "Answered requests. Status 499: the client cut the connection first.",
                 OfRequests(&RequestMetrics::Row::count)});
  all.push_back({"http_request_duration_seconds", kHistogram, labels,
                 "From the first byte of a request to the last of its answer.", CollectDurations});
  all.push_back({"http_request_bytes_total", kCounter, labels, "Received, headers included.",
                 OfRequests(&RequestMetrics::Row::bytes_in)});
  all.push_back({"http_response_bytes_total", kCounter, labels, "Sent, headers included.",
                 OfRequests(&RequestMetrics::Row::bytes_out)});
  all.push_back({"http_errors_total", kCounter, "`error_code`",
                 "Answers that were errors, by symbolic code.", CollectErrors});
  all.push_back({"logger_lines_dropped_total", kCounter, "",
                 "Log lines lost because the log could not be written fast enough.",
                 [](const Snapshot& snapshot, Metrics& out) {
                   AddSample({}, ToDouble(snapshot.log_lines_dropped), out);
                 }});
}

template <typename Member>
auto OfRelay(Member member) {
  return Of(&Snapshot::relay, member);
}

void AddRelay(std::vector<Definition>& all) {
  all.push_back(
      {"relay_health", kGauge, "",
       "Sending to Kafka: 0 healthy, 1 caution, 2 critical; /readyz says why.",
       OfRelay([](const kafka::RelayStats& relay) { return static_cast<int>(relay.health); })});
  all.push_back(
      {"relay_broker_away", kGauge, "", "1 while the broker does not answer.",
       OfRelay([](const kafka::RelayStats& relay) { return relay.broker_away ? 1 : 0; })});
  all.push_back({"relay_oldest_unsent_seconds", kGauge, "",
                 "The age of the oldest event that is not on Kafka yet.",
                 OfRelay([](const kafka::RelayStats& relay) {
                   return absl::ToDoubleSeconds(relay.oldest_unsent);
                 })});
  all.push_back({"relay_backlog_events", kGauge, "", "Events that are not on Kafka yet.",
                 OfRelay(&kafka::RelayStats::backlog)});
  all.push_back({"relay_in_flight_messages", kGauge, "", "Messages sent and not acknowledged.",
                 OfRelay(&kafka::RelayStats::in_flight)});
  all.push_back({"relay_messages_sent_total", kCounter, "", "Messages handed to the client.",
                 OfRelay(&kafka::RelayStats::sent)});
  all.push_back({"relay_messages_acknowledged_total", kCounter, "",
                 "Messages that the broker acknowledged.",
                 OfRelay(&kafka::RelayStats::acknowledged)});
  all.push_back({"relay_messages_repeated_total", kCounter, "",
                 "Messages handed over again without having been acknowledged.",
                 OfRelay(&kafka::RelayStats::repeated)});
  all.push_back({"relay_lost_after_ack_total", kCounter, "",
                 "Messages sent again because the broker had lost them.",
                 OfRelay(&kafka::RelayStats::lost_after_ack)});
  all.push_back({"relay_messages_refused_total", kCounter, "",
                 "Messages put off because their topic is refused.",
                 OfRelay(&kafka::RelayStats::refused)});
  all.push_back({"relay_messages_withheld_total", kCounter, "",
                 "Messages of days that have no topic.", OfRelay(&kafka::RelayStats::withheld)});
  all.push_back({"relay_dead_letters", kGauge, "", "Messages that the broker will never take.",
                 OfRelay(&kafka::RelayStats::letters)});
  all.push_back({"relay_ranges", kGauge, "", "Ranges of positions that wait for a topic.",
                 OfRelay(&kafka::RelayStats::jobs)});
  all.push_back({"relay_producer_rebuilds_total", kCounter, "",
                 "Producers made again after a failure.",
                 OfRelay(&kafka::RelayStats::producer_rebuilds)});
  all.push_back({"relay_store_failures_total", kCounter, "",
                 "Writes that the relay's store refused.",
                 OfRelay(&kafka::RelayStats::store_failures)});
  all.push_back({"relay_windows_full", kGauge, "",
                 "Partitions that are passed by because too much is in flight.",
                 OfRelay(&kafka::RelayStats::windows_full)});
}

const std::vector<Definition>& Definitions() {
  static const std::vector<Definition>* const definitions = [] {
    auto* all = new std::vector<Definition>;
    AddProcess(*all);
    AddLog(*all);
    AddStorage(*all);
    AddProjections(*all);
    AddIdentity(*all);
    AddCaches(*all);
    AddHttp(*all);
    AddRelay(*all);
    for (Definition& definition : *all) definition.name = "dailyfeed_" + definition.name;
    return all;
  }();
  return *definitions;
}

std::string_view TypeName(MetricType type) {
  if (type == kCounter) return "counter";
  return type == kHistogram ? "histogram" : "gauge";
}

}  // namespace

std::string MetricsText(const Snapshot& snapshot) {
  std::vector<prometheus::MetricFamily> families;
  for (const Definition& definition : Definitions()) {
    prometheus::MetricFamily family;
    definition.collect(snapshot, family.metric);
    if (family.metric.empty()) continue;
    family.name = definition.name;
    family.help = definition.help;
    family.type = definition.type;
    families.push_back(std::move(family));
  }
  std::ostringstream out;
  prometheus::TextSerializer().Serialize(out, families);
  return out.str();
}

std::string MetricsReference() {
  std::string table = "| metric | type | labels | meaning |\n|---|---|---|---|\n";
  for (const Definition& definition : Definitions()) {
    table += fmt::format("| `{}` | {} | {} | {} |\n", definition.name, TypeName(definition.type),
                         definition.labels, definition.help);
  }
  return table;
}

}  // namespace dailyfeed::monitor

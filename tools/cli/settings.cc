#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <utility>

#include "adapters/embedded/option_bounds.h"
#include "tools/cli/config.h"
#include "tools/cli/setting_kinds.h"

namespace dailyfeed::cli {
namespace {

constexpr absl::Duration kNone = absl::ZeroDuration();
constexpr absl::Duration kNotNone = absl::Milliseconds(1);

// The gateway's own; those of the engine and the stores are in option_bounds.h.
constexpr uint64_t kConnectionsMax = 1'000'000;
constexpr uint64_t kHeaderBytesMax = 16 * kMiB;
constexpr uint64_t kHeaderFieldsMax = 100'000;
constexpr uint64_t kBodyBytesMax = kGiB;
constexpr uint64_t kPageRowsMax = 10'000;
constexpr uint64_t kIdsMax = 100'000;
constexpr uint64_t kLoginsMax = 1'000'000'000;
constexpr uint64_t kRememberedMax = 100'000'000;

#define FIELD(type, path) [](ServeConfig& config) -> type& { return config.path; }

void AddGateway(std::vector<Setting>& all) {
  all.push_back(Text("data_directory", FIELD(std::string, feed.data_directory),
                     "The directory that holds everything; --data-dir."));
  all.push_back(Text("time_zone", FIELD(std::string, feed.time_zone),
                     "The zone of every shown time and of the days of the log. A directory "
                     "keeps the one it was made with; with another it is not opened."));
  all.push_back(Address("http.address", FIELD(std::string, http_address),
                        "HOST:PORT of the API; --http. An empty host is every IPv4 address, "
                        "[::] is every address, a name is its first IPv4 address, or its first."));
  all.push_back(
      Address("monitor.address", FIELD(std::string, monitor_address),
              "HOST:PORT of health, metrics and diagnostics; --monitor. Keep it private."));
  all.push_back(Access("log.requests", FIELD(http::AccessLog, access_log),
                       "Which answered requests get a line in the log: all, errors, none."));
  all.push_back(Number<size_t>("log.lines_waiting_max", "lines", FIELD(size_t, log_lines_max),
                               {1, bounds::kWaitingMax},
                               "Lines of the log waiting for the reader of stderr; beyond they are "
                               "dropped and counted."));
  all.push_back(Number<size_t>(
      "stores.descriptors_reserve", "descriptors", FIELD(size_t, descriptors_reserve),
      {32, kConnectionsMax},
      "File descriptors kept for files that the stores open while serving; connections get what is "
      "left of the limit of the process. Too little left: the server does not start."));
  all.push_back(Number<int>("http.threads", "threads", FIELD(int, server.threads),
                            {0, http::ServerOptions::kThreadsMax},
                            "I/O threads; 0 is one a core."));
  all.push_back(Number<size_t>("http.connections_max", "connections",
                               FIELD(size_t, server.connections_max), {1, kConnectionsMax},
                               "Open connections; one more takes the place of the one that has "
                               "been idle longest, or is answered 503 and closed. Lowered at the "
                               "start to what the limit of file descriptors leaves."));
  all.push_back(Number<size_t>(
      "http.connections_per_address_max", "connections",
      FIELD(size_t, server.connections_per_address_max), {0, kConnectionsMax},
      "Open connections of one address (of one /64 of IPv6); beyond: 503. 0: off. A trusted proxy "
      "is not limited, nor is a loopback or private address, which may be a proxy."));
  all.push_back(Duration("http.idle_yield_after", FIELD(absl::Duration, server.idle_yield_after),
                         kNone,
                         "A connection that has been idle for so long is closed for a new one when "
                         "there are http.connections_max."));
  all.push_back(Bytes("http.header_bytes_max", FIELD(size_t, server.header_bytes_max),
                      {512, kHeaderBytesMax}, "Request line and headers; beyond: 431."));
  all.push_back(Number<size_t>("http.header_fields_max", "fields",
                               FIELD(size_t, server.header_fields_max), {1, kHeaderFieldsMax},
                               "Header fields of one request; beyond: 431."));
  all.push_back(Bytes("http.body_bytes_in_flight_max",
                      FIELD(size_t, server.body_bytes_in_flight_max),
                      {kMiB, bounds::kCacheBytesMax},
                      "Memory of request bodies held at once, all requests together; beyond: 503 "
                      "with Retry-After. An eighth of it is kept for small bodies."));
  all.push_back(Bytes("http.small_body_bytes_max", FIELD(size_t, server.small_body_bytes_max),
                      {0, kBodyBytesMax}, "A body up to this size is small."));
  all.push_back(Bytes("http.body_bytes_per_address_max",
                      FIELD(size_t, server.body_bytes_per_address_max), {0, bounds::kCacheBytesMax},
                      "The same for the larger bodies of one address (of one /64 of IPv6); 0: off. "
                      "A trusted proxy that names no client is not limited."));
  all.push_back(Number<size_t>(
      "http.requests_in_flight_max", "requests", FIELD(size_t, server.requests_in_flight_max),
      {1, bounds::kWaitingMax}, "Requests being handled; beyond: 503 with Retry-After."));
  all.push_back(Duration("http.request_timeout", FIELD(absl::Duration, server.request_timeout),
                         kNotNone,
                         "For a client to send one request; beyond: 408. A body gives more, see "
                         "http.body_bytes_per_second_min."));
  all.push_back(Bytes("http.body_bytes_per_second_min",
                      FIELD(size_t, server.body_bytes_per_second_min), {1, kBodyBytesMax},
                      "So many bytes of a body that have come give the client a second more than "
                      "http.request_timeout: a slow upload succeeds that is no slower."));
  all.push_back(Duration("http.body_pause_max", FIELD(absl::Duration, server.body_pause_max),
                         kNotNone,
                         "For a client to send nothing of a body that it has begun, however much "
                         "came before; beyond: 408."));
  all.push_back(Duration("http.idle_timeout", FIELD(absl::Duration, server.idle_timeout), kNotNone,
                         "Between two requests of one connection; then it is closed."));
  all.push_back(Duration("http.write_timeout", FIELD(absl::Duration, server.write_timeout),
                         kNotNone, "For a client to take one answer; then the connection is cut."));
  all.push_back(Duration("http.drain_timeout", FIELD(absl::Duration, drain_timeout), kNotNone,
                         "For requests in flight to end after SIGTERM; then they are cut."));
}

void AddServer(std::vector<Setting>& all) {
  all.push_back(Number<size_t>("http.refusals_at_once_max", "connections",
                               FIELD(size_t, server.refusals_at_once_max), {0, kConnectionsMax},
                               "Connections above http.connections_max that are told 503; beyond "
                               "they are closed without a word."));
  all.push_back(Duration("http.linger_timeout", FIELD(absl::Duration, server.linger_timeout),
                         kNotNone,
                         "How long a client may go on sending what nobody wants any more, so that "
                         "it reads its answer before the connection is closed."));
  all.push_back(Bytes("http.linger_bytes_max", FIELD(size_t, server.linger_bytes_max),
                      {0, bounds::kBatchBytesMax}, "How much of that is read and dropped."));
  all.push_back(Number<size_t>("monitor.connections_max", "connections",
                               FIELD(size_t, monitor.connections_max), {1, kConnectionsMax},
                               "Open connections to the monitor; one more is answered 503 and "
                               "closed."));
  all.push_back(Number<size_t>(
      "monitor.requests_in_flight_max", "requests", FIELD(size_t, monitor.requests_in_flight_max),
      {1, bounds::kWaitingMax}, "Requests to the monitor being handled; beyond: 503."));
  all.push_back(Duration("monitor.request_timeout", FIELD(absl::Duration, monitor.request_timeout),
                         kNotNone, "As http.request_timeout."));
  all.push_back(Duration("monitor.idle_timeout", FIELD(absl::Duration, monitor.idle_timeout),
                         kNotNone, "As http.idle_timeout."));
  all.push_back(Duration("monitor.write_timeout", FIELD(absl::Duration, monitor.write_timeout),
                         kNotNone, "As http.write_timeout."));
  all.push_back(
      Number<size_t>("control.clients_max", "clients", FIELD(size_t, control.clients_max),
                     {1, bounds::kThreadsMax},
                     "Operators that the control socket answers at once; further ones wait."));
  all.push_back(Bytes("control.request_bytes_max", FIELD(size_t, control.request_bytes_max),
                      {kKiB, kHeaderBytesMax}, "The line that an operator's client sends."));
  all.push_back(Duration("control.request_timeout", FIELD(absl::Duration, control.request_timeout),
                         kNotNone, "For that line to come; then the connection is closed."));
  all.push_back(Duration("control.write_timeout", FIELD(absl::Duration, control.write_timeout),
                         kNotNone,
                         "For the client to take each line of an answer; then the "
                         "command ends."));
  all.push_back(Duration("monitor.profile_time_max",
                         FIELD(absl::Duration, monitor.profile_time_max), absl::Seconds(1),
                         "The longest CPU profile that may be asked for; beyond: 400."));
}

void AddApi(std::vector<Setting>& all) {
  all.push_back(Origins("api.cors_origins", FIELD(std::vector<std::string>, api.cors_origins),
                        "Browser origins that may call the API, as they are sent: scheme://host, "
                        "or scheme://host:port."));
  all.push_back(Addresses("api.trusted_proxies",
                          FIELD(std::vector<std::string>, api.trusted_proxies),
                          "IP addresses, one by one, whose X-Forwarded-For is believed."));
  all.push_back(Switch("api.secure_cookies", FIELD(bool, api.secure_cookies),
                       "Refresh cookies only over HTTPS. false is for development over HTTP."));
  all.push_back(Text("api.default_cover_url", FIELD(std::string, api.default_cover_url),
                     "The cover picture of members who have none."));
  all.push_back(Bytes("api.body_bytes_max", FIELD(size_t, api.body_bytes_max), {1, kBodyBytesMax},
                      "A request body; beyond: 413."));
  all.push_back(Number<uint32_t>("api.page_size_max", "rows", FIELD(uint32_t, api.page_size_max),
                                 {1, kPageRowsMax},
                                 "Rows of one page; a larger size is served as this many."));
  all.push_back(Number<uint32_t>("api.ids_max", "ids", FIELD(uint32_t, api.ids_max), {1, kIdsMax},
                                 "Ids in one request; beyond: 400."));
  all.push_back(Number<int>("api.password_threads", "threads", FIELD(int, api.password_threads),
                            {1, bounds::kThreadsMax},
                            "Threads that hash passwords; each takes a core while it does."));
  all.push_back(Number<size_t>("api.password_queue_max", "requests",
                               FIELD(size_t, api.password_queue_max), {1, bounds::kWaitingMax},
                               "Logins and signups waiting for them; beyond: 503."));
  all.push_back(Number<size_t>(
      "api.password_jobs_per_address_max", "requests",
      FIELD(size_t, api.password_jobs_per_address_max), {0, bounds::kWaitingMax},
      "Logins, signups and changes of a password of one address, waiting or worked on; beyond: 503 "
      "for this address. 0: off. A trusted proxy that names no client is not limited."));
  all.push_back(Number<int>("api.session_threads", "threads", FIELD(int, api.session_threads),
                            {1, bounds::kThreadsMax},
                            "Threads that write sessions: refresh and logout."));
  all.push_back(Number<size_t>("api.session_queue_max", "requests",
                               FIELD(size_t, api.session_queue_max), {1, bounds::kWaitingMax},
                               "Refreshes and logouts waiting for them; beyond: 503."));
  all.push_back(Number<int>("search.threads", "threads", FIELD(int, api.search_threads),
                            {1, bounds::kThreadsMax}, "Searches worked on at once."));
  all.push_back(Number<size_t>("search.queue_max", "requests", FIELD(size_t, api.search_queue_max),
                               {1, bounds::kWaitingMax},
                               "Searches waiting for them; beyond: 503."));
  all.push_back(Number<size_t>(
      "search.jobs_per_member_max", "requests", FIELD(size_t, api.search_jobs_per_member_max),
      {0, bounds::kWaitingMax},
      "Searches of one member, waiting or worked on; beyond: 503 for this member. 0: off."));
  all.push_back(Number<int>("api.picture_threads", "threads", FIELD(int, api.picture_threads),
                            {1, bounds::kThreadsMax}, "Uploaded pictures worked on at once."));
  all.push_back(Number<size_t>("api.picture_queue_max", "requests",
                               FIELD(size_t, api.picture_queue_max), {1, bounds::kWaitingMax},
                               "Uploads waiting for them; beyond: 503."));
  all.push_back(Number<size_t>(
      "api.picture_jobs_per_member_max", "requests", FIELD(size_t, api.picture_jobs_per_member_max),
      {0, bounds::kWaitingMax},
      "Uploads of one member, waiting or worked on; beyond: 503 for this member. 0: off."));
  all.push_back(Bytes("api.upload_overhead_bytes_max", FIELD(size_t, api.upload_overhead_bytes_max),
                      {kKiB, kBodyBytesMax},
                      "What an upload may have around its file: boundaries, other fields."));
  all.push_back(Number<uint32_t>(
      "api.failed_logins_max", "logins", FIELD(uint32_t, api.failed_logins_max), {0, kLoginsMax},
      "Failed logins of one e-mail in the window; beyond: 429. 0: off."));
  all.push_back(Number<uint32_t>(
      "api.failed_logins_per_address_max", "logins",
      FIELD(uint32_t, api.failed_logins_per_address_max), {0, kLoginsMax},
      "Failed logins of one address in the window; beyond: 429. 0: off. A trusted proxy that "
      "names no client is not limited."));
  all.push_back(Duration("api.failed_logins_window",
                         FIELD(absl::Duration, api.failed_logins_window), kNotNone,
                         "The window of the limits of failed logins."));
  all.push_back(
      Duration("api.failed_login_delay_step", FIELD(absl::Duration, api.failed_login_delay_step),
               kNone, "How much later the answer to each further failed login comes. 0: at once."));
  all.push_back(Duration("api.failed_login_delay_max",
                         FIELD(absl::Duration, api.failed_login_delay_max), kNone,
                         "The most that such an answer is held back."));
  all.push_back(Number<size_t>("api.delayed_answers_max", "answers",
                               FIELD(size_t, api.delayed_answers_max), {1, bounds::kWaitingMax},
                               "Answers held back at once; beyond: 503."));
  all.push_back(Number<size_t>("api.failed_logins_remembered_max", "e-mails, addresses",
                               FIELD(size_t, api.failed_logins_remembered_max), {1, kRememberedMax},
                               "Whose failed logins are counted, of each kind; of more the oldest "
                               "are forgotten."));
  all.push_back(Bytes("api.stream_bytes_max", FIELD(size_t, api.stream_bytes_max),
                      {kKiB, kBodyBytesMax},
                      "What waits for a slow client of a live stream; the rest waits in the log."));
  all.push_back(Duration("api.stream_heartbeat", FIELD(absl::Duration, api.stream_heartbeat),
                         kNotNone, "A live stream with nothing to say says so this often."));
  all.push_back(Switch("api.start_page", FIELD(bool, api.start_page),
                       "A page at / with the state of the system, the API to try, and the sample "
                       "logins when there are any. For development."));
  all.push_back(Text("api.sample_logins_file", FIELD(std::string, api.sample_logins_file),
                     "The logins the start page shows; empty: sample-logins.json in the data "
                     "directory."));
}

void AddCore(std::vector<Setting>& all) {
  all.push_back(Number<size_t>("engine.queue_capacity", "commands",
                               FIELD(size_t, feed.engine.queue_capacity), {1, bounds::kWaitingMax},
                               "Commands waiting for the log; beyond: 503 with Retry-After."));
  all.push_back(Number<size_t>("engine.batch_commands_max", "commands",
                               FIELD(size_t, feed.engine.batch_commands_max),
                               {1, bounds::kWaitingMax}, "Commands that share one sync."));
  all.push_back(Bytes("engine.batch_bytes_max", FIELD(size_t, feed.engine.batch_bytes_max),
                      {kKiB, bounds::kBatchBytesMax},
                      "Bytes of events and stored answers that share one sync."));
  all.push_back(Bytes("engine.stored_answers_bytes_max",
                      FIELD(size_t, feed.engine.stored_answers_bytes_max),
                      {0, bounds::kBatchBytesMax},
                      "Answers for repeats of an Idempotency-Key that wait to be written; beyond, "
                      "a repeat is answered from the present state."));
  all.push_back(Number<size_t>("engine.row_cache_entries", "rows",
                               FIELD(size_t, feed.engine.row_cache_entries), {2, bounds::kRowsMax},
                               "Rows of decision state kept in memory."));
  all.push_back(Duration("engine.background_delay",
                         FIELD(absl::Duration, feed.engine.background_delay), kNone,
                         "How long a view count waits for a batch of other commands."));
  all.push_back(Duration("engine.idempotency_retention",
                         FIELD(absl::Duration, feed.engine.idempotency_retention), kNotNone,
                         "How long the answer to an Idempotency-Key is remembered."));
  all.push_back(Number<uint32_t>("limits.post_title_max", "UTF-16 units",
                                 FIELD(uint32_t, feed.engine.limits.post_title_max),
                                 {1, bounds::kTextMax}, "The title of a post."));
  all.push_back(Number<uint32_t>("limits.post_content_max", "UTF-16 units",
                                 FIELD(uint32_t, feed.engine.limits.post_content_max),
                                 {1, bounds::kTextMax}, "The text of a post."));
  all.push_back(Number<uint32_t>("limits.comment_content_max", "UTF-16 units",
                                 FIELD(uint32_t, feed.engine.limits.comment_content_max),
                                 {1, bounds::kTextMax}, "The text of a comment."));
  all.push_back(Number<uint32_t>("limits.comment_depth_max", "levels",
                                 FIELD(uint32_t, feed.engine.limits.comment_depth_max),
                                 {0, bounds::kDepthMax}, "How deep replies nest below a comment."));
  all.push_back(Number<uint32_t>(
      "limits.followings_max", "members", FIELD(uint32_t, feed.engine.limits.followings_max),
      {1, bounds::kFollowingsMax}, "How many members one member can follow."));
  all.push_back(Number<uint32_t>("popularity.view_weight", "points",
                                 FIELD(uint32_t, feed.popularity.view_weight),
                                 {0, bounds::kWeightMax},
                                 "What a view adds to the score of a post. Another weight has the "
                                 "ranked lists built anew at the next start."));
  all.push_back(Number<uint32_t>("popularity.like_weight", "points",
                                 FIELD(uint32_t, feed.popularity.like_weight),
                                 {0, bounds::kWeightMax}, "What a like adds to it."));
  all.push_back(
      Number<size_t>("runtime.pending_batches_max", "batches",
                     FIELD(size_t, feed.runtime.pending_batches_max), {1, bounds::kBatchesMax},
                     "Committed batches waiting for the read models; then the log waits."));
  all.push_back(Number<size_t>(
      "runtime.catch_up_batch_events", "events", FIELD(size_t, feed.runtime.catch_up_batch_events),
      {1, bounds::kWaitingMax}, "Events a write while read models catch up."));
  all.push_back(Number<size_t>("live.watches_max", "streams", FIELD(size_t, feed.live.watches_max),
                               {1, bounds::kWaitingMax}, "Live streams at a time; beyond: 503."));
  all.push_back(Number<size_t>(
      "live.watches_per_member_max", "streams", FIELD(size_t, feed.live.watches_per_member_max),
      {1, bounds::kWaitingMax}, "Live streams of one member; beyond: 429."));
  all.push_back(Bytes("live.waiting_bytes_max", FIELD(size_t, feed.live.waiting_bytes_max),
                      {0, bounds::kCacheBytesMax},
                      "The newest events in memory for the live streams; older ones are read from "
                      "the log."));
  all.push_back(Number<uint64_t>("live.resume_events_max", "events",
                                 FIELD(uint64_t, feed.live.resume_events_max),
                                 {0, bounds::kEventsWaitingMax},
                                 "How far back a live stream may begin; one that asks for more "
                                 "begins now, and `ready` says `gap`."));
  all.push_back(Number<size_t>("live.slice_events", "events", FIELD(size_t, feed.live.slice_events),
                               {1, bounds::kWaitingMax},
                               "Events read at a time for the streams that have fallen behind."));
  all.push_back(Duration("live.tick", FIELD(absl::Duration, feed.live.tick), kNotNone,
                         "How often live streams check their sessions."));
  all.push_back(Bytes("runtime.row_cache_bytes", FIELD(size_t, feed.runtime.row_cache_bytes),
                      {0, bounds::kCacheBytesMax},
                      "Rows kept in memory for each generation of a read model that is fed."));
  all.push_back(Number<uint64_t>("runtime.build_events_per_second_max", "events per second",
                                 FIELD(uint64_t, feed.runtime.build_events_per_second_max),
                                 {0, bounds::kBuildRateMax},
                                 "How many events a second a build of new read models folds; 0: "
                                 "no limit."));
  all.push_back(Duration("runtime.read_view_max", FIELD(absl::Duration, feed.runtime.read_view_max),
                         kNotNone,
                         "How long a query may read a moment that is no longer the newest; erasure "
                         "waits for it no longer."));
}

void AddMemoryAndDisk(std::vector<Setting>& all) {
  all.push_back(Bytes("caches.post_bytes_max", FIELD(size_t, feed.caches.post_bytes_max),
                      {0, bounds::kCacheBytesMax}, "Posts and their counts kept in memory."));
  all.push_back(Bytes("caches.member_bytes_max", FIELD(size_t, feed.caches.member_bytes_max),
                      {0, bounds::kCacheBytesMax}, "Profiles kept in memory."));
  all.push_back(Number<uint64_t>(
      "search.loose_documents_max", "documents", FIELD(uint64_t, feed.search.loose_documents_max),
      {1, bounds::kLooseDocumentsMax},
      "Posts, and comments, that every search scans before they are sealed into a segment of the "
      "index. At four times as many, commands wait for a seal."));
  all.push_back(Bytes("search.loose_bytes_max", FIELD(uint64_t, feed.search.loose_bytes_max),
                      {1, bounds::kBatchBytesMax}, "The same, in bytes of their texts."));
  all.push_back(Bytes(
      "search.segment_text_bytes_max", FIELD(uint64_t, feed.search.segment_text_bytes_max),
      {1, bounds::kBatchBytesMax}, "Texts of one segment, which stands for up to 262144 ids."));
  all.push_back(Bytes("search.cache_bytes_max", FIELD(size_t, feed.search.cache_bytes_max),
                      {0, bounds::kCacheBytesMax}, "Rows of segments kept in memory."));
  all.push_back(Number<uint64_t>(
      "search.query_work_max", "steps", FIELD(uint64_t, feed.search.query_work_max),
      {1, bounds::kQueryWorkMax},
      "Posting lists read and documents compared by one search; beyond, it is answered with "
      "503."));
  all.push_back(Bytes("caches.author_heads_bytes_max",
                      FIELD(size_t, feed.caches.author_heads_bytes_max),
                      {0, bounds::kCacheBytesMax},
                      "The newest post ids of each author, kept in memory for feeds."));
  all.push_back(Bytes("caches.activity_heads_bytes_max",
                      FIELD(size_t, feed.caches.activity_heads_bytes_max),
                      {0, bounds::kCacheBytesMax},
                      "The newest activities of each member that their followers are shown, kept "
                      "in memory."));
  all.push_back(Bytes("caches.followings_bytes_max",
                      FIELD(size_t, feed.caches.followings_bytes_max), {0, bounds::kCacheBytesMax},
                      "Whom a member follows, kept in memory for feeds."));
  all.push_back(Bytes("caches.likes_bytes_max", FIELD(size_t, feed.caches.likes_bytes_max),
                      {0, bounds::kCacheBytesMax},
                      "Which posts a member likes, kept in memory for feeds."));
  all.push_back(Bytes("caches.rankings_bytes_max", FIELD(size_t, feed.caches.rankings_bytes_max),
                      {0, bounds::kCacheBytesMax},
                      "The first rows of ranked lists kept in memory, all lists together."));
  all.push_back(Number<size_t>("caches.ranking_rows_max", "rows",
                               FIELD(size_t, feed.caches.ranking_rows_max),
                               {0, bounds::kRankingRowsMax}, "The same, of each list."));
  all.push_back(Bytes("caches.home_feeds_bytes_max",
                      FIELD(size_t, feed.caches.home_feeds_bytes_max), {0, bounds::kCacheBytesMax},
                      "Windows of follow feeds that posts are written into, kept in memory; 0: "
                      "every feed is merged when it is read."));
  all.push_back(Number<size_t>(
      "caches.home_feed_rows_max", "posts", FIELD(size_t, feed.caches.home_feed_rows_max),
      {0, bounds::kHomeFeedRowsMax}, "The same, of each member; 0 as above."));
  all.push_back(Number<uint64_t>("caches.home_feed_followers_max", "followers",
                                 FIELD(uint64_t, feed.caches.home_feed_followers_max),
                                 {0, bounds::kFollowersMax},
                                 "Posts of authors with more followers are not written into "
                                 "windows but merged when a feed is read; 0 as above."));
  all.push_back(Number<size_t>("caches.deep_pages_max", "pages",
                               FIELD(size_t, feed.caches.deep_pages_max),
                               {1, bounds::kDeepPagesMax},
                               "Pages by number beyond row 10,000 that are read at a time; beyond: "
                               "503."));
  all.push_back(Bytes("caches.member_names_bytes_max",
                      FIELD(size_t, feed.caches.member_names_bytes_max),
                      {0, bounds::kCacheBytesMax},
                      "Names of all members in memory, for searches for members; when they take "
                      "more: 503."));
  all.push_back(Bytes("caches.tags_bytes_max", FIELD(size_t, feed.caches.tags_bytes_max),
                      {0, bounds::kCacheBytesMax},
                      "Tags in memory, for suggestions; those that are used least go first."));
  all.push_back(Bytes("log.event_memtable_bytes", FIELD(size_t, feed.log.event_memtable_bytes),
                      {kMiB, bounds::kMemtableBytesMax},
                      "Events in memory before a file of the log is written."));
  all.push_back(Bytes("log.block_cache_bytes", FIELD(size_t, feed.log.block_cache_bytes),
                      {0, bounds::kCacheBytesMax}, "Blocks of the log kept in memory."));
  all.push_back(Bytes("log.wal_bytes_max", FIELD(size_t, feed.log.wal_bytes_max),
                      {kMiB, bounds::kWalBytesMax},
                      "The write-ahead log; bounds the time of a recovery."));
  all.push_back(Bytes("log.wal_ahead_bytes", FIELD(size_t, feed.log.wal_ahead_bytes),
                      {32 * kKiB, bounds::kWalAheadBytesMax},
                      "Steps in which the write-ahead log grows, rounded up to 32 KiB."));
  all.push_back(Bytes("views.memtable_bytes", FIELD(size_t, feed.views.memtable_bytes),
                      {kMiB, bounds::kMemtableBytesMax},
                      "Rows of read models in memory before a file is written."));
  all.push_back(Bytes("views.block_cache_bytes", FIELD(size_t, feed.views.block_cache_bytes),
                      {0, bounds::kCacheBytesMax}, "Blocks of read models kept in memory."));
  all.push_back(Bytes("secrets.memtable_bytes", FIELD(size_t, feed.secrets.memtable_bytes),
                      {kMiB, bounds::kMemtableBytesMax},
                      "Passwords, sessions and keys in memory before a file is written."));
  all.push_back(Bytes("secrets.block_cache_bytes", FIELD(size_t, feed.secrets.block_cache_bytes),
                      {0, bounds::kCacheBytesMax},
                      "Blocks of passwords, sessions and keys kept in memory."));
}

void AddPictures(std::vector<Setting>& all) {
  all.push_back(Bytes("disk.reserve_bytes", FIELD(size_t, feed.disk.reserve_bytes),
                      {0, bounds::kCacheBytesMax},
                      "Room that stays free on the disk: below twice of it uploads are answered "
                      "503, below it every command. 0: never."));
  all.push_back(Duration("disk.check_interval", FIELD(absl::Duration, feed.disk.check_interval),
                         kNotNone,
                         "How often the free room is looked at; in between the reserve takes what "
                         "is written."));
  all.push_back(Text("pictures.directory", FIELD(std::string, feed.pictures.directory),
                     "Where the files of pictures are; empty: pictures in the data directory."));
  all.push_back(Bytes("pictures.file_bytes_max",
                      FIELD(size_t, feed.pictures.processor.file_bytes_max),
                      {1, bounds::kPictureBytesMax}, "An uploaded file; beyond: 413."));
  all.push_back(Number<uint64_t>("pictures.pixels_max", "pixels",
                                 FIELD(uint64_t, feed.pictures.processor.pixels_max),
                                 {1, bounds::kPixelsMax},
                                 "Width by height of an uploaded picture, checked before it is "
                                 "decoded. Decoding takes up to 10 bytes for each."));
  all.push_back(Number<uint32_t>("pictures.side_pixels_max", "pixels",
                                 FIELD(uint32_t, feed.pictures.processor.side_pixels_max),
                                 {1, bounds::kPictureSideMax},
                                 "The longer side of an uploaded picture, checked before it is "
                                 "decoded: scaling works on whole rows."));
  all.push_back(Number<uint32_t>(
      "pictures.box_pixels", "pixels", FIELD(uint32_t, feed.pictures.processor.box_pixels),
      {1, bounds::kSideMax}, "The longer side of a stored picture, at most."));
  all.push_back(Number<uint32_t>("pictures.thumbnail_pixels", "pixels",
                                 FIELD(uint32_t, feed.pictures.processor.thumbnail_pixels),
                                 {1, bounds::kSideMax}, "Both sides of a thumbnail."));
  all.push_back(Number<int>("pictures.threads", "threads",
                            FIELD(int, feed.pictures.processor.threads), {1, bounds::kThreadsMax},
                            "Threads for one picture, beside those of api.picture_threads."));
  all.push_back(Duration("pictures.decode_timeout",
                         FIELD(absl::Duration, feed.pictures.processor.decode_timeout), kNotNone,
                         "How long one picture may take in its process; beyond: the process is "
                         "killed and the picture refused."));
  all.push_back(Bytes("pictures.memory_bytes_max",
                      FIELD(uint64_t, feed.pictures.processor.memory_bytes_max),
                      {bounds::kPictureMemoryMin, bounds::kCacheBytesMax},
                      "Memory of a process that decodes pictures, of which there are "
                      "api.picture_threads; a picture that needs more is refused."));
  all.push_back(Duration("pictures.sweep_interval",
                         FIELD(absl::Duration, feed.pictures.sweep_interval), absl::Seconds(1),
                         "How often files are looked for that no picture uses."));
  all.push_back(Duration("pictures.sweep_grace", FIELD(absl::Duration, feed.pictures.sweep_grace),
                         kNone, "How old such a file must be before it is removed."));
}

void AddIdentity(std::vector<Setting>& all) {
  all.push_back(Duration("maintenance_interval", FIELD(absl::Duration, feed.maintenance_interval),
                         kNotNone,
                         "How often signing keys, sessions and left-overs are looked after."));
  all.push_back(Number<size_t>(
      "withdrawals_waiting_max", "withdrawals", FIELD(size_t, feed.withdrawals_waiting_max),
      {1, bounds::kWaitingMax}, "Withdrawals of members that wait for their answer; beyond: 503."));
  all.push_back(Number<size_t>("withdrawals_unerased_max", "withdrawals",
                               FIELD(size_t, feed.withdrawals_unerased_max),
                               {1, bounds::kWaitingMax},
                               "Withdrawals that are answered and whose files are rewritten "
                               "together, when nobody waits or there are so many."));
  all.push_back(Number<size_t>("orphans_waiting_max", "sign-ups",
                               FIELD(size_t, feed.orphans_waiting_max), {1, bounds::kWaitingMax},
                               "Refused sign-ups whose key and password are still to be destroyed; "
                               "of more they stay, of use to nobody."));
  all.push_back(Duration("identity.access_token_lifetime",
                         FIELD(absl::Duration, feed.identity.access_token_lifetime),
                         absl::Seconds(1), "How long an access token is valid."));
  all.push_back(Duration("identity.refresh_token_lifetime",
                         FIELD(absl::Duration, feed.identity.refresh_token_lifetime),
                         absl::Seconds(1), "How long a refresh token is valid."));
  all.push_back(Duration("identity.refresh_leeway",
                         FIELD(absl::Duration, feed.identity.refresh_leeway), kNone,
                         "How long the last spent refresh token of a session may come again, from "
                         "another tab, without ending the session. 0: not at all."));
  all.push_back(Duration("identity.key_rotation", FIELD(absl::Duration, feed.identity.key_rotation),
                         absl::Seconds(1),
                         "How often the signing key of access tokens is replaced."));
  all.push_back(Duration("identity.key_grace", FIELD(absl::Duration, feed.identity.key_grace),
                         kNone, "How long a replaced key still recognises its expired tokens."));
  all.push_back(Number<uint64_t>("identity.argon2_operations", "passes",
                                 FIELD(uint64_t, feed.identity.argon2_operations),
                                 {1, IdentityOptions::kArgon2OperationsMax},
                                 "Work of a password hash (argon2id). A password that was hashed "
                                 "otherwise is hashed anew at its next login; as long as there are "
                                 "such, every login does the work of all parameters in use."));
  all.push_back(Bytes(
      "identity.argon2_memory_bytes", FIELD(size_t, feed.identity.argon2_memory_bytes),
      {8 * kKiB, IdentityOptions::kArgon2MemoryBytesMax}, "Memory of a password hash (argon2id)."));
  all.push_back(Duration("identity.clock_jump_max",
                         FIELD(absl::Duration, feed.identity.clock_jump_max), absl::Seconds(1),
                         "A clock that differs by more from the last known time, or jumps by more, "
                         "is doubted: sessions and keys are served and not maintained."));
  all.push_back(Duration("identity.clock_trust_after",
                         FIELD(absl::Duration, feed.identity.clock_trust_after), kNone,
                         "A doubted clock that goes on evenly for so long, and for "
                         "identity.access_token_lifetime, is believed."));
  all.push_back(Number<size_t>(
      "identity.sessions_listed_max", "sessions", FIELD(size_t, feed.identity.sessions_listed_max),
      {1, bounds::kWaitingMax}, "Sessions of one member that the list of them shows."));
}

#undef FIELD

std::vector<Setting> MakeSettings() {
  std::vector<Setting> all;
  AddGateway(all);
  AddServer(all);
  AddApi(all);
  AddCore(all);
  AddMemoryAndDisk(all);
  AddPictures(all);
  AddIdentity(all);
  AddKafkaSettings(all);
  return all;
}

}  // namespace

const std::vector<Setting>& Settings() {
  static const auto* const kSettings = new std::vector<Setting>(MakeSettings());
  return *kSettings;
}

}  // namespace dailyfeed::cli

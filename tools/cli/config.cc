#include "tools/cli/config.h"

#include <fmt/format.h>

#include <charconv>
#include <cstdint>
#include <fstream>
#include <limits>
#include <optional>
#include <sstream>
#include <system_error>
#include <type_traits>
#include <utility>

#include "core/domain/status_macros.h"

namespace dailyfeed::cli {
namespace {

// Where a setting lives.
template <typename T>
using Field = T& (*)(ServeConfig&);

constexpr uint64_t kKiB = 1u << 10;
constexpr uint64_t kMiB = 1u << 20;
constexpr uint64_t kGiB = 1u << 30;

std::string_view Trim(std::string_view text) {
  const size_t begin = text.find_first_not_of(" \t\r");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t\r") - begin + 1);
}

bool ParseNumber(std::string_view text, uint64_t* number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), *number);
  return error == std::errc() && end == text.data() + text.size();
}

template <typename T>
Setting Number(std::string name, std::string unit, Field<T> field, uint64_t min,
               std::string description) {
  const auto set = [field, min](ServeConfig& config, std::string_view text) {
    constexpr auto kMax = static_cast<uint64_t>(std::numeric_limits<T>::max());
    uint64_t number = 0;
    if (!ParseNumber(text, &number) || number < min || number > kMax) {
      return absl::InvalidArgumentError(
          fmt::format("is a whole number from {} to {}, not \"{}\"", min, kMax, text));
    }
    field(config) = static_cast<T>(number);
    return absl::OkStatus();
  };
  return {std::move(name), std::move(unit), std::move(description),
          [field](ServeConfig& config) { return fmt::format("{}", field(config)); }, set};
}

std::string FormatBytes(uint64_t bytes) {
  if (bytes >= kGiB && bytes % kGiB == 0) return fmt::format("{}GiB", bytes / kGiB);
  if (bytes >= kMiB && bytes % kMiB == 0) return fmt::format("{}MiB", bytes / kMiB);
  if (bytes >= kKiB && bytes % kKiB == 0) return fmt::format("{}KiB", bytes / kKiB);
  return fmt::format("{}", bytes);
}

bool ParseBytes(std::string_view text, uint64_t* bytes) {
  uint64_t unit = 1;
  for (const auto& [suffix, size] : {std::pair<std::string_view, uint64_t>{"KiB", kKiB},
                                     std::pair<std::string_view, uint64_t>{"MiB", kMiB},
                                     std::pair<std::string_view, uint64_t>{"GiB", kGiB}}) {
    if (text.ends_with(suffix)) {
      unit = size;
      text = Trim(text.substr(0, text.size() - suffix.size()));
      break;
    }
  }
  uint64_t number = 0;
  if (!ParseNumber(text, &number)) return false;
  return !__builtin_mul_overflow(number, unit, bytes);
}

Setting Bytes(std::string name, Field<size_t> field, uint64_t min, std::string description) {
  const auto set = [field, min](ServeConfig& config, std::string_view text) {
    uint64_t bytes = 0;
    if (!ParseBytes(text, &bytes) || bytes < min) {
      return absl::InvalidArgumentError(
          fmt::format("is a size like 1048576, 512KiB or 64MiB, at least {}, not \"{}\"",
                      FormatBytes(min), text));
    }
    field(config) = bytes;
    return absl::OkStatus();
  };
  return {std::move(name), "bytes", std::move(description),
          [field](ServeConfig& config) { return FormatBytes(field(config)); }, set};
}

Setting DurationFrom(std::string name, Field<absl::Duration> field, bool zero,
                     std::string description) {
  const auto set = [field, zero](ServeConfig& config, std::string_view text) {
    absl::Duration duration;
    if (!absl::ParseDuration(absl::string_view(text.data(), text.size()), &duration) ||
        duration < absl::ZeroDuration() || (duration == absl::ZeroDuration() && !zero) ||
        duration == absl::InfiniteDuration()) {
      return absl::InvalidArgumentError(fmt::format(
          "is a time like 500ms, 10s or 1h30m{}, not \"{}\"", zero ? "" : ", more than 0", text));
    }
    field(config) = duration;
    return absl::OkStatus();
  };
  return {std::move(name), "", std::move(description),
          [field](ServeConfig& config) { return absl::FormatDuration(field(config)); }, set};
}

Setting Duration(std::string name, Field<absl::Duration> field, std::string description) {
  return DurationFrom(std::move(name), field, false, std::move(description));
}

// 0 is a time too.
Setting DurationOrNone(std::string name, Field<absl::Duration> field, std::string description) {
  return DurationFrom(std::move(name), field, true, std::move(description));
}

Setting Switch(std::string name, Field<bool> field, std::string description) {
  const auto set = [field](ServeConfig& config, std::string_view text) {
    if (text != "true" && text != "false") {
      return absl::InvalidArgumentError(fmt::format("is true or false, not \"{}\"", text));
    }
    field(config) = text == "true";
    return absl::OkStatus();
  };
  return {std::move(name), "", std::move(description),
          [field](ServeConfig& config) { return field(config) ? "true" : "false"; }, set};
}

Setting Text(std::string name, Field<std::string> field, std::string description) {
  const auto set = [field](ServeConfig& config, std::string_view text) {
    field(config) = std::string(text);
    return absl::OkStatus();
  };
  return {std::move(name), "", std::move(description),
          [field](ServeConfig& config) { return field(config); }, set};
}

Setting Address(std::string name, Field<std::string> field, std::string description) {
  Setting setting = Text(std::move(name), field, std::move(description));
  setting.set = [field](ServeConfig& config, std::string_view text) {
    RETURN_IF_ERROR(ParseHostPort(text).status());
    field(config) = std::string(text);
    return absl::OkStatus();
  };
  return setting;
}

Setting Access(std::string name, Field<http::AccessLog> field, std::string description) {
  const auto set = [field](ServeConfig& config, std::string_view text) {
    const std::optional<http::AccessLog> mode = http::ParseAccessLog(text);
    if (!mode) {
      return absl::InvalidArgumentError(fmt::format("is all, errors or none, not \"{}\"", text));
    }
    field(config) = *mode;
    return absl::OkStatus();
  };
  return {std::move(name), "", std::move(description),
          [field](ServeConfig& config) { return std::string(http::AccessLogName(field(config))); },
          set};
}

Setting List(std::string name, Field<std::vector<std::string>> field, std::string description) {
  const auto set = [field](ServeConfig& config, std::string_view text) {
    std::vector<std::string> items;
    while (!text.empty()) {
      const size_t comma = std::min(text.find(','), text.size());
      const std::string_view item = Trim(text.substr(0, comma));
      if (item.empty()) return absl::InvalidArgumentError("has an empty entry between commas");
      items.emplace_back(item);
      text.remove_prefix(std::min(comma + 1, text.size()));
    }
    field(config) = std::move(items);
    return absl::OkStatus();
  };
  return {
      std::move(name), "comma-separated", std::move(description),
      [field](ServeConfig& config) { return fmt::format("{}", fmt::join(field(config), ", ")); },
      set};
}

#define FIELD(type, path) [](ServeConfig& config) -> type& { return config.path; }

void AddGateway(std::vector<Setting>& all) {
  all.push_back(Text("data_directory", FIELD(std::string, feed.data_directory),
                     "The directory that holds everything; --data-dir."));
  all.push_back(Text("time_zone", FIELD(std::string, feed.time_zone),
                     "The zone of every shown time and of the days of the log. A directory "
                     "keeps the one it was made with; with another it is not opened."));
  all.push_back(Address("http.address", FIELD(std::string, http_address),
                        "HOST:PORT of the API; --http. An empty host is every address."));
  all.push_back(
      Address("monitor.address", FIELD(std::string, monitor_address),
              "HOST:PORT of health, metrics and diagnostics; --monitor. Keep it private."));
  all.push_back(Access("log.requests", FIELD(http::AccessLog, access_log),
                       "Which answered requests get a line in the log: all, errors, none."));
  all.push_back(Number<int>("http.threads", "threads", FIELD(int, server.threads), 0,
                            "I/O threads; 0 is one a core."));
  all.push_back(Number<size_t>("http.connections_max", "connections",
                               FIELD(size_t, server.connections_max), 1,
                               "Open connections; one more is answered 503 and closed."));
  all.push_back(Bytes("http.header_bytes_max", FIELD(size_t, server.header_bytes_max), 512,
                      "Request line and headers; beyond: 431."));
  all.push_back(Number<size_t>("http.header_fields_max", "fields",
                               FIELD(size_t, server.header_fields_max), 1,
                               "Header fields of one request; beyond: 431."));
  all.push_back(Bytes("http.body_bytes_in_flight_max",
                      FIELD(size_t, server.body_bytes_in_flight_max), kMiB,
                      "Request bodies held at once, all requests together; beyond: 503 with "
                      "Retry-After."));
  all.push_back(Number<size_t>("http.requests_in_flight_max", "requests",
                               FIELD(size_t, server.requests_in_flight_max), 1,
                               "Requests being handled; beyond: 503 with Retry-After."));
  all.push_back(Duration("http.request_timeout", FIELD(absl::Duration, server.request_timeout),
                         "For a client to send one request; beyond: 408. A body gives more, see "
                         "http.body_bytes_per_second_min."));
  all.push_back(Bytes("http.body_bytes_per_second_min",
                      FIELD(size_t, server.body_bytes_per_second_min), 1,
                      "So many bytes of a body that have come give the client a second more than "
                      "http.request_timeout: a slow upload succeeds that is no slower."));
  all.push_back(Duration("http.idle_timeout", FIELD(absl::Duration, server.idle_timeout),
                         "Between two requests of one connection; then it is closed."));
  all.push_back(Duration("http.write_timeout", FIELD(absl::Duration, server.write_timeout),
                         "For a client to take one answer; then the connection is cut."));
  all.push_back(Duration("http.drain_timeout", FIELD(absl::Duration, drain_timeout),
                         "For requests in flight to end after SIGTERM; then they are cut."));
}

void AddApi(std::vector<Setting>& all) {
  all.push_back(List("api.cors_origins", FIELD(std::vector<std::string>, api.cors_origins),
                     "Browser origins that may call the API, exactly as sent."));
  all.push_back(List("api.trusted_proxies", FIELD(std::vector<std::string>, api.trusted_proxies),
                     "Exact addresses whose X-Forwarded-For is believed."));
  all.push_back(Switch("api.secure_cookies", FIELD(bool, api.secure_cookies),
                       "Refresh cookies only over HTTPS. false is for development over HTTP."));
  all.push_back(Text("api.default_cover_url", FIELD(std::string, api.default_cover_url),
                     "The cover picture of members who have none."));
  all.push_back(Bytes("api.body_bytes_max", FIELD(size_t, api.body_bytes_max), 1,
                      "A request body; beyond: 413."));
  all.push_back(Number<uint32_t>("api.page_size_max", "rows", FIELD(uint32_t, api.page_size_max), 1,
                                 "Rows of one page; a larger size is served as this many."));
  all.push_back(Number<uint32_t>("api.ids_max", "ids", FIELD(uint32_t, api.ids_max), 1,
                                 "Ids in one request; beyond: 400."));
  all.push_back(Number<int>("api.password_threads", "threads", FIELD(int, api.password_threads), 1,
                            "Threads that hash passwords; each takes a core while it does."));
  all.push_back(Number<size_t>("api.password_queue_max", "requests",
                               FIELD(size_t, api.password_queue_max), 1,
                               "Logins and signups waiting for them; beyond: 503."));
  all.push_back(Number<int>("api.session_threads", "threads", FIELD(int, api.session_threads), 1,
                            "Threads that write sessions: refresh and logout."));
  all.push_back(Number<size_t>("api.session_queue_max", "requests",
                               FIELD(size_t, api.session_queue_max), 1,
                               "Refreshes and logouts waiting for them; beyond: 503."));
  all.push_back(Number<int>("api.picture_threads", "threads", FIELD(int, api.picture_threads), 1,
                            "Uploaded pictures worked on at once."));
  all.push_back(Number<size_t>("api.picture_queue_max", "requests",
                               FIELD(size_t, api.picture_queue_max), 1,
                               "Uploads waiting for them; beyond: 503."));
  all.push_back(Bytes("api.upload_overhead_bytes_max", FIELD(size_t, api.upload_overhead_bytes_max),
                      kKiB, "What an upload may have around its file: boundaries, other fields."));
  all.push_back(
      Number<uint32_t>("api.failed_logins_max", "logins", FIELD(uint32_t, api.failed_logins_max), 0,
                       "Failed logins of one e-mail in the window; beyond: 429. 0: off."));
  all.push_back(Number<uint32_t>(
      "api.failed_logins_per_address_max", "logins",
      FIELD(uint32_t, api.failed_logins_per_address_max), 0,
      "Failed logins of one address in the window; beyond: 429. 0: off. A trusted proxy that "
      "names no client is not limited."));
  all.push_back(Duration("api.failed_logins_window",
                         FIELD(absl::Duration, api.failed_logins_window),
                         "The window of the limits of failed logins."));
  all.push_back(DurationOrNone(
      "api.failed_login_delay_step", FIELD(absl::Duration, api.failed_login_delay_step),
      "How much later the answer to each further failed login comes. 0: at once."));
  all.push_back(DurationOrNone("api.failed_login_delay_max",
                               FIELD(absl::Duration, api.failed_login_delay_max),
                               "The most that such an answer is held back."));
  all.push_back(Number<size_t>("api.delayed_answers_max", "answers",
                               FIELD(size_t, api.delayed_answers_max), 1,
                               "Answers held back at once; beyond: 503."));
  all.push_back(Number<size_t>("api.failed_logins_remembered_max", "e-mails, addresses",
                               FIELD(size_t, api.failed_logins_remembered_max), 1,
                               "Whose failed logins are counted, of each kind; of more the oldest "
                               "are forgotten."));
  all.push_back(Bytes("api.stream_bytes_max", FIELD(size_t, api.stream_bytes_max), kKiB,
                      "What waits for a slow client of a live stream; the rest waits in the log."));
  all.push_back(Duration("api.stream_heartbeat", FIELD(absl::Duration, api.stream_heartbeat),
                         "A live stream with nothing to say says so this often."));
  all.push_back(Switch("api.start_page", FIELD(bool, api.start_page),
                       "A page at / with the state of the system, the API to try, and the sample "
                       "logins when there are any. For development."));
  all.push_back(Text("api.sample_logins_file", FIELD(std::string, api.sample_logins_file),
                     "The logins the start page shows; empty: sample-logins.json in the data "
                     "directory."));
}

void AddCore(std::vector<Setting>& all) {
  all.push_back(Number<size_t>("engine.queue_capacity", "commands",
                               FIELD(size_t, feed.engine.queue_capacity), 1,
                               "Commands waiting for the log; beyond: 503 with Retry-After."));
  all.push_back(Number<size_t>("engine.batch_commands_max", "commands",
                               FIELD(size_t, feed.engine.batch_commands_max), 1,
                               "Commands that share one sync."));
  all.push_back(Bytes("engine.batch_bytes_max", FIELD(size_t, feed.engine.batch_bytes_max), kKiB,
                      "Bytes of events that share one sync."));
  all.push_back(Number<size_t>("engine.row_cache_entries", "rows",
                               FIELD(size_t, feed.engine.row_cache_entries), 2,
                               "Rows of decision state kept in memory."));
  all.push_back(Duration("engine.relaxed_delay", FIELD(absl::Duration, feed.engine.relaxed_delay),
                         "How long a view count may wait for a batch to ride in."));
  all.push_back(Duration("engine.idempotency_retention",
                         FIELD(absl::Duration, feed.engine.idempotency_retention),
                         "How long the answer to an Idempotency-Key is remembered."));
  all.push_back(Number<uint32_t>("limits.post_title_max", "UTF-16 units",
                                 FIELD(uint32_t, feed.engine.limits.post_title_max), 1,
                                 "The title of a post."));
  all.push_back(Number<uint32_t>("limits.post_content_max", "UTF-16 units",
                                 FIELD(uint32_t, feed.engine.limits.post_content_max), 1,
                                 "The text of a post."));
  all.push_back(Number<uint32_t>("limits.comment_content_max", "UTF-16 units",
                                 FIELD(uint32_t, feed.engine.limits.comment_content_max), 1,
                                 "The text of a comment."));
  all.push_back(Number<uint32_t>("limits.comment_depth_max", "levels",
                                 FIELD(uint32_t, feed.engine.limits.comment_depth_max), 0,
                                 "How deep replies nest below a comment."));
  all.push_back(Number<uint32_t>("limits.followings_max", "members",
                                 FIELD(uint32_t, feed.engine.limits.followings_max), 1,
                                 "How many members one member can follow."));
  all.push_back(Number<uint32_t>("popularity.view_weight", "points",
                                 FIELD(uint32_t, feed.popularity.view_weight), 0,
                                 "What a view adds to the score of a post. Another weight has the "
                                 "ranked lists built anew at the next start."));
  all.push_back(Number<uint32_t>("popularity.like_weight", "points",
                                 FIELD(uint32_t, feed.popularity.like_weight), 0,
                                 "What a like adds to it."));
  all.push_back(Number<size_t>(
      "runtime.pending_batches_max", "batches", FIELD(size_t, feed.runtime.pending_batches_max), 1,
      "Committed batches waiting for the read models; then the log waits."));
  all.push_back(Number<size_t>("runtime.catch_up_batch_events", "events",
                               FIELD(size_t, feed.runtime.catch_up_batch_events), 1,
                               "Events a write while read models catch up."));
  all.push_back(Number<size_t>("live.watches_max", "streams", FIELD(size_t, feed.live.watches_max),
                               1, "Live streams at a time; beyond: 503."));
  all.push_back(Number<size_t>("live.watches_per_member_max", "streams",
                               FIELD(size_t, feed.live.watches_per_member_max), 1,
                               "Live streams of one member; beyond: 429."));
  all.push_back(Number<size_t>("live.events_waiting_max", "events",
                               FIELD(size_t, feed.live.events_waiting_max), 1,
                               "Events in memory for the live streams; beyond they are read from "
                               "the log."));
  all.push_back(Number<size_t>("live.slice_events", "events", FIELD(size_t, feed.live.slice_events),
                               1, "Events read at a time for a stream that has fallen behind."));
  all.push_back(Duration("live.tick", FIELD(absl::Duration, feed.live.tick),
                         "How often live streams check their sessions."));
  all.push_back(Bytes("runtime.row_cache_bytes", FIELD(size_t, feed.runtime.row_cache_bytes), 0,
                      "Rows kept in memory for each generation of a read model that is fed."));
}

void AddMemoryAndDisk(std::vector<Setting>& all) {
  all.push_back(Bytes("caches.post_bytes_max", FIELD(size_t, feed.caches.post_bytes_max), 0,
                      "Posts and their counts kept in memory."));
  all.push_back(Bytes("caches.member_bytes_max", FIELD(size_t, feed.caches.member_bytes_max), 0,
                      "Profiles kept in memory."));
  all.push_back(Bytes("caches.author_heads_bytes_max",
                      FIELD(size_t, feed.caches.author_heads_bytes_max), 0,
                      "The newest post ids of each author, kept in memory for feeds."));
  all.push_back(Bytes("caches.followings_bytes_max",
                      FIELD(size_t, feed.caches.followings_bytes_max), 0,
                      "Whom a member follows, kept in memory for feeds."));
  all.push_back(Bytes("caches.likes_bytes_max", FIELD(size_t, feed.caches.likes_bytes_max), 0,
                      "Which posts a member likes, kept in memory for feeds."));
  all.push_back(Bytes("caches.rankings_bytes_max", FIELD(size_t, feed.caches.rankings_bytes_max), 0,
                      "The first rows of ranked lists kept in memory, all lists together."));
  all.push_back(Number<size_t>("caches.ranking_rows_max", "rows",
                               FIELD(size_t, feed.caches.ranking_rows_max), 0,
                               "The same, of each list."));
  all.push_back(Bytes("caches.home_feeds_bytes_max",
                      FIELD(size_t, feed.caches.home_feeds_bytes_max), 0,
                      "Windows of follow feeds that posts are written into, kept in memory; 0: "
                      "every feed is merged when it is read."));
  all.push_back(Number<size_t>("caches.home_feed_rows_max", "posts",
                               FIELD(size_t, feed.caches.home_feed_rows_max), 0,
                               "The same, of each member; 0 as above."));
  all.push_back(Number<uint64_t>("caches.home_feed_followers_max", "followers",
                                 FIELD(uint64_t, feed.caches.home_feed_followers_max), 0,
                                 "Posts of authors with more followers are not written into "
                                 "windows but merged when a feed is read; 0 as above."));
  all.push_back(Bytes("log.event_memtable_bytes", FIELD(size_t, feed.log.event_memtable_bytes),
                      kMiB, "Events in memory before a file of the log is written."));
  all.push_back(Bytes("log.block_cache_bytes", FIELD(size_t, feed.log.block_cache_bytes), 0,
                      "Blocks of the log kept in memory."));
  all.push_back(Bytes("log.wal_bytes_max", FIELD(size_t, feed.log.wal_bytes_max), kMiB,
                      "The write-ahead log; bounds the time of a recovery."));
  all.push_back(Bytes("log.wal_ahead_bytes", FIELD(size_t, feed.log.wal_ahead_bytes), 32 * kKiB,
                      "Steps in which the write-ahead log grows, rounded up to 32 KiB."));
  all.push_back(Bytes("views.memtable_bytes", FIELD(size_t, feed.views.memtable_bytes), kMiB,
                      "Rows of read models in memory before a file is written."));
  all.push_back(Bytes("views.block_cache_bytes", FIELD(size_t, feed.views.block_cache_bytes), 0,
                      "Blocks of read models kept in memory."));
  all.push_back(Bytes("secrets.memtable_bytes", FIELD(size_t, feed.secrets.memtable_bytes), kMiB,
                      "Passwords, sessions and keys in memory before a file is written."));
  all.push_back(Bytes("secrets.block_cache_bytes", FIELD(size_t, feed.secrets.block_cache_bytes), 0,
                      "Blocks of passwords, sessions and keys kept in memory."));
}

void AddPictures(std::vector<Setting>& all) {
  all.push_back(Text("pictures.directory", FIELD(std::string, feed.pictures.directory),
                     "Where the files of pictures are; empty: pictures in the data directory."));
  all.push_back(Bytes("pictures.file_bytes_max",
                      FIELD(size_t, feed.pictures.processor.file_bytes_max), 1,
                      "An uploaded file; beyond: 413."));
  all.push_back(Number<uint64_t>("pictures.pixels_max", "pixels",
                                 FIELD(uint64_t, feed.pictures.processor.pixels_max), 1,
                                 "Width by height of an uploaded picture, checked before it is "
                                 "decoded. Decoding takes up to 8 bytes for each."));
  all.push_back(Number<uint32_t>("pictures.box_pixels", "pixels",
                                 FIELD(uint32_t, feed.pictures.processor.box_pixels), 1,
                                 "The longer side of a stored picture, at most."));
  all.push_back(Number<uint32_t>("pictures.thumbnail_pixels", "pixels",
                                 FIELD(uint32_t, feed.pictures.processor.thumbnail_pixels), 1,
                                 "Both sides of a thumbnail."));
  all.push_back(Number<int>("pictures.threads", "threads",
                            FIELD(int, feed.pictures.processor.threads), 1,
                            "Threads for one picture, beside those of api.picture_threads."));
  all.push_back(Duration("pictures.sweep_interval",
                         FIELD(absl::Duration, feed.pictures.sweep_interval),
                         "How often files are looked for that no picture uses."));
  all.push_back(Duration("pictures.sweep_grace", FIELD(absl::Duration, feed.pictures.sweep_grace),
                         "How old such a file must be before it is removed."));
}

void AddIdentity(std::vector<Setting>& all) {
  all.push_back(Duration("maintenance_interval", FIELD(absl::Duration, feed.maintenance_interval),
                         "How often signing keys, sessions and left-overs are looked after."));
  all.push_back(Number<size_t>("withdrawals_waiting_max", "withdrawals",
                               FIELD(size_t, feed.withdrawals_waiting_max), 1,
                               "Withdrawals of members that wait for their answer; beyond: 503."));
  all.push_back(Duration("identity.access_token_lifetime",
                         FIELD(absl::Duration, feed.identity.access_token_lifetime),
                         "How long an access token is valid."));
  all.push_back(Duration("identity.refresh_token_lifetime",
                         FIELD(absl::Duration, feed.identity.refresh_token_lifetime),
                         "How long a refresh token is valid."));
  all.push_back(Duration("identity.key_rotation", FIELD(absl::Duration, feed.identity.key_rotation),
                         "How often the signing key of access tokens is replaced."));
  all.push_back(Duration("identity.key_grace", FIELD(absl::Duration, feed.identity.key_grace),
                         "How long a replaced key still recognises its expired tokens."));
  all.push_back(Number<uint64_t>("identity.argon2_operations", "passes",
                                 FIELD(uint64_t, feed.identity.argon2_operations), 1,
                                 "Work of a password hash (argon2id). A password that was hashed "
                                 "otherwise is hashed anew at its next login; as long as there are "
                                 "such, every login does the work of all parameters in use."));
  all.push_back(Bytes("identity.argon2_memory_bytes",
                      FIELD(size_t, feed.identity.argon2_memory_bytes), 8 * kKiB,
                      "Memory of a password hash (argon2id)."));
  all.push_back(Number<size_t>("identity.sessions_listed_max", "sessions",
                               FIELD(size_t, feed.identity.sessions_listed_max), 1,
                               "Sessions of one member that the list of them shows."));
}

#undef FIELD

std::vector<Setting> MakeSettings() {
  std::vector<Setting> all;
  AddGateway(all);
  AddApi(all);
  AddCore(all);
  AddMemoryAndDisk(all);
  AddPictures(all);
  AddIdentity(all);
  return all;
}

const Setting* FindSetting(std::string_view name) {
  for (const Setting& setting : Settings()) {
    if (setting.name == name) return &setting;
  }
  return nullptr;
}

// A '#' begins a comment at the start of the line or behind white space, so
// that URLs may hold one.
std::string_view WithoutComment(std::string_view line) {
  for (size_t i = 0; i < line.size(); ++i) {
    if (line[i] == '#' && (i == 0 || line[i - 1] == ' ' || line[i - 1] == '\t')) {
      return line.substr(0, i);
    }
  }
  return line;
}

absl::Status ApplyLine(std::string_view line, ServeConfig& config, std::vector<bool>& seen) {
  const size_t equals = line.find('=');
  if (equals == std::string_view::npos) {
    return absl::InvalidArgumentError(fmt::format("expected \"name = value\", not \"{}\"", line));
  }
  const std::string_view name = Trim(line.substr(0, equals));
  const Setting* setting = FindSetting(name);
  if (setting == nullptr) {
    return absl::InvalidArgumentError(fmt::format(
        "there is no setting \"{}\"; `dailyfeed serve --print-config` shows all of them", name));
  }
  const size_t index = setting - Settings().data();
  if (seen[index]) return absl::InvalidArgumentError(fmt::format("{} stands here twice", name));
  seen[index] = true;
  const absl::Status status = setting->set(config, Trim(line.substr(equals + 1)));
  if (status.ok()) return status;
  return absl::InvalidArgumentError(fmt::format(
      "{} {}", name, std::string_view(status.message().data(), status.message().size())));
}

}  // namespace

const std::vector<Setting>& Settings() {
  static const auto* const kSettings = new std::vector<Setting>(MakeSettings());
  return *kSettings;
}

absl::Status ApplyConfigText(std::string_view file_name, std::string_view text,
                             ServeConfig& config) {
  std::vector<bool> seen(Settings().size());
  for (size_t number = 1; !text.empty(); ++number) {
    const size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = Trim(WithoutComment(text.substr(0, end)));
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.empty()) continue;
    const absl::Status status = ApplyLine(line, config, seen);
    if (!status.ok()) {
      return absl::InvalidArgumentError(
          fmt::format("{}:{}: {}", file_name, number,
                      std::string_view(status.message().data(), status.message().size())));
    }
  }
  return absl::OkStatus();
}

absl::Status ApplyConfigFile(const std::string& path, ServeConfig& config) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  if (!file || !(text << file.rdbuf())) {
    return absl::NotFoundError(fmt::format("cannot read the configuration file {}", path));
  }
  return ApplyConfigText(path, text.str(), config);
}

std::string PrintConfig(ServeConfig& config) {
  std::string text = "# dailyfeed serve: every setting.\n";
  for (const Setting& setting : Settings()) {
    const std::string value = setting.get(config);
    // Behind a blank a '#' would begin a comment.
    const bool blank = !value.empty() && value.front() != '#';
    text += fmt::format("\n# {}\n{} ={}{}{}\n", setting.description, setting.name, blank ? " " : "",
                        value, setting.unit.empty() ? "" : "  # " + setting.unit);
  }
  return text;
}

std::string PrintConfigReference() {
  ServeConfig defaults;
  std::string text = "| setting | default | unit | what it is |\n|---|---|---|---|\n";
  for (const Setting& setting : Settings()) {
    const std::string value = setting.get(defaults);
    text += fmt::format("| `{}` | {} | {} | {} |\n", setting.name,
                        value.empty() ? "" : "`" + value + "`", setting.unit, setting.description);
  }
  return text;
}

absl::StatusOr<HostPort> ParseHostPort(std::string_view text) {
  const size_t colon = text.rfind(':');
  HostPort address;
  uint64_t port = 0;
  if (colon == std::string_view::npos || !ParseNumber(text.substr(colon + 1), &port) ||
      port > std::numeric_limits<uint16_t>::max()) {
    return absl::InvalidArgumentError(
        fmt::format("is HOST:PORT like 127.0.0.1:8080, not \"{}\"", text));
  }
  std::string_view host = text.substr(0, colon);
  if (host.starts_with("[") && host.ends_with("]")) host = host.substr(1, host.size() - 2);
  address.host = host.empty() ? "0.0.0.0" : std::string(host);
  address.port = static_cast<uint16_t>(port);
  return address;
}

}  // namespace dailyfeed::cli

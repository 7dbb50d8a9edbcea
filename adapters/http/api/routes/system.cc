// Health, the description of the API, and the page to try it.
#include <fmt/format.h>
#include <sys/stat.h>

#include <boost/json.hpp>
#include <fstream>
#include <iterator>
#include <optional>
#include <string>
#include <vector>

#include "adapters/embedded/health.h"
#include "adapters/http/api/call.h"
#include "adapters/http/web/start_page.h"
#include "core/domain/decision_rows.h"

namespace dailyfeed::http {
namespace {

constexpr std::string_view kTag = "System";
constexpr std::string_view kText = "text/plain; charset=utf-8";
constexpr std::string_view kHtml = "text/html; charset=utf-8";
constexpr std::streamoff kSampleLoginsBytesMax = 256 << 10;

// Why the server cannot serve; nullopt while it can.
std::optional<std::string> NotReady(Call& call, const Health& health) {
  if (call.services().draining) return "shutting down";
  if (!health.ready) return health.reason;
  return std::nullopt;
}

void Ready(CallPtr call) {
  const std::optional<std::string> reason = NotReady(*call, HealthOf(call->feed()));
  Call::Answer(std::move(call), reason ? 503 : 200, kText, reason.value_or("OK"));
}

// A log or a store that failed stays so until the process is started again.
void Live(CallPtr call) {
  const bool must_restart = !HealthOf(call->feed()).alive;
  Call::Answer(std::move(call), must_restart ? 503 : 200, kText,
               must_restart ? "storage failed; restart needed" : "OK");
}

uint64_t LastId(Call& call, IdKind kind) {
  const EventLog& log = call.feed().log();
  const absl::StatusOr<uint64_t> number = ReadNumber(
      [&](std::string_view key, std::string* value) { return log.GetDecisionRow(key, value); },
      LastIdKey(kind));
  return number.value_or(0);
}

// Ready or not, with what the lag is made of.
void ReadyWithLag(CallPtr call) {
  Dailyfeed& feed = call->feed();
  const Health health = HealthOf(feed);
  const std::optional<std::string> reason = NotReady(*call, health);
  const Position head = feed.log().Head();
  const Position applied = std::min(head, feed.runtime().AppliedPosition());
  JsonWriter json(2048);
  json.BeginObject();
  json.Field("ready", !reason.has_value());
  json.NullableField("reason", reason.value_or(""));
  json.Field("acceptsWrites", health.accepts_writes);
  json.Field("head", head);
  json.Field("applied", applied);
  json.Field("lag", head - applied);
  // Ever made: deleted posts and comments included.
  json.Field("membersSignedUp", LastId(*call, IdKind::kMember));
  json.Field("postsPublished", LastId(*call, IdKind::kPost));
  json.Field("commentsAdded", LastId(*call, IdKind::kComment));
  json.Key("projections");
  json.BeginArray();
  for (const ProjectionStatus& projection : feed.runtime().Status()) {
    json.BeginObject();
    json.Field("name", projection.name);
    json.Field("version", projection.version);
    json.Field("generation", projection.generation);
    json.Field("checkpoint", projection.checkpoint);
    json.Field("lag", projection.lag);
    json.Field("parkedKeys", projection.parked_keys);
    json.EndObject();
  }
  json.EndArray();
  json.EndObject();
  Call::Answer(std::move(call), reason ? 503 : 200, "application/json", json.Take());
}

void OpenApi(CallPtr call) {
  std::string document = call->services().openapi;
  Call::Answer(std::move(call), 200, "application/json", std::move(document));
}

// The logins of the file as JSON that may stand in a <script>; "[]" when there
// is no such file or it holds something else.
std::string SampleLogins(const std::string& path) {
  constexpr std::string_view kNone = "[]";
  std::ifstream file(path, std::ios::binary | std::ios::ate);
  if (path.empty() || !file || file.tellg() > kSampleLoginsBytesMax) return std::string(kNone);
  file.seekg(0);
  const std::string text(std::istreambuf_iterator<char>(file), {});
  boost::json::error_code error;
  const boost::json::value logins = boost::json::parse(text, error);
  if (error || !logins.is_array()) return std::string(kNone);
  std::string safe;
  for (const char c : boost::json::serialize(logins)) {
    safe += c == '<' ? "\\u003c" : std::string(1, c);
  }
  return safe;
}

void Page(CallPtr call) {
  constexpr std::string_view kPlace = "[/*sample logins*/]";
  const ApiOptions& options = call->services().options;
  std::string page(kStartPage);
  if (const size_t at = page.find(kPlace); at != std::string::npos) {
    page.replace(at, kPlace.size(),
                 options.start_page ? SampleLogins(options.sample_logins_file) : "[]");
  }
  Call::Answer(std::move(call), 200, kHtml, std::move(page));
}

void Add(RouteTable& table, std::string_view pattern, ServeFunction run, std::string_view summary,
         std::string_view content_type) {
  table.Get(pattern, run, summary, "", {.access = Access::kPublic, .content_type = content_type});
}

}  // namespace

void AddSystemRoutes(std::vector<Route>* routes) {
  RouteTable table(routes, kTag);
  Add(table, "/healthcheck/ready", Ready, "Whether requests can be served", kText);
  Add(table, "/healthcheck/live", Live, "Whether the process need not be restarted", kText);
  Add(table, "/healthcheck/startup", Ready, "Whether the start is over", kText);
  Add(table, "/livez", Live, "Whether the process need not be restarted", kText);
  Add(table, "/readyz", ReadyWithLag,
      "Whether requests can be served, and how far the read "
      "models are behind the log",
      "application/json");
  Add(table, "/api-docs/json", OpenApi, "This document", "application/json");
  Add(table, "/openapi.json", OpenApi, "This document", "application/json");
  Add(table, "/demo-ui.html", Page, "The API to try in the browser", kHtml);
  Add(table, kStartPagePattern, Page, "The state of the system and the API to try", kHtml);
}

}  // namespace dailyfeed::http

// GET /api/timeline/stream: what happens now.
#include <charconv>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "adapters/http/api/call.h"
#include "adapters/http/api/event_stream.h"
#include "adapters/http/text/headers.h"
#include "core/base/status_macros.h"

namespace dailyfeed::http {
namespace {

constexpr std::string_view kTag = "Timeline";
constexpr std::string_view kEventStream = "text/event-stream";
constexpr std::string_view kLastEventId = "Last-Event-ID";

// nullopt: from now on.
absl::StatusOr<std::optional<Position>> ResumePosition(const HttpRequest& request) {
  const std::string_view text = request.Header(kLastEventId);
  if (text.empty()) return std::nullopt;
  Position position = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), position);
  if (error != std::errc() || end != text.data() + text.size()) {
    return MakeViolations({{.field = std::string(kLastEventId), .rule = Violation::Rule::kFormat}});
  }
  return position;
}

void ServeStream(CallPtr call) {
  const absl::StatusOr<std::optional<Position>> after = ResumePosition(call->request());
  if (!after.ok()) return Call::Fail(std::move(call), after.status());
  if (call->is_head()) return Call::Answer(std::move(call), 200, kEventStream, {});
  const std::optional<std::string_view> token =
      BearerToken(call->request().Header("Authorization"));
  auto stream = std::make_unique<EventStream>(&call->services(), call->member(),
                                              std::string(token.value_or("")));
  const absl::Status watching = stream->Watch(*after);
  if (!watching.ok()) {
    if (ErrorCodeOf(watching) == ErrorCode::kTooManyRequest) call->AddHeader("Retry-After", "1");
    return Call::Fail(std::move(call), watching);
  }
  // Proxies that gather answers would hold it back.
  call->AddHeader("X-Accel-Buffering", "no");
  Call::AnswerStream(std::move(call), kEventStream, std::move(stream));
}

}  // namespace

void AddStreamRoutes(std::vector<Route>* routes) {
  RouteTable table(routes, kTag);
  table.Get("/api/timeline/stream", ServeStream,
            "Server-sent events: new posts of the members the caller follows, "
            "likes of and comments on the caller's posts. Goes on behind "
            "Last-Event-ID",
            "", {.content_type = kEventStream, .errors = "TOO_MANY_REQUEST"});
}

}  // namespace dailyfeed::http

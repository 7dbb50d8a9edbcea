#include "adapters/http/api_context.h"

#include <utility>

#include "core/engine/day.h"

namespace dailyfeed::http {
namespace {

void AnswerWrite(ApiContext& context, Exchange& exchange, const CommandResult& result,
                 const Written& written) {
  if (result.replayed && !result.stored_answer.empty()) {
    return exchange.SendJson(result.stored_answer);
  }
  absl::Status read;
  std::string body = Exchange::SuccessBody(
      written.status, [&](JsonWriter& json) { read = written.data(result, json); });
  // Gone again in the meantime: the write was done all the same, and a client
  // that asks now gets the same answer.
  if (!read.ok()) return exchange.Fail(read);
  if (exchange.idempotency) {
    context.feed.engine().StoreAnswer(*exchange.idempotency, result, body);
  }
  exchange.SendJson(std::move(body));
}

}  // namespace

ApiContext::ApiContext(Dailyfeed* opened, ApiOptions wanted, const std::vector<Route>* all_routes)
    : feed(*opened),
      options(std::move(wanted)),
      objects(DayZone::Load(feed.options().time_zone)->zone(), options.default_cover_url),
      cursors(feed.identity().DerivedKey("cursors")),
      digests(feed.identity().DerivedKey("idempotency")),
      logins(options.failed_logins_max, options.failed_logins_window),
      passwords({.threads = static_cast<size_t>(options.password_threads),
                 .queue_capacity = options.password_queue_max}),
      routes(*all_routes) {}

Written WrittenTrue(int status) {
  return {.status = status, .data = [](const CommandResult&, JsonWriter& json) {
            json.Bool(true);
            return absl::OkStatus();
          }};
}

void SubmitWrite(ApiContext& context, ExchangePtr exchange, Command command, Written written) {
  Submission submission{.command = std::move(command),
                        .actor = exchange->member,
                        .idempotency = exchange->idempotency};
  context.feed.Submit(std::move(submission),
                      [&context, exchange = std::move(exchange),
                       written = std::move(written)](absl::StatusOr<CommandResult> result) {
                        if (!result.ok()) return exchange->Fail(result.status());
                        AnswerWrite(context, *exchange, *result, written);
                      });
}

uint64_t PathId(Exchange& exchange, size_t index) {
  const std::optional<uint64_t> id = ParseId(exchange.variables.at(index));
  if (id) return *id;
  exchange.FailViolations({{.field = "id", .rule = Violation::Rule::kFormat}});
  return 0;
}

}  // namespace dailyfeed::http

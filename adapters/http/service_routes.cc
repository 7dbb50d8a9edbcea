// Health, the API document and the start page: section 6.9 of the HTTP
// contract and what the operator and the newcomer look at.
#include <fmt/format.h>

#include <string>

#include "adapters/http/api_context.h"
#include "adapters/http/openapi.h"
#include "adapters/http/start_page.h"

namespace dailyfeed::http {
namespace {

// Why the server cannot serve; empty while it can. A log that takes no writes
// is no reason: reads go on.
std::string NotReady(const ApiContext& context) {
  if (context.draining) return "draining: the server is about to stop";
  const absl::Status health = context.feed.runtime().Health();
  if (!health.ok()) return "the read models stopped";
  if (!context.feed.runtime().Ready()) return "the read models are catching up";
  return "";
}

void Text(Exchange& exchange, int status, std::string text) {
  HttpResponse response;
  response.status = status;
  response.content_type = "text/plain";
  response.body = std::move(text);
  exchange.Send(std::move(response));
}

void Ready(ApiContext& context, ExchangePtr exchange) {
  const std::string reason = NotReady(context);
  Text(*exchange, reason.empty() ? 200 : 503, reason.empty() ? "OK" : reason);
}

// Answering at all is being alive.
void Live(ApiContext&, ExchangePtr exchange) { Text(*exchange, 200, "OK"); }

void ReadyDetail(ApiContext& context, ExchangePtr exchange) {
  const std::string reason = NotReady(context);
  const absl::Status writable = context.feed.log().WriteStatus();
  JsonWriter json;
  json.BeginObject();
  json.Field("ready", reason.empty());
  json.NullableField("reason", reason);
  json.Field("writable", writable.ok());
  json.Field("head", context.feed.log().Head());
  json.Key("projections");
  json.BeginArray();
  for (const ProjectionStatus& projection : context.feed.runtime().Status()) {
    json.BeginObject();
    json.Field("name", projection.name);
    json.Field("generation", projection.generation);
    json.Field("checkpoint", projection.checkpoint);
    json.Field("lag", projection.lag);
    json.Field("parkedKeys", projection.parked_keys);
    json.EndObject();
  }
  json.EndArray();
  json.EndObject();
  HttpResponse response;
  response.status = reason.empty() ? 200 : 503;
  response.body = json.Take();
  exchange->Send(std::move(response));
}

void Document(ApiContext& context, ExchangePtr exchange) {
  exchange->SendJson(OpenApiDocument(context.routes));
}

void Html(Exchange& exchange, std::string page) {
  HttpResponse response;
  response.content_type = "text/html; charset=utf-8";
  response.body = std::move(page);
  exchange.Send(std::move(response));
}

void StartPageRoute(ApiContext& context, ExchangePtr exchange) {
  if (!context.options.start_page) return exchange->Fail(ApiError::kNotFound);
  Html(*exchange, StartPage(context.options.sample_logins_file));
}

void DemoPage(ApiContext& context, ExchangePtr exchange) {
  Html(*exchange, StartPage(context.options.start_page ? context.options.sample_logins_file : ""));
}

Route Public(std::string_view pattern, RouteFunction function, std::string_view summary,
             std::string_view content_type) {
  return {.method = "GET",
          .pattern = pattern,
          .access = Access::kPublic,
          .function = function,
          .summary = summary,
          .content_type = content_type};
}

}  // namespace

std::vector<Route> ServiceRoutes() {
  constexpr std::string_view kText = "text/plain", kJson = "application/json", kHtml = "text/html";
  return {
      Public("/healthcheck/ready", Ready, "Whether requests can be served", kText),
      Public("/healthcheck/startup", Ready, "Whether the server has started", kText),
      Public("/healthcheck/live", Live, "Whether the process is alive", kText),
      Public("/livez", Live, "Whether the process is alive", kText),
      Public("/readyz", ReadyDetail, "Whether requests can be served, and the projection lag",
             kJson),
      Public("/openapi.json", Document, "This document", kJson),
      Public("/api-docs/json", Document, "This document", kJson),
      Public("/demo-ui.html", DemoPage, "The API to try in the browser", kHtml),
      Public("/", StartPageRoute, "The start page, where it is switched on", kHtml),
  };
}

}  // namespace dailyfeed::http

#include "adapters/http/api/api.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "adapters/http/api/call.h"
#include "adapters/http/api/openapi.h"
#include "adapters/http/guard/addresses.h"
#include "adapters/http/guard/authentication.h"
#include "adapters/http/text/headers.h"
#include "adapters/http/text/uri.h"
#include "adapters/http/web/start_page.h"
#include "adapters/logging/logging.h"
#include "core/base/check.h"
#include "core/base/text.h"

namespace dailyfeed::http {
namespace {

constexpr int kPayloadTooLarge = 413;
constexpr std::string_view kJson = "application/json";
constexpr std::string_view kUploads = "/api/images/";
constexpr std::string_view kEmptyObject = "{}";
constexpr std::string_view kPreflightMaxAgeSeconds = "3600";
constexpr std::string_view kCorsMethods = "GET, POST, PUT, PATCH, DELETE, OPTIONS";
constexpr std::string_view kExposedHeaders =
    "Authorization, Cache-Control, Content-Type, X-Token-Refresh-Needed, X-Relogin-Required";

bool IsUnderApi(std::string_view path) { return path == "/api" || path.starts_with("/api/"); }

// "http://host" or "https://host" of the Host header: behind a proxy that ends
// TLS the scheme is not ours to know.
bool IsOwnOrigin(std::string_view origin, std::string_view host) {
  for (const auto& [scheme, default_port] :
       {std::pair<std::string_view, std::string_view>{"http://", ":80"}, {"https://", ":443"}}) {
    if (!origin.starts_with(scheme)) continue;
    std::string_view rest = origin.substr(scheme.size());
    for (std::string_view* side : {&rest, &host}) {
      if (side->ends_with(default_port)) side->remove_suffix(default_port.size());
    }
    return !rest.empty() && EqualsIgnoringCase(rest, host);
  }
  return false;
}

class ApiImpl final : public Api {
 public:
  ApiImpl(Dailyfeed* feed, ApiOptions options) : services_(feed, std::move(options)) {
    for (const Route& route : Routes()) {
      if (route.pattern == kStartPagePattern && !services_.options.start_page) continue;
      router_.Add(route.method, route.pattern, routes_.size());
      routes_.push_back(&route);
    }
    const DomainLimits& limits = services_.feed->options().engine.limits;
    services_.openapi =
        OpenApiDocument(routes_, {.ids_max = services_.options.ids_max,
                                  .post_title_max = limits.post_title_max,
                                  .post_content_max = limits.post_content_max,
                                  .comment_content_max = limits.comment_content_max});
  }

  void Handle(HttpRequest request, Respond respond) override {
    Serve(std::make_unique<Call>(&services_, std::move(request), std::move(respond)));
  }

  HttpResponse Refuse(int status, const HttpRequest& partial) override {
    if (status == kPayloadTooLarge) return RefuseBody(partial);
    const ApiErrorEntry entry = RefusalOf(status);
    const Language language = PreferredLanguage(partial.HeaderList("Accept-Language"));
    HttpResponse response;
    response.status = status;
    response.header_lines = kSecurityAndCacheHeaders;
    response.body = ErrorEnvelope(status, entry.Sentence(language),
                                  SplitRequestTarget(partial.target).path, entry.code);
    response.error_code = entry.code;
    if (status == 503) response.headers.emplace_back("Retry-After", "1");
    return response;
  }

  size_t BodyLimit(const HttpRequest& header) const override {
    const std::string_view path = SplitRequestTarget(header.target).path;
    // Spares every other request a look for its route.
    if (!path.starts_with(kUploads)) return services_.options.body_bytes_max;
    const RouteMatch match = router_.Find(header.method, path);
    if (match.outcome != RouteMatch::Outcome::kFound) return services_.options.body_bytes_max;
    return BodyLimitOf(*routes_[match.route]);
  }

  // The checks that need nothing of the body: it is not read for a request that they
  // refuse, whatever was announced.
  Admission Admit(const HttpRequest& header) override {
    Admission admission;
    auto call = HeaderCall(header, &admission.refusal);
    if (CheckHeader(call)) {
      const std::string address = call->LimitedAddress();
      if (!address.empty()) admission.address_group = AddressGroup(address);
      Call::Abandon(std::move(call));
    }
    return admission;
  }

  // A trusted proxy has the connections of all its clients, and a proxy on this
  // machine or in a private network that nobody named may have them too.
  std::string ConnectionGroup(const std::string& peer) const override {
    const ClientAddress client = FindClient(peer, {}, services_.proxies);
    return client.is_one_client ? AddressGroup(client.address) : std::string();
  }

  void WarmUp() override {
    const Dailyfeed* const feed = services_.feed;
    services_.pictures
        .Submit([feed] {
          const absl::Status ready = feed->WarmUpPictures();
          if (ready.ok()) return;
          logging::Log(logging::Level::kError, "pictures cannot be taken",
                       {{"reason", ready.ToString()}});
        })
        .IgnoreError();  // the queue is full of uploads, which load it themselves
  }

  void BeginDrain() override { services_.draining = true; }

 private:
  size_t BodyLimitOf(const Route& route) const {
    const ApiOptions& options = services_.options;
    if (route.file_part.empty()) return options.body_bytes_max;
    return services_.feed->options().pictures.processor.file_bytes_max +
           options.upload_overhead_bytes_max;
  }

  // The order of checks of the contract, 1.5. Each step answers the call and
  // returns false, or leaves it to the next.
  void Serve(CallPtr call) {
    if (!CheckHeader(call)) return;
    const Route& route = call->route();
    if (call->request().body.size() > BodyLimitOf(route)) {
      return Call::Fail(std::move(call), ApiError::kPayloadTooLarge);
    }
    // Of an upload the file is what counts, and megabytes are not hashed here.
    if (route.method != "GET" && route.file_part.empty()) {
      const absl::Status key = call->TakeIdempotencyKey(call->request().body);
      if (!key.ok()) return Call::Fail(std::move(call), key);
    }
    Run(std::move(call), route);
  }

  static void Run(CallPtr call, const Route& route) {
    if (const ReadFunction* read = std::get_if<ReadFunction>(&route.run)) {
      Call& reference = *call;
      return Call::Succeed(std::move(call),
                           [&](JsonWriter& data) { return (*read)(reference, data); });
    }
    if (const ServeFunction* serve = std::get_if<ServeFunction>(&route.run)) {
      return (*serve)(std::move(call));
    }
    const WriteFunctions& write = std::get<WriteFunctions>(route.run);
    absl::StatusOr<Command> command = write.command(*call);
    if (!command.ok()) return Call::Fail(std::move(call), command.status());
    Call::Submit(std::move(call), *std::move(command), write.answer);
  }

  // What comes before the body, and needs nothing of it.
  bool CheckHeader(CallPtr& call) {
    if (IsUnderApi(call->path()) && call->request().HasHeader("Origin") && !CheckOrigin(call)) {
      return false;
    }
    return FindRoute(call) && (call->route().access == Access::kPublic || CheckToken(call));
  }

  // A body that the server does not read, because it is too large, is refused
  // for that only when nothing else is wrong before.
  HttpResponse RefuseBody(const HttpRequest& partial) {
    std::optional<HttpResponse> response;
    auto call = HeaderCall(partial, &response);
    if (CheckHeader(call)) Call::Fail(std::move(call), ApiError::kPayloadTooLarge);
    return *std::move(response);
  }

  // A call that is answered into `response`.
  CallPtr HeaderCall(const HttpRequest& header, std::optional<HttpResponse>* response) {
    return std::make_unique<Call>(&services_, header, [response](HttpResponse answer) {
      response->emplace(std::move(answer));
    });
  }

  bool CheckOrigin(CallPtr& call) {
    const HttpRequest& request = call->request();
    const std::string_view origin = request.Header("Origin");
    if (IsOwnOrigin(origin, request.Header("Host"))) return true;
    const std::vector<std::string>& allowed = services_.options.cors_origins;
    if (origin.empty() || std::find(allowed.begin(), allowed.end(), origin) == allowed.end()) {
      Call::Fail(std::move(call), ApiError::kCorsOriginRejected);
      return false;
    }
    call->AddHeader("Access-Control-Allow-Origin", origin);
    call->AddHeader("Access-Control-Allow-Credentials", "true");
    call->AddHeader("Vary", "Origin");
    call->AddHeader("Access-Control-Expose-Headers", kExposedHeaders);
    if (request.method != "OPTIONS" || !request.HasHeader("Access-Control-Request-Method")) {
      return true;
    }
    call->AddHeader("Access-Control-Allow-Methods", kCorsMethods);
    if (request.HasHeader("Access-Control-Request-Headers")) {
      call->AddHeader("Access-Control-Allow-Headers",
                      request.HeaderList("Access-Control-Request-Headers"));
    }
    call->AddHeader("Access-Control-Max-Age", kPreflightMaxAgeSeconds);
    Call::Answer(std::move(call), 200, kJson, std::string(kEmptyObject));
    return false;
  }

  bool FindRoute(CallPtr& call) {
    RouteMatch match = router_.Find(call->request().method, call->path());
    if (match.outcome == RouteMatch::Outcome::kUnknownPath) {
      Call::Fail(std::move(call), ApiError::kNotFound);
      return false;
    }
    if (match.outcome == RouteMatch::Outcome::kOtherMethod) {
      call->AddHeader("Allow", match.allow);
      if (call->request().method == "OPTIONS") {
        Call::Answer(std::move(call), 200, kJson, std::string(kEmptyObject));
      } else {
        Call::Fail(std::move(call), ApiError::kMethodNotAllowed);
      }
      return false;
    }
    const Route* route = routes_[match.route];
    call->set_route(route, std::move(match));
    // Health goes on being told while everything else is refused.
    if (services_.draining && !route->data_schema.empty()) {
      Call::Fail(std::move(call), ApiError::kServiceUnavailable);
      return false;
    }
    return true;
  }

  bool CheckToken(CallPtr& call) {
    const auto check = call->route().access == Access::kLogout ? AuthenticateLogout : Authenticate;
    Authentication who = check(call->request(), services_.feed->identity());
    if (!who.header.empty()) call->AddHeader(who.header, "true");
    if (who.error) {
      Call::Fail(std::move(call), *who.error);
      return false;
    }
    call->set_member(who.token.member);
    call->set_session(std::string(who.token.session_id));
    return true;
  }

  ApiServices services_;
  Router router_;
  std::vector<const Route*> routes_;
};

std::vector<Route> MakeRoutes() {
  std::vector<Route> routes;
  AddAuthenticationRoutes(&routes);
  AddSessionRoutes(&routes);
  AddMemberRoutes(&routes);
  AddProfileRoutes(&routes);
  AddFollowRoutes(&routes);
  AddPostRoutes(&routes);
  AddCommentRoutes(&routes);
  AddPostListRoutes(&routes);
  AddTimelineRoutes(&routes);
  AddTextSearchRoutes(&routes);
  AddSearchRoutes(&routes);
  AddActivityRoutes(&routes);
  AddStreamRoutes(&routes);
  AddImageRoutes(&routes);
  AddSystemRoutes(&routes);
  return routes;
}

}  // namespace

const std::vector<Route>& Routes() {
  static const std::vector<Route>& routes = *new std::vector<Route>(MakeRoutes());
  return routes;
}

std::unique_ptr<Api> Api::Create(Dailyfeed* feed, ApiOptions options) {
  return std::make_unique<ApiImpl>(feed, std::move(options));
}

}  // namespace dailyfeed::http

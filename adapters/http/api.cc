#include "adapters/http/api.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "adapters/http/api_context.h"
#include "adapters/http/credentials.h"

namespace dailyfeed::http {
namespace {

constexpr std::string_view kRefreshNeeded = "X-Token-Refresh-Needed";
constexpr std::string_view kReloginRequired = "X-Relogin-Required";
constexpr size_t kIdempotencyKeyMax = 128;

std::vector<Route> AllRoutes() {
  std::vector<Route> all;
  for (auto* part : {AuthenticationRoutes, MemberRoutes, PostRoutes, CommentRoutes, TimelineRoutes,
                     ServiceRoutes}) {
    for (Route& route : part()) all.push_back(std::move(route));
  }
  return all;
}

bool IsWrite(std::string_view method) {
  return method == "POST" || method == "PUT" || method == "PATCH" || method == "DELETE";
}

class ApiImpl final : public Api {
 public:
  ApiImpl(Dailyfeed* feed, ApiOptions options)
      : router_(AllRoutes()), context_(feed, std::move(options), &router_.routes()) {}

  void Handle(HttpRequest request, Respond respond) override;
  HttpResponse Refuse(int status, const HttpRequest& partial) override;
  size_t BodyLimit(const HttpRequest&) const override { return context_.options.body_bytes_max; }
  void BeginDrain() override { context_.draining = true; }

 private:
  // Each false: the exchange was answered.
  bool PassCors(Exchange& exchange);
  bool PassRoute(Exchange& exchange, Match match);
  bool PassAuthentication(Exchange& exchange);
  bool PassIdempotency(Exchange& exchange);

  void AnswerPreflight(Exchange& exchange);
  void RefuseToken(Exchange& exchange, ApiError error, bool refresh);

  const Router router_;
  ApiContext context_;
};

// Section 1.5: CORS, route and method, authentication, parameters and body.
void ApiImpl::Handle(HttpRequest request, Respond respond) {
  auto exchange = std::make_unique<Exchange>(std::move(request), std::move(respond));
  if (!PassCors(*exchange)) return;
  Match match = router_.Find(exchange->request().method, exchange->path());
  const bool malformed = match.malformed;
  if (!PassRoute(*exchange, std::move(match))) return;
  const bool health = !exchange->path().starts_with("/api/");
  if (context_.draining && !health) return exchange->Fail(ApiError::kServiceUnavailable);
  if (exchange->route->access == Access::kMember && !PassAuthentication(*exchange)) return;
  exchange->query = Query(QueryOf(exchange->request().target));
  if (malformed || !exchange->query.valid()) return exchange->Fail(ApiError::kInvalidRequest);
  if (!PassIdempotency(*exchange)) return;
  exchange->route->function(context_, std::move(exchange));
}

bool ApiImpl::PassCors(Exchange& exchange) {
  const std::string_view origin = exchange.request().Header("Origin");
  if (origin.empty() || !exchange.path().starts_with("/api/")) return true;
  const std::string_view host = exchange.request().Header("Host");
  if (origin == fmt::format("http://{}", host) || origin == fmt::format("https://{}", host)) {
    return true;
  }
  const auto& allowed = context_.options.cors_origins;
  if (std::find(allowed.begin(), allowed.end(), origin) == allowed.end()) {
    exchange.Fail(ApiError::kCorsOriginRejected);
    return false;
  }
  exchange.AddHeader("Access-Control-Allow-Origin", std::string(origin));
  exchange.AddHeader("Access-Control-Allow-Credentials", "true");
  exchange.AddHeader("Vary", "Origin");
  exchange.AddHeader("Access-Control-Expose-Headers",
                     "Authorization, Cache-Control, Content-Type, X-Token-Refresh-Needed, "
                     "X-Relogin-Required");
  const bool preflight = exchange.request().method == "OPTIONS" &&
                         exchange.request().HasHeader("Access-Control-Request-Method");
  if (preflight) AnswerPreflight(exchange);
  return !preflight;
}

void ApiImpl::AnswerPreflight(Exchange& exchange) {
  exchange.AddHeader("Access-Control-Allow-Methods", "GET, POST, PUT, PATCH, DELETE, OPTIONS");
  const std::string_view headers = exchange.request().Header("Access-Control-Request-Headers");
  if (!headers.empty()) exchange.AddHeader("Access-Control-Allow-Headers", std::string(headers));
  exchange.AddHeader("Access-Control-Max-Age", "3600");
  exchange.SendJson("{}");
}

bool ApiImpl::PassRoute(Exchange& exchange, Match match) {
  if (match.route != nullptr) {
    exchange.route = match.route;
    exchange.variables = std::move(match.variables);
    return true;
  }
  if (match.allow.empty()) {
    exchange.Fail(ApiError::kNotFound);
    return false;
  }
  exchange.AddHeader("Allow", match.allow);
  if (exchange.request().method == "OPTIONS") {
    exchange.SendJson("{}");
  } else {
    exchange.Fail(ApiError::kMethodNotAllowed);
  }
  return false;
}

void ApiImpl::RefuseToken(Exchange& exchange, ApiError error, bool refresh) {
  exchange.AddHeader(std::string(refresh ? kRefreshNeeded : kReloginRequired), "true");
  exchange.Fail(error);
}

// The table of section 2.7, first match first.
bool ApiImpl::PassAuthentication(Exchange& exchange) {
  const Identity& identity = context_.feed.identity();
  const auto cookie = FindCookie(exchange.request(), "refresh_token");
  // Whether a refresh would work; `member` 0: the token names nobody.
  const auto cookie_valid = [&](MemberId member) {
    if (!cookie || cookie->empty()) return false;
    const std::optional<MemberId> owner = identity.CheckRefreshToken(*cookie);
    return owner && (member == 0 || *owner == member);
  };
  const std::string_view token = BearerToken(exchange.request().Header("Authorization"));
  if (token.empty()) {
    RefuseToken(exchange, ApiError::kBearerTokenMissing, cookie_valid(0));
    return false;
  }
  const TokenCheck check = identity.CheckAccessToken(token);
  switch (check.state) {
    case TokenState::kMalformed:
    case TokenState::kRevoked:
      RefuseToken(exchange, ApiError::kInvalidToken, false);
      return false;
    case TokenState::kUnknownKey:
      RefuseToken(exchange, ApiError::kJwtKeyExpired, cookie_valid(0));
      return false;
    case TokenState::kExpired:
      RefuseToken(exchange, ApiError::kJwtExpired, !cookie || cookie_valid(check.member));
      return false;
    case TokenState::kValidOlderKey:
      if (!IsWrite(exchange.request().method)) {
        exchange.AddHeader(std::string(kRefreshNeeded), "true");
      }
      break;
    case TokenState::kValid:
      break;
  }
  exchange.member = check.member;
  exchange.session_id = check.session_id;
  exchange.token_id = check.token_id;
  return true;
}

// Section 1.9. On public endpoints the body stands for the member.
bool ApiImpl::PassIdempotency(Exchange& exchange) {
  const HttpRequest& request = exchange.request();
  if (!IsWrite(request.method) || !request.HasHeader("Idempotency-Key")) return true;
  const std::string_view key = request.Header("Idempotency-Key");
  const bool visible =
      std::all_of(key.begin(), key.end(), [](char c) { return c > ' ' && c < '\x7f'; });
  if (key.empty() || key.size() > kIdempotencyKeyMax || !visible) {
    exchange.FailViolations({{.field = "Idempotency-Key", .rule = Violation::Rule::kFormat}});
    return false;
  }
  const auto digest = [&](std::string_view text) {
    const Sha256Digest bytes = context_.digests.Sign(text);
    return std::string(bytes.data(), bytes.size());
  };
  // A digest may hold any byte; the scope may not hold NUL.
  std::string scope = fmt::format("member/{}", exchange.member);
  if (exchange.member == 0) {
    scope = "body/";
    for (const char c : digest(request.body)) {
      scope += fmt::format("{:02x}", static_cast<unsigned char>(c));
    }
  }
  exchange.idempotency = IdempotencyKey{
      .scope = std::move(scope),
      .key = std::string(key),
      .fingerprint =
          digest(fmt::format("{}\n{}\n{}", request.method, exchange.ListPath(), request.body))};
  return true;
}

HttpResponse ApiImpl::Refuse(int status, const HttpRequest& partial) {
  ApiError error = ApiError::kInvalidRequest;  // 400, 408, 431
  if (status == 413) error = ApiError::kPayloadTooLarge;
  if (status == 500) error = ApiError::kInternalServerError;
  if (status == 503) error = ApiError::kServiceUnavailable;
  const ApiErrorEntry& entry = EntryOf(error);
  const Language language = PreferredLanguage(partial.Header("Accept-Language"));
  HttpResponse response;
  response.status = status;
  response.error_code = entry.code;
  response.headers = CommonHeaders();
  if (status == 503) response.headers.emplace_back("Retry-After", "1");
  response.body = ErrorBody(entry, status, entry.Sentence(language), PathOf(partial.target));
  return response;
}

}  // namespace

std::unique_ptr<Api> Api::Create(Dailyfeed* feed, ApiOptions options) {
  return std::make_unique<ApiImpl>(feed, std::move(options));
}

}  // namespace dailyfeed::http

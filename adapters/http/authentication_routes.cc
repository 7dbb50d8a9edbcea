// Sign-up and login: section 6.1 of the HTTP contract.
#include <fmt/format.h>

#include <memory>
#include <utility>

#include "absl/time/clock.h"
#include "adapters/http/api_context.h"
#include "adapters/http/credentials.h"
#include "core/domain/member/registration.h"
#include "core/domain/text.h"

namespace dailyfeed::http {
namespace {

// Absent and null count as empty.
std::string Optional(JsonBody& body, std::string_view field) {
  return body.Text(field).value_or("");
}

// An explicit null is a violation, absence means `otherwise`.
std::string NotNull(JsonBody& body, std::string_view field, std::string_view otherwise) {
  if (body.IsNull(field)) {
    body.AddViolation({.field = std::string(field), .rule = Violation::Rule::kNull});
    return std::string(otherwise);
  }
  return body.Text(field).value_or(std::string(otherwise));
}

void CheckVerificationStatus(JsonBody& body) {
  const std::string value = Optional(body, "verificationStatus");
  if (value.empty() || value == "NONE" || value == "PENDING" || value == "VERIFIED") return;
  body.AddViolation({.field = "verificationStatus", .rule = Violation::Rule::kNotAllowed});
}

void CheckIsActive(JsonBody& body) {
  if (body.IsNull("isActive")) {
    body.AddViolation({.field = "isActive", .rule = Violation::Rule::kNull});
  } else {
    body.Bool("isActive");
  }
}

Registration ReadRegistration(JsonBody& body) {
  Registration registration;
  registration.email = Optional(body, "email");
  registration.password = Optional(body, "password");
  registration.member_name = Optional(body, "memberName");
  registration.handle = Optional(body, "handle");
  registration.display_name = Optional(body, "displayName");
  registration.bio = Optional(body, "bio");
  registration.location = Optional(body, "location");
  registration.website_url = Optional(body, "websiteUrl");
  registration.birth_date = Optional(body, "birthDate");
  registration.gender = Optional(body, "gender");
  registration.timezone = NotNull(body, "timezone", "UTC");
  registration.language_code = NotNull(body, "languageCode", "en");
  registration.country_code = Optional(body, "countryCode");
  const std::string privacy = Optional(body, "privacyLevel");
  registration.privacy_level = privacy.empty() ? "PUBLIC" : privacy;
  registration.avatar_url = Optional(body, "avatarUrl");
  registration.cover_url = Optional(body, "coverUrl");
  CheckVerificationStatus(body);
  CheckIsActive(body);
  return registration;
}

// What JSON itself got wrong and what the rules say, one violation a field, in
// the contract's order.
std::vector<Violation> Join(std::vector<Violation> read, const std::vector<Violation>& checked) {
  const size_t read_count = read.size();
  for (const Violation& violation : checked) {
    bool known = false;
    for (size_t i = 0; i < read_count; ++i) known |= read[i].field == violation.field;
    if (!known) read.push_back(violation);
  }
  SortByRegistrationField(&read);
  return read;
}

Written NewMember(ApiContext& context) {
  return {.status = 201, .data = [&context](const CommandResult& result, JsonWriter& json) {
            auto member = context.queries().Member(result.subject_id);
            if (member.ok()) context.objects.Member(**member, json);
            return member.status();
          }};
}

// On a password thread: the slow half.
void FinishSignUp(ApiContext& context, ExchangePtr exchange, const Registration& registration) {
  auto command = context.feed.PrepareSignUp(registration);
  if (!command.ok()) return exchange->Fail(command.status());
  SubmitWrite(context, std::move(exchange), *std::move(command), NewMember(context));
}

// Runs `job` off the request threads, or answers that there is no room.
template <typename Job>
void RunSlowly(ApiContext& context, ExchangePtr exchange, Job job) {
  // Shared with the refusal: the pool destroys a job that it does not take.
  auto shared = std::make_shared<ExchangePtr>(std::move(exchange));
  const absl::Status queued = context.passwords.Submit(
      [shared, job = std::move(job)]() mutable { job(std::move(*shared)); });
  if (!queued.ok()) (*shared)->Fail(queued);
}

void SignUpRoute(ApiContext& context, ExchangePtr exchange) {
  JsonBody body(exchange->request().body);
  if (!body.ok()) return exchange->Fail(ApiError::kInvalidRequest);
  Registration registration = ReadRegistration(body);
  const std::vector<Violation> violations =
      Join(std::move(body.violations()), context.feed.CheckRegistration(registration));
  if (!violations.empty()) return exchange->FailViolations(violations);
  if (!exchange->idempotency) {
    const absl::Status available = context.feed.CheckAvailable(registration);
    if (!available.ok()) return exchange->Fail(available);
  }
  RunSlowly(context, std::move(exchange),
            [&context, registration = std::move(registration)](ExchangePtr taken) {
              FinishSignUp(context, std::move(taken), registration);
            });
}

struct LoginAttempt {
  std::string email;
  std::string password;
  std::string account;  // digest of the e-mail: what failures are counted by
};

// On a password thread.
void FinishLogin(ApiContext& context, Exchange& exchange, const LoginAttempt& attempt) {
  const absl::StatusOr<MemberId> member =
      context.feed.CheckPassword(attempt.email, attempt.password);
  const bool wrong = ErrorCodeOf(member.status()) == ErrorCode::kMemberPasswordInvalid;
  context.logins.Record(attempt.account, !wrong, absl::Now());
  if (!member.ok()) return exchange.Fail(member.status());
  const auto card = context.queries().Member(*member);
  if (!card.ok()) return exchange.Fail(card.status());
  const absl::StatusOr<IssuedTokens> tokens = context.feed.identity().OpenSession(
      *member, exchange.request().Header("User-Agent"),
      ClientAddress(exchange.request(), context.options.trusted_proxies));
  if (!tokens.ok()) return exchange.Fail(tokens.status());
  exchange.member = *member;
  exchange.AddHeader("Authorization", "Bearer " + tokens->access_token);
  exchange.AddHeader("Set-Cookie", RefreshCookie(tokens->refresh_token,
                                                 absl::ToInt64Seconds(tokens->refresh_lifetime),
                                                 context.options.secure_cookies));
  exchange.Succeed(200, [&](JsonWriter& json) { context.objects.Summary(**card, json); });
}

void LoginRoute(ApiContext& context, ExchangePtr exchange) {
  JsonBody body(exchange->request().body);
  if (!body.ok()) return exchange->Fail(ApiError::kInvalidRequest);
  LoginAttempt attempt{.email = Optional(body, "email"), .password = Optional(body, "password")};
  std::vector<Violation> checked;
  if (auto wrong = CheckEmail(attempt.email, "email")) checked.push_back(*wrong);
  if (IsBlank(attempt.password)) {
    checked.push_back({.field = "password", .rule = Violation::Rule::kBlank});
  }
  const std::vector<Violation> violations = Join(std::move(body.violations()), checked);
  if (!violations.empty()) return exchange->FailViolations(violations);
  attempt.account = context.feed.identity().EmailDigest(attempt.email);
  if (const auto wait = context.logins.Admit(attempt.account, absl::Now())) {
    exchange->AddHeader("Retry-After", fmt::format("{}", absl::ToInt64Seconds(*wait) + 1));
    return exchange->Fail(ApiError::kTooManyRequest);
  }
  const std::string account = attempt.account;
  auto shared = std::make_shared<ExchangePtr>(std::move(exchange));
  const absl::Status queued =
      context.passwords.Submit([&context, shared, attempt = std::move(attempt)] {
        FinishLogin(context, **shared, attempt);
      });
  if (queued.ok()) return;
  context.logins.Cancel(account);
  (*shared)->Fail(queued);
}

}  // namespace

std::vector<Route> AuthenticationRoutes() {
  return {
      {.method = "POST",
       .pattern = "/api/authentication/signup",
       .access = Access::kPublic,
       .function = SignUpRoute,
       .summary = "Become a member",
       .request_schema = "SignUp",
       .data_schema = "Member",
       .status = 201},
      {.method = "POST",
       .pattern = "/api/authentication/login",
       .access = Access::kPublic,
       .function = LoginRoute,
       .summary = "Log in: the access token comes in the Authorization header of the answer",
       .request_schema = "Login",
       .data_schema = "Summary"},
  };
}

}  // namespace dailyfeed::http

// /api/authentication: signing up and logging in.
#include <optional>
#include <utility>
#include <vector>

#include "adapters/http/api/call.h"
#include "adapters/http/api/password_attempts.h"
#include "core/base/status_macros.h"
#include "core/base/text.h"

namespace dailyfeed::http {
namespace {

constexpr std::string_view kTag = "Authentication";

void RefuseNull(const JsonObject& body, std::string_view field,
                std::vector<Violation>* violations) {
  if (body.Has(field) != JsonObject::Presence::kNull) return;
  violations->push_back({.field = std::string(field), .rule = Violation::Rule::kNull});
}

// Accepted, checked, and ignored: nobody can verify or deactivate themselves
// by signing up.
void CheckIgnoredFields(const JsonObject& body, std::vector<Violation>* violations) {
  const auto status = body.String("verificationStatus", violations);
  if (status && *status != "NONE" && *status != "PENDING" && *status != "VERIFIED") {
    violations->push_back({.field = "verificationStatus", .rule = Violation::Rule::kNotAllowed});
  }
  body.Bool("isActive", violations);
  RefuseNull(body, "isActive", violations);
}

Registration ReadRegistration(const JsonObject& body, std::vector<Violation>* violations) {
  Registration person;
  auto read = [&](std::string_view name, std::string* field, std::string_view when_absent = "") {
    *field = body.String(name, violations).value_or(std::string(when_absent));
  };
  read("email", &person.email);
  read("password", &person.password);
  read("memberName", &person.member_name);
  read("handle", &person.handle);
  read("displayName", &person.display_name);
  read("bio", &person.bio);
  read("location", &person.location);
  read("websiteUrl", &person.website_url);
  read("birthDate", &person.birth_date);
  read("gender", &person.gender);
  read("countryCode", &person.country_code);
  read("timezone", &person.timezone, "UTC");
  RefuseNull(body, "timezone", violations);
  read("languageCode", &person.language_code, "en");
  RefuseNull(body, "languageCode", violations);
  read("privacyLevel", &person.privacy_level, "PUBLIC");
  read("avatarUrl", &person.avatar_url);
  if (IsBlank(person.avatar_url)) person.avatar_url.clear();
  read("coverUrl", &person.cover_url);
  return person;
}

absl::Status AnswerNewMember(Call& call, const CommandResult& result, JsonWriter& data) {
  ASSIGN_OR_RETURN(const auto card, call.feed().queries().Member(result.subject_id));
  call.objects().Member(*card, data);
  return absl::OkStatus();
}

void HandleSignUp(CallPtr call) {
  JsonObject body;
  if (const absl::Status parsed = call->ParseBody(&body); !parsed.ok()) {
    return Call::Fail(std::move(call), parsed);
  }
  std::vector<Violation> violations;
  Registration person = ReadRegistration(body, &violations);
  CheckIgnoredFields(body, &violations);
  violations = MergeViolations(std::move(violations), call->feed().CheckRegistration(person),
                               SortByRegistrationField);
  if (!violations.empty()) return Call::Fail(std::move(call), MakeViolations(violations));
  // A repeat under an idempotency key must reach the engine, which remembers
  // the first answer; everybody else is spared the hashing.
  if (!call->has_idempotency_key()) {
    const absl::Status available = call->feed().CheckAvailable(person);
    if (!available.ok()) return Call::Fail(std::move(call), available);
  }
  if (!TakePasswordPlace(call)) return;
  Workers& passwords = call->services().passwords;
  // When the queue is full the job goes, and with it the call, which answers
  // that the service is unavailable.
  passwords
      .Submit([call = std::move(call), person = std::move(person)]() mutable {
        absl::StatusOr<SignUp> command = call->feed().PrepareSignUp(person);
        call->ReleasePasswordPlace();
        if (!command.ok()) return Call::Fail(std::move(call), command.status());
        Call::Submit(std::move(call), *std::move(command), AnswerNewMember);
      })
      .IgnoreError();
}

absl::StatusOr<std::pair<std::string, std::string>> ReadCredentials(const Call& call) {
  JsonObject body;
  RETURN_IF_ERROR(call.ParseBody(&body));
  std::vector<Violation> violations;
  std::string email = body.String("email", &violations).value_or("");
  if (violations.empty()) {
    if (auto violation = CheckEmail(email, "email")) violations.push_back(*std::move(violation));
  }
  const size_t before = violations.size();
  std::string password = body.String("password", &violations).value_or("");
  if (violations.size() == before && IsBlank(password)) {
    violations.push_back({.field = "password", .rule = Violation::Rule::kBlank});
  }
  if (!violations.empty()) return MakeViolations(violations);
  return std::pair(std::move(email), std::move(password));
}

void AnswerLogin(CallPtr call, const LoggedIn& login) {
  const auto card = call->feed().queries().Member(login.member);
  if (!card.ok()) return Call::Fail(std::move(call), card.status());
  call->set_member(login.member);
  call->AddTokens(login.tokens);
  const ObjectWriter& objects = call->objects();
  Call::Succeed(std::move(call), [&](JsonWriter& data) {
    objects.Summary(**card, data);
    return absl::OkStatus();
  });
}

// On a worker.
void CheckLogin(CallPtr call, const std::string& email, const std::string& password,
                const LoginThrottle::Attempt& attempt) {
  const absl::StatusOr<LoggedIn> login =
      call->feed().LogIn(email, password, call->request().Header("User-Agent"),
                         call->ClientAddress(), call->session_request());
  if (!login.ok()) return FailPasswordAttempt(std::move(call), login.status(), attempt);
  call->services().logins.Succeeded(attempt);
  AnswerLogin(std::move(call), *login);
}

// A login is no command: under an idempotency key Identity remembers its tokens.
// What was refused leaves nothing to repeat.
void HandleLogin(CallPtr call) {
  absl::StatusOr<std::pair<std::string, std::string>> credentials = ReadCredentials(*call);
  if (!credentials.ok()) return Call::Fail(std::move(call), credentials.status());
  std::optional<LoginThrottle::Attempt> attempt =
      BeginPasswordAttempt(call, call->feed().identity().EmailDigest(credentials->first));
  if (!attempt) return;
  ApiServices& services = call->services();
  const absl::Status queued =
      services.passwords.Submit([call = std::move(call), credentials = *std::move(credentials),
                                 attempt = *attempt]() mutable {
        CheckLogin(std::move(call), credentials.first, credentials.second, attempt);
      });
  if (!queued.ok()) services.logins.Undo(*attempt);
}

}  // namespace

void AddAuthenticationRoutes(std::vector<Route>* routes) {
  RouteTable table(routes, kTag);
  table.Post("/api/authentication/signup", HandleSignUp, "Become a member", "Member",
             {.access = Access::kPublic,
              .status = 201,
              .request_schema = "SignUpRequest",
              .errors = "MEMBER_ALREADY_EXISTS MEMBER_HANDLE_ALREADY_EXISTS"});
  table.Post("/api/authentication/login", HandleLogin,
             "Log in; the access token comes in the Authorization header", "Summary",
             {.access = Access::kPublic,
              .request_schema = "LoginRequest",
              .errors = "MEMBER_PASSWORD_INVALID TOO_MANY_REQUEST"});
}

}  // namespace dailyfeed::http

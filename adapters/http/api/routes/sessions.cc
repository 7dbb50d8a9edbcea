// /api/authentication and /api/token: what keeps sessions alive and ends them.
//
// None of these is a command: what they change lives in secrets/. They are done
// by the session workers, because each is a synced write. Identity remembers
// what was answered under an idempotency key. A logout needs no memory: its
// repeat comes with a dead token.
#include <fmt/format.h>

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "adapters/embedded/forms/registration.h"
#include "adapters/http/api/call.h"
#include "adapters/http/api/password_attempts.h"
#include "adapters/http/guard/authentication.h"
#include "adapters/logging/logging.h"
#include "core/base/status_macros.h"

namespace dailyfeed::http {
namespace {

constexpr std::string_view kTag = "Authentication";

// Runs `work` on a session worker. When their queue is full the job goes, and
// with it the call, which answers that the service is unavailable.
template <typename Work>
void OnSessionWorker(CallPtr call, Work work) {
  Workers& workers = call->services().sessions;
  workers
      .Submit([call = std::move(call), work = std::move(work)]() mutable { work(std::move(call)); })
      .IgnoreError();
}

void SucceedTrue(CallPtr call) {
  Call::Succeed(std::move(call), [](JsonWriter& data) {
    data.Bool(true);
    return absl::OkStatus();
  });
}

// Another request had the idempotency key; or the store cannot be written or
// read: try again later, still logged in.
void FailWrite(CallPtr call, const absl::Status& status) {
  if (ErrorCodeOf(status) == ErrorCode::kIdempotencyKeyReused) {
    return Call::Fail(std::move(call), status);
  }
  Call::Fail(std::move(call),
             MakeErrorAs(absl::StatusCode::kUnavailable, ErrorCode::kServiceUnavailable,
                         std::string(status.message())));
}

// --- Refresh -----------------------------------------------------------------

void FailRefresh(CallPtr call, RefreshState state) {
  if (state == RefreshState::kJustUsed) {
    call->AddHeader(kRefreshNeededHeader, "true");  // with the next cookie, which is on its way
  } else {
    call->AddHeader(kReloginHeader, "true");
    call->DeleteCookie();
  }
  Call::Fail(std::move(call), ApiError::kInvalidToken);
}

// For whoever operates the server: somebody has a copy of this member's token.
void LogReuse(const Call& call, const RefreshOutcome& outcome) {
  logging::Log(logging::Level::kWarning, "a spent refresh token was presented again",
               {{"request_id", call.request().request_id},
                {"member", outcome.member},
                {"session", outcome.session_id},
                {"address", call.ClientAddress()}});
}

using AnswerTokens = void (*)(const IssuedTokens& tokens, JsonWriter& data);

void Refresh(CallPtr call, AnswerTokens answer) {
  const std::optional<std::string_view> token = RefreshTokenOf(call->request());
  if (!token) return FailRefresh(std::move(call), RefreshState::kUnknown);
  OnSessionWorker(std::move(call), [token = std::string(*token), answer](CallPtr call) {
    const absl::StatusOr<RefreshOutcome> outcome =
        call->feed().identity().Refresh(token, call->session_request());
    if (!outcome.ok()) return FailWrite(std::move(call), outcome.status());
    call->set_member(outcome->member);
    if (outcome->state == RefreshState::kReused) LogReuse(*call, *outcome);
    if (outcome->state != RefreshState::kRefreshed) {
      return FailRefresh(std::move(call), outcome->state);
    }
    call->AddTokens(outcome->tokens);
    Call::Succeed(std::move(call), [&](JsonWriter& data) {
      answer(outcome->tokens, data);
      return absl::OkStatus();
    });
  });
}

void RefreshWithToken(CallPtr call) {
  Refresh(std::move(call), [](const IssuedTokens& tokens, JsonWriter& data) {
    data.BeginObject();
    data.Field("accessToken", tokens.access_token);
    data.Field("expiresIn", absl::ToInt64Seconds(tokens.access_lifetime));
    data.EndObject();
  });
}

void RefreshWithTrue(CallPtr call) {
  Refresh(std::move(call), [](const IssuedTokens&, JsonWriter& data) { data.Bool(true); });
}

// --- Logout ------------------------------------------------------------------

void LogOut(CallPtr call) {
  OnSessionWorker(std::move(call), [](CallPtr call) {
    const absl::Status status =
        call->feed().LogOut(call->member(), call->session(),
                            RefreshTokenOf(call->request()).value_or(std::string_view()));
    if (!status.ok()) return FailWrite(std::move(call), status);
    call->AddHeader("Authorization", "");
    call->DeleteCookie();
    SucceedTrue(std::move(call));
  });
}

void LogOutEverywhere(CallPtr call) {
  OnSessionWorker(std::move(call), [](CallPtr call) {
    const absl::Status status = call->feed().LogOutEverywhere(call->member());
    if (!status.ok()) return FailWrite(std::move(call), status);
    call->DeleteCookie();
    SucceedTrue(std::move(call));
  });
}

// --- One's own sessions --------------------------------------------------------

absl::Status ListSessions(Call& call, JsonWriter& data) {
  ASSIGN_OR_RETURN(const std::vector<SessionInfo> sessions,
                   call.feed().identity().SessionsOf(call.member(), call.session()));
  data.BeginArray();
  for (const SessionInfo& session : sessions) {
    call.objects().Session(session, session.session_id == call.session(), data);
  }
  data.EndArray();
  return absl::OkStatus();
}

void EndSession(CallPtr call) {
  OnSessionWorker(std::move(call), [](CallPtr call) {
    const std::string session(call->match().Parameter(0));
    const absl::StatusOr<bool> ended =
        call->feed().identity().RevokeSession(call->member(), session, call->session_request());
    if (!ended.ok()) return FailWrite(std::move(call), ended.status());
    if (!*ended) return Call::Fail(std::move(call), ApiError::kNotFound);
    if (session == call->session()) call->DeleteCookie();
    SucceedTrue(std::move(call));
  });
}

// --- A new password ------------------------------------------------------------

void ChangePassword(CallPtr call) {
  JsonObject body;
  if (const absl::Status parsed = call->ParseBody(&body); !parsed.ok()) {
    return Call::Fail(std::move(call), parsed);
  }
  std::vector<Violation> violations;
  const std::string current = body.String("currentPassword", &violations).value_or("");
  const std::string next = body.String("newPassword", &violations).value_or("");
  if (violations.empty()) violations = ValidatePasswordChange(current, next);
  if (!violations.empty()) return Call::Fail(std::move(call), MakeViolations(violations));
  // Whoever has a token and not the password guesses here as they would at login.
  std::optional<LoginThrottle::Attempt> attempt =
      BeginPasswordAttempt(call, fmt::format("member/{}", call->member()));
  if (!attempt) return;
  ApiServices& services = call->services();
  const absl::Status queued = services.passwords.Submit(
      [call = std::move(call), current, next, attempt = *attempt]() mutable {
        const absl::Status changed =
            call->feed().ChangePassword(call->member(), current, next, call->session_request());
        if (!changed.ok()) return FailPasswordAttempt(std::move(call), changed, attempt);
        call->services().logins.Succeeded(attempt);
        call->DeleteCookie();
        SucceedTrue(std::move(call));
      });
  if (!queued.ok()) services.logins.Undo(*attempt);
}

}  // namespace

void AddSessionRoutes(std::vector<Route>* routes) {
  RouteTable table(routes, kTag);
  table.Post("/api/authentication/logout", LogOut, "End the caller's session", "boolean",
             {.access = Access::kLogout});
  table.Post("/api/authentication/logout-all", LogOutEverywhere, "End every session of the caller",
             "boolean");
  table.Post("/api/authentication/refresh", RefreshWithToken,
             "Exchange the refresh cookie for new tokens", "AccessToken",
             {.access = Access::kPublic, .errors = "INVALID_TOKEN"});
  table.Get("/api/authentication/sessions", ListSessions,
            "The caller's sessions, the last used first", "Session[]");
  table.Delete("/api/authentication/sessions/{sid}", EndSession, "End one of the caller's sessions",
               "boolean", {.errors = "NOT_FOUND"});
  table.Post("/api/token/refresh", RefreshWithTrue,
             "Exchange the refresh cookie for new tokens in the headers", "boolean",
             {.access = Access::kPublic, .errors = "INVALID_TOKEN"});
  table.Put("/api/members/password", ChangePassword,
            "Change the password; ends every session of the caller", "boolean",
            {.request_schema = "PasswordChangeRequest",
             .errors = "MEMBER_PASSWORD_INVALID TOO_MANY_REQUEST"});
}

}  // namespace dailyfeed::http

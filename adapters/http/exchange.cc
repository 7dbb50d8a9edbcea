#include "adapters/http/exchange.h"

#include "adapters/http/credentials.h"
#include "adapters/http/objects.h"
#include "adapters/http/router.h"
#include "adapters/logging/logging.h"
#include "core/domain/errors.h"

namespace dailyfeed::http {

const Headers& CommonHeaders() {
  static const Headers& headers = *new Headers{
      {"X-Content-Type-Options", "nosniff"},
      {"X-XSS-Protection", "0"},
      {"X-Frame-Options", "DENY"},
      {"Referrer-Policy", "no-referrer"},
      {"Cache-Control", "no-cache, no-store, max-age=0, must-revalidate"},
      {"Pragma", "no-cache"},
      {"Expires", "0"},
  };
  return headers;
}

std::string ErrorBody(const ApiErrorEntry& entry, int status, std::string_view message,
                      std::string_view path) {
  JsonWriter json;
  json.BeginObject();
  json.Field("statusCode", status);
  json.Field("resultCode", "FAIL");
  json.Field("message", message);
  json.Key("path");
  json.UntrustedString(path);
  json.Field("errorCode", entry.code);
  json.EndObject();
  return json.Take();
}

Exchange::Exchange(HttpRequest request, Respond respond)
    : request_(std::move(request)),
      respond_(std::move(respond)),
      language_(PreferredLanguage(request_.Header("Accept-Language"))) {}

std::string_view Exchange::ListPath() const {
  std::string_view list = path();
  if (list.size() > 1 && list.back() == '/') list.remove_suffix(1);
  return list;
}

std::string Exchange::SuccessBody(int status, absl::FunctionRef<void(JsonWriter&)> data,
                                  size_t expected_bytes) {
  JsonWriter json(expected_bytes);
  BeginSuccess(status, json);
  data(json);
  EndSuccess(json);
  return json.Take();
}

void Exchange::Succeed(int status, absl::FunctionRef<void(JsonWriter&)> data,
                       size_t expected_bytes) {
  SendJson(SuccessBody(status, data, expected_bytes));
}

void Exchange::SendJson(std::string body) {
  HttpResponse response;
  response.body = std::move(body);
  Send(std::move(response));
}

void Exchange::Send(HttpResponse response) {
  const Headers& common = CommonHeaders();
  response.headers.reserve(response.headers.size() + common.size() + headers_.size());
  response.headers.insert(response.headers.end(), common.begin(), common.end());
  for (auto& header : headers_) response.headers.push_back(std::move(header));
  if (route != nullptr) response.route = route->pattern;
  response.member_id = member;
  respond_(std::move(response));
}

void Exchange::SendError(ApiError error, std::string_view message) {
  const ApiErrorEntry& entry = EntryOf(error);
  HttpResponse response;
  response.status = entry.status;
  response.error_code = entry.code;
  response.body = ErrorBody(entry, entry.status, message, path());
  if (error == ApiError::kServiceUnavailable) AddHeader("Retry-After", "1");
  Send(std::move(response));
}

void Exchange::Fail(ApiError error) { SendError(error, EntryOf(error).Sentence(language_)); }

void Exchange::Fail(const absl::Status& status) {
  const std::vector<Violation> violations = ViolationsOf(status);
  if (!violations.empty()) return FailViolations(violations);
  const ApiError error = ApiErrorOf(status);
  // Internal details are for the log, never for the client.
  if (error == ApiError::kInternalServerError || error == ApiError::kServiceUnavailable) {
    logging::Log(
        error == ApiError::kInternalServerError ? logging::Level::kError : logging::Level::kWarning,
        "a request failed", {{"request_id", request_.request_id}, {"reason", status.ToString()}});
  }
  Fail(error);
}

void Exchange::FailViolations(const std::vector<Violation>& violations) {
  SendError(ApiError::kInvalidRequest, ViolationSentences(violations, language_));
}

}  // namespace dailyfeed::http

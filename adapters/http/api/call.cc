#include "adapters/http/api/call.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "adapters/crypto/base64url.h"
#include "adapters/crypto/sealing.h"
#include "adapters/http/guard/authentication.h"
#include "adapters/http/text/headers.h"
#include "adapters/http/text/uri.h"
#include "adapters/logging/logging.h"
#include "core/base/check.h"
#include "core/base/status_macros.h"
#include "core/ports/day.h"

namespace dailyfeed::http {
namespace {

constexpr size_t kListBytesExpected = 16384;
constexpr size_t kObjectBytesExpected = 1024;
constexpr int64_t kPageMax = (int64_t{1} << 31) - 1;
constexpr std::string_view kRetryAfterSeconds = "1";
// A search may take the whole of a processor, and nobody's page is to wait for it.
constexpr int kSearchNiceness = 10;

absl::TimeZone ZoneOf(const Dailyfeed& feed) {
  const absl::StatusOr<DayZone> zone = DayZone::Load(feed.options().time_zone);
  DAILYFEED_CHECK(zone.ok());  // the feed could not have been opened with it
  return zone->zone();
}

// For whoever operates the server; the client learns nothing of it.
void LogFailure(const Call& call, int http_status, const absl::Status& status) {
  const auto level = http_status == 503 ? logging::Level::kWarning : logging::Level::kError;
  logging::Log(level, "a request failed",
               {{"request_id", call.request().request_id}, {"reason", status.ToString()}});
}

void BeginEnvelope(int status, JsonWriter& json) {
  json.BeginObject();
  json.Field("status", status);
  json.Field("result", "SUCCESS");
  json.Key("data");
}

// Nobody has signed in who signs up: the answer is about the new member.
MemberId OwnerOfAnswer(MemberId caller, const CommandResult& result) {
  return caller != 0 ? caller : result.subject_id;
}

}  // namespace

#define DAILYFEED_SECURITY_HEADERS      \
  "X-Content-Type-Options: nosniff\r\n" \
  "X-XSS-Protection: 0\r\n"             \
  "X-Frame-Options: DENY\r\n"           \
  "Referrer-Policy: no-referrer\r\n"
const std::string_view kSecurityHeaders = DAILYFEED_SECURITY_HEADERS;
const std::string_view kSecurityAndCacheHeaders = DAILYFEED_SECURITY_HEADERS
    "Cache-Control: no-cache, no-store, max-age=0, must-revalidate\r\n"
    "Pragma: no-cache\r\n"
    "Expires: 0\r\n";
#undef DAILYFEED_SECURITY_HEADERS

std::string ErrorEnvelope(int status, std::string_view message, std::string_view path,
                          std::string_view error_code) {
  JsonWriter json;
  json.BeginObject();
  json.Field("statusCode", status);
  json.Field("resultCode", "FAIL");
  json.Field("message", message);
  json.Key("path");
  json.UntrustedString(path);
  json.Field("errorCode", error_code);
  json.EndObject();
  return json.Take();
}

ApiServices::ApiServices(Dailyfeed* feed, ApiOptions options)
    : feed(feed),
      options(std::move(options)),
      objects(ZoneOf(*feed), this->options.default_cover_url),
      cursors(feed->identity().DerivedKey("cursors")),
      proxies(CanonicalAddresses(this->options.trusted_proxies)),
      request_digests(feed->identity().DerivedKey("idempotent requests")),
      answer_key(feed->identity().DerivedKey("idempotent answers")),
      logins({.account_failures_max = this->options.failed_logins_max,
              .address_failures_max = this->options.failed_logins_per_address_max,
              .window = this->options.failed_logins_window,
              .delay_step = this->options.failed_login_delay_step,
              .delay_max = this->options.failed_login_delay_max,
              .accounts_max = this->options.failed_logins_remembered_max,
              .addresses_max = this->options.failed_logins_remembered_max}),
      password_places(this->options.password_jobs_per_address_max),
      later(this->options.delayed_answers_max),
      sessions({.what = "sessions",
                .threads = static_cast<size_t>(std::max(1, this->options.session_threads)),
                .queue_capacity = this->options.session_queue_max}),
      searches({.what = "searches",
                .threads = static_cast<size_t>(std::max(1, this->options.search_threads)),
                .queue_capacity = this->options.search_queue_max,
                .owner_jobs_max = this->options.search_jobs_per_member_max,
                .niceness = kSearchNiceness}),
      pictures({.what = "pictures",
                .threads = static_cast<size_t>(std::max(1, this->options.picture_threads)),
                .queue_capacity = this->options.picture_queue_max,
                .owner_jobs_max = this->options.picture_jobs_per_member_max}),
      passwords({.what = "passwords",
                 .threads = static_cast<size_t>(std::max(1, this->options.password_threads)),
                 .queue_capacity = this->options.password_queue_max}) {}

Call::Call(ApiServices* services, HttpRequest request, Respond respond)
    : services_(services), request_(std::move(request)), respond_(std::move(respond)) {
  const SplitTarget target = SplitRequestTarget(request_.target);
  path_ = target.path;
  query_ = target.query;
}

Call::~Call() {
  if (answered_) return;
  const ApiErrorEntry& entry = EntryOf(ApiError::kServiceUnavailable);
  AddHeader("Retry-After", kRetryAfterSeconds);
  Send(entry.status, "application/json", ErrorBody(entry, entry.Sentence(language())), entry.code);
}

Language Call::language() const {
  return PreferredLanguage(request_.HeaderList("Accept-Language"));
}

void Call::set_route(const Route* route, RouteMatch match) {
  route_ = route;
  match_ = std::move(match);
}

absl::StatusOr<uint64_t> Call::PathId(size_t place, std::string_view field) const {
  DAILYFEED_CHECK(place < match_.parameter_count);
  if (const std::optional<uint64_t> id = ParsePathId(match_.Parameter(place))) return *id;
  return MakeViolations({{.field = std::string(field), .rule = Violation::Rule::kFormat}});
}

absl::Status Call::ParseBody(JsonObject* body) const {
  if (body->Parse(request_.body)) return absl::OkStatus();
  return MakeError(ErrorCode::kInvalidRequest, "the body is not a JSON object");
}

absl::StatusOr<std::vector<uint64_t>> Call::BodyIds(std::string_view field,
                                                    ErrorCode too_many) const {
  JsonObject body;
  RETURN_IF_ERROR(ParseBody(&body));
  std::vector<Violation> violations;
  const std::vector<int64_t> numbers =
      body.Integers(field, &violations).value_or(std::vector<int64_t>());
  if (!violations.empty()) return MakeViolations(violations);
  if (numbers.size() > services_->options.ids_max) {
    return MakeError(too_many, "more ids than may be asked for");
  }
  std::vector<uint64_t> ids;
  ids.reserve(numbers.size());
  for (const int64_t number : numbers) {
    if (number > 0) ids.push_back(static_cast<uint64_t>(number));
  }
  return ids;
}

absl::StatusOr<ListRequest> Call::List(uint64_t id, std::string_view name) const {
  const Paging& paging = route_->paging;
  DAILYFEED_CHECK(paging.kind != Paging::Kind::kNone);
  ListRequest list{
      .identity = {.name = name.empty() ? route_->pattern : name, .id = id, .caller = member_},
      .page = {.page = paging.default_page,
               .size = std::min(paging.default_size, services_->options.page_size_max)}};
  if (query_.empty()) return list;
  if (const auto text = QueryParameter(query_, "size")) {
    const std::optional<int64_t> size = ParseSaturated(*text);
    if (size && *size >= 1) {
      list.page.size =
          static_cast<uint32_t>(std::min<int64_t>(*size, services_->options.page_size_max));
    }
  }
  if (paging.kind == Paging::Kind::kCursor) {
    if (const auto cursor = QueryParameter(query_, "cursor"); cursor && !cursor->empty()) {
      ASSIGN_OR_RETURN(const ListPlace place, services_->cursors.Decode(list.identity, *cursor));
      list.page.page = place.page;
      list.page.after = place.after;
      return list;
    }
  }
  if (const auto text = QueryParameter(query_, "page")) {
    if (const std::optional<int64_t> page = ParseSaturated(*text)) {
      list.page.page = static_cast<uint64_t>(std::clamp<int64_t>(*page, 0, kPageMax));
    }
  }
  return list;
}

absl::Status Call::TakeIdempotencyKey(std::string_view body) {
  if (!request_.HasHeader("Idempotency-Key")) return absl::OkStatus();
  const std::string_view key = request_.Header("Idempotency-Key");
  if (!IsIdempotencyKey(key)) {
    return MakeViolations({{.field = "Idempotency-Key", .rule = Violation::Rule::kFormat}});
  }
  auto digest = [&](std::string_view message) {
    const Sha256Digest mac = services_->request_digests.Sign(message);
    return std::string(mac.data(), mac.size());
  };
  std::string_view path = path_;
  if (path.size() > 1 && path.ends_with('/')) path.remove_suffix(1);
  // Bodies may hold passwords, and a digest of one is as good as the password to
  // whoever can make it of guesses. The client's key is in all of these and is
  // kept nowhere.
  const std::string secret = digest(fmt::format("key\n{}", key));
  const std::string body_digest = digest(fmt::format("body\n{}\n{}", secret, body));
  idempotency_ = IdempotencyKey{
      .scope = member_ != 0 ? fmt::format("member/{}", member_)
                            : fmt::format("body/{}", Base64UrlEncode(body_digest)),
      .key = Base64UrlEncode(secret),
      .fingerprint = digest(fmt::format("{}\n{}\n{}", request_.method, path, body_digest))};
  session_request_ =
      SessionRequest{.key = std::string(key), .fingerprint = idempotency_->fingerprint};
  return absl::OkStatus();
}

absl::Time Call::SteadyNow() const {
  return absl::FromUnixNanos(SteadyClockOf(services_->feed->options().identity).Now());
}

http::ClientAddress Call::Client() const {
  // A proxy may add a line of its own behind those that the client sent.
  http::ClientAddress client =
      FindClient(request_.peer_address, request_.HeaderList("X-Forwarded-For"), services_->proxies);
  if (client.names_are_ignored && !services_->names_were_ignored.exchange(true)) {
    logging::Log(logging::Level::kWarning,
                 "X-Forwarded-For came from an address that is not in api.trusted_proxies and is "
                 "ignored; said once",
                 {{"address", client.address}});
  }
  return client;
}

std::string Call::ClientAddress() const { return Client().address; }

std::string Call::LimitedAddress() const {
  http::ClientAddress client = Client();
  return client.is_one_client ? std::move(client.address) : std::string();
}

bool Call::TakePasswordPlace() {
  std::optional<PlacesPerAddress::Place> place = services_->password_places.Take(LimitedAddress());
  if (!place) return false;
  password_place_.emplace(*std::move(place));
  return true;
}

void Call::AddHeader(std::string_view name, std::string_view value) {
  headers_.emplace_back(name, value);
}

void Call::AddTokens(const IssuedTokens& tokens) {
  AddHeader("Authorization", fmt::format("Bearer {}", tokens.access_token));
  AddHeader("Set-Cookie", RefreshCookie(tokens.refresh_token, tokens.refresh_lifetime,
                                        services_->options.secure_cookies));
}

void Call::DeleteCookie() {
  AddHeader("Set-Cookie",
            RefreshCookie("", absl::ZeroDuration(), services_->options.secure_cookies));
}

void Call::Send(int status, std::string_view content_type, std::string body,
                std::string_view error_code, std::unique_ptr<BodyStream> stream,
                std::string_view header_lines) {
  DAILYFEED_CHECK(!answered_);
  answered_ = true;
  ReleasePasswordPlace();  // before the client can send its next request
  HttpResponse response;
  response.status = status;
  response.content_type = content_type;
  response.headers = std::move(headers_);
  response.header_lines = header_lines;
  response.body = std::move(body);
  response.stream = std::move(stream);
  if (route_ != nullptr) response.route = route_->pattern;
  response.error_code = error_code;
  response.member_id = member_;
  respond_(std::move(response));
}

void Call::Answer(CallPtr call, int status, std::string_view content_type, std::string body) {
  call->Send(status, content_type, std::move(body), {});
}

void Call::AnswerStream(CallPtr call, std::string_view content_type,
                        std::unique_ptr<BodyStream> stream) {
  call->Send(200, content_type, {}, {}, std::move(stream));
}

void Call::AnswerToKeep(CallPtr call, int status, std::string_view content_type, std::string body) {
  call->Send(status, content_type, std::move(body), {}, nullptr, kSecurityHeaders);
}

void Call::Refuse(CallPtr call, int status) {
  const ApiErrorEntry entry = RefusalOf(status);
  call->Send(status, "application/json", call->ErrorBody(entry, entry.Sentence(call->language())),
             entry.code);
}

void Call::Succeed(CallPtr call, absl::FunctionRef<absl::Status(JsonWriter&)> write) {
  const bool list = call->route().paging.kind != Paging::Kind::kNone;
  JsonWriter json(list ? kListBytesExpected : kObjectBytesExpected);
  BeginEnvelope(call->route().status, json);
  if (const absl::Status status = write(json); !status.ok()) return Fail(std::move(call), status);
  json.EndObject();
  call->Send(200, "application/json", json.Take(), {});
}

std::string Call::ErrorBody(const ApiErrorEntry& entry, std::string_view message) const {
  return ErrorEnvelope(entry.status, message, path_, entry.code);
}

void Call::Fail(CallPtr call, ApiError error) {
  const std::string_view sentence = EntryOf(error).Sentence(call->language());
  Fail(std::move(call), error, sentence);
}

void Call::Fail(CallPtr call, ApiError error, std::string_view sentence) {
  const ApiErrorEntry& entry = EntryOf(error);
  if (error == ApiError::kServiceUnavailable) call->AddHeader("Retry-After", kRetryAfterSeconds);
  call->Send(entry.status, "application/json", call->ErrorBody(entry, sentence), entry.code);
}

// Between the check of the token and the answer the caller may withdraw. Then
// the token is one of a withdrawn member.
bool Call::CallerIsGone(const absl::Status& status, ApiError error) {
  if (member_ == 0) return false;
  return absl::IsUnauthenticated(status) ||
         (error == ApiError::kMemberNotFound &&
          ErrorCodeOf(feed().queries().Member(member_).status()) == ErrorCode::kMemberNotFound);
}

void Call::Fail(CallPtr call, const absl::Status& status) {
  const ApiError error = ApiErrorOf(status);
  if (call->CallerIsGone(status, error)) {
    std::erase_if(call->headers_,
                  [](const auto& header) { return header.first == kRefreshNeededHeader; });
    call->AddHeader(kReloginHeader, "true");
    return Fail(std::move(call), ApiError::kInvalidToken);
  }
  const ApiErrorEntry& entry = EntryOf(error);
  if (entry.status >= 500) LogFailure(*call, entry.status, status);
  const std::vector<Violation> violations = ViolationsOf(status);
  if (violations.empty()) return Fail(std::move(call), error);
  call->Send(entry.status, "application/json",
             call->ErrorBody(entry, ViolationSentences(violations, call->language())), entry.code);
}

absl::Status Call::PostPage(const ListRequest& list, absl::StatusOr<Slice<PostView>> posts,
                            JsonWriter& json) {
  RETURN_IF_ERROR(posts.status());
  feed().AddPendingViews(&posts->rows);
  ScrollPage(
      list, *posts, [this](const PostView& post, JsonWriter& row) { objects().Post(post, row); },
      json);
  return absl::OkStatus();
}

void Call::EndScrollPage(const ListRequest& list, const std::optional<ListKey>& next,
                         JsonWriter& json) const {
  json.Field("page", list.page.page);
  json.Field("size", list.page.size);
  json.Field("hasNext", next.has_value());
  if (next) {
    const ListPlace place{.page = list.page.page + 1, .after = *next};
    json.Field("nextCursor", services_->cursors.Encode(list.identity, place));
  } else {
    json.NullField("nextCursor");
  }
  json.EndObject();
}

void Call::EndNumberedPage(const ListRequest& list, uint64_t total, JsonWriter& json) {
  const uint64_t page = list.page.page;
  const uint64_t pages = total / list.page.size + (total % list.page.size > 0 ? 1 : 0);
  const bool has_next = page + 1 < pages;
  json.Field("page", page);
  json.Field("size", list.page.size);
  json.Field("totalElements", total);
  json.Field("totalPages", pages);
  json.Field("first", page == 0);
  json.Field("last", !has_next);
  json.Field("hasNext", has_next);
  json.Field("hasPrevious", page > 0);
  json.EndObject();
}

void Call::Submit(CallPtr call, Command command, AnswerFunction answer) {
  Submission submission{.command = std::move(command), .actor = call->member()};
  submission.idempotency = call->idempotency_;
  Dailyfeed& feed = call->feed();
  feed.Submit(std::move(submission), [call = std::move(call),
                                      answer](const absl::StatusOr<CommandResult>& result) mutable {
    Finish(std::move(call), result, answer);
  });
}

void Call::SubmitBoth(CallPtr call, Command command, Afterwards afterwards, AnswerFunction answer) {
  Submission submission{.command = std::move(command), .actor = call->member()};
  submission.idempotency = call->idempotency_;
  Dailyfeed& feed = call->feed();
  feed.Submit(std::move(submission), [call = std::move(call), afterwards = std::move(afterwards),
                                      answer](absl::StatusOr<CommandResult> result) mutable {
    if (!result.ok() || result->replayed) return Finish(std::move(call), result, answer);
    std::optional<Command> second = afterwards(*call);
    if (!second) return Finish(std::move(call), result, answer);
    Submission then{.command = *std::move(second), .actor = call->member()};
    Dailyfeed& feed = call->feed();
    feed.Submit(std::move(then), [call = std::move(call), first = std::move(result),
                                  answer](const absl::StatusOr<CommandResult>&) mutable {
      Finish(std::move(call), first, answer);
    });
  });
}

std::string Call::SealContext() const {
  return fmt::format("{}\n{}\n{}", idempotency_->scope, idempotency_->key,
                     idempotency_->fingerprint);
}

void Call::Keep(const CommandResult& result, std::string_view body) {
  const absl::StatusOr<std::string> sealed = services_->feed->SealFor(
      OwnerOfAnswer(member_, result), SealText(services_->answer_key, SealContext(), body));
  // Whoever has withdrawn has nobody who may repeat it.
  if (sealed.ok()) services_->feed->engine().StoreAnswer(*idempotency_, result, *sealed);
}

std::optional<std::string> Call::Kept(const CommandResult& result) const {
  const absl::StatusOr<std::optional<std::string>> sealed =
      services_->feed->UnsealFor(OwnerOfAnswer(member_, result), result.stored_answer);
  if (!sealed.ok() || !*sealed) return std::nullopt;
  return OpenSealed(services_->answer_key, SealContext(), **sealed);
}

void Call::Finish(CallPtr call, const absl::StatusOr<CommandResult>& result,
                  AnswerFunction answer) {
  if (!result.ok()) return Fail(std::move(call), result.status());
  if (result->replayed && !result->stored_answer.empty()) {
    std::optional<std::string> body = call->Kept(*result);
    if (body) return call->Send(200, "application/json", *std::move(body), {});
  }
  JsonWriter json(kObjectBytesExpected);
  BeginEnvelope(call->route().status, json);
  if (const absl::Status status = answer(*call, *result, json); !status.ok()) {
    return Fail(std::move(call), status);
  }
  json.EndObject();
  std::string body = json.Take();
  // Before the answer is sent: a repeat that comes right after it finds it.
  if (call->idempotency_) call->Keep(*result, body);
  call->Send(200, "application/json", std::move(body), {});
}

absl::Status AnswerTrue(Call&, const CommandResult&, JsonWriter& data) {
  data.Bool(true);
  return absl::OkStatus();
}

absl::Status AnswerPost(Call& call, const CommandResult& result, JsonWriter& data) {
  ASSIGN_OR_RETURN(PostView post, call.feed().queries().Post(call.member(), result.subject_id));
  std::vector<PostView> posts = {std::move(post)};
  call.feed().AddPendingViews(&posts);
  call.objects().Post(posts.front(), data);
  return absl::OkStatus();
}

absl::Status AnswerComment(Call& call, const CommandResult& result, JsonWriter& data) {
  ASSIGN_OR_RETURN(const CommentView comment,
                   call.feed().queries().Comment(call.member(), result.subject_id));
  call.objects().Comment(comment, data);
  return absl::OkStatus();
}

std::vector<Violation> MergeViolations(std::vector<Violation> of_types,
                                       std::vector<Violation> of_values,
                                       void (*sort)(std::vector<Violation>*)) {
  const size_t typed = of_types.size();
  for (Violation& violation : of_values) {
    const bool known = std::any_of(of_types.begin(), of_types.begin() + typed,
                                   [&](const Violation& v) { return v.field == violation.field; });
    if (!known) of_types.push_back(std::move(violation));
  }
  sort(&of_types);
  return of_types;
}

}  // namespace dailyfeed::http

// One request on its way through the API: what its handler reads from it, and
// the ways to answer it. Internal to the API.
//
// A call is owned by whoever works on it and is answered exactly once; one that
// goes unanswered (a full queue dropped it) is answered SERVICE_UNAVAILABLE.
//
// Threads: one at a time.
#ifndef DAILYFEED_ADAPTERS_HTTP_API_CALL_H_
#define DAILYFEED_ADAPTERS_HTTP_API_CALL_H_

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "adapters/crypto/hmac_sha256.h"
#include "adapters/embedded/dailyfeed.h"
#include "adapters/http/api/api.h"
#include "adapters/http/api/cursor.h"
#include "adapters/http/api/objects.h"
#include "adapters/http/api/router.h"
#include "adapters/http/api/routes.h"
#include "adapters/http/guard/addresses.h"
#include "adapters/http/guard/login_throttle.h"
#include "adapters/http/guard/places_per_address.h"
#include "adapters/http/server/handler.h"
#include "adapters/http/text/errors.h"
#include "adapters/http/text/json_reader.h"
#include "adapters/http/text/json_writer.h"
#include "adapters/threads/timer.h"
#include "adapters/threads/workers.h"

namespace dailyfeed::http {

// Header lines of answers; see HttpResponse::header_lines.
extern const std::string_view kSecurityHeaders;          // pictures
extern const std::string_view kSecurityAndCacheHeaders;  // everything else

// What all calls share. Everything in it may be used from any thread.
struct ApiServices {
  ApiServices(Dailyfeed* feed, ApiOptions options);

  Dailyfeed* feed;
  const ApiOptions options;
  const ObjectWriter objects;
  const CursorCodec cursors;
  const std::vector<std::string> proxies;  // that are trusted; see FindClient
  const HmacSha256 request_digests;        // of idempotent requests: bodies may hold passwords
  const std::string answer_key;            // seals what is remembered for idempotency keys
  LoginThrottle logins;
  PlacesPerAddress password_places;
  std::string openapi;
  std::atomic<bool> draining = false;
  std::atomic<bool> names_were_ignored = false;  // see ClientAddress
  Timer later;                                   // answers to failed logins
  Workers sessions;                              // synced writes of sessions
  Workers searches;
  Workers pictures;
  Workers passwords;  // last: its jobs use the rest
};

struct ListRequest {
  ListIdentity identity;
  PageRequest page;
};

class Call {
 public:
  Call(ApiServices* services, HttpRequest request, Respond respond);
  ~Call();
  Call(const Call&) = delete;
  Call& operator=(const Call&) = delete;

  ApiServices& services() { return *services_; }
  Dailyfeed& feed() { return *services_->feed; }
  const ObjectWriter& objects() const { return services_->objects; }
  const HttpRequest& request() const { return request_; }
  std::string_view path() const { return path_; }  // as received
  std::string_view query() const { return query_; }
  bool is_head() const { return request_.method == "HEAD"; }
  Language language() const;

  // The caller; 0 on public endpoints.
  MemberId member() const { return member_; }
  void set_member(MemberId member) { member_ = member; }
  // The session of the caller's access token; empty on public endpoints.
  const std::string& session() const { return session_; }
  void set_session(std::string session_id) { session_ = std::move(session_id); }
  absl::Time SteadyNow() const;  // for limits: no date, see SteadyClock
  const Route& route() const { return *route_; }
  void set_route(const Route* route, RouteMatch match);
  const RouteMatch& match() const { return match_; }

  // --- What the request says -------------------------------------------------
  // The variable of the path as an id; INVALID_REQUEST naming `field`.
  absl::StatusOr<uint64_t> PathId(size_t place, std::string_view field) const;
  // INVALID_REQUEST when the body is not a JSON object. `body` is a view of it.
  absl::Status ParseBody(JsonObject* body) const;
  // The ids in a list of the body, in their order; numbers that are no ids are left
  // out. `too_many` when there are more than may be asked for.
  absl::StatusOr<std::vector<uint64_t>> BodyIds(std::string_view field, ErrorCode too_many) const;
  // Page, size and cursor by the rules of this route's list. `id` is the id in
  // its path, `name` what it is called where the path does not tell; it must
  // live for ever.
  absl::StatusOr<ListRequest> List(uint64_t id = 0, std::string_view name = {}) const;
  // Reads and checks the header; INVALID_REQUEST. `body` is what must be the
  // same in a repeat.
  absl::Status TakeIdempotencyKey(std::string_view body);
  bool has_idempotency_key() const { return idempotency_.has_value(); }
  // The same for writes of sessions; nullptr without a key. Of the call.
  const SessionRequest* session_request() const {
    return session_request_ ? &*session_request_ : nullptr;
  }
  // Of the client: the peer, or what a trusted proxy says. See addresses.h.
  std::string ClientAddress() const;
  // The same for limits; empty when it may stand for many clients.
  std::string LimitedAddress() const;
  // One of ApiServices::password_places, held until it is released or the call
  // is gone. False: the address has as many as it may.
  bool TakePasswordPlace();
  void ReleasePasswordPlace() { password_place_.reset(); }

  // --- Answering -------------------------------------------------------------
  // For the headers of whatever the answer will be.
  void AddHeader(std::string_view name, std::string_view value);
  // Delivers tokens: the Authorization header and the refresh cookie.
  void AddTokens(const IssuedTokens& tokens);
  void DeleteCookie();

  // Ends the call without an answer: its request will come again, whole.
  static void Abandon(CallPtr call) { call->answered_ = true; }

  // 200 in the envelope of the route, `write` writes `data`. When it fails, the
  // answer is its error.
  static void Succeed(CallPtr call, absl::FunctionRef<absl::Status(JsonWriter&)> write);
  static void Fail(CallPtr call, const absl::Status& status);
  static void Fail(CallPtr call, ApiError error);
  // With another sentence than that of the catalogue; in language().
  static void Fail(CallPtr call, ApiError error, std::string_view sentence);
  // Any other answer.
  static void Answer(CallPtr call, int status, std::string_view content_type, std::string body);
  // 200 with a body that goes on.
  static void AnswerStream(CallPtr call, std::string_view content_type,
                           std::unique_ptr<BodyStream> stream);
  // One that clients may keep: without the headers that forbid it.
  static void AnswerToKeep(CallPtr call, int status, std::string_view content_type,
                           std::string body);
  // With an HTTP status that is not the one of its error; see RefusalOf.
  static void Refuse(CallPtr call, int status);
  // Sends the command; answers when it is durable and visible, or refused.
  static void Submit(CallPtr call, Command command, AnswerFunction answer);
  // The same, and a second command, which is made when the first is done and
  // whose outcome nobody hears of, before the answer.
  using Afterwards = absl::AnyInvocable<std::optional<Command>(Call&)>;
  static void SubmitBoth(CallPtr call, Command command, Afterwards afterwards,
                         AnswerFunction answer);

  // `data` of a list: a ScrollPage. `write_row` writes one row.
  template <typename Row, typename WriteRow>
  void ScrollPage(const ListRequest& list, const Slice<Row>& slice, WriteRow write_row,
                  JsonWriter& json) const {
    json.BeginObject();
    json.Key("content");
    json.BeginArray();
    for (const Row& row : slice.rows) write_row(row, json);
    json.EndArray();
    EndScrollPage(list, slice.has_next ? slice.next : std::nullopt, json);
  }

  // The same for a list of posts, with the views that the log does not hold yet.
  absl::Status PostPage(const ListRequest& list, absl::StatusOr<Slice<PostView>> posts,
                        JsonWriter& json);

  // `data` of a list with totals: a Page.
  template <typename Row, typename WriteRow>
  static void NumberedPage(const ListRequest& list, const CountedPage<Row>& page,
                           WriteRow write_row, JsonWriter& json) {
    json.BeginObject();
    json.Key("content");
    json.BeginArray();
    for (const Row& row : page.rows) write_row(row, json);
    json.EndArray();
    EndNumberedPage(list, page.total, json);
  }

 private:
  static void EndNumberedPage(const ListRequest& list, uint64_t total, JsonWriter& json);
  void EndScrollPage(const ListRequest& list, const std::optional<ListKey>& next,
                     JsonWriter& json) const;
  static void Finish(CallPtr call, const absl::StatusOr<CommandResult>& result,
                     AnswerFunction answer);
  http::ClientAddress Client() const;
  bool CallerIsGone(const absl::Status& status, ApiError error);
  std::string ErrorBody(const ApiErrorEntry& entry, std::string_view message) const;
  std::string SealContext() const;
  // An answer that is kept for repeats dies with the member whose it is.
  void Keep(const CommandResult& result, std::string_view body);
  std::optional<std::string> Kept(const CommandResult& result) const;
  void Send(int status, std::string_view content_type, std::string body,
            std::string_view error_code, std::unique_ptr<BodyStream> stream = nullptr,
            std::string_view header_lines = kSecurityAndCacheHeaders);

  ApiServices* const services_;
  HttpRequest request_;
  Respond respond_;
  bool answered_ = false;
  std::string_view path_, query_;  // of request_
  const Route* route_ = nullptr;
  RouteMatch match_;
  MemberId member_ = 0;
  std::string session_;
  std::optional<IdempotencyKey> idempotency_;
  std::optional<SessionRequest> session_request_;
  std::vector<std::pair<std::string, std::string>> headers_;
  std::optional<PlacesPerAddress::Place> password_place_;
};

// --- What many routes do --------------------------------------------------------

// The command whose only field is the id in the path; `field` is what the
// contract calls that.
template <typename C, uint64_t C::*id, const char* field>
absl::StatusOr<Command> ById(Call& call) {
  absl::StatusOr<uint64_t> number = call.PathId(0, field);
  if (!number.ok()) return number.status();
  C command;
  command.*id = *number;
  return command;
}

// What a command is answered with: `data` is true; or the post or comment that
// it concerned, as that is now.
absl::Status AnswerTrue(Call& call, const CommandResult& result, JsonWriter& data);
absl::Status AnswerPost(Call& call, const CommandResult& result, JsonWriter& data);
absl::Status AnswerComment(Call& call, const CommandResult& result, JsonWriter& data);

// Both in the order of fields of `sort`. For a field whose type is wrong only
// that is reported.
std::vector<Violation> MergeViolations(std::vector<Violation> of_types,
                                       std::vector<Violation> of_values,
                                       void (*sort)(std::vector<Violation>*));

// The error envelope of the contract, 1.4.
std::string ErrorEnvelope(int status, std::string_view message, std::string_view path,
                          std::string_view error_code);

}  // namespace dailyfeed::http

#endif  // DAILYFEED_ADAPTERS_HTTP_API_CALL_H_

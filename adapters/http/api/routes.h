// The table of routes: one entry says everything about an endpoint, and both
// the router and the OpenAPI document are made from it.
//
// An endpoint is one of three kinds:
//   read   writes `data` of the answer, or returns an error;
//   write  turns the request into a command; when the command is durable and
//          visible, writes `data`. Idempotency keys, overload and refusals are
//          taken care of (Call::Submit);
//   serve  answers the call itself, now or later, from any thread.
//
//   absl::Status GetSummary(Call& call, JsonWriter& data) {
//     ASSIGN_OR_RETURN(MemberId id, call.PathId(0, "memberId"));
//     ASSIGN_OR_RETURN(auto card, call.feed().queries().Member(id));
//     call.objects().Summary(*card, data);
//     return absl::OkStatus();
//   }
//   routes->push_back({.method = "GET", .pattern = "/api/members/{memberId}/summary",
//                      .run = ReadFunction(GetSummary), ...});
#ifndef DAILYFEED_ADAPTERS_HTTP_API_ROUTES_H_
#define DAILYFEED_ADAPTERS_HTTP_API_ROUTES_H_

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <variant>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "adapters/http/text/json_writer.h"
#include "core/engine/engine.h"

namespace dailyfeed::http {

class Call;
using CallPtr = std::unique_ptr<Call>;

using ReadFunction = absl::Status (*)(Call& call, JsonWriter& data);
using CommandFunction = absl::StatusOr<Command> (*)(Call& call);
using AnswerFunction = absl::Status (*)(Call& call, const CommandResult& result, JsonWriter& data);
using ServeFunction = void (*)(CallPtr call);

struct WriteFunctions {
  CommandFunction command;
  AnswerFunction answer;
};

enum class Access {
  kPublic,  // Authorization is not even looked at
  kMember,  // needs a valid access token
  kLogout,  // an expired access token or a valid refresh cookie will do
};

// How a list is asked for (contract 1.7).
struct Paging {
  enum class Kind { kNone, kPage, kCursor };
  Kind kind = Kind::kNone;
  uint32_t default_page = 0;
  uint32_t default_size = 0;
};

// A query parameter beside those of paging, for the OpenAPI document.
struct QueryField {
  std::string_view name;
  bool required = false;
  std::string_view values = {};   // "today 7d"; empty: any text
  std::string_view pattern = {};  // see PatternNamed; empty: any text
  uint32_t length_max = 0;        // UTF-16 units; 0: no limit
  std::string_view description;
};

struct Route {
  std::string_view method;
  std::string_view pattern;
  Access access = Access::kMember;
  std::variant<ReadFunction, WriteFunctions, ServeFunction> run = {};
  Paging paging = {};
  // The number in `status` of the envelope; the HTTP status of success is 200.
  int status = 200;

  // For the OpenAPI document.
  std::string_view tag;
  std::string_view summary;
  std::string_view request_schema = {};  // of the JSON body; empty: none
  std::string_view data_schema = {};     // of `data`; empty: not in an envelope
  std::string_view content_type = "application/json";
  std::string_view errors = {};  // "POST_NOT_FOUND POST_LIKE_ALREADY_EXISTS"
  std::span<const QueryField> query = {};
  // The body is multipart/form-data and this part of it a file: it may be as
  // large as a picture, and reads its own idempotency key.
  std::string_view file_part = {};
};

// Adds the routes of one tag. `rest` says what is not usual: paging, status,
// errors, ...
//
//   RouteTable table(routes, "Posts");
//   table.Post("/api/posts/{postId}/like", WriteFunctions{Like, AnswerTrue}, "Like a post",
//              "boolean", {.errors = "POST_NOT_FOUND POST_LIKE_ALREADY_EXISTS"});
class RouteTable {
 public:
  using Run = decltype(Route::run);
  using Text = std::string_view;

  RouteTable(std::vector<Route>* routes, Text tag) : routes_(routes), tag_(tag) {}

  void Get(Text pattern, Run run, Text summary, Text data_schema, Route rest = {}) {
    Add("GET", pattern, run, summary, data_schema, rest);
  }
  void Post(Text pattern, Run run, Text summary, Text data_schema, Route rest = {}) {
    Add("POST", pattern, run, summary, data_schema, rest);
  }
  void Put(Text pattern, Run run, Text summary, Text data_schema, Route rest = {}) {
    Add("PUT", pattern, run, summary, data_schema, rest);
  }
  void Delete(Text pattern, Run run, Text summary, Text data_schema, Route rest = {}) {
    Add("DELETE", pattern, run, summary, data_schema, rest);
  }

 private:
  void Add(Text method, Text pattern, Run run, Text summary, Text data_schema, Route route) {
    route.method = method;
    route.pattern = pattern;
    route.run = run;
    route.summary = summary;
    route.data_schema = data_schema;
    if (route.tag.empty()) route.tag = tag_;
    routes_->push_back(route);
  }

  std::vector<Route>* const routes_;
  const Text tag_;
};

// All routes, in the order of the contract. Made once; lives for ever.
const std::vector<Route>& Routes();

void AddAuthenticationRoutes(std::vector<Route>* routes);
void AddSessionRoutes(std::vector<Route>* routes);
void AddMemberRoutes(std::vector<Route>* routes);
void AddProfileRoutes(std::vector<Route>* routes);
void AddFollowRoutes(std::vector<Route>* routes);
void AddPostRoutes(std::vector<Route>* routes);
void AddCommentRoutes(std::vector<Route>* routes);
void AddPostListRoutes(std::vector<Route>* routes);
void AddTimelineRoutes(std::vector<Route>* routes);
void AddSearchRoutes(std::vector<Route>* routes);
void AddTextSearchRoutes(std::vector<Route>* routes);
void AddActivityRoutes(std::vector<Route>* routes);
void AddStreamRoutes(std::vector<Route>* routes);
void AddImageRoutes(std::vector<Route>* routes);
void AddSystemRoutes(std::vector<Route>* routes);

}  // namespace dailyfeed::http

#endif  // DAILYFEED_ADAPTERS_HTTP_API_ROUTES_H_

// What every route works with, and the few ways in which all of them work.
// Internal to the API.
#ifndef DAILYFEED_ADAPTERS_HTTP_API_CONTEXT_H_
#define DAILYFEED_ADAPTERS_HTTP_API_CONTEXT_H_

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "adapters/embedded/dailyfeed.h"
#include "adapters/http/api.h"
#include "adapters/http/cursor.h"
#include "adapters/http/exchange.h"
#include "adapters/http/json_body.h"
#include "adapters/http/login_limiter.h"
#include "adapters/http/objects.h"
#include "adapters/http/paging.h"
#include "adapters/http/router.h"
#include "adapters/identity/passwords.h"

namespace dailyfeed::http {

class ApiContext {
 public:
  ApiContext(Dailyfeed* feed, ApiOptions options, const std::vector<Route>* routes);

  Dailyfeed& feed;
  const ApiOptions options;
  const ObjectWriter objects;
  const CursorCodec cursors;
  const HmacSha256 digests;  // keyed, for idempotency scopes and fingerprints
  LoginLimiter logins;
  AsyncPasswords passwords;
  const std::vector<Route>& routes;
  std::atomic<bool> draining = false;

  Queries& queries() const { return feed.queries(); }
  PageRequest Page(const Exchange& exchange, PageDefaults defaults) const {
    return ParsePage(exchange.query, defaults, options.page_size_max);
  }
};

// What the answer to a write says, once it is durable: the number inside the
// envelope and `data`.
struct Written {
  int status = 200;
  std::function<absl::Status(const CommandResult& result, JsonWriter& json)> data;
};
// `data` is true.
Written WrittenTrue(int status);

// Sends the command and answers: an error, the answer of the first time for a
// repeated idempotency key, or what `written` makes of the result.
void SubmitWrite(ApiContext& context, ExchangePtr exchange, Command command, Written written);

// The id in the path; 0 after answering INVALID_REQUEST.
uint64_t PathId(Exchange& exchange, size_t index = 0);

// Answers a ScrollPage: `read` asks the query, `row` writes a row.
template <typename Read, typename WriteRow>
void AnswerScroll(ApiContext& context, Exchange& exchange, PageDefaults defaults, Read&& read,
                  WriteRow&& row) {
  const std::string_view list = exchange.ListPath();
  const std::optional<PageRequest> request =
      ParseScroll(exchange.query, defaults, context.options.page_size_max, context.cursors, list,
                  exchange.member);
  if (!request) return exchange.Fail(ApiError::kInvalidCursor);
  auto slice = read(*request);
  if (!slice.ok()) return exchange.Fail(slice.status());
  constexpr size_t kRowBytes = 900;  // of a post of ordinary length
  exchange.Succeed(
      200,
      [&](JsonWriter& json) {
        WriteScroll(*slice, *request, context.cursors, list, exchange.member, json, row);
      },
      256 + slice->rows.size() * kRowBytes);
}

// The routes, by file.
std::vector<Route> AuthenticationRoutes();
std::vector<Route> MemberRoutes();
std::vector<Route> PostRoutes();
std::vector<Route> CommentRoutes();
std::vector<Route> TimelineRoutes();
std::vector<Route> ServiceRoutes();  // health, API document, start page

}  // namespace dailyfeed::http

#endif  // DAILYFEED_ADAPTERS_HTTP_API_CONTEXT_H_

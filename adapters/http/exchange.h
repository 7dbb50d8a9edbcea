// One request on its way to its answer: what was asked, by whom, and the only
// ways to answer it. Owned by whoever has to answer; may move between threads.
//
//   exchange->Succeed(201, [&](JsonWriter& json) { json.Bool(true); });
//   exchange->Fail(status);
#ifndef DAILYFEED_ADAPTERS_HTTP_EXCHANGE_H_
#define DAILYFEED_ADAPTERS_HTTP_EXCHANGE_H_

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "adapters/http/api_errors.h"
#include "adapters/http/handler.h"
#include "adapters/http/json_writer.h"
#include "adapters/http/uri.h"
#include "core/domain/types.h"
#include "core/engine/engine.h"

namespace dailyfeed::http {

struct Route;

using Headers = std::vector<std::pair<std::string, std::string>>;

// The headers of section 1.6 that every answer carries. Pictures, which may be
// cached, leave out the last three.
const Headers& CommonHeaders();

class Exchange {
 public:
  Exchange(HttpRequest request, Respond respond);

  const HttpRequest& request() const { return request_; }
  std::string_view path() const { return PathOf(request_.target); }
  // The path without one trailing slash: the name of a list for its cursors.
  std::string_view ListPath() const;
  Language language() const { return language_; }
  bool is_head() const { return request_.method == "HEAD"; }

  const Route* route = nullptr;
  std::vector<std::string> variables;  // of the path, decoded, in order
  Query query;
  MemberId member = 0;  // the caller; 0 on public endpoints
  std::string session_id;
  std::string token_id;
  // For writes that may be repeated; see section 1.9 of the contract.
  std::optional<IdempotencyKey> idempotency;

  // Headers of this answer besides the common ones.
  void AddHeader(std::string name, std::string value) {
    headers_.emplace_back(std::move(name), std::move(value));
  }

  // Each answers, once. `status` is the number inside the envelope; the HTTP
  // status is 200.
  void Succeed(int status, absl::FunctionRef<void(JsonWriter&)> data, size_t expected_bytes = 512);
  void Fail(ApiError error);
  // The catalogue's answer to a status that is not OK.
  void Fail(const absl::Status& status);
  void FailViolations(const std::vector<Violation>& violations);
  // A body as it is, with HTTP status 200.
  void SendJson(std::string body);
  void Send(HttpResponse response);

  // The body of the answer `Succeed` would send.
  static std::string SuccessBody(int status, absl::FunctionRef<void(JsonWriter&)> data,
                                 size_t expected_bytes = 512);

 private:
  void SendError(ApiError error, std::string_view message);

  HttpRequest request_;
  Respond respond_;
  Language language_;
  Headers headers_;
};

using ExchangePtr = std::unique_ptr<Exchange>;

// The error envelope of section 1.4.
std::string ErrorBody(const ApiErrorEntry& entry, int status, std::string_view message,
                      std::string_view path);

}  // namespace dailyfeed::http

#endif  // DAILYFEED_ADAPTERS_HTTP_EXCHANGE_H_

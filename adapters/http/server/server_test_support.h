// What the tests of the server share: a handler whose behaviour is a function,
// and a server over it. For tests only.
#ifndef DAILYFEED_ADAPTERS_HTTP_SERVER_SERVER_TEST_SUPPORT_H_
#define DAILYFEED_ADAPTERS_HTTP_SERVER_SERVER_TEST_SUPPORT_H_

#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <utility>

#include "adapters/http/server/handler.h"
#include "adapters/http/server/server.h"
#include "core/base/check.h"
#include "fmt/format.h"

namespace dailyfeed::http {

inline HttpResponse TextResponse(std::string body, int status = 200) {
  HttpResponse response;
  response.status = status;
  response.content_type = "text/plain";
  response.body = std::move(body);
  return response;
}

// Answers "<method> <target> <body>" unless told otherwise.
class TestHandler : public Handler {
 public:
  using Function = std::function<void(HttpRequest, Respond)>;

  explicit TestHandler(Function function = Echo, size_t body_limit = 1u << 20)
      : function_(std::move(function)), body_limit_(body_limit) {}

  static void Echo(HttpRequest request, Respond respond) {
    respond(TextResponse(fmt::format("{} {} {}", request.method, request.target, request.body)));
  }

  void Handle(HttpRequest request, Respond respond) override {
    function_(std::move(request), std::move(respond));
  }
  HttpResponse Refuse(int status, const HttpRequest& partial) override {
    HttpResponse response;
    response.status = status;
    response.error_code = fmt::format("REFUSED_{}", status);
    response.body = fmt::format(R"({{"refused":{},"target":"{}"}})", status, partial.target);
    return response;
  }
  size_t BodyLimit(const HttpRequest&) const override { return body_limit_; }
  Admission Admit(const HttpRequest&) override {
    Admission admission{.address_group = group_bodies_as};
    if (admission_status != 0) admission.refusal = TextResponse("no", admission_status);
    return admission;
  }
  std::string ConnectionGroup(const std::string&) const override { return group_connections_as; }

  // Set before the server starts.
  std::string group_connections_as, group_bodies_as;
  int admission_status = 0;  // of what Admit refuses; 0: it admits everything

 private:
  const Function function_;
  const size_t body_limit_;
};

// Requests that the test answers when it wants to.
class ParkedRequests {
 public:
  TestHandler::Function Park() {
    return [this](HttpRequest request, Respond respond) {
      std::lock_guard lock(mutex_);
      parked_.emplace_back(std::move(request), std::move(respond));
      changed_.notify_all();
    };
  }
  // Waits for the next.
  std::pair<HttpRequest, Respond> Take() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return !parked_.empty(); });
    auto next = std::move(parked_.front());
    parked_.pop_front();
    return next;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::pair<HttpRequest, Respond>> parked_;
};

inline std::unique_ptr<Server> StartServer(Handler* handler, ServerOptions options = {}) {
  if (options.threads == 0) options.threads = 2;
  auto server = Server::Start(handler, std::move(options));
  DAILYFEED_CHECK(server.ok());
  return *std::move(server);
}

// Until the server has noticed what another thread did. The caller's test times
// out when it never does.
template <typename Condition>
void WaitUntil(Condition condition) {
  while (!condition()) std::this_thread::yield();
}

}  // namespace dailyfeed::http

#endif  // DAILYFEED_ADAPTERS_HTTP_SERVER_SERVER_TEST_SUPPORT_H_

// The table of routes and how a request finds its own.
//
// A route is data: method, pattern, who may call it, the function that answers
// and what the API document says of it. Literal segments win over variables;
// one trailing slash more or less is the same path.
//
//   Router router(AllRoutes());
//   Match match = router.Find("GET", "/api/posts/41/");
#ifndef DAILYFEED_ADAPTERS_HTTP_ROUTER_H_
#define DAILYFEED_ADAPTERS_HTTP_ROUTER_H_

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/http/exchange.h"

namespace dailyfeed::http {

class ApiContext;

using RouteFunction = void (*)(ApiContext& context, ExchangePtr exchange);

enum class Access { kPublic, kMember };

// What a list takes, for the API document.
enum class Paging { kNone, kScroll, kPage, kTwoScrolls };

struct Route {
  std::string_view method;
  std::string_view pattern;  // "/api/posts/{postId}"
  Access access = Access::kMember;
  RouteFunction function = nullptr;

  std::string_view summary;
  std::string_view request_schema = {};  // of the components; empty: no body
  std::string_view data_schema = {};     // of `data`, or of the rows of a list
  int status = 200;                      // inside the envelope
  Paging paging = Paging::kNone;
  bool data_is_array = false;
  std::string_view content_type = "application/json";
};

struct Match {
  const Route* route = nullptr;  // nullptr: see below
  std::vector<std::string> variables;
  // When the path exists but not for this method: "DELETE, GET, HEAD, OPTIONS".
  // Empty without a route: no such path.
  std::string allow;
  // The path had a broken %-escape.
  bool malformed = false;
};

class Router {
 public:
  explicit Router(std::vector<Route> routes);
  ~Router();

  // `path` as received. HEAD finds the route of GET.
  Match Find(std::string_view method, std::string_view path) const;

  const std::vector<Route>& routes() const { return routes_; }

 private:
  struct Node;
  using Segments = std::vector<std::string_view>;
  const Node* Walk(const Node& node, const Segments& segments, size_t at,
                   std::vector<std::string>* variables) const;

  const std::vector<Route> routes_;
  std::unique_ptr<Node> root_;
};

}  // namespace dailyfeed::http

#endif  // DAILYFEED_ADAPTERS_HTTP_ROUTER_H_

// Finds the route of a request in a table of patterns.
//
//   Router router;
//   router.Add("GET", "/api/members/{id}", 0);
//   router.Add("GET", "/api/members/profile/@{handle}", 1);
//   RouteMatch match = router.Find("GET", "/api/members/7/");
//   match.outcome == RouteMatch::Outcome::kFound; match.route == 0; match.Parameter(0) == "7"
//
// A segment of a pattern is a literal, a variable ("{id}") or a literal prefix
// and a variable ("@{handle}"). At each segment a literal wins over a prefixed
// variable, and that over a plain one; when the winner leads nowhere the next
// is tried. One trailing slash is ignored. Segments are percent-decoded; a
// variable takes at least one byte. HEAD is answered by the route of GET.
//
// Threads: Add before, Find from any.
#ifndef DAILYFEED_ADAPTERS_HTTP_API_ROUTER_H_
#define DAILYFEED_ADAPTERS_HTTP_API_ROUTER_H_

#include <array>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace dailyfeed::http {

struct RouteMatch {
  enum class Outcome { kFound, kUnknownPath, kOtherMethod };
  static constexpr size_t kParametersMax = 3;

  Outcome outcome = Outcome::kUnknownPath;
  size_t route = 0;  // as given to Add, when found
  // What the path allows, "GET, HEAD, OPTIONS"; empty for unknown paths. Owned
  // by the router.
  std::string_view allow;

  std::string_view Parameter(size_t i) const { return parameters[i]; }
  std::array<std::string, kParametersMax> parameters;  // in the order of the pattern
  size_t parameter_count = 0;
};

class Router {
 public:
  Router();
  ~Router();

  // Two routes of one method whose patterns differ in the names of variables
  // only are a bug: aborts.
  void Add(std::string_view method, std::string_view pattern, size_t route);

  RouteMatch Find(std::string_view method, std::string_view path) const;

 private:
  struct Node;
  static constexpr size_t kSegmentsMax = 12;
  using Segments = std::array<std::string_view, kSegmentsMax>;

  // The node of the segments from `at` on, parameters filled; nullptr.
  const Node* Walk(const Node& node, const Segments& segments, size_t count, size_t at,
                   RouteMatch* match) const;

  std::unique_ptr<Node> root_;
};

}  // namespace dailyfeed::http

#endif  // DAILYFEED_ADAPTERS_HTTP_API_ROUTER_H_

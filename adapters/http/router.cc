#include "adapters/http/router.h"

#include <algorithm>
#include <deque>
#include <optional>
#include <utility>

#include "core/domain/check.h"

namespace dailyfeed::http {

// A path is a walk from the root, a segment a step.
struct Router::Node {
  std::vector<std::pair<std::string, std::unique_ptr<Node>>> literals;
  // "{memberId}" and "@{handle}": what stands before the brace is literal.
  struct Variable {
    std::string prefix;
    std::unique_ptr<Node> node;
  };
  std::vector<Variable> variables;   // the longest prefix first
  std::vector<const Route*> routes;  // of the path that ends here

  Node* Child(std::string_view segment) {
    const size_t brace = segment.find('{');
    if (brace != std::string_view::npos) {
      const std::string_view prefix = segment.substr(0, brace);
      for (Variable& variable : variables) {
        if (variable.prefix == prefix) return variable.node.get();
      }
      variables.push_back({std::string(prefix), std::make_unique<Node>()});
      std::stable_sort(variables.begin(), variables.end(), [](const auto& a, const auto& b) {
        return a.prefix.size() > b.prefix.size();
      });
      return Child(segment);
    }
    for (auto& [literal, node] : literals) {
      if (literal == segment) return node.get();
    }
    literals.emplace_back(segment, std::make_unique<Node>());
    return literals.back().second.get();
  }
};

namespace {

// Takes the first segment off a path that begins with '/'.
std::string_view TakeSegment(std::string_view* rest) {
  rest->remove_prefix(1);
  const std::string_view segment = rest->substr(0, rest->find('/'));
  rest->remove_prefix(segment.size());
  return segment;
}

std::string Allow(const std::vector<const Route*>& routes) {
  std::vector<std::string_view> methods = {"OPTIONS"};
  for (const Route* route : routes) {
    methods.push_back(route->method);
    if (route->method == "GET") methods.push_back("HEAD");
  }
  std::sort(methods.begin(), methods.end());
  std::string joined;
  for (std::string_view method : methods) {
    if (!joined.empty()) joined += ", ";
    joined += method;
  }
  return joined;
}

}  // namespace

Router::Router(std::vector<Route> routes)
    : routes_(std::move(routes)), root_(std::make_unique<Node>()) {
  for (const Route& route : routes_) {
    DAILYFEED_CHECK(route.function != nullptr);
    Node* node = root_.get();
    std::string_view rest = route.pattern;
    while (rest.size() > 1) node = node->Child(TakeSegment(&rest));
    for (const Route* other : node->routes) DAILYFEED_CHECK(other->method != route.method);
    node->routes.push_back(&route);
  }
}

Router::~Router() = default;

// Literals first; a variable only when no literal leads to a path.
const Router::Node* Router::Walk(const Node& node, const Segments& segments, size_t at,
                                 std::vector<std::string>* variables) const {
  if (at == segments.size()) return node.routes.empty() ? nullptr : &node;
  const std::string_view segment = segments[at];
  for (const auto& [literal, child] : node.literals) {
    if (literal != segment) continue;
    if (const Node* found = Walk(*child, segments, at + 1, variables)) return found;
  }
  if (segment.empty()) return nullptr;
  for (const Node::Variable& variable : node.variables) {
    if (!segment.starts_with(variable.prefix)) continue;
    variables->emplace_back(segment.substr(variable.prefix.size()));
    if (const Node* found = Walk(*variable.node, segments, at + 1, variables)) return found;
    variables->pop_back();
  }
  return nullptr;
}

Match Router::Find(std::string_view method, std::string_view path) const {
  Match match;
  if (path.empty() || path.front() != '/') return match;
  if (path.back() == '/') path.remove_suffix(1);
  const bool escaped = path.find('%') != std::string_view::npos;
  Segments segments;
  std::deque<std::string> decoded;  // what escaped segments stand for
  while (!path.empty()) {
    const std::string_view segment = TakeSegment(&path);
    if (!escaped) {
      segments.push_back(segment);
      continue;
    }
    std::optional<std::string> plain = PercentDecode(segment, false);
    if (!plain) match.malformed = true;
    segments.push_back(decoded.emplace_back(plain ? *std::move(plain) : "?"));
  }
  const Node* node = Walk(*root_, segments, 0, &match.variables);
  if (node == nullptr) return match;
  const std::string_view wanted = method == "HEAD" ? "GET" : method;
  for (const Route* route : node->routes) {
    if (route->method == wanted) match.route = route;
  }
  if (match.route == nullptr) match.allow = Allow(node->routes);
  return match;
}

}  // namespace dailyfeed::http

#include "adapters/http/api/router.h"

#include <algorithm>

#include "adapters/http/text/uri.h"
#include "core/base/check.h"

namespace dailyfeed::http {

struct Router::Node {
  struct Child {
    std::string text;  // the literal, or the prefix of a variable
    std::unique_ptr<Node> node;
  };
  std::vector<Child> literals;
  std::vector<Child> variables;  // the longest prefix first
  std::vector<std::pair<std::string, size_t>> methods;
  std::string allow;

  static Node* Reach(std::vector<Child>* children, std::string_view text) {
    for (Child& child : *children) {
      if (child.text == text) return child.node.get();
    }
    children->push_back({std::string(text), std::make_unique<Node>()});
    return children->back().node.get();
  }

  void UpdateAllow() {
    allow.clear();
    for (const auto& [method, route] : methods) {
      allow += method;
      allow += method == "GET" ? ", HEAD, " : ", ";
    }
    allow += "OPTIONS";
  }
};

Router::Router() : root_(std::make_unique<Node>()) {}
Router::~Router() = default;

void Router::Add(std::string_view method, std::string_view pattern, size_t route) {
  DAILYFEED_CHECK(pattern.starts_with('/') && method != "HEAD" && method != "OPTIONS");
  Node* node = root_.get();
  std::string_view rest = pattern.substr(1);
  size_t variables = 0;
  while (!rest.empty()) {
    const std::string_view segment = rest.substr(0, rest.find('/'));
    rest.remove_prefix(std::min(rest.size(), segment.size() + 1));
    const size_t brace = segment.find('{');
    if (brace == std::string_view::npos) {
      node = Node::Reach(&node->literals, segment);
      continue;
    }
    DAILYFEED_CHECK(segment.ends_with('}') && ++variables <= RouteMatch::kParametersMax);
    std::vector<Node::Child>* children = &node->variables;
    node = Node::Reach(children, segment.substr(0, brace));
    std::stable_sort(
        children->begin(), children->end(),
        [](const Node::Child& a, const Node::Child& b) { return a.text.size() > b.text.size(); });
  }
  for (const auto& [known, other] : node->methods) DAILYFEED_CHECK(known != method);
  node->methods.emplace_back(method, route);
  node->UpdateAllow();
}

const Router::Node* Router::Walk(const Node& node, const Segments& segments, size_t count,
                                 size_t at, RouteMatch* match) const {
  if (at == count) return node.methods.empty() ? nullptr : &node;
  const std::string_view raw = segments[at];
  std::string decoded;
  std::string_view segment = raw;
  if (raw.find('%') != std::string_view::npos) {
    decoded = PercentDecode(raw, false);
    segment = decoded;
  }
  for (const Node::Child& child : node.literals) {
    if (child.text != segment) continue;
    if (const Node* found = Walk(*child.node, segments, count, at + 1, match)) return found;
  }
  for (const Node::Child& child : node.variables) {
    if (segment.size() <= child.text.size() || !segment.starts_with(child.text)) continue;
    const size_t place = match->parameter_count++;
    match->parameters[place] = segment.substr(child.text.size());
    if (const Node* found = Walk(*child.node, segments, count, at + 1, match)) return found;
    match->parameter_count = place;
  }
  return nullptr;
}

RouteMatch Router::Find(std::string_view method, std::string_view path) const {
  RouteMatch match;
  if (!path.starts_with('/')) return match;
  path.remove_prefix(1);
  if (path.ends_with('/')) path.remove_suffix(1);
  Segments segments;
  size_t count = 0;
  while (!path.empty()) {
    if (count == segments.size()) return match;
    const size_t end = path.find('/');
    segments[count++] = path.substr(0, end);
    if (end == std::string_view::npos) break;
    path.remove_prefix(end + 1);
    if (path.empty()) return match;  // a second trailing slash
  }
  const Node* node = Walk(*root_, segments, count, 0, &match);
  if (node == nullptr) return match;
  match.allow = node->allow;
  match.outcome = RouteMatch::Outcome::kOtherMethod;
  const std::string_view wanted = method == "HEAD" ? "GET" : method;
  for (const auto& [known, route] : node->methods) {
    if (known != wanted) continue;
    match.outcome = RouteMatch::Outcome::kFound;
    match.route = route;
  }
  return match;
}

}  // namespace dailyfeed::http

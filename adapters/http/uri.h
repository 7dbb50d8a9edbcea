// Request targets: path, percent-encoding, query.
//
//   Target target = ParseTarget("/api/search/posts/?keyword=a+b%21&page=1");
//   target.path                      // "/api/search/posts/", as received
//   target.query.Find("keyword")     // "a b!"
//
// Total: whatever bytes come in, nothing fails but decoding, which says so.
// Threads: from any.
#ifndef DAILYFEED_ADAPTERS_HTTP_URI_H_
#define DAILYFEED_ADAPTERS_HTTP_URI_H_

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace dailyfeed::http {

// Form-encoded parameters, decoded, in order.
class Query {
 public:
  Query() = default;
  explicit Query(std::string_view encoded);

  // The first of that name; nullopt when absent.
  std::optional<std::string_view> Find(std::string_view name) const;
  // False when a name or value was not UTF-8 or had a broken %-escape.
  bool valid() const { return valid_; }

 private:
  std::vector<std::pair<std::string, std::string>> parameters_;
  bool valid_ = true;
};

// The path as received, without the query.
std::string_view PathOf(std::string_view target);
// The query without its question mark; empty when there is none.
std::string_view QueryOf(std::string_view target);

// Decodes %XX; `plus_is_space` for form encoding. nullopt for a broken escape
// or bytes that are not UTF-8.
std::optional<std::string> PercentDecode(std::string_view text, bool plus_is_space);

}  // namespace dailyfeed::http

#endif  // DAILYFEED_ADAPTERS_HTTP_URI_H_

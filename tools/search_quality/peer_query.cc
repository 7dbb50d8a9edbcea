#include "tools/search_quality/peer_query.h"

#include <string_view>

#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"

namespace dailyfeed::search_quality {
namespace {

bool TakePrefix(std::string_view prefix, std::string_view* text) {
  if (!text->starts_with(prefix)) return false;
  text->remove_prefix(prefix.size());
  return true;
}

// The next part of `rest`, without the quotes of a phrase; empty at the end.
std::string_view TakePart(std::string_view* rest) {
  const size_t begin = rest->find_first_not_of(' ');
  if (begin == std::string_view::npos) return *rest = {};
  rest->remove_prefix(begin);
  const char end = TakePrefix("\"", rest) ? '"' : ' ';
  const size_t length = rest->find(end);
  const std::string_view part = rest->substr(0, length);
  rest->remove_prefix(length == std::string_view::npos ? rest->size() : length + 1);
  return part;
}

void AddPart(std::string_view part, PeerQuery* query) {
  if (TakePrefix("-", &part)) {
    query->excluded.emplace_back(part);
  } else if (TakePrefix("from:", &part)) {
    query->author = part;
  } else if (TakePrefix("since:", &part)) {
    query->since = part;
  } else if (TakePrefix("until:", &part)) {
    query->until = part;
  } else {
    query->required.emplace_back(part);
  }
}

PeerQuery OfKeyword(const std::string& keyword) {
  PeerQuery query = {.required = absl::StrSplit(keyword, ' ', absl::SkipEmpty())};
  if (query.required.size() > 1) query.whole = absl::StrJoin(query.required, " ");
  return query;
}

}  // namespace

PeerQuery PeerQueryOf(const JudgedQuery& query) {
  if (query.kind == QueryKind::kKeyword) return OfKeyword(query.query);
  PeerQuery parts;
  std::string_view rest = query.query;
  for (std::string_view part = TakePart(&rest); !part.empty(); part = TakePart(&rest)) {
    AddPart(part, &parts);
  }
  return parts;
}

}  // namespace dailyfeed::search_quality

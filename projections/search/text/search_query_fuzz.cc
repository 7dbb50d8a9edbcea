// Any bytes as a keyword and as a query: refused with a problem, or parsed to
// what the header promises.
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/check.h"
#include "core/base/text.h"
#include "projections/search/text/code_points.h"
#include "projections/search/text/fold.h"
#include "projections/search/text/loosen.h"
#include "projections/search/text/search_query.h"
#include "projections/search/text/tags.h"

namespace dailyfeed::search {
namespace {

void CheckProblem(const absl::Status& status) {
  DAILYFEED_CHECK(absl::IsInvalidArgument(status));
  const std::optional<QueryProblem> problem = QueryProblemOf(status);
  DAILYFEED_CHECK(problem.has_value());
  DAILYFEED_CHECK(problem->part <= kQueryPartsMax + 1);
  DAILYFEED_CHECK(IsValidUtf8(problem->text));
  DAILYFEED_CHECK(problem->text.empty() == (problem->part == 0));
}

void CheckPart(const QueryPart& part) {
  const std::string text = Utf8(part.text);
  DAILYFEED_CHECK(Loosen(Fold(text)) == text);
  switch (part.kind) {
    case QueryPart::Kind::kWord:
      DAILYFEED_CHECK(!text.empty() && !ContainsWhiteSpace(text));
      return;
    case QueryPart::Kind::kPhrase:
      DAILYFEED_CHECK(!IsBlank(text) && part.text.find(U"  ") == std::u32string::npos);
      return;
    case QueryPart::Kind::kTag:
      DAILYFEED_CHECK(IsTag(part.text));
      return;
    case QueryPart::Kind::kMention:
    case QueryPart::Kind::kFrom:
      DAILYFEED_CHECK(text.empty() && IsHandle(CodePoints(part.handle)));
      return;
    case QueryPart::Kind::kSince:
    case QueryPart::Kind::kUntil:
      DAILYFEED_CHECK(text.empty() && part.day.year() >= 0 && part.day.year() <= 9999);
      return;
  }
}

void Run(std::string_view text) {
  const auto keyword = ParseKeyword(text);
  if (!keyword.ok()) {
    CheckProblem(keyword.status());
  } else {
    DAILYFEED_CHECK(!keyword->terms.empty());
    for (const std::u32string& term : keyword->terms) {
      DAILYFEED_CHECK(keyword->phrase.find(term) != std::u32string::npos);
    }
  }

  const auto query = ParseQuery(text);
  if (!query.ok()) return CheckProblem(query.status());
  DAILYFEED_CHECK(!query->parts.empty() && query->parts.size() <= kQueryPartsMax);
  bool positive = false;
  for (const QueryPart& part : query->parts) {
    positive |= !part.excluded;
    CheckPart(part);
  }
  DAILYFEED_CHECK(positive);
}

}  // namespace
}  // namespace dailyfeed::search

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  dailyfeed::search::Run({reinterpret_cast<const char*>(data), size});
  return 0;
}

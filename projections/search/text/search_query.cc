#include "projections/search/text/search_query.h"

#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "core/base/text.h"
#include "projections/search/text/code_points.h"
#include "projections/search/text/fold.h"

namespace dailyfeed::search {

absl::StatusOr<Keyword> ParseKeyword(std::string_view keyword) {
  if (IsBlank(keyword)) return absl::InvalidArgumentError("the keyword is blank");
  if (Utf16Length(keyword) > kKeywordUnitsMax) {
    return absl::InvalidArgumentError(
        absl::StrCat("the keyword is longer than ", kKeywordUnitsMax, " characters"));
  }
  const std::string folded = Fold(keyword);
  std::u32string phrase = Spaced(folded);
  phrase.erase(0, 1);
  phrase.pop_back();
  return Keyword{.terms = Terms(folded), .phrase = std::move(phrase)};
}

}  // namespace dailyfeed::search

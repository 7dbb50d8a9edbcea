#include "projections/search/suggestions/typed_prefix.h"

#include <algorithm>

#include "core/base/text.h"
#include "core/domain/errors.h"
#include "projections/codec/row_codec.h"
#include "projections/search/text/code_points.h"
#include "projections/search/text/fold.h"
#include "projections/search/text/loosen.h"

namespace dailyfeed::search {
namespace {

absl::Status Refuse(Violation::Rule rule, size_t limit = 0) {
  return MakeViolations({{.field = "q", .rule = rule, .limit = static_cast<int64_t>(limit)}});
}

// The code points that may stand where `c` was typed, as the last one or as a
// letter: `c` itself, and what it may become.
std::vector<CodePointRange> RangesAt(char32_t c) {
  const CodePointRange itself = {c, c};
  const CodePointRange grown = RangeOfTyped(c);
  if (grown.first <= c && c <= grown.last) return {grown};
  if (grown.last < grown.first) return {itself};
  return c < grown.first ? std::vector{itself, grown} : std::vector{grown, itself};
}

}  // namespace

absl::StatusOr<TypedPrefix> TypedPrefix::Parse(std::string_view q) {
  if (Utf16Length(q) > kTypedUnitsMax) return Refuse(Violation::Rule::kTooLong, kTypedUnitsMax);
  std::u32string typed = Spaced(Loosen(Fold(q)));
  // Without the spaces around it.
  typed.erase(0, 1);
  if (typed.empty()) return Refuse(Violation::Rule::kBlank);
  typed.pop_back();
  Of of = Of::kAnything;
  if (typed.starts_with(U'#')) of = Of::kTags;
  if (typed.starts_with(U'@')) of = Of::kMembers;
  if (of != Of::kAnything) typed.erase(0, 1);
  return TypedPrefix(of, typed);
}

TypedPrefix::TypedPrefix(Of of, std::u32string_view typed) : of_(of), typed_(SplitLetters(typed)) {
  if (typed_.empty()) {
    ranges_.emplace_back();
    return;
  }
  // Up to the first letter every match has what was typed, but for the last place.
  const auto letter = std::find_if(typed_.begin(), typed_.end() - 1,
                                   [](char32_t c) { return InitialOfLetter(c).has_value(); });
  const std::string fixed = Utf8(std::u32string(typed_.begin(), letter));
  for (const CodePointRange& range : RangesAt(*letter)) {
    Range of_texts = {.lower = fixed, .upper = fixed};
    AppendUtf8(range.first, &of_texts.lower);
    AppendUtf8(range.last, &of_texts.upper);
    of_texts.upper = PrefixEnd(of_texts.upper);
    ranges_.push_back(std::move(of_texts));
  }
  heads_ = letter == typed_.begin() ? RangesAt(*letter)
                                    : std::vector<CodePointRange>{{typed_[0], typed_[0]}};
}

}  // namespace dailyfeed::search

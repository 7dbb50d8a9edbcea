// What somebody has typed so far, and which texts may come of it.
//
//   ASSIGN_OR_RETURN(const TypedPrefix typed, TypedPrefix::Parse("김ㅊ"));
//   typed.Matches(U"김치찌개");   // true: see MatchesTyped (search/text/hangul.h)
//   typed.of();                  // kAnything; kTags for "#김ㅊ", kMembers for "@kim"
//
// Texts and what is typed are loose (search/text/loosen.h), with each run of white
// space as one space.
//
// Immutable. Threads: from any.
#ifndef DAILYFEED_PROJECTIONS_SEARCH_SUGGESTIONS_TYPED_PREFIX_H_
#define DAILYFEED_PROJECTIONS_SEARCH_SUGGESTIONS_TYPED_PREFIX_H_

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "projections/search/text/hangul.h"

namespace dailyfeed::search {

// In UTF-16 code units of what was typed.
inline constexpr size_t kTypedUnitsMax = 200;

class TypedPrefix {
 public:
  enum class Of { kAnything, kMembers, kTags };

  // INVALID_ARGUMENT (kInvalidRequest), with a violation of the field `q`: blank, or
  // too long. A `#` or an `@` alone is what every tag or handle begins with.
  static absl::StatusOr<TypedPrefix> Parse(std::string_view q);

  Of of() const { return of_; }
  bool Matches(std::u32string_view text) const { return MatchesTyped(text, typed_); }

  // The first code points of the texts that match lie in one of these; nothing is
  // said when there are none.
  const std::vector<CodePointRange>& heads() const { return heads_; }

  // The texts that match, as UTF-8, lie in these: [lower, upper), ascending and
  // without overlap. An empty `upper`: to the end.
  struct Range {
    std::string lower;
    std::string upper;
  };
  const std::vector<Range>& ranges() const { return ranges_; }

 private:
  TypedPrefix(Of of, std::u32string_view typed);

  Of of_;
  std::u32string typed_;
  std::vector<CodePointRange> heads_;
  std::vector<Range> ranges_;
};

}  // namespace dailyfeed::search

#endif  // DAILYFEED_PROJECTIONS_SEARCH_SUGGESTIONS_TYPED_PREFIX_H_

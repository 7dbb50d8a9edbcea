// What is looked for in a text, and where it is: the definition by which a
// part of a query holds, for checking candidates and for highlights.
//
//   const Needle needle{.text = U"김치찌개", .may_be_split = true};
//   FindNeedle(U" 김치 찌개 둘 ", needle, 0);   // {1, 6}
//
// Pure functions. Threads: from any.
#ifndef DAILYFEED_PROJECTIONS_SEARCH_TEXT_NEEDLE_H_
#define DAILYFEED_PROJECTIONS_SEARCH_TEXT_NEEDLE_H_

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "projections/search/text/search_query.h"

namespace dailyfeed::search {

struct Needle {
  std::u32string text;  // not empty
  // One space of the text, somewhere inside the needle, does not matter.
  bool may_be_split = false;
  bool operator==(const Needle&) const = default;
};

// A part of a text, in code points.
struct Place {
  size_t begin = 0;
  size_t end = 0;
  bool operator==(const Place&) const = default;
};

// The first place at `from` or behind it. `spaced` is as Spaced gives it
// (code_points.h), folded and loosened as the needle is. Linear in the text for
// common needles, length of the text times length of the needle at worst.
std::optional<Place> FindNeedle(std::u32string_view spaced, const Needle& needle, size_t from);

// Whether a word may be written with white space at one place inside: two Hangul
// syllables or more, and nothing else.
bool MayBeSplit(std::u32string_view word);

// Whether stems (particles.h) count as the word.
enum class Stems { kNone, kAlways, kAmbiguousToo };

// In how many ways a part of the kinds word, phrase, tag or mention stands in a
// text, the form as typed first: the word and its stems, each of which may be
// split; the phrase; `#tag`; `@handle`. Of a tag and a mention this is where
// they stand, not whether: a tag that goes on is another tag (tags.h). Empty for
// the other kinds. Whether the part is excluded does not matter.
std::vector<Needle> NeedlesOf(const QueryPart& part, Stems stems);

}  // namespace dailyfeed::search

#endif  // DAILYFEED_PROJECTIONS_SEARCH_TEXT_NEEDLE_H_

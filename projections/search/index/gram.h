// Grams: what the index has a posting list for.
//
// Most are one, two or three neighbouring code points of a text in its searched
// form (text/code_points.h: loosened, each run of white space one space, one space
// at either end). Code points are wide or narrow: Hangul, Han and kana are wide, a
// pair of them is rare; everything else is narrow, the space included.
//
//   one code point, not the space   exact for a needle of one
//   pair                            exact for a needle of two; with positions when
//                                   one of the two is wide
//   triple                          with positions when two neighbours of the three are
//                                   narrow; and, without, when a wide one follows a
//                                   space (how a word begins) or a space stands between
//                                   wide ones (how words follow each other)
//   frequent triple                 three wide ones whose pairs are both frequent in
//                                   the segment; no positions
//
// So a needle of three or more is covered by grams with positions, whatever it is
// made of (Cover). A pair of narrow ones has no positions because the triples
// around it have.
//
// A word of two or more has a list by its digest: where it stands as a whole word.
//
// The others name a whole document: its length class, whether its strict form
// differs from its searched form, its author, its tags and mentions. A document
// whose forms differ has the grams of its strict form as well.
#ifndef DAILYFEED_PROJECTIONS_SEARCH_INDEX_GRAM_H_
#define DAILYFEED_PROJECTIONS_SEARCH_INDEX_GRAM_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "projections/search/text/code_points.h"

namespace dailyfeed::search {

// Ordered by class, then by content. Triples have the highest bit.
using Gram = uint64_t;

// Which form of a text a gram is of. A text whose two forms are equal, and that is
// nearly every one, has grams of the searched form only.
enum class Form : uint8_t { kSearched, kStrict };

enum class GramClass : uint8_t {
  kOne = 0,
  kPair = 1,
  kLength = 2,
  kDiffers = 3,  // the strict form is not the searched form
  kAuthor = 4,
  kTag = 5,
  kMention = 6,
  kWord = 7,
};

inline constexpr int kClassShift = 60;
inline constexpr int kCodePointBits = 21;
inline constexpr Gram kTripleBit = Gram{1} << 63;
inline constexpr Gram kStrictTripleBit = Gram{1} << 62;
inline constexpr Gram kStrictBit = Gram{1} << 59;  // of one code point, and of pairs
// Three code points to this base are less than 2^61.
inline constexpr Gram kCodePoints = 0x110000;

constexpr Gram GramOf(GramClass kind, uint64_t content) {
  return (static_cast<Gram>(kind) << kClassShift) | (content & ((Gram{1} << kClassShift) - 1));
}
constexpr Gram One(char32_t a, Form form = Form::kSearched) {
  return GramOf(GramClass::kOne, a) | (form == Form::kStrict ? kStrictBit : 0);
}
constexpr Gram Pair(char32_t a, char32_t b, Form form = Form::kSearched) {
  return GramOf(GramClass::kPair, (Gram{a} << kCodePointBits) | b) |
         (form == Form::kStrict ? kStrictBit : 0);
}
constexpr Gram Triple(char32_t a, char32_t b, char32_t c, Form form = Form::kSearched) {
  return kTripleBit | (form == Form::kStrict ? kStrictTripleBit : 0) |
         ((a * kCodePoints + b) * kCodePoints + c);
}
constexpr Gram LengthGram(uint8_t length_class) { return GramOf(GramClass::kLength, length_class); }
inline constexpr Gram kDiffersGram = GramOf(GramClass::kDiffers, 0);
// Members beyond 2^60 do not exist.
constexpr Gram AuthorGram(uint64_t member) { return GramOf(GramClass::kAuthor, member); }
// By a digest of 60 bits of the tag without '#', the handle without '@': two of
// the same digest would need some 10^9 different ones.
Gram TagGram(std::u32string_view tag);
Gram MentionGram(std::u32string_view handle);
// The same of a word: what stands between two spaces, two code points at least.
Gram WordGram(std::u32string_view word, Form form);

// Whether three code points are a gram wherever they stand: the ones of a needle of
// three decide it. Not so three wide ones.
bool IsTriple(char32_t a, char32_t b, char32_t c);
// The same, for a caller that knows which are wide.
constexpr bool IsTriple(char32_t a, char32_t b, bool a_wide, bool b_wide, bool c_wide) {
  return b_wide ? a == U' ' : !a_wide || !c_wide || b == U' ';
}
// Whether the posting list of the gram has positions.
bool HasPositions(Gram gram);

// Texts are short, medium, long or very long. Hits in shorter ones come first.
inline constexpr size_t kLengthClasses = 4;
// `code_points`: of the searched form with its two spaces.
uint8_t LengthClass(size_t code_points);

// A gram of a needle, and where in the needle it begins.
struct PlacedGram {
  Gram gram = 0;
  uint32_t offset = 0;
  bool operator==(const PlacedGram&) const = default;
};

// Grams with positions that together hold every code point of a needle of three
// or more, in ascending order of their offsets: a document has the needle exactly
// when they stand in it at one place with these distances.
std::vector<PlacedGram> Cover(std::u32string_view needle, Form form);

// The frequent triples of a needle, which a segment may have lists for, with the
// two pairs that decide whether it has.
struct FrequentTriple {
  Gram triple = 0;
  Gram first_pair = 0;
  Gram second_pair = 0;
};
std::vector<FrequentTriple> FrequentTriples(std::u32string_view needle, Form form);
// Whether a pair that so many of a segment's documents have is frequent there.
constexpr bool IsFrequent(uint64_t with_pair, uint64_t documents) {
  return with_pair * 128 > documents;
}

// Calls visit(gram, position) for the code points, pairs and triples of a text in
// its searched form, at ascending positions; `position` is where the gram begins.
template <typename Visit>
void VisitGrams(std::u32string_view text, Form form, Visit visit) {
  const auto is_wide = [text](size_t i) { return i < text.size() && IsWide(text[i]); };
  bool wide = is_wide(0);       // text[i]
  bool next_wide = is_wide(1);  // text[i + 1]
  for (size_t i = 0; i < text.size(); ++i) {
    const auto position = static_cast<uint32_t>(i);
    const bool third_wide = is_wide(i + 2);
    if (text[i] != U' ') visit(One(text[i], form), position);
    if (i + 1 == text.size()) return;
    visit(Pair(text[i], text[i + 1], form), position);
    if (i + 2 < text.size() && IsTriple(text[i], text[i + 1], wide, next_wide, third_wide)) {
      visit(Triple(text[i], text[i + 1], text[i + 2], form), position);
    }
    wide = next_wide;
    next_wide = third_wide;
  }
}

// Calls visit(word) for every word that has a gram.
template <typename Visit>
void VisitWords(std::u32string_view text, Visit visit) {
  for (size_t from = 0; from < text.size();) {
    const size_t behind = std::min(text.find(U' ', from), text.size());
    if (behind - from >= 2) visit(text.substr(from, behind - from));
    from = behind + 1;
  }
}

// As VisitGrams, for the triples of three wide ones.
template <typename Visit>
void VisitWideTriples(std::u32string_view text, Visit visit) {
  size_t run = 0;  // wide ones up to here
  for (size_t i = 0; i < text.size(); ++i) {
    run = IsWide(text[i]) ? run + 1 : 0;
    if (run >= 3) visit(text[i - 2], text[i - 1], text[i]);
  }
}

}  // namespace dailyfeed::search

#endif  // DAILYFEED_PROJECTIONS_SEARCH_INDEX_GRAM_H_

// L(x), the loose form that the richer language `q` searches in: what differs
// only in how it is drawn becomes the same.
//
//   Loosen(Fold("ＡＢＣ　１２"));   // "abc 12"
//   Loosen(Fold("ｶﾞｽ"));           // "ガス"
//   Loosen(Fold("ﾡￂﾤ ﾻﾻ"));        // "간 ㅋㅋ"
//   Loosen(Fold("👍🏽"));            // "👍"
//
// The map, on top of N (fold.h):
//   full width   U+FF01-FF60, U+FFE0-FFE6    the normal characters; U+3000: a space
//   half width   U+FF61-FF9F                 katakana; a voiced mark composes
//                U+FFE8-FFEE                 arrows and forms
//                U+FFA0-FFDC                 Hangul letters, see below
//   selectors    U+180B-180D, U+180F, U+FE00-FE0F, U+E0100-E01EF    dropped
//   skin tones   U+1F3FB-1F3FF               dropped
// then N again, because what was apart may compose now. Nothing else is made
// alike: no compatibility forms, no accents, no hiragana for katakana.
//
// Half-width Hangul letters that stand in a row are read as typed: an initial
// and a vowel make a syllable, a consonant behind it ends the syllable unless
// a vowel follows. A letter that joins nothing becomes the letter that a
// keyboard types (U+3131-3163), which never joins: ㅋㅋㅠㅠ stays four letters.
//
// Threads: from any.
#ifndef DAILYFEED_PROJECTIONS_SEARCH_TEXT_LOOSEN_H_
#define DAILYFEED_PROJECTIONS_SEARCH_TEXT_LOOSEN_H_

#include <string>
#include <string_view>

namespace dailyfeed::search {

// `folded` comes from Fold. Loosen(Loosen(x)) == Loosen(x), and the result is
// folded: Fold(Loosen(x)) == Loosen(x). The result may be empty: of a text
// that is a variation selector nothing is left.
std::string Loosen(std::string_view folded);

// Whether Loosen(folded) differs from `folded`. Most texts do not, and no copy
// is made to find out.
bool IsLoosened(std::string_view folded);
// The same of a text of one code point.
bool IsLoosened(char32_t folded);

// Whether Loosen reads `code_point` together with the one before it: a voiced
// mark, what is dropped, a half-width Hangul letter behind another. Where this
// is false and StartsPiece (fold.h) is true, a text may be cut, and L(N(x)) of
// the pieces is that of the whole.
bool JoinsTheOneBefore(char32_t code_point, char32_t before);

}  // namespace dailyfeed::search

#endif  // DAILYFEED_PROJECTIONS_SEARCH_TEXT_LOOSEN_H_

// Texts as code points: what the index counts, and where words end.
//
//   CodePoints("가a");              // U"가a"
//   Spaced(Fold("  Hi \n 김치 "));   // U" hi 김치 "
//   Terms(Fold("a  B a"));          // {U"a", U"b"}
//
// Pure functions; Unicode's categories are those of ICU. Threads: from any.
#ifndef DAILYFEED_PROJECTIONS_SEARCH_TEXT_CODE_POINTS_H_
#define DAILYFEED_PROJECTIONS_SEARCH_TEXT_CODE_POINTS_H_

#include <string>
#include <string_view>
#include <vector>

#include "core/base/text.h"  // NextCodePoint, IsWhiteSpace

namespace dailyfeed::search {

// What stands for a byte that is no UTF-8.
inline constexpr char32_t kReplacement = 0xFFFD;

// U+D800 to U+DFFF and what is above U+10FFFF become U+FFFD.
void AppendUtf8(char32_t code_point, std::string* out);
std::string Utf8(std::u32string_view code_points);

// A byte that is no UTF-8 becomes U+FFFD.
void AppendCodePoints(std::string_view utf8, std::u32string* out);
std::u32string CodePoints(std::string_view utf8);

// How many UTF-16 code units a code point takes: 1 or 2.
constexpr size_t Utf16Units(char32_t code_point) { return code_point > 0xFFFF ? 2 : 1; }

// White space as Unicode's White_Space property has it, the closed list of
// core/base/text.h.
using dailyfeed::IsWhiteSpace;

// Of a script that writes thousands of characters, so that two in a row say
// much: Hangul (syllables and letters), Han with its radicals and iteration
// marks, hiragana and katakana. A closed list of blocks.
bool IsWide(char32_t code_point);

// Unicode's general categories L, M and Nd.
bool IsLetter(char32_t code_point);
bool IsMark(char32_t code_point);
bool IsDigit(char32_t code_point);

// What an index sees of a text: one space, the text with every run of white
// space as one space and none at its ends, one space. Where a word begins and
// ends is then a character like others. A text of white space gives one space.
std::u32string Spaced(std::string_view folded);

// What stands between the white space of a keyword, each once, in the order in
// which they first appear.
std::vector<std::u32string> Terms(std::string_view folded_keyword);

}  // namespace dailyfeed::search

#endif  // DAILYFEED_PROJECTIONS_SEARCH_TEXT_CODE_POINTS_H_

// N(x), the form in which texts and keywords are compared: Unicode NFC, then
// simple case folding code point by code point, then NFC again.
//
//   Fold("Straße CAFE\u0301");   // "straße café": simple folding keeps ß
//   Fold("\u1100\u1161");        // "가": what a Mac writes in three letters
//   Fold("①ﬁＡ");                // "①ﬁａ": no compatibility forms
//
// No locale, no full folding (ß is not ss), no accents stripped. Two texts
// that are canonically equivalent give the same. N(N(x)) == N(x).
//
// Most text needs no normalization, and one table says what each code point
// folds to. Hangul letters and simple combining marks compose here too; only
// the clusters of the rest go through ICU. The tables are made from ICU's own
// at the first call (a few milliseconds), so the two cannot disagree;
// fold_fuzz.cc compares them.
//
// Threads: from any.
#ifndef DAILYFEED_PROJECTIONS_SEARCH_TEXT_FOLD_H_
#define DAILYFEED_PROJECTIONS_SEARCH_TEXT_FOLD_H_

#include <string>
#include <string_view>

namespace dailyfeed::search {

// N of `utf8`. Every byte that starts no well-formed sequence counts as U+FFFD.
// The result is at most three times as long in bytes, as long in code points
// unless normalization decomposes (a factor of 3 at most).
std::string Fold(std::string_view utf8);

// The same by ICU alone, several times slower. For tests and the fuzzer.
std::string FoldByIcu(std::string_view utf8);

// Whether a text may be cut before `code_point`, whatever stands around:
// N(a + b) == N(a) + N(b) for every `a` and every `b` that begins with it. False
// of what may compose with something before it.
bool StartsPiece(char32_t code_point);

// The version of Unicode whose tables these are, as "15.0". Part of the
// settings of whatever stores folded text: another version may fold otherwise.
std::string_view UnicodeVersion();

}  // namespace dailyfeed::search

#endif  // DAILYFEED_PROJECTIONS_SEARCH_TEXT_FOLD_H_

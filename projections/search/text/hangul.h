// Arithmetic on Hangul syllables: Unicode lays out the 11,172 syllables by
// initial consonant (19), vowel (21) and final consonant (27 or none).
//
//   ComposeSyllable({.initial = 0, .vowel = 20, .final = 16});   // U'김'
//   DecomposeSyllable(U'김')->final;                             // 16: ㅁ
//   MatchesTyped(U"김치찌개", U"김ㅊ");                          // true: on the way to 김치
//   MatchesTyped(U"김치찌개", U"ㄱㅊㅉ");                        // true: initials
//
// Pure functions. Threads: from any.
#ifndef DAILYFEED_PROJECTIONS_SEARCH_TEXT_HANGUL_H_
#define DAILYFEED_PROJECTIONS_SEARCH_TEXT_HANGUL_H_

#include <optional>
#include <string>
#include <string_view>

namespace dailyfeed::search {

inline constexpr char32_t kFirstSyllable = 0xAC00;
inline constexpr char32_t kLastSyllable = 0xD7A3;
inline constexpr int kVowels = 21;
inline constexpr int kFinals = 28;  // with none, which is 0

// The conjoining letters that normalization composes to syllables.
inline constexpr char32_t kFirstInitial = 0x1100;
inline constexpr char32_t kLastInitial = 0x1112;
inline constexpr char32_t kFirstVowel = 0x1161;
inline constexpr char32_t kLastVowel = 0x1175;
inline constexpr char32_t kBeforeFirstFinal = 0x11A7;
inline constexpr char32_t kLastFinal = 0x11C2;

// A syllable as numbers in the order of Unicode.
struct Syllable {
  int initial = 0;  // 0-18
  int vowel = 0;    // 0-20
  int final = 0;    // 0: none; 1-27
  bool operator==(const Syllable&) const = default;
};

constexpr bool IsSyllable(char32_t c) { return c >= kFirstSyllable && c <= kLastSyllable; }

constexpr char32_t ComposeSyllable(Syllable s) {
  return kFirstSyllable +
         static_cast<char32_t>((s.initial * kVowels + s.vowel) * kFinals + s.final);
}

// nullopt for what is no syllable.
constexpr std::optional<Syllable> DecomposeSyllable(char32_t c) {
  if (!IsSyllable(c)) return std::nullopt;
  const int index = static_cast<int>(c - kFirstSyllable);
  return Syllable{.initial = index / (kVowels * kFinals),
                  .vowel = index / kFinals % kVowels,
                  .final = index % kFinals};
}

constexpr bool HasFinal(char32_t c) { return IsSyllable(c) && (c - kFirstSyllable) % kFinals != 0; }

// The letters that a keyboard types alone, U+3131 (ㄱ) to U+3163 (ㅣ), as parts
// of a syllable. nullopt when the letter cannot be that part: ㄳ begins no
// syllable, ㄸ ends none.
std::optional<int> InitialOfLetter(char32_t letter);
std::optional<int> VowelOfLetter(char32_t letter);
std::optional<int> FinalOfLetter(char32_t letter);

// Whether somebody who has typed `typed` so far may be typing `text`, or
// something that begins with it as `text` does: whether `text` begins with
// `typed`, where
//   - a letter that begins syllables stands for itself and for every syllable
//     that it begins, at any place: ㄱㅊ for 김치, 김ㅊ for 김치. A double letter
//     that begins none stands for its halves: keyboards make ㄳ of ㄱㅅ;
//   - the last syllable may be half typed. Its final may be missing (기 for
//     김), its vowel the first half of a double one (고 for 과), its final the
//     first half of a double one (갑 for 값); and the last key of it may belong
//     to the next syllable (갑 for 가방, 값 for 갑사).
// Both sides folded. An empty `typed` matches everything.
bool MatchesTyped(std::u32string_view text, std::u32string_view typed);

// For a sorted column: when MatchesTyped(text, typed) and `typed` is not itself
// a beginning of `text`, the code point of `text` at the place of the last one
// of `typed` is in this range. A letter gives the syllables that it begins; a
// syllable gives those with its initial and with its vowel or one that grows
// from it; anything else itself. A double letter that begins no syllable must be
// replaced by its halves before: SplitLetters.
struct CodePointRange {
  char32_t first = 0;
  char32_t last = 0;  // included
  bool operator==(const CodePointRange&) const = default;
};
CodePointRange RangeOfTyped(char32_t last_typed);

// With the halves of every double letter that begins no syllable: ㄳ is ㄱㅅ.
std::u32string SplitLetters(std::u32string_view typed);

}  // namespace dailyfeed::search

#endif  // DAILYFEED_PROJECTIONS_SEARCH_TEXT_HANGUL_H_

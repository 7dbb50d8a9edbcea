// Arithmetic on Hangul syllables: Unicode lays out the 11,172 syllables by
// initial consonant (19), vowel (21) and final consonant (27 or none).
//
//   ComposeSyllable({.initial = 0, .vowel = 20, .final = 16});   // U'김'
//   DecomposeSyllable(U'김')->final;                             // 16: ㅁ
//
// Pure functions. Threads: from any.
#ifndef DAILYFEED_PROJECTIONS_SEARCH_TEXT_HANGUL_H_
#define DAILYFEED_PROJECTIONS_SEARCH_TEXT_HANGUL_H_

#include <optional>

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

}  // namespace dailyfeed::search

#endif  // DAILYFEED_PROJECTIONS_SEARCH_TEXT_HANGUL_H_

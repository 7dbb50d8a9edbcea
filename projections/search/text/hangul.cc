#include "projections/search/text/hangul.h"

#include <cstddef>

namespace dailyfeed::search {
namespace {

constexpr char32_t kFirstVowelLetter = U'ㅏ';
constexpr char32_t kLastVowelLetter = U'ㅣ';
constexpr std::u32string_view kInitials = U"ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ";
constexpr std::u32string_view kFinalLetters =
    U"ㄱㄲㄳㄴㄵㄶㄷㄹㄺㄻㄼㄽㄾㄿㅀㅁㅂㅄㅅㅆㅇㅈㅊㅋㅌㅍㅎ";
static_assert(kInitials.size() == 19 && kFinalLetters.size() == kFinals - 1);

// Finals that take two keys, and the keys.
struct DoubleLetter {
  char32_t whole;
  char32_t first;
  char32_t second;
};
constexpr DoubleLetter kDoubleLetters[] = {
    {U'ㄳ', U'ㄱ', U'ㅅ'}, {U'ㄵ', U'ㄴ', U'ㅈ'}, {U'ㄶ', U'ㄴ', U'ㅎ'}, {U'ㄺ', U'ㄹ', U'ㄱ'},
    {U'ㄻ', U'ㄹ', U'ㅁ'}, {U'ㄼ', U'ㄹ', U'ㅂ'}, {U'ㄽ', U'ㄹ', U'ㅅ'}, {U'ㄾ', U'ㄹ', U'ㅌ'},
    {U'ㄿ', U'ㄹ', U'ㅍ'}, {U'ㅀ', U'ㄹ', U'ㅎ'}, {U'ㅄ', U'ㅂ', U'ㅅ'},
};

std::optional<int> Find(std::u32string_view letters, char32_t letter) {
  const size_t at = letters.find(letter);
  if (at == std::u32string_view::npos) return std::nullopt;
  return static_cast<int>(at);
}

std::optional<DoubleLetter> DoubleLetterOf(char32_t letter) {
  for (const DoubleLetter& d : kDoubleLetters) {
    if (d.whole == letter) return d;
  }
  return std::nullopt;
}

// The last vowel that grows from `vowel` with one more key of the common layout.
// Those that do stand right behind it: ㅘ ㅙ ㅚ behind ㅗ, ㅝ ㅞ ㅟ behind ㅜ, ㅢ
// behind ㅡ.
int LastGrownVowel(int vowel) {
  switch (kFirstVowelLetter + static_cast<char32_t>(vowel)) {
    case U'ㅗ':
    case U'ㅜ':
      return vowel + 3;
    case U'ㅡ':
      return vowel + 1;
    default:
      return vowel;
  }
}

bool BeginsWith(char32_t c, char32_t initial_letter) {
  const std::optional<Syllable> syllable = DecomposeSyllable(c);
  return syllable && InitialOfLetter(initial_letter) == syllable->initial;
}

// One code point of the text against one that was typed and finished.
bool MatchesOne(char32_t c, char32_t typed) { return c == typed || BeginsWith(c, typed); }

// A syllable against one of the same initial and vowel whose typed final may be
// half of the syllable's, or a part of what is `next`.
bool FinalMatches(int final, int typed_final, char32_t next) {
  const char32_t typed = kFinalLetters[static_cast<size_t>(typed_final - 1)];
  if (final == 0) return BeginsWith(next, typed);
  const char32_t letter = kFinalLetters[static_cast<size_t>(final - 1)];
  if (letter == typed) return true;
  if (const auto whole = DoubleLetterOf(letter); whole && whole->first == typed) return true;
  const auto halves = DoubleLetterOf(typed);
  return halves && halves->first == letter && BeginsWith(next, halves->second);
}

// The code point of the text at the last one typed; `next` is the one behind it
// or 0.
bool MatchesLast(char32_t c, char32_t next, char32_t typed) {
  if (MatchesOne(c, typed)) return true;
  const std::optional<Syllable> syllable = DecomposeSyllable(c);
  const std::optional<Syllable> part = DecomposeSyllable(typed);
  if (!syllable || !part || syllable->initial != part->initial) return false;
  if (part->final == 0) {
    return syllable->vowel >= part->vowel && syllable->vowel <= LastGrownVowel(part->vowel);
  }
  return syllable->vowel == part->vowel && FinalMatches(syllable->final, part->final, next);
}

bool MatchesAsTyped(std::u32string_view text, std::u32string_view typed) {
  if (typed.empty()) return true;
  if (typed.size() > text.size()) return false;
  const size_t last = typed.size() - 1;
  for (size_t i = 0; i < last; ++i) {
    if (!MatchesOne(text[i], typed[i])) return false;
  }
  return MatchesLast(text[last], last + 1 < text.size() ? text[last + 1] : 0, typed[last]);
}

}  // namespace

std::optional<int> InitialOfLetter(char32_t letter) { return Find(kInitials, letter); }

std::optional<int> VowelOfLetter(char32_t letter) {
  if (letter < kFirstVowelLetter || letter > kLastVowelLetter) return std::nullopt;
  return static_cast<int>(letter - kFirstVowelLetter);
}

std::optional<int> FinalOfLetter(char32_t letter) {
  const std::optional<int> at = Find(kFinalLetters, letter);
  if (!at) return std::nullopt;
  return *at + 1;
}

std::u32string SplitLetters(std::u32string_view typed) {
  std::u32string split;
  for (const char32_t c : typed) {
    if (const auto halves = DoubleLetterOf(c)) {
      split.append({halves->first, halves->second});
    } else {
      split.push_back(c);
    }
  }
  return split;
}

bool MatchesTyped(std::u32string_view text, std::u32string_view typed) {
  return MatchesAsTyped(text, typed) || MatchesAsTyped(text, SplitLetters(typed));
}

CodePointRange RangeOfTyped(char32_t last_typed) {
  if (const std::optional<int> initial = InitialOfLetter(last_typed)) {
    return {ComposeSyllable({.initial = *initial}),
            ComposeSyllable({.initial = *initial, .vowel = kVowels - 1, .final = kFinals - 1})};
  }
  const std::optional<Syllable> syllable = DecomposeSyllable(last_typed);
  if (!syllable) return {last_typed, last_typed};
  return {ComposeSyllable({.initial = syllable->initial, .vowel = syllable->vowel}),
          ComposeSyllable(
              {.initial = syllable->initial,
               .vowel = syllable->final == 0 ? LastGrownVowel(syllable->vowel) : syllable->vowel,
               .final = kFinals - 1})};
}

}  // namespace dailyfeed::search

#include "projections/search/text/loosen.h"

#include <cstddef>
#include <optional>

#include "core/base/text.h"
#include "projections/search/text/code_points.h"
#include "projections/search/text/fold.h"
#include "projections/search/text/hangul.h"

namespace dailyfeed::search {
namespace {

// The marks of ガ and パ.
constexpr char32_t kHalfWidthVoiced = 0xFF9E;
constexpr char32_t kHalfWidthSemiVoiced = 0xFF9F;

constexpr char32_t kDropped = 0xFFFFFFFE;  // no code point

// U+FF61 to U+FF9F in their order: punctuation, katakana, the voiced marks.
constexpr std::u32string_view kHalfWidthKatakana =
    U"。「」、・ヲァィゥェォャュョッーアイウエオカキクケコサシスセソタチツテトナニヌネノ"
    U"ハヒフヘホマミムメモヤユヨラリルレロワン\u3099\u309A";
static_assert(kHalfWidthKatakana.size() == 0xFF9F - 0xFF61 + 1);

// U+FFE0 to U+FFEE; U+FFE7 is no character.
constexpr std::u32string_view kForms = U"¢£¬\u00AF¦¥₩\uFFE7│←↑→↓■○";
static_assert(kForms.size() == 0xFFEE - 0xFFE0 + 1);

bool IsHalfWidthHangul(char32_t c) { return c >= 0xFFA1 && c <= 0xFFDC; }

bool IsDropped(char32_t c) {
  return (c >= 0xFE00 && c <= 0xFE0F) || (c >= 0x180B && c <= 0x180D) || c == 0x180F ||
         (c >= 0x1F3FB && c <= 0x1F3FF) || (c >= 0xE0100 && c <= 0xE01EF);
}

// The letter that a keyboard types, U+3131 to U+3164. The half-width vowels
// stand in groups of six with two free code points between. A free code point
// stays.
char32_t LetterOf(char32_t half_width) {
  if (half_width <= 0xFFBE) return 0x3131 + (half_width - 0xFFA1);
  const char32_t offset = half_width - 0xFFC2;
  if (half_width < 0xFFC2 || offset % 8 >= 6) return half_width;
  return 0x314F + offset / 8 * 6 + offset % 8;
}

// Of everything but half-width Hangul letters.
char32_t Loosened(char32_t c) {
  if (c < 0x180B) return c;
  if (IsDropped(c)) return kDropped;
  if (c == 0x3000) return U' ';
  if (c < 0xFF01 || c > 0xFFEE) return c;
  if (c <= 0xFF5E) return c - 0xFF01 + U'!';
  if (c <= 0xFF60) return c - 0xFF5F + 0x2985;  // white parentheses
  if (c <= 0xFF9F) return kHalfWidthKatakana[c - 0xFF61];
  if (c == 0xFFA0) return 0x3164;  // the filler
  if (c >= 0xFFE0) return kForms[c - 0xFFE0];
  return c;
}

// The first bytes of U+180B, U+3000, U+FE00 to U+FFEE, U+1F3FB and U+E0100.
// Hangul and most of Han begin with E4 to ED and are passed over.
bool MayBegin(char byte) {
  const auto b = static_cast<unsigned char>(byte);
  return b >= 0xEF || b == 0xE1 || b == 0xE3;
}

// Reads a row of letters as syllables. `letters` are those of a keyboard.
void AppendSyllables(std::u32string_view letters, std::string* out) {
  const auto is_vowel = [&](size_t i) {
    return i < letters.size() && VowelOfLetter(letters[i]).has_value();
  };
  for (size_t i = 0; i < letters.size();) {
    const std::optional<int> initial = InitialOfLetter(letters[i]);
    if (!initial || !is_vowel(i + 1)) {
      AppendUtf8(letters[i++], out);
      continue;
    }
    Syllable syllable{.initial = *initial, .vowel = *VowelOfLetter(letters[i + 1])};
    i += 2;
    if (i < letters.size() && FinalOfLetter(letters[i]) &&
        !(is_vowel(i + 1) && InitialOfLetter(letters[i]))) {
      syllable.final = *FinalOfLetter(letters[i++]);
    }
    AppendUtf8(ComposeSyllable(syllable), out);
  }
}

// Takes the half-width letters at the start of `rest`.
std::u32string TakeLetters(std::string_view* rest) {
  std::u32string letters;
  while (!rest->empty()) {
    std::string_view behind = *rest;
    const char32_t c = NextCodePoint(&behind);
    if (!IsHalfWidthHangul(c)) break;
    letters.push_back(LetterOf(c));
    *rest = behind;
  }
  return letters;
}

// How many bytes at the start of `folded` stay as they are.
size_t UnchangedPrefix(std::string_view folded) {
  std::string_view rest = folded;
  while (!rest.empty()) {
    if (!MayBegin(rest.front())) {
      rest.remove_prefix(1);
      continue;
    }
    std::string_view behind = rest;
    if (IsLoosened(NextCodePoint(&behind))) break;
    rest = behind;
  }
  return folded.size() - rest.size();
}

}  // namespace

bool IsLoosened(char32_t c) { return IsHalfWidthHangul(c) ? LetterOf(c) != c : Loosened(c) != c; }

bool IsLoosened(std::string_view folded) { return UnchangedPrefix(folded) < folded.size(); }

bool JoinsTheOneBefore(char32_t c, char32_t before) {
  return c == kHalfWidthVoiced || c == kHalfWidthSemiVoiced || IsDropped(c) ||
         (IsHalfWidthHangul(c) && IsHalfWidthHangul(before));
}

std::string Loosen(std::string_view folded) {
  size_t unchanged = UnchangedPrefix(folded);
  if (unchanged == folded.size()) return std::string(folded);
  std::string mapped;
  mapped.reserve(folded.size());
  while (true) {
    mapped.append(folded.substr(0, unchanged));
    folded.remove_prefix(unchanged);
    if (folded.empty()) return Fold(mapped);
    const std::u32string letters = TakeLetters(&folded);
    AppendSyllables(letters, &mapped);
    if (letters.empty()) {
      const char32_t c = Loosened(NextCodePoint(&folded));
      if (c != kDropped) AppendUtf8(c, &mapped);
    }
    unchanged = UnchangedPrefix(folded);
  }
}

}  // namespace dailyfeed::search

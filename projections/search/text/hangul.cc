#include "projections/search/text/hangul.h"

#include <cstddef>
#include <string_view>

namespace dailyfeed::search {
namespace {

constexpr char32_t kFirstVowelLetter = 0x314F;  // ㅏ
constexpr char32_t kLastVowelLetter = 0x3163;   // ㅣ
constexpr std::u32string_view kInitials = U"ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ";
constexpr std::u32string_view kFinalLetters =
    U"ㄱㄲㄳㄴㄵㄶㄷㄹㄺㄻㄼㄽㄾㄿㅀㅁㅂㅄㅅㅆㅇㅈㅊㅋㅌㅍㅎ";
static_assert(kInitials.size() == 19 && kFinalLetters.size() == kFinals - 1);

std::optional<int> Find(std::u32string_view letters, char32_t letter) {
  const size_t at = letters.find(letter);
  if (at == std::u32string_view::npos) return std::nullopt;
  return static_cast<int>(at);
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

}  // namespace dailyfeed::search

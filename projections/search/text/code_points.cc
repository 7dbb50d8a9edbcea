#include "projections/search/text/code_points.h"

#include <unicode/uchar.h>

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <unordered_set>
#include <utility>

namespace dailyfeed::search {
namespace {

struct Block {
  char32_t first;
  char32_t last;
};

// In order, so that a binary search finds the block of a code point.
constexpr Block kWideBlocks[] = {
    {0x1100, 0x11FF},    // Hangul letters that conjoin
    {0x2E80, 0x2FDF},    // radicals
    {0x3005, 0x3007},    // iteration mark, closing mark, zero of Han
    {0x3021, 0x3029},    // Hangzhou numerals
    {0x3031, 0x3035},    // kana repeat marks
    {0x3038, 0x303C},    // Hangzhou numerals, iteration marks
    {0x3041, 0x30FF},    // hiragana, katakana
    {0x3131, 0x318E},    // Hangul letters that stand alone
    {0x31F0, 0x31FF},    // katakana extensions
    {0x3400, 0x4DBF},    // Han, extension A
    {0x4E00, 0x9FFF},    // Han
    {0xA960, 0xA97F},    // old Hangul initials
    {0xAC00, 0xD7A3},    // Hangul syllables
    {0xD7B0, 0xD7FF},    // old Hangul vowels and finals
    {0xF900, 0xFAFF},    // Han, compatibility
    {0xFF66, 0xFF9F},    // half-width katakana
    {0xFFA0, 0xFFDC},    // half-width Hangul
    {0x16FE2, 0x16FE3},  // old marks of Han
    {0x16FF0, 0x16FF1},  // reading marks of Han
    {0x1AFF0, 0x1B16F},  // kana extensions
    {0x20000, 0x2FFFD},  // Han, plane 2
    {0x30000, 0x3FFFD},  // Han, plane 3
};

bool IsOfCategory(char32_t c, uint32_t mask) {
  return (U_MASK(u_charType(static_cast<UChar32>(c))) & mask) != 0;
}

}  // namespace

void AppendUtf8(char32_t c, std::string* out) {
  if ((c >= 0xD800 && c <= 0xDFFF) || c > 0x10FFFF) c = kReplacement;
  const auto tail = [c](int shift) { return static_cast<char>(0x80 | ((c >> shift) & 0x3F)); };
  if (c < 0x80) {
    out->push_back(static_cast<char>(c));
  } else if (c < 0x800) {
    out->append({static_cast<char>(0xC0 | (c >> 6)), tail(0)});
  } else if (c < 0x10000) {
    out->append({static_cast<char>(0xE0 | (c >> 12)), tail(6), tail(0)});
  } else {
    out->append({static_cast<char>(0xF0 | (c >> 18)), tail(12), tail(6), tail(0)});
  }
}

std::string Utf8(std::u32string_view code_points) {
  std::string utf8;
  utf8.reserve(code_points.size() * 3);
  for (const char32_t c : code_points) AppendUtf8(c, &utf8);
  return utf8;
}

void AppendCodePoints(std::string_view utf8, std::u32string* out) {
  while (!utf8.empty()) {
    const char32_t c = NextCodePoint(&utf8);
    out->push_back(c == kMalformed ? kReplacement : c);
  }
}

std::u32string CodePoints(std::string_view utf8) {
  std::u32string code_points;
  code_points.reserve(utf8.size());
  AppendCodePoints(utf8, &code_points);
  return code_points;
}

bool IsWide(char32_t c) {
  if (c < kWideBlocks[0].first) return false;
  const auto* const block =
      std::lower_bound(std::begin(kWideBlocks), std::end(kWideBlocks), c,
                       [](const Block& b, char32_t code_point) { return b.last < code_point; });
  return block != std::end(kWideBlocks) && c >= block->first;
}

bool IsLetter(char32_t c) { return IsOfCategory(c, U_GC_L_MASK); }
bool IsMark(char32_t c) { return IsOfCategory(c, U_GC_M_MASK); }
bool IsDigit(char32_t c) { return IsOfCategory(c, U_GC_ND_MASK); }

std::u32string Spaced(std::string_view folded) {
  std::u32string spaced;
  spaced.reserve(folded.size() + 2);
  spaced.push_back(U' ');
  while (!folded.empty()) {
    const char32_t c = NextCodePoint(&folded);
    if (!IsWhiteSpace(c)) {
      spaced.push_back(c == kMalformed ? kReplacement : c);
    } else if (spaced.back() != U' ') {
      spaced.push_back(U' ');
    }
  }
  if (spaced.back() != U' ') spaced.push_back(U' ');
  return spaced;
}

std::vector<std::u32string> Terms(std::string_view folded_keyword) {
  const std::u32string spaced = Spaced(folded_keyword);
  std::vector<std::u32string> terms;
  std::unordered_set<std::u32string_view> seen;
  for (size_t begin = 1; begin < spaced.size();) {
    const size_t end = spaced.find(U' ', begin);
    const std::u32string_view term = std::u32string_view(spaced).substr(begin, end - begin);
    if (seen.insert(term).second) terms.emplace_back(term);
    begin = end + 1;
  }
  return terms;
}

}  // namespace dailyfeed::search

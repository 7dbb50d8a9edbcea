#include "projections/search/text/text_testing.h"

#include <unicode/normalizer2.h>
#include <unicode/unistr.h>

#include <cstdlib>
#include <iterator>

#include "core/base/check.h"
#include "projections/search/text/code_points.h"

namespace dailyfeed::search {
namespace {

struct Pool {
  char32_t first;
  char32_t last;
};

// One is drawn, then a code point of it, so that what is rare in Unicode is
// common here.
constexpr Pool kPools[] = {
    {U'a', U'z'},         {U'A', U'Z'},       {U'0', U'9'},
    {U' ', U'/'},         {0x00, 0x1F},       {0xC0, 0x17F},  // Latin, composed
    {0x180, 0x24F},       {0x300, 0x345},                     // marks, some of which decompose
    {0x346, 0x36F},       {0x370, 0x3FF},                     // Greek
    {0x400, 0x45F},       {0x591, 0x5C7},                     // Hebrew points
    {0x930, 0x950},       {0x9BE, 0x9D7},                     // vowel signs that compose
    {0xE30, 0xE4E},       {0xF40, 0xF84},     {0x1100, 0x1113},
    {0x1160, 0x1176},                        // conjoining Hangul and its neighbours
    {0x11A7, 0x11C3},     {0x13A0, 0x13FD},  // Cherokee folds upwards
    {0x180B, 0x180F},     {0x1E00, 0x1EFF},   {0x1F00, 0x1FFF},
    {0x2000, 0x200F},     {0x2126, 0x212B},   {0x3000, 0x3000},
    {0x3041, 0x309A},     {0x30A1, 0x30FF},   {0x3131, 0x3163},
    {0x4E00, 0x4E20},     {0xAB70, 0xABBF},   {0xAC00, 0xD7A3},
    {0xD788, 0xD7FB},     {0xF900, 0xF920},   {0xFB1D, 0xFB4F},
    {0xFDD0, 0xFDEF},  // noncharacters
    {0xFE00, 0xFE0F},     {0xFF01, 0xFFEF},   {0x10400, 0x10427},
    {0x1109A, 0x110BA},   {0x1D15E, 0x1D164}, {0x1F3FB, 0x1F3FF},
    {0x1F600, 0x1F64F},   {0x2F800, 0x2F810}, {0xE0100, 0xE0110},
    {0x10FFFE, 0x10FFFF}, {0x0, 0x10FFFF},
};

std::string Normalized(const icu::Normalizer2* form, std::string_view utf8, UErrorCode error) {
  const icu::UnicodeString text = icu::UnicodeString::fromUTF8(
      icu::StringPiece(utf8.data(), static_cast<int32_t>(utf8.size())));
  std::string result;
  form->normalize(text, error).toUTF8String(result);
  DAILYFEED_CHECK(U_SUCCESS(error));
  return result;
}

}  // namespace

std::vector<uint64_t> Seeds(std::vector<uint64_t> defaults) {
  const char* const seed = std::getenv("DAILYFEED_SEED");
  if (seed == nullptr) return defaults;
  return {std::strtoull(seed, nullptr, 10)};
}

std::string RepeatWith(std::string_view target, uint64_t seed) {
  return "repeat with: bazel test " + std::string(target) +
         " --test_env=DAILYFEED_SEED=" + std::to_string(seed);
}

char32_t RandomCodePoint(std::mt19937_64& random) {
  const Pool& pool = kPools[random() % std::size(kPools)];
  const auto c = static_cast<char32_t>(pool.first + random() % (pool.last - pool.first + 1));
  return c >= 0xD800 && c <= 0xDFFF ? U'x' : c;
}

std::string RandomText(std::mt19937_64& random, size_t code_points_max) {
  std::string text;
  const size_t count = random() % (code_points_max + 1);
  for (size_t i = 0; i < count; ++i) AppendUtf8(RandomCodePoint(random), &text);
  return text;
}

std::string Nfc(std::string_view utf8) {
  UErrorCode error = U_ZERO_ERROR;
  return Normalized(icu::Normalizer2::getNFCInstance(error), utf8, error);
}

std::string Nfd(std::string_view utf8) {
  UErrorCode error = U_ZERO_ERROR;
  return Normalized(icu::Normalizer2::getNFDInstance(error), utf8, error);
}

}  // namespace dailyfeed::search

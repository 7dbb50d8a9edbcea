// What the tests of the text pipeline share: texts that are hard to normalize,
// and seeds.
//
//   for (const uint64_t seed : Seeds({1, 2, 3})) {
//     SCOPED_TRACE(RepeatWith("//projections/search/text:fold_test", seed));
//     std::mt19937_64 random(seed);
//     const std::string text = RandomText(random, 20);
//   }
#ifndef DAILYFEED_PROJECTIONS_SEARCH_TEXT_TEXT_TESTING_H_
#define DAILYFEED_PROJECTIONS_SEARCH_TEXT_TEXT_TESTING_H_

#include <cstddef>
#include <cstdint>
#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace dailyfeed::search {

// From DAILYFEED_SEED, else `defaults`.
std::vector<uint64_t> Seeds(std::vector<uint64_t> defaults);
// The command that repeats a run.
std::string RepeatWith(std::string_view target, uint64_t seed);

// A code point that some step treats specially, or any other: letters with and
// without case, marks of many classes, conjoining and half-width Hangul, kana,
// selectors, skin tones, white space, code points without a meaning.
char32_t RandomCodePoint(std::mt19937_64& random);

// Well-formed UTF-8 of up to `code_points_max` of them.
std::string RandomText(std::mt19937_64& random, size_t code_points_max);

// By ICU.
std::string Nfc(std::string_view utf8);
std::string Nfd(std::string_view utf8);

// Calls visit(c) for every code point that UTF-8 can express.
template <typename Visit>
void ForEachCodePoint(Visit visit) {
  for (char32_t c = 0; c <= 0x10FFFF; ++c) {
    if (c < 0xD800 || c > 0xDFFF) visit(c);
  }
}

}  // namespace dailyfeed::search

#endif  // DAILYFEED_PROJECTIONS_SEARCH_TEXT_TEXT_TESTING_H_

#include "projections/search/index/gram.h"

#include "core/base/check.h"

namespace dailyfeed::search {
namespace {

constexpr Gram kCodePointMask = (Gram{1} << kCodePointBits) - 1;

// FNV-1a over the code points, and the finalizer of SplitMix64 behind it: every
// bit of the digest depends on every code point.
uint64_t DigestOf(std::u32string_view text) {
  uint64_t digest = 14695981039346656037u;
  for (const char32_t code_point : text) {
    digest = (digest ^ code_point) * 1099511628211u;
  }
  digest = (digest ^ (digest >> 30)) * 0xbf58476d1ce4e5b9u;
  digest = (digest ^ (digest >> 27)) * 0x94d049bb133111ebu;
  return digest ^ (digest >> 31);
}

// A gram with positions that begins at `offset` of the needle.
PlacedGram GramAt(std::u32string_view needle, size_t offset, size_t length, Form form) {
  const std::u32string_view part = needle.substr(offset, length);
  const Gram gram =
      length == 2 ? Pair(part[0], part[1], form) : Triple(part[0], part[1], part[2], form);
  return {.gram = gram, .offset = static_cast<uint32_t>(offset)};
}

}  // namespace

Gram TagGram(std::u32string_view tag) { return GramOf(GramClass::kTag, DigestOf(tag)); }

Gram MentionGram(std::u32string_view handle) {
  return GramOf(GramClass::kMention, DigestOf(handle));
}

Gram WordGram(std::u32string_view word, Form form) {
  const uint64_t digest = DigestOf(word);
  return GramOf(GramClass::kWord, form == Form::kStrict ? ~digest : digest);
}

bool IsTriple(char32_t a, char32_t b, char32_t c) {
  return IsTriple(a, b, IsWide(a), IsWide(b), IsWide(c));
}

bool HasPositions(Gram gram) {
  if ((gram & kTripleBit) != 0) {
    // Those without have a wide one in the middle, or a space between wide ones.
    const Gram content = gram & (kStrictTripleBit - 1);
    const auto middle = static_cast<char32_t>(content / kCodePoints % kCodePoints);
    if (middle != U' ') return !IsWide(middle);
    return !IsWide(static_cast<char32_t>(content / kCodePoints / kCodePoints)) ||
           !IsWide(static_cast<char32_t>(content % kCodePoints));
  }
  if (static_cast<GramClass>(gram >> kClassShift) != GramClass::kPair) return false;
  return IsWide(static_cast<char32_t>((gram >> kCodePointBits) & kCodePointMask)) ||
         IsWide(static_cast<char32_t>(gram & kCodePointMask));
}

uint8_t LengthClass(size_t code_points) {
  if (code_points <= 32) return 0;
  if (code_points <= 96) return 1;
  return code_points <= 320 ? 2 : 3;
}

std::vector<PlacedGram> Cover(std::u32string_view needle, Form form) {
  DAILYFEED_CHECK(needle.size() >= 3);
  std::vector<PlacedGram> cover;
  size_t covered = 0;  // code points in front of this one are
  while (covered < needle.size()) {
    const size_t left = needle.size() - covered;
    if (left == 1) {
      // The last one, with those in front of it.
      const size_t pair = covered - 1;
      const bool wide = IsWide(needle[pair]) || IsWide(needle[pair + 1]);
      cover.push_back(wide ? GramAt(needle, pair, 2, form) : GramAt(needle, pair - 1, 3, form));
      break;
    }
    const bool narrow = left >= 3 && HasPositions(GramAt(needle, covered, 3, form).gram) &&
                        IsTriple(needle[covered], needle[covered + 1], needle[covered + 2]);
    if (narrow) {
      cover.push_back(GramAt(needle, covered, 3, form));
      covered += 3;
    } else if (IsWide(needle[covered]) || IsWide(needle[covered + 1])) {
      cover.push_back(GramAt(needle, covered, 2, form));
      covered += 2;
    } else {
      // Two narrow ones end the needle.
      cover.push_back(GramAt(needle, covered - 1, 3, form));
      covered += 2;
    }
  }
  return cover;
}

std::vector<FrequentTriple> FrequentTriples(std::u32string_view needle, Form form) {
  std::vector<FrequentTriple> triples;
  VisitWideTriples(needle, [&](char32_t a, char32_t b, char32_t c) {
    triples.push_back({.triple = Triple(a, b, c, form),
                       .first_pair = Pair(a, b, form),
                       .second_pair = Pair(b, c, form)});
  });
  return triples;
}

}  // namespace dailyfeed::search

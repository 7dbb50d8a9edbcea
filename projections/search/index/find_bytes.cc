#include "projections/search/index/find_bytes.h"

#include <string.h>

#include <bit>
#include <cstddef>
#include <cstdint>

#ifdef __x86_64__
#include <immintrin.h>
#endif

namespace dailyfeed::search {
namespace {

#ifdef __x86_64__
// Where the first and the last byte of the needle stand as far apart as in the needle
// is looked at byte by byte; other places are passed by, 16 or 32 at once
// ("SIMD-friendly algorithms for substring searching", W. Mula, 2016).

bool Equal(const char* at, std::string_view needle) {
  return needle.size() <= 2 || memcmp(at + 1, needle.data() + 1, needle.size() - 2) == 0;
}

// Both move `from` over what they have looked at. nullptr: nothing was found.
const char* FindSse2(const char** from, const char* end, std::string_view needle) {
  constexpr ptrdiff_t kPlaces = 16;
  const __m128i first = _mm_set1_epi8(needle.front());
  const __m128i last = _mm_set1_epi8(needle.back());
  const auto size = static_cast<ptrdiff_t>(needle.size());
  for (; end - *from >= size - 1 + kPlaces; *from += kPlaces) {
    const __m128i a = _mm_loadu_si128(reinterpret_cast<const __m128i*>(*from));
    const __m128i b = _mm_loadu_si128(reinterpret_cast<const __m128i*>(*from + size - 1));
    auto places = static_cast<uint32_t>(
        _mm_movemask_epi8(_mm_and_si128(_mm_cmpeq_epi8(a, first), _mm_cmpeq_epi8(b, last))));
    for (; places != 0; places &= places - 1) {
      const char* const at = *from + std::countr_zero(places);
      if (Equal(at, needle)) return at;
    }
  }
  return nullptr;
}

__attribute__((target("avx2"))) const char* FindAvx2(const char** from, const char* end,
                                                     std::string_view needle) {
  constexpr ptrdiff_t kPlaces = 32;
  const __m256i first = _mm256_set1_epi8(needle.front());
  const __m256i last = _mm256_set1_epi8(needle.back());
  const auto size = static_cast<ptrdiff_t>(needle.size());
  for (; end - *from >= size - 1 + kPlaces; *from += kPlaces) {
    const __m256i a = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(*from));
    const __m256i b = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(*from + size - 1));
    auto places = static_cast<uint32_t>(_mm256_movemask_epi8(
        _mm256_and_si256(_mm256_cmpeq_epi8(a, first), _mm256_cmpeq_epi8(b, last))));
    for (; places != 0; places &= places - 1) {
      const char* const at = *from + std::countr_zero(places);
      if (Equal(at, needle)) return at;
    }
  }
  return nullptr;
}
#endif

}  // namespace

const char* FindBytes(std::string_view text, std::string_view needle) {
  const char* from = text.data();
  const char* const end = from + text.size();
#ifdef __x86_64__
  static const bool has_avx2 = __builtin_cpu_supports("avx2") != 0;
  if (has_avx2) {
    if (const char* const found = FindAvx2(&from, end, needle)) return found;
  }
  if (const char* const found = FindSse2(&from, end, needle)) return found;
#endif
  return static_cast<const char*>(
      memmem(from, static_cast<size_t>(end - from), needle.data(), needle.size()));
}

}  // namespace dailyfeed::search

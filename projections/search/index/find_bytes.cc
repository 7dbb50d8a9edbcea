#include "projections/search/index/find_bytes.h"

#include <string.h>

#include <bit>
#include <cstddef>
#include <cstdint>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

namespace dailyfeed::search {

const char* FindBytes(std::string_view text, std::string_view needle) {
  const char* from = text.data();
  const char* const end = from + text.size();
#ifdef __SSE2__
  constexpr ptrdiff_t kPlaces = 16;
  const auto size = static_cast<ptrdiff_t>(needle.size());
  const __m128i first = _mm_set1_epi8(needle.front());
  const __m128i last = _mm_set1_epi8(needle.back());
  for (; end - from >= size - 1 + kPlaces; from += kPlaces) {
    const __m128i begins = _mm_loadu_si128(reinterpret_cast<const __m128i*>(from));
    const __m128i ends = _mm_loadu_si128(reinterpret_cast<const __m128i*>(from + size - 1));
    auto places = static_cast<uint32_t>(_mm_movemask_epi8(
        _mm_and_si128(_mm_cmpeq_epi8(begins, first), _mm_cmpeq_epi8(ends, last))));
    for (; places != 0; places &= places - 1) {
      const char* const at = from + std::countr_zero(places);
      if (size <= 2 || memcmp(at + 1, needle.data() + 1, needle.size() - 2) == 0) return at;
    }
  }
#endif
  return static_cast<const char*>(
      memmem(from, static_cast<size_t>(end - from), needle.data(), needle.size()));
}

}  // namespace dailyfeed::search

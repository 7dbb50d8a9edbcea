#include "tools/bench/search_scan.h"

#include <immintrin.h>
#include <string.h>

#include <algorithm>
#include <bit>

#include "projections/search/index/text_query.h"

namespace dailyfeed::bench {
namespace {

// The first place of `needle` in [from, end), or `end`: compares the first and the
// last byte of 32 places at once ("Faster substring search", W. Muła).
__attribute__((target("avx2"))) const char* FindAvx2(const char* from, const char* end,
                                                     std::string_view needle) {
  const size_t size = needle.size();
  const __m256i first = _mm256_set1_epi8(needle.front());
  const __m256i last = _mm256_set1_epi8(needle.back());
  for (; from + size + 31 <= end; from += 32) {
    const __m256i a = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(from));
    const __m256i b = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(from + size - 1));
    auto places = static_cast<uint32_t>(_mm256_movemask_epi8(
        _mm256_and_si256(_mm256_cmpeq_epi8(a, first), _mm256_cmpeq_epi8(b, last))));
    for (; places != 0; places &= places - 1) {
      const char* const at = from + std::countr_zero(places);
      if (memcmp(at, needle.data(), size) == 0) return at;
    }
  }
  const void* const found = memmem(from, static_cast<size_t>(end - from), needle.data(), size);
  return found == nullptr ? end : static_cast<const char*>(found);
}

const char* FindBytes(const char* from, const char* end, std::string_view needle) {
  static const bool has_avx2 = __builtin_cpu_supports("avx2") != 0;
  if (has_avx2) return FindAvx2(from, end, needle);
  const void* const found =
      memmem(from, static_cast<size_t>(end - from), needle.data(), needle.size());
  return found == nullptr ? end : static_cast<const char*>(found);
}

}  // namespace

void TextScan::Add(uint64_t id, std::string_view content) {
  const std::string text = search::DocumentText(content);
  all_.push_back({.id = id,
                  .begin = texts_.size(),
                  .code_points = static_cast<uint32_t>(search::StrictForm(text).size())});
  texts_ += ' ';
  texts_ += text;
  texts_ += ' ';
}

ScanAnswer TextScan::Find(const search::Keyword& keyword, size_t page_size) const {
  const search::TextQuery query = search::KeywordQuery(keyword.terms, keyword.phrase);
  // The longest term is the rarest, most often.
  const std::string* longest = nullptr;
  for (const search::Requirement& requirement : query.requirements) {
    const std::string& bytes = requirement.typed.bytes;
    if (longest == nullptr || bytes.size() > longest->size()) longest = &bytes;
  }
  ScanAnswer answer;
  std::vector<std::pair<size_t, uint64_t>> best;  // level, and the id from the other end
  const char* const end = texts_.data() + texts_.size();
  size_t index = 0;
  for (const char* at = texts_.data(); (at = FindBytes(at, end, *longest)) != end;) {
    const auto offset = static_cast<size_t>(at - texts_.data());
    // The texts that follow are mostly near.
    size_t step = 1;
    while (index + step < all_.size() && all_[index + step].begin <= offset) step *= 2;
    const auto behind =
        std::upper_bound(all_.begin() + static_cast<ptrdiff_t>(index),
                         all_.begin() + static_cast<ptrdiff_t>(std::min(index + step, all_.size())),
                         offset, [](size_t place, const Text& text) { return place < text.begin; });
    index = static_cast<size_t>(behind - all_.begin()) - 1;
    const size_t next = index + 1 < all_.size() ? all_[index + 1].begin : texts_.size();
    const std::string_view text =
        std::string_view(texts_).substr(all_[index].begin, next - all_[index].begin);
    const auto level =
        search::LevelIn(query, {.bytes = text, .code_points = all_[index].code_points}, 0,
                        [](search::Gram) { return false; });
    if (level.has_value()) {
      ++answer.total;
      best.emplace_back(*level, ~all_[index].id);
      std::push_heap(best.begin(), best.end());
      if (best.size() > page_size) {
        std::pop_heap(best.begin(), best.end());
        best.pop_back();
      }
    }
    at = texts_.data() + next;
  }
  std::sort_heap(best.begin(), best.end());
  for (const auto& [level, id] : best) answer.ids.push_back(~id);
  return answer;
}

}  // namespace dailyfeed::bench

// A set of small numbers: the documents of one segment, by their ordinals.
//
//   Bitmap hits(segment.size());
//   hits.Set(7);
//   hits.And(live);
//   for (uint32_t ordinal : ...) -> hits.VisitDescending([&](uint32_t ordinal) { ...; return true;
//   });
//
// A plain value. Two bitmaps that are combined must have the same size.
#ifndef DAILYFEED_PROJECTIONS_SEARCH_INDEX_BITMAP_H_
#define DAILYFEED_PROJECTIONS_SEARCH_INDEX_BITMAP_H_

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace dailyfeed::search {

class Bitmap {
 public:
  Bitmap() = default;
  // Holds numbers below `size`; empty.
  explicit Bitmap(size_t size) : size_(size), words_((size + 63) / 64) {}

  static Bitmap Full(size_t size) {
    Bitmap full(size);
    std::fill(full.words_.begin(), full.words_.end(), ~uint64_t{0});
    full.CutTail();
    return full;
  }

  size_t size() const { return size_; }
  bool Has(uint32_t number) const { return (words_[number / 64] >> (number % 64)) & 1; }
  void Set(uint32_t number) { words_[number / 64] |= uint64_t{1} << (number % 64); }
  void Clear(uint32_t number) { words_[number / 64] &= ~(uint64_t{1} << (number % 64)); }

  void And(const Bitmap& other) {
    for (size_t i = 0; i < words_.size(); ++i) words_[i] &= other.words_[i];
  }
  void AndNot(const Bitmap& other) {
    for (size_t i = 0; i < words_.size(); ++i) words_[i] &= ~other.words_[i];
  }
  void Or(const Bitmap& other) {
    for (size_t i = 0; i < words_.size(); ++i) words_[i] |= other.words_[i];
  }

  // Clears those below `first`, and from `behind` on.
  void KeepBetween(uint32_t first, uint32_t behind) {
    for (size_t i = 0; i < words_.size(); ++i) {
      const size_t begin = i * 64;
      if (begin + 64 <= first || begin >= behind) {
        words_[i] = 0;
        continue;
      }
      if (begin < first) words_[i] &= ~uint64_t{0} << (first - begin);
      if (begin + 64 > behind) words_[i] &= (uint64_t{1} << (behind - begin)) - 1;
    }
  }

  size_t Count() const {
    size_t count = 0;
    for (const uint64_t word : words_) count += static_cast<size_t>(std::popcount(word));
    return count;
  }
  bool Empty() const {
    return std::all_of(words_.begin(), words_.end(), [](uint64_t word) { return word == 0; });
  }

  // Calls visit(number) in ascending order.
  template <typename Visit>
  void VisitAscending(Visit visit) const {
    for (size_t i = 0; i < words_.size(); ++i) {
      for (uint64_t word = words_[i]; word != 0; word &= word - 1) {
        visit(static_cast<uint32_t>(i * 64 + static_cast<size_t>(std::countr_zero(word))));
      }
    }
  }
  // In descending order, until visit(number) returns false.
  template <typename Visit>
  void VisitDescending(Visit visit) const {
    for (size_t i = words_.size(); i-- > 0;) {
      for (uint64_t word = words_[i]; word != 0;) {
        const auto bit = static_cast<uint32_t>(63 - std::countl_zero(word));
        if (!visit(static_cast<uint32_t>(i * 64) + bit)) return;
        word &= ~(uint64_t{1} << bit);
      }
    }
  }

  // Bits as words, the lowest number in the lowest bit of the first; no bit is
  // set at or above size().
  const std::vector<uint64_t>& words() const { return words_; }
  std::vector<uint64_t>& words() { return words_; }
  // After words() were changed: clears the bits at and above size().
  void CutTail() {
    if (size_ % 64 != 0) words_.back() &= (uint64_t{1} << (size_ % 64)) - 1;
  }

 private:
  size_t size_ = 0;
  std::vector<uint64_t> words_;
};

}  // namespace dailyfeed::search

#endif  // DAILYFEED_PROJECTIONS_SEARCH_INDEX_BITMAP_H_

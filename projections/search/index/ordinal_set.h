// A set of documents of one segment, by their ordinals: a sorted list while they
// are few, bits when they are many. Most queries meet a rare gram soon, and then a
// step costs as much as there are candidates and not as much as there are documents.
//
//   OrdinalSet hits = OrdinalSet::FromSorted(segment_size, {3, 7, 40'000});
//   hits.And(live);
//   hits.VisitDescending([&](uint32_t ordinal) { ...; return true; });
//
// A plain value. Two sets that are combined must have the same size.
#ifndef DAILYFEED_PROJECTIONS_SEARCH_INDEX_ORDINAL_SET_H_
#define DAILYFEED_PROJECTIONS_SEARCH_INDEX_ORDINAL_SET_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "projections/search/index/bitmap.h"

namespace dailyfeed::search {

class OrdinalSet {
 public:
  // A list of up to one in so many is no larger than the bits.
  static constexpr size_t kSparsePart = 32;

  OrdinalSet() = default;
  // Holds ordinals below `size`; empty.
  explicit OrdinalSet(size_t size) : size_(size) {}
  // `ordinals` rise and are below `size`.
  static OrdinalSet FromSorted(size_t size, std::vector<uint32_t> ordinals);
  static OrdinalSet FromBits(Bitmap bits);

  size_t size() const { return size_; }
  size_t Count() const { return count_; }
  bool Empty() const { return count_ == 0; }
  bool Has(uint32_t ordinal) const;

  void And(const OrdinalSet& other);
  void AndNot(const OrdinalSet& other);
  void AndNot(const Bitmap& bits);
  void Or(const OrdinalSet& other);
  // Drops those below `first`, and from `behind` on.
  void KeepBetween(uint32_t first, uint32_t behind);

  // Calls visit(ordinal) in ascending order.
  template <typename Visit>
  void VisitAscending(Visit visit) const {
    if (is_bits_) return bits_.VisitAscending(visit);
    for (const uint32_t ordinal : list_) visit(ordinal);
  }
  // In descending order, until visit(ordinal) returns false.
  template <typename Visit>
  void VisitDescending(Visit visit) const {
    if (is_bits_) return bits_.VisitDescending(visit);
    for (size_t i = list_.size(); i-- > 0;) {
      if (!visit(list_[i])) return;
    }
  }

  // The part from `first` to the one before `behind`. Both are multiples of 64, or
  // `behind` is the size.
  OrdinalSet Slice(uint32_t first, uint32_t behind) const;

  // nullptr: it is a list.
  const Bitmap* bits() const { return is_bits_ ? &bits_ : nullptr; }
  const std::vector<uint32_t>& list() const { return list_; }
  size_t memory_bytes() const {
    return list_.capacity() * sizeof(uint32_t) + bits_.words().capacity() * sizeof(uint64_t);
  }

 private:
  bool FitsList(size_t count) const { return count * kSparsePart <= size_; }
  // Keeps those of the list for which keep(ordinal) is true.
  template <typename Keep>
  void KeepOfList(Keep keep) {
    std::erase_if(list_, [&](uint32_t ordinal) { return !keep(ordinal); });
    count_ = list_.size();
  }
  void KeepOfBoth(const std::vector<uint32_t>& other);
  // Bits that have become few become a list.
  void CountBits();
  void BecomeBits();

  size_t size_ = 0;
  size_t count_ = 0;
  bool is_bits_ = false;
  std::vector<uint32_t> list_;  // one of the two
  Bitmap bits_;
};

}  // namespace dailyfeed::search

#endif  // DAILYFEED_PROJECTIONS_SEARCH_INDEX_ORDINAL_SET_H_

#include "projections/search/index/ordinal_set.h"

#include <bit>
#include <iterator>

namespace dailyfeed::search {
namespace {

// One list that is so many times longer is searched, not walked over.
constexpr size_t kMuchLonger = 16;

}  // namespace

OrdinalSet OrdinalSet::FromSorted(size_t size, std::vector<uint32_t> ordinals) {
  OrdinalSet set(size);
  set.count_ = ordinals.size();
  set.list_ = std::move(ordinals);
  if (!set.FitsList(set.count_)) set.BecomeBits();
  return set;
}

OrdinalSet OrdinalSet::FromBits(Bitmap bits) {
  OrdinalSet set(bits.size());
  set.is_bits_ = true;
  set.bits_ = std::move(bits);
  set.CountBits();
  return set;
}

bool OrdinalSet::Has(uint32_t ordinal) const {
  if (is_bits_) return bits_.Has(ordinal);
  return std::binary_search(list_.begin(), list_.end(), ordinal);
}

void OrdinalSet::BecomeBits() {
  if (is_bits_) return;
  bits_ = Bitmap(size_);
  for (const uint32_t ordinal : list_) bits_.Set(ordinal);
  list_ = {};
  is_bits_ = true;
}

void OrdinalSet::CountBits() {
  count_ = bits_.Count();
  if (!FitsList(count_)) return;
  list_.clear();
  list_.reserve(count_);
  bits_.VisitAscending([this](uint32_t ordinal) { list_.push_back(ordinal); });
  bits_ = Bitmap();
  is_bits_ = false;
}

OrdinalSet OrdinalSet::Slice(uint32_t first, uint32_t behind) const {
  std::vector<uint32_t> slice;
  if (is_bits_) {
    const std::vector<uint64_t>& words = bits_.words();
    for (size_t i = first / 64; i < (size_t{behind} + 63) / 64; ++i) {
      for (uint64_t word = words[i]; word != 0; word &= word - 1) {
        slice.push_back(
            static_cast<uint32_t>(i * 64 + static_cast<size_t>(std::countr_zero(word))));
      }
    }
  } else {
    slice.assign(std::lower_bound(list_.begin(), list_.end(), first),
                 std::lower_bound(list_.begin(), list_.end(), behind));
  }
  OrdinalSet set(size_);
  set.count_ = slice.size();
  set.list_ = std::move(slice);
  return set;
}

void OrdinalSet::KeepOfBoth(const std::vector<uint32_t>& other) {
  auto at = other.begin();
  const bool much_longer = other.size() > kMuchLonger * list_.size();
  KeepOfList([&](uint32_t ordinal) {
    if (much_longer) {
      // The next one is mostly near.
      ptrdiff_t step = 1;
      while (step < other.end() - at && *(at + step) < ordinal) step *= 2;
      at = std::lower_bound(at, at + std::min(step + 1, other.end() - at), ordinal);
    } else {
      while (at != other.end() && *at < ordinal) ++at;
    }
    return at != other.end() && *at == ordinal;
  });
}

void OrdinalSet::And(const OrdinalSet& other) {
  if (is_bits_ && other.is_bits_) {
    bits_.And(other.bits_);
    CountBits();
  } else if (other.is_bits_) {
    KeepOfList([&](uint32_t ordinal) { return other.bits_.Has(ordinal); });
  } else if (is_bits_) {
    OrdinalSet few = other;
    few.KeepOfList([&](uint32_t ordinal) { return bits_.Has(ordinal); });
    *this = std::move(few);
  } else {
    KeepOfBoth(other.list_);
  }
}

void OrdinalSet::AndNot(const OrdinalSet& other) {
  if (other.is_bits_) return AndNot(other.bits_);
  if (is_bits_) {
    for (const uint32_t ordinal : other.list_) bits_.Clear(ordinal);
    CountBits();
  } else {
    KeepOfList([&](uint32_t ordinal) { return !other.Has(ordinal); });
  }
}

void OrdinalSet::AndNot(const Bitmap& bits) {
  if (is_bits_) {
    bits_.AndNot(bits);
    CountBits();
  } else {
    KeepOfList([&](uint32_t ordinal) { return !bits.Has(ordinal); });
  }
}

void OrdinalSet::Or(const OrdinalSet& other) {
  if (other.Empty()) return;
  if (!is_bits_ && !other.is_bits_ && FitsList(count_ + other.count_)) {
    std::vector<uint32_t> both;
    both.reserve(count_ + other.count_);
    std::set_union(list_.begin(), list_.end(), other.list_.begin(), other.list_.end(),
                   std::back_inserter(both));
    list_ = std::move(both);
    count_ = list_.size();
    return;
  }
  BecomeBits();
  if (other.is_bits_) {
    bits_.Or(other.bits_);
  } else {
    for (const uint32_t ordinal : other.list_) bits_.Set(ordinal);
  }
  CountBits();
}

void OrdinalSet::KeepBetween(uint32_t first, uint32_t behind) {
  if (!is_bits_) {
    return KeepOfList([&](uint32_t ordinal) { return ordinal >= first && ordinal < behind; });
  }
  bits_.KeepBetween(first, behind);
  CountBits();
}

}  // namespace dailyfeed::search

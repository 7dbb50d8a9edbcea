// Sets of ordinals against std::set, few and many, in every combination.
#include "projections/search/index/ordinal_set.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <iterator>
#include <random>
#include <set>
#include <vector>

#include "projections/search/text/text_testing.h"

namespace dailyfeed::search {
namespace {

using Naive = std::set<uint32_t>;

Naive RandomNaive(std::mt19937_64& random, size_t size) {
  const size_t part = std::vector<size_t>{1, 2, 20, 40, 1000, 100'000}[random() % 6];
  Naive naive;
  for (uint32_t ordinal = 0; ordinal < size; ++ordinal) {
    if (random() % part == 0) naive.insert(ordinal);
  }
  return naive;
}

OrdinalSet SetOf(const Naive& naive, size_t size) {
  return OrdinalSet::FromSorted(size, {naive.begin(), naive.end()});
}

void ExpectSame(const OrdinalSet& set, const Naive& naive) {
  ASSERT_EQ(set.Count(), naive.size());
  EXPECT_EQ(set.Empty(), naive.empty());
  std::vector<uint32_t> up;
  set.VisitAscending([&](uint32_t ordinal) { up.push_back(ordinal); });
  EXPECT_EQ(up, std::vector<uint32_t>(naive.begin(), naive.end()));
  std::vector<uint32_t> down;
  set.VisitDescending([&](uint32_t ordinal) {
    down.push_back(ordinal);
    return down.size() < 5;
  });
  const size_t wanted = std::min<size_t>(5, naive.size());
  EXPECT_EQ(down, std::vector<uint32_t>(naive.rbegin(),
                                        std::next(naive.rbegin(), static_cast<ptrdiff_t>(wanted))));
  for (uint32_t ordinal = 0; ordinal < std::min<size_t>(set.size(), 200); ++ordinal) {
    EXPECT_EQ(set.Has(ordinal), naive.contains(ordinal));
  }
}

TEST(OrdinalSetTest, IsASetWhateverItsShape) {
  for (const uint64_t seed : Seeds({1, 2, 3, 4, 5, 6, 7, 8, 9, 10})) {
    SCOPED_TRACE(RepeatWith("//projections/search/index:ordinal_set_test", seed));
    std::mt19937_64 random(seed);
    for (int round = 0; round < 30; ++round) {
      const size_t size = 1 + random() % 3000;
      Naive naive = RandomNaive(random, size);
      OrdinalSet set = SetOf(naive, size);
      ExpectSame(set, naive);
      for (int step = 0; step < 4; ++step) {
        const Naive other = RandomNaive(random, size);
        const OrdinalSet with = SetOf(other, size);
        switch (random() % 4) {
          case 0:
            set.And(with);
            std::erase_if(naive, [&](uint32_t ordinal) { return !other.contains(ordinal); });
            break;
          case 1:
            set.Or(with);
            naive.insert(other.begin(), other.end());
            break;
          case 2:
            set.AndNot(with);
            std::erase_if(naive, [&](uint32_t ordinal) { return other.contains(ordinal); });
            break;
          case 3: {
            Bitmap bits(size);
            for (const uint32_t ordinal : other) bits.Set(ordinal);
            ExpectSame(OrdinalSet::FromBits(bits), other);
            set.AndNot(bits);
            std::erase_if(naive, [&](uint32_t ordinal) { return other.contains(ordinal); });
            break;
          }
        }
        ExpectSame(set, naive);
        const auto first = static_cast<uint32_t>(random() % (size / 64 + 1) * 64);
        const auto behind =
            static_cast<uint32_t>(std::min<size_t>(size, first + random() % 20 * 64));
        Naive part;
        std::copy_if(naive.begin(), naive.end(), std::inserter(part, part.end()),
                     [&](uint32_t ordinal) { return ordinal >= first && ordinal < behind; });
        if (first < behind) ExpectSame(set.Slice(first, behind), part);
        const auto low = static_cast<uint32_t>(random() % (size + 1));
        const auto high = static_cast<uint32_t>(low + random() % (size + 1 - low));
        OrdinalSet kept = set;
        kept.KeepBetween(low, high);
        std::erase_if(naive, [&](uint32_t ordinal) { return ordinal < low || ordinal >= high; });
        ExpectSame(kept, naive);
        if (random() % 2 == 0) {
          set = kept;
        } else {
          set.VisitAscending([&](uint32_t ordinal) { naive.insert(ordinal); });
        }
      }
    }
  }
}

TEST(OrdinalSetTest, FewAreAListAndManyAreBits) {
  const OrdinalSet few = OrdinalSet::FromSorted(64, {1, 2});
  EXPECT_EQ(few.bits(), nullptr);
  OrdinalSet many = OrdinalSet::FromSorted(64, {1, 2, 3});
  EXPECT_NE(many.bits(), nullptr);
  many.And(few);
  EXPECT_EQ(many.bits(), nullptr);
  many.Or(OrdinalSet::FromSorted(64, {9}));
  EXPECT_NE(many.bits(), nullptr);
}

}  // namespace
}  // namespace dailyfeed::search

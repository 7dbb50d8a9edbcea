#include "projections/cache/cache.h"

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <random>
#include <thread>
#include <utility>
#include <vector>

#include "gtest/gtest.h"

namespace dailyfeed {
namespace {

struct Number {
  uint64_t value = 0;
  size_t bytes = 0;
  size_t Bytes() const { return bytes; }
};
using NumberCache = Cache<Number>;

constexpr size_t kPlenty = 64u << 20;
constexpr Moment kStart = {.epoch = 1, .position = 100};

std::optional<uint64_t> Look(NumberCache& cache, uint64_t key, const Moment& at = kStart) {
  std::optional<uint64_t> value;
  cache.Find(key, at, [&](const Number& number) { value = number.value; });
  return value;
}

void Keep(NumberCache& cache, uint64_t key, Number number, const Moment& at = kStart) {
  EXPECT_FALSE(Look(cache, key, at).has_value());
  cache.Insert(key, number, at);
}

bool To(uint64_t value, Number& number) {
  number.value = value;
  return true;
}

TEST(CacheTest, KeepsWhatIsInserted) {
  NumberCache cache(kPlenty);
  Keep(cache, 7, {.value = 70});
  EXPECT_EQ(Look(cache, 7), 70u);
  EXPECT_EQ(Look(cache, 8), std::nullopt);
  const CacheCounts counts = cache.counts();
  EXPECT_EQ(counts.entries, 1u);
  EXPECT_EQ(counts.bytes, NumberCache::kEntryBytes + NumberCache::kIndexSlotBytes);
  EXPECT_EQ(counts.hits, 1u);
  EXPECT_EQ(counts.misses, 2u);
}

TEST(CacheTest, AValueOfAViewBeforeAChangeIsNotKept) {
  struct Case {
    const char* name;
    void (*change)(NumberCache&);
  };
  const Case cases[] = {
      {"update", [](NumberCache& cache) { cache.Update(7, 101, [](Number&) { return true; }); }},
      {"erase", [](NumberCache& cache) { cache.Erase(7, 101); }},
      {"clear", [](NumberCache& cache) { cache.Clear(2); }},
  };
  for (const Case& c : cases) {
    NumberCache cache(kPlenty);
    ASSERT_FALSE(Look(cache, 7).has_value());
    c.change(cache);
    cache.Insert(7, {.value = 70}, kStart);
    EXPECT_EQ(Look(cache, 7), std::nullopt) << c.name;
    const Moment later = {.epoch = 2, .position = 101};
    cache.Insert(7, {.value = 71}, later);
    EXPECT_EQ(Look(cache, 7, later), 71u) << c.name;
  }
}

TEST(CacheTest, AnEntryIsNoAnswerForAViewBeforeItsLastChange) {
  NumberCache cache(kPlenty);
  Keep(cache, 7, {.value = 70});
  EXPECT_EQ(Look(cache, 7, {.epoch = 1, .position = 3}), 70u) << "nothing has changed since";
  cache.Update(7, 101, [](Number& number) { return To(71, number); });
  EXPECT_EQ(Look(cache, 7), std::nullopt);
  EXPECT_EQ(Look(cache, 7, {.epoch = 1, .position = 101}), 71u);
  cache.Put(7, 102, {.value = 72});
  EXPECT_EQ(Look(cache, 7, {.epoch = 1, .position = 101}), std::nullopt);
  EXPECT_EQ(Look(cache, 7, {.epoch = 1, .position = 102}), 72u);
}

TEST(CacheTest, AnEntryIsNoAnswerForAViewOfAnotherGeneration) {
  NumberCache cache(kPlenty);
  cache.Clear(2);
  const Moment now = {.epoch = 2, .position = 100};
  Keep(cache, 7, {.value = 70}, now);
  EXPECT_EQ(Look(cache, 7, now), 70u);
  EXPECT_EQ(Look(cache, 7, {.epoch = 1, .position = 100}), std::nullopt);
}

TEST(CacheTest, TheFirstOfTwoInsertedValuesStays) {
  NumberCache cache(kPlenty);
  Keep(cache, 7, {.value = 1});
  cache.Insert(7, {.value = 2}, kStart);
  EXPECT_EQ(Look(cache, 7), 1u);
  EXPECT_EQ(cache.counts().entries, 1u);
}

TEST(CacheTest, UpdateChangesInPlaceAndCountsBytes) {
  NumberCache cache(kPlenty);
  Keep(cache, 7, {.value = 70, .bytes = 100});
  const size_t bytes = cache.counts().bytes;
  cache.Update(7, 99, [](Number& number) {
    number = {.value = 71, .bytes = 300};
    return true;
  });
  EXPECT_EQ(Look(cache, 7), 71u);
  EXPECT_EQ(cache.counts().bytes, bytes + 200);
  cache.Erase(7, 100);
  EXPECT_EQ(Look(cache, 7), std::nullopt);
  EXPECT_EQ(cache.counts().entries, 0u);
  cache.Update(7, 100, [](Number&) { return true; });
  EXPECT_EQ(cache.counts().entries, 0u);
}

TEST(CacheTest, StaysWithinItsBytes) {
  constexpr size_t kBytes = 256u << 10;
  NumberCache cache(kBytes);
  std::mt19937_64 random(1);
  for (uint64_t key = 0; key < 20'000; ++key) {
    Keep(cache, key, {.value = key, .bytes = random() % 500});
    if (key % 7 == 0) {
      cache.Update(random() % (key + 1), 100, [&](Number& number) {
        number.bytes = random() % 2000;
        return true;
      });
    }
    if (key % 13 == 0) cache.Erase(random() % (key + 1), 100);
    ASSERT_LE(cache.counts().bytes, kBytes);
  }
  EXPECT_GT(cache.counts().bytes, kBytes / 2) << "it is used";
  cache.Clear(1);
  EXPECT_LT(cache.counts().bytes, kBytes / 4);
  EXPECT_EQ(cache.counts().entries, 0u);
}

// Small values first, then large ones: what the many had is given back, and is
// not held beside what the few have.
TEST(CacheTest, ManySmallValuesLeaveNothingBehind) {
  constexpr size_t kBytes = 4u << 20;
  struct Text {
    std::unique_ptr<char[]> text;
    size_t size = 0;
    size_t Bytes() const { return size; }
  };
  Cache<Text> cache(kBytes);
  const auto fill = [&](uint64_t first, uint64_t keys, size_t size) {
    for (uint64_t key = first; key < first + keys; ++key) {
      cache.Insert(key, {std::make_unique<char[]>(size), size}, kStart);
    }
  };
  fill(0, 40'000, 1);
  EXPECT_GT(cache.counts().entries, 20'000u);
  fill(100'000, 4'000, 8'000);
  EXPECT_LE(cache.counts().bytes, kBytes);
  EXPECT_LT(cache.counts().entries, 1'000u);
  EXPECT_GT(cache.counts().entries * 8'000, kBytes / 2) << "large values have the room now";
}

TEST(CacheTest, WhatIsUsedStaysLonger) {
  constexpr size_t kEntries = 64 * 64;
  NumberCache cache(kEntries * (NumberCache::kEntryBytes + 2 * NumberCache::kIndexSlotBytes));
  Keep(cache, 0, {.value = 1});
  for (uint64_t key = 1; key < 4 * kEntries; ++key) {
    ASSERT_EQ(Look(cache, 0), 1u) << "after " << key;
    Keep(cache, key, {.value = key});
  }
}

TEST(CacheTest, ValuesThatAreTooLargeAreNotKept) {
  NumberCache cache(64 * 1000);
  Keep(cache, 7, {.value = 70, .bytes = 1000});
  EXPECT_EQ(Look(cache, 7), std::nullopt);
  Keep(cache, 7, {.value = 70, .bytes = 10});
  cache.Update(7, 100, [](Number& number) {
    number.bytes = 1000;
    return true;
  });
  EXPECT_EQ(Look(cache, 7), std::nullopt);
  EXPECT_EQ(cache.counts().entries, 0u);
}

TEST(CacheTest, ACacheOfNoBytesKeepsNothing) {
  NumberCache cache(0);
  Keep(cache, 7, {.value = 70});
  EXPECT_EQ(Look(cache, 7), std::nullopt);
}

TEST(CacheTest, LoadThroughReadsOnlyWhatIsMissing) {
  NumberCache cache(kPlenty);
  Keep(cache, 8, {.value = 80});
  const std::vector<uint64_t> keys = {7, 8, 9};
  std::vector<uint64_t> got(3);
  const auto load = [&](const absl::StatusOr<std::vector<std::optional<Number>>>& read,
                        const std::vector<size_t>& expected) {
    return LoadThrough(
        cache, kStart, keys.size(), [&](size_t i) { return keys[i]; },
        [&](size_t i, const Number& number) { got[i] = number.value; },
        [&](const std::vector<size_t>& misses) {
          EXPECT_EQ(misses, expected);
          return read;
        });
  };
  EXPECT_TRUE(absl::IsUnavailable(load(absl::UnavailableError("away"), {0, 2})));
  const std::vector<std::optional<Number>> rows = {Number{.value = 70}, std::nullopt};
  EXPECT_TRUE(load(rows, {0, 2}).ok());
  EXPECT_EQ(got, (std::vector<uint64_t>{70, 80, 0}));
  const std::vector<std::optional<Number>> last = {std::nullopt};
  EXPECT_TRUE(load(last, {2}).ok());
}

// A writer changes versions of a store, announces each change to the cache and
// then publishes the version, as the runtime does. What a reader gets from the
// cache is what its version says, whichever that is.
TEST(CacheTest, ReadersSeeTheVersionTheyHavePinned) {
  constexpr uint64_t kKeys = 64;
  constexpr int kWrites = 3'000;
  using Version = std::vector<uint64_t>;
  NumberCache cache(24 * kKeys * NumberCache::kEntryBytes);  // some are evicted
  struct View {
    Moment at;
    std::shared_ptr<const Version> rows;
  };
  std::mutex mutex;
  View newest = {.at = {.epoch = 1, .position = 0}, .rows = std::make_shared<Version>(kKeys)};
  std::atomic<bool> done{false};
  std::thread writer([&] {
    std::mt19937_64 random(1);
    View view = newest;
    for (Position position = 1; position <= kWrites; ++position) {
      auto rows = std::make_shared<Version>(*view.rows);
      const uint64_t key = random() % kKeys;
      const uint64_t value = (*rows)[key] = position;
      view.at.position = position;
      view.rows = std::move(rows);
      switch (random() % 4) {
        case 0:
          cache.Erase(key, position);
          break;
        case 1:
          cache.Put(key, position, {.value = value});
          break;
        case 2:
          if (random() % 50 == 0) {
            cache.Clear(++view.at.epoch);
            break;
          }
          [[fallthrough]];
        default:
          cache.Update(key, position, [&](Number& number) { return To(value, number); });
      }
      std::lock_guard lock(mutex);
      newest = view;
    }
    done = true;
  });
  std::vector<std::thread> readers;
  std::atomic<uint64_t> wrong{0};
  for (uint64_t seed = 1; seed <= 3; ++seed) {
    readers.emplace_back([&, seed] {
      std::mt19937_64 random(seed);
      while (!done) {
        View view;
        {
          std::lock_guard lock(mutex);
          view = newest;
        }
        for (int reads = 0; reads < 8; ++reads) {
          const uint64_t key = random() % kKeys;
          std::optional<uint64_t> seen = Look(cache, key, view.at);
          if (!seen.has_value()) {
            seen = (*view.rows)[key];
            cache.Insert(key, {.value = *seen}, view.at);
          }
          if (*seen != (*view.rows)[key]) ++wrong;
        }
      }
    });
  }
  writer.join();
  for (std::thread& reader : readers) reader.join();
  EXPECT_EQ(wrong, 0u);
}

}  // namespace
}  // namespace dailyfeed

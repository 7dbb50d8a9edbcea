#include "projections/cache/cache.h"

#include <atomic>
#include <cstdint>
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

std::optional<uint64_t> Look(NumberCache& cache, uint64_t key, NumberCache::Ticket* ticket) {
  std::optional<uint64_t> value;
  cache.Find(key, ticket, [&](const Number& number) { value = number.value; });
  return value;
}

std::optional<uint64_t> Look(NumberCache& cache, uint64_t key) {
  NumberCache::Ticket ticket;
  return Look(cache, key, &ticket);
}

void Keep(NumberCache& cache, uint64_t key, Number number) {
  NumberCache::Ticket ticket;
  EXPECT_FALSE(Look(cache, key, &ticket).has_value());
  cache.Insert(key, number, ticket);
}

TEST(CacheTest, KeepsWhatIsInserted) {
  NumberCache cache(kPlenty);
  Keep(cache, 7, {.value = 70});
  EXPECT_EQ(Look(cache, 7), 70u);
  EXPECT_EQ(Look(cache, 8), std::nullopt);
  const NumberCache::Stats stats = cache.stats();
  EXPECT_EQ(stats.entries, 1u);
  EXPECT_EQ(stats.bytes, NumberCache::kEntryBytes);
  EXPECT_EQ(stats.hits, 1u);
  EXPECT_EQ(stats.misses, 2u);
}

TEST(CacheTest, AValueReadBeforeAChangeIsNotKept) {
  struct Case {
    const char* name;
    void (*change)(NumberCache&);
  };
  const Case cases[] = {
      {"update", [](NumberCache& cache) { cache.Update(7, [](Number&) { return true; }); }},
      {"erase", [](NumberCache& cache) { cache.Erase(7); }},
      {"clear", [](NumberCache& cache) { cache.Clear(); }},
  };
  for (const Case& c : cases) {
    NumberCache cache(kPlenty);
    NumberCache::Ticket ticket;
    ASSERT_FALSE(Look(cache, 7, &ticket).has_value());
    c.change(cache);
    cache.Insert(7, {.value = 70}, ticket);
    EXPECT_EQ(Look(cache, 7), std::nullopt) << c.name;
  }
}

TEST(CacheTest, TheFirstOfTwoInsertedValuesStays) {
  NumberCache cache(kPlenty);
  NumberCache::Ticket one, two;
  Look(cache, 7, &one);
  Look(cache, 7, &two);
  cache.Insert(7, {.value = 1}, one);
  cache.Insert(7, {.value = 2}, two);
  EXPECT_EQ(Look(cache, 7), 1u);
  EXPECT_EQ(cache.stats().entries, 1u);
}

TEST(CacheTest, UpdateChangesInPlaceAndCountsBytes) {
  NumberCache cache(kPlenty);
  Keep(cache, 7, {.value = 70, .bytes = 100});
  cache.Update(7, [](Number& number) {
    number = {.value = 71, .bytes = 300};
    return true;
  });
  EXPECT_EQ(Look(cache, 7), 71u);
  EXPECT_EQ(cache.stats().bytes, NumberCache::kEntryBytes + 300);
  cache.Update(7, [](Number&) { return false; });
  EXPECT_EQ(Look(cache, 7), std::nullopt);
  EXPECT_EQ(cache.stats().bytes, 0u);
  cache.Update(7, [](Number&) { return true; });
  EXPECT_EQ(cache.stats().entries, 0u);
}

TEST(CacheTest, StaysWithinItsBytes) {
  constexpr size_t kBytes = 256u << 10;
  NumberCache cache(kBytes);
  std::mt19937_64 random(1);
  for (uint64_t key = 0; key < 20'000; ++key) {
    Keep(cache, key, {.value = key, .bytes = random() % 500});
    if (key % 7 == 0) {
      cache.Update(random() % (key + 1), [&](Number& number) {
        number.bytes = random() % 2000;
        return true;
      });
    }
    if (key % 13 == 0) cache.Erase(random() % (key + 1));
    ASSERT_LE(cache.stats().bytes, kBytes);
  }
  EXPECT_GT(cache.stats().bytes, kBytes / 2) << "it is used";
  cache.Clear();
  EXPECT_EQ(cache.stats().bytes, 0u);
  EXPECT_EQ(cache.stats().entries, 0u);
}

TEST(CacheTest, WhatIsUsedStaysLonger) {
  constexpr size_t kEntries = 64 * 64;
  NumberCache cache(kEntries * NumberCache::kEntryBytes);
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
  cache.Update(7, [](Number& number) {
    number.bytes = 1000;
    return true;
  });
  EXPECT_EQ(Look(cache, 7), std::nullopt);
  EXPECT_EQ(cache.stats().bytes, 0u);
}

TEST(CacheTest, ACacheOfNoBytesKeepsNothing) {
  NumberCache cache(0);
  Keep(cache, 7, {.value = 70});
  EXPECT_EQ(Look(cache, 7), std::nullopt);
}

// Writers change the "store" and then the cache, as the runtime does; what they
// have announced, every later read must see.
TEST(CacheTest, ReadersNeverSeeWhatWasBeforeAnAcknowledgedWrite) {
  constexpr uint64_t kKeys = 64;
  constexpr int kWrites = 20'000;
  NumberCache cache(32 * kKeys * NumberCache::kEntryBytes);  // some are evicted
  std::vector<std::atomic<uint64_t>> store(kKeys), acknowledged(kKeys);
  std::atomic<bool> done{false};
  std::thread writer([&] {
    std::mt19937_64 random(1);
    for (int i = 0; i < kWrites; ++i) {
      const uint64_t key = random() % kKeys;
      const uint64_t value = store[key] + 1;
      store[key] = value;
      switch (random() % 3) {
        case 0:
          cache.Erase(key);
          break;
        case 1:
          if (random() % 100 == 0) {
            cache.Clear();
            break;
          }
          [[fallthrough]];
        default:
          cache.Update(key, [&](Number& number) {
            number.value = value;
            return true;
          });
      }
      acknowledged[key] = value;
    }
    done = true;
  });
  std::vector<std::thread> readers;
  std::atomic<uint64_t> stale{0};
  for (uint64_t seed = 1; seed <= 3; ++seed) {
    readers.emplace_back([&, seed] {
      std::mt19937_64 random(seed);
      while (!done) {
        const uint64_t key = random() % kKeys;
        const uint64_t at_least = acknowledged[key];
        NumberCache::Ticket ticket;
        std::optional<uint64_t> seen = Look(cache, key, &ticket);
        if (!seen.has_value()) {
          seen = store[key].load();
          cache.Insert(key, {.value = *seen}, ticket);
        }
        if (*seen < at_least) ++stale;
      }
    });
  }
  writer.join();
  for (std::thread& reader : readers) reader.join();
  EXPECT_EQ(stale, 0u);
}

}  // namespace
}  // namespace dailyfeed

#include "adapters/embedded/pending_views.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <deque>
#include <memory>
#include <mutex>
#include <numeric>
#include <thread>
#include <vector>

namespace dailyfeed {
namespace {

constexpr PostId kPost = 41;

TEST(PendingViews, EveryReaderHasANumberOfTheirOwn) {
  PendingViews views;
  EXPECT_EQ(views.Begin(kPost, 7, views.EpochOf(kPost)), 8u);
  EXPECT_EQ(views.Begin(kPost, 7, views.EpochOf(kPost)), 9u);
  // The read model has the first one now; what it says is part of the 9.
  views.End(kPost, true);
  EXPECT_EQ(views.Begin(kPost, 8, views.EpochOf(kPost)), 10u);
  EXPECT_EQ(views.Count(kPost, 8, views.EpochOf(kPost)), 10u);
  EXPECT_EQ(views.AtLeast(kPost, 8), 10u);
  EXPECT_EQ(views.AtLeast(kPost, 12), 12u);
  views.End(kPost, true);
  views.End(kPost, true);
  EXPECT_EQ(views.AtLeast(kPost, 10), 10u);
  EXPECT_EQ(views.Begin(kPost, 10, views.EpochOf(kPost)), 11u);
  views.End(kPost, true);
}

TEST(PendingViews, AnOldReadIsNotTrusted) {
  PendingViews views;
  const uint64_t epoch = views.EpochOf(kPost);
  ASSERT_EQ(views.Begin(kPost, 7, epoch), 8u);
  views.End(kPost, true);
  EXPECT_EQ(views.Begin(kPost, 7, epoch), std::nullopt);
  EXPECT_EQ(views.Count(kPost, 7, epoch), std::nullopt);
  EXPECT_EQ(views.Begin(kPost, 8, views.EpochOf(kPost)), 9u);
  views.End(kPost, true);
}

TEST(PendingViews, ARefusedViewCountsNoMore) {
  PendingViews views;
  ASSERT_EQ(views.Begin(kPost, 7, views.EpochOf(kPost)), 8u);
  ASSERT_EQ(views.Begin(kPost, 7, views.EpochOf(kPost)), 9u);
  views.End(kPost, false);
  EXPECT_EQ(views.Count(kPost, 7, views.EpochOf(kPost)), 8u);
  views.End(kPost, true);
  EXPECT_EQ(views.Count(kPost, 8, views.EpochOf(kPost)), 8u);
}

// Readers against an applier that is always behind: all numbers are distinct,
// each reader's grow, and the last one is the final count.
TEST(PendingViews, DistinctUnderThreads) {
  constexpr int kReaders = 4;
  constexpr int kReads = 5000;
  // On the heap: g++'s AddressSanitizer keeps stack variables at less than the
  // alignment that this class asks for.
  const auto owned = std::make_unique<PendingViews>();
  PendingViews& views = *owned;
  std::atomic<uint64_t> applied = 0;
  std::mutex mutex;
  std::deque<PostId> queue;
  std::atomic<int> reading = kReaders;
  std::thread applier([&] {
    for (bool more = true; more;) {
      more = reading > 0;
      std::deque<PostId> batch;
      {
        std::lock_guard lock(mutex);
        batch.swap(queue);
      }
      more = more || !batch.empty();
      applied += batch.size();
      for (const PostId post : batch) views.End(post, true);
    }
  });
  std::vector<std::vector<uint64_t>> counts(kReaders);
  std::vector<std::thread> readers;
  for (int reader = 0; reader < kReaders; ++reader) {
    readers.emplace_back([&, reader] {
      while (counts[reader].size() < kReads) {
        const uint64_t epoch = views.EpochOf(kPost);
        const std::optional<uint64_t> count = views.Begin(kPost, applied, epoch);
        if (!count) continue;
        counts[reader].push_back(*count);
        std::lock_guard lock(mutex);
        queue.push_back(kPost);
      }
      --reading;
    });
  }
  for (std::thread& reader : readers) reader.join();
  applier.join();
  std::vector<uint64_t> all;
  for (const auto& own : counts) {
    EXPECT_TRUE(std::is_sorted(own.begin(), own.end()));
    all.insert(all.end(), own.begin(), own.end());
  }
  std::sort(all.begin(), all.end());
  std::vector<uint64_t> expected(kReaders * kReads);
  std::iota(expected.begin(), expected.end(), 1);
  EXPECT_EQ(all, expected);
  EXPECT_EQ(applied, kReaders * kReads);
}

}  // namespace
}  // namespace dailyfeed

#include "adapters/identity/sessions/revocations.h"

#include <fmt/format.h>

#include <atomic>
#include <cstdlib>
#include <random>
#include <set>
#include <thread>
#include <vector>

#include "gtest/gtest.h"

namespace dailyfeed {
namespace {

TEST(RevocationsTest, HoldsWhatASetWouldHold) {
  const char* chosen = std::getenv("DAILYFEED_SEED");
  const uint64_t seed = chosen != nullptr ? std::strtoull(chosen, nullptr, 10) : 1;
  SCOPED_TRACE(
      fmt::format("bazel test //adapters/identity:revocations_test "
                  "--test_env=DAILYFEED_SEED={}",
                  seed));
  std::mt19937_64 random(seed);
  Revocations revocations;
  std::set<std::string> model;
  for (int step = 0; step < 50'000; ++step) {
    const std::string session = fmt::format("session-{}", random() % 3000);
    switch (random() % 3) {
      case 0:
        revocations.Add(session);
        model.insert(session);
        break;
      case 1:
        revocations.Remove(session);
        model.erase(session);
        break;
      case 2:
        ASSERT_EQ(revocations.Contains(session), model.contains(session)) << session;
        break;
    }
    ASSERT_EQ(revocations.size(), model.size());
  }
}

TEST(RevocationsTest, WhoAsksAfterAnEndFindsIt) {
  constexpr int kSessions = 2000;
  Revocations revocations;
  std::atomic<int> ended = 0;
  std::thread ender([&] {
    for (int i = 0; i < kSessions; ++i) {
      revocations.Add(fmt::format("s{}", i));
      ended.store(i + 1, std::memory_order_release);
      if (i % 3 == 0) revocations.Remove(fmt::format("other{}", i));
    }
  });
  std::vector<std::thread> readers;
  std::atomic<int> missed = 0;
  for (int reader = 0; reader < 2; ++reader) {
    readers.emplace_back([&] {
      while (true) {
        const int known = ended.load(std::memory_order_acquire);
        if (known > 0 && !revocations.Contains(fmt::format("s{}", known - 1))) ++missed;
        if (known == kSessions) return;
      }
    });
  }
  ender.join();
  for (std::thread& reader : readers) reader.join();
  EXPECT_EQ(missed, 0);
}

}  // namespace
}  // namespace dailyfeed

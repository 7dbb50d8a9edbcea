#include "adapters/monitor/cpu_profile.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <time.h>

#include <thread>

namespace dailyfeed::monitor {
namespace {

double CpuSeconds() {
  timespec now{};
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) / 1e9;
}

// Not inlined, so that it has a name in the profile.
__attribute__((noinline)) void BurnCpuForProfile(double seconds) {
  const double end = CpuSeconds() + seconds;
  while (CpuSeconds() < end) {
  }
}

TEST(CpuProfileTest, NamesWhereTheTimeGoes) {
  auto folded = CollectCpuProfile([] { BurnCpuForProfile(0.5); });
  ASSERT_TRUE(folded.ok()) << folded.status();
  EXPECT_THAT(*folded, ::testing::ContainsRegex("BurnCpuForProfile.* [0-9]+\n"));
  // Outermost first.
  EXPECT_THAT(*folded, ::testing::ContainsRegex("main;.*BurnCpuForProfile"));
}

// The calling thread only waits: whatever the scheduler does, the processor
// time that is sampled is the other thread's.
TEST(CpuProfileTest, SeesOtherThreadsAndCanBeTakenAgain) {
  for (int i = 0; i < 2; ++i) {
    auto folded = CollectCpuProfile([] {
      std::thread busy([] { BurnCpuForProfile(0.3); });
      busy.join();
    });
    ASSERT_TRUE(folded.ok()) << folded.status();
    EXPECT_THAT(*folded, ::testing::HasSubstr("BurnCpuForProfile"));
  }
}

TEST(CpuProfileTest, OneAtATime) {
  auto outer = CollectCpuProfile([] {
    EXPECT_EQ(CollectCpuProfile([] {}).status().code(), absl::StatusCode::kFailedPrecondition);
  });
  EXPECT_TRUE(outer.ok());
  EXPECT_TRUE(CollectCpuProfile([] {}).ok());
}

}  // namespace
}  // namespace dailyfeed::monitor

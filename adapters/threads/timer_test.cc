#include "adapters/threads/timer.h"

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <memory>
#include <vector>

namespace dailyfeed {
namespace {

TEST(TimerTest, RunsJobsInTheOrderTheyAreDueAndNoneTooEarly) {
  std::vector<int> ran;
  std::promise<void> done;
  const auto begin = std::chrono::steady_clock::now();
  {
    Timer timer(10);
    ASSERT_TRUE(timer.After(absl::Milliseconds(40), [&] {
      ran.push_back(3);
      done.set_value();
    }));
    ASSERT_TRUE(timer.After(absl::Milliseconds(20), [&] { ran.push_back(2); }));
    ASSERT_TRUE(timer.After(absl::ZeroDuration(), [&] { ran.push_back(1); }));
    done.get_future().wait();
  }
  EXPECT_EQ(ran, (std::vector<int>{1, 2, 3}));
  EXPECT_GE(std::chrono::steady_clock::now() - begin, std::chrono::milliseconds(40));
}

TEST(TimerTest, RefusesWhenTooManyWaitAndDestroysTheJob) {
  Timer timer(1);
  auto held = std::make_shared<int>(1);
  ASSERT_TRUE(timer.After(absl::Hours(1), [] {}));
  EXPECT_FALSE(timer.After(absl::Hours(1), [held] { ++*held; }));
  EXPECT_FALSE(timer.Every(absl::Hours(1), [held] { ++*held; }));
  EXPECT_EQ(held.use_count(), 1);
  EXPECT_EQ(*held, 1);
  EXPECT_EQ(timer.waiting(), 1u);
}

TEST(TimerTest, RunsEverythingWhenItEnds) {
  int ran = 0, repeated = 0;
  {
    Timer timer(10);
    for (int i = 0; i < 5; ++i) ASSERT_TRUE(timer.After(absl::Hours(1), [&] { ++ran; }));
    ASSERT_TRUE(timer.Every(absl::Hours(1), [&] { ++repeated; }));
  }
  EXPECT_EQ(ran, 5);
  EXPECT_EQ(repeated, 1);
}

TEST(TimerTest, RepeatsAJobUntilItEnds) {
  std::atomic<int> ran = 0;
  std::promise<void> third;
  {
    Timer timer;
    ASSERT_TRUE(timer.Every(absl::Milliseconds(1), [&] {
      if (++ran == 3) third.set_value();
    }));
    third.get_future().wait();
  }
  EXPECT_GE(ran, 4) << "and once more at the end";
}

}  // namespace
}  // namespace dailyfeed

#include "adapters/threads/later.h"

#include <gtest/gtest.h>

#include <future>
#include <memory>
#include <vector>

namespace dailyfeed::http {
namespace {

TEST(LaterTest, RunsJobsInTheOrderTheyAreDueAndNoneTooEarly) {
  std::vector<int> ran;
  std::promise<void> done;
  const auto begin = std::chrono::steady_clock::now();
  {
    Later later(10);
    ASSERT_TRUE(later.After(absl::Milliseconds(40), [&] {
      ran.push_back(3);
      done.set_value();
    }));
    ASSERT_TRUE(later.After(absl::Milliseconds(20), [&] { ran.push_back(2); }));
    ASSERT_TRUE(later.After(absl::ZeroDuration(), [&] { ran.push_back(1); }));
    done.get_future().wait();
  }
  EXPECT_EQ(ran, (std::vector<int>{1, 2, 3}));
  EXPECT_GE(std::chrono::steady_clock::now() - begin, std::chrono::milliseconds(40));
}

TEST(LaterTest, RefusesWhenTooManyWaitAndDestroysTheJob) {
  Later later(1);
  auto held = std::make_shared<int>(1);
  ASSERT_TRUE(later.After(absl::Hours(1), [] {}));
  EXPECT_FALSE(later.After(absl::Hours(1), [held] { ++*held; }));
  EXPECT_EQ(held.use_count(), 1);
  EXPECT_EQ(*held, 1);
  EXPECT_EQ(later.waiting(), 1u);
}

TEST(LaterTest, RunsEverythingWhenItEnds) {
  int ran = 0;
  {
    Later later(10);
    for (int i = 0; i < 5; ++i) ASSERT_TRUE(later.After(absl::Hours(1), [&] { ++ran; }));
  }
  EXPECT_EQ(ran, 5);
}

}  // namespace
}  // namespace dailyfeed::http

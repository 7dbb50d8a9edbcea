#include "adapters/threads/workers.h"

#include <gtest/gtest.h>

#include <future>

#include "core/domain/errors.h"

namespace dailyfeed {
namespace {

TEST(Workers, RunsEveryAcceptedJob) {
  std::atomic<int> ran = 0;
  {
    Workers workers({.threads = 3, .queue_capacity = 1000});
    for (int i = 0; i < 1000; ++i) ASSERT_TRUE(workers.Submit([&] { ++ran; }).ok());
  }
  EXPECT_EQ(ran, 1000);
}

TEST(Workers, RefusesWhenFullAndAcceptsAgain) {
  Workers workers({.threads = 1, .queue_capacity = 2});
  std::promise<void> started, release;
  std::atomic<int> ran = 0;
  ASSERT_TRUE(workers
                  .Submit([&] {
                    started.set_value();
                    release.get_future().wait();
                  })
                  .ok());
  started.get_future().wait();
  ASSERT_TRUE(workers.Submit([&] { ++ran; }).ok());
  std::promise<void> last;
  ASSERT_TRUE(workers.Submit([&] { last.set_value(); }).ok());
  EXPECT_EQ(workers.queue_depth(), 2u);
  const absl::Status full = workers.Submit([&] { ran += 100; });
  EXPECT_EQ(full.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(ErrorCodeOf(full), ErrorCode::kServiceUnavailable);
  EXPECT_EQ(workers.refused(), 1u);
  release.set_value();
  last.get_future().wait();
  EXPECT_TRUE(workers.Submit([&] { ++ran; }).ok());
  workers.Stop();
  EXPECT_EQ(ran, 2);
}

TEST(Workers, StopFinishesAndRefuses) {
  Workers workers({.threads = 2, .queue_capacity = 100});
  std::atomic<int> ran = 0;
  for (int i = 0; i < 50; ++i) ASSERT_TRUE(workers.Submit([&] { ++ran; }).ok());
  workers.Stop();
  EXPECT_EQ(ran, 50);
  const absl::Status late = workers.Submit([&] { ++ran; });
  EXPECT_EQ(late.code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(ErrorCodeOf(late), ErrorCode::kServiceUnavailable);
  workers.Stop();
  EXPECT_EQ(ran, 50);
}

}  // namespace
}  // namespace dailyfeed

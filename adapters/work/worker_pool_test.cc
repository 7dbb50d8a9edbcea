#include "adapters/work/worker_pool.h"

#include <gtest/gtest.h>

#include <future>

#include "core/domain/errors.h"

namespace dailyfeed {
namespace {

TEST(WorkerPoolTest, RunsEveryAcceptedJob) {
  std::atomic<int> ran = 0;
  {
    WorkerPool pool({.threads = 3, .queue_capacity = 1000});
    for (int i = 0; i < 1000; ++i) ASSERT_TRUE(pool.Submit([&] { ++ran; }).ok());
  }
  EXPECT_EQ(ran, 1000);
}

TEST(WorkerPoolTest, RefusesWhenFullAndAcceptsAgain) {
  WorkerPool pool({.threads = 1, .queue_capacity = 2});
  std::promise<void> started, release;
  std::atomic<int> ran = 0;
  ASSERT_TRUE(pool.Submit([&] {
                    started.set_value();
                    release.get_future().wait();
                  })
                  .ok());
  started.get_future().wait();
  ASSERT_TRUE(pool.Submit([&] { ++ran; }).ok());
  std::promise<void> last;
  ASSERT_TRUE(pool.Submit([&] { last.set_value(); }).ok());
  EXPECT_EQ(pool.queue_depth(), 2u);
  const absl::Status full = pool.Submit([&] { ran += 100; });
  EXPECT_EQ(full.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(ErrorCodeOf(full), ErrorCode::kServiceUnavailable);
  EXPECT_EQ(pool.refused(), 1u);
  release.set_value();
  last.get_future().wait();
  EXPECT_TRUE(pool.Submit([&] { ++ran; }).ok());
  pool.Stop();
  EXPECT_EQ(ran, 2);
}

TEST(WorkerPoolTest, StopFinishesAndRefuses) {
  WorkerPool pool({.threads = 2, .queue_capacity = 100});
  std::atomic<int> ran = 0;
  for (int i = 0; i < 50; ++i) ASSERT_TRUE(pool.Submit([&] { ++ran; }).ok());
  pool.Stop();
  EXPECT_EQ(ran, 50);
  const absl::Status late = pool.Submit([&] { ++ran; });
  EXPECT_EQ(late.code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(ErrorCodeOf(late), ErrorCode::kServiceUnavailable);
  pool.Stop();
  EXPECT_EQ(ran, 50);
}

}  // namespace
}  // namespace dailyfeed

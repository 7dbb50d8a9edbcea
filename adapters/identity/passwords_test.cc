#include "adapters/identity/passwords.h"

#include <gtest/gtest.h>

#include <future>

#include "core/domain/errors.h"

namespace dailyfeed {
namespace {

TEST(AsyncPasswords, RunsEveryAcceptedJob) {
  std::atomic<int> ran = 0;
  {
    AsyncPasswords passwords({.threads = 3, .queue_capacity = 1000});
    for (int i = 0; i < 1000; ++i) ASSERT_TRUE(passwords.Submit([&] { ++ran; }).ok());
  }
  EXPECT_EQ(ran, 1000);
}

TEST(AsyncPasswords, RefusesWhenFullAndAcceptsAgain) {
  AsyncPasswords passwords({.threads = 1, .queue_capacity = 2});
  std::promise<void> started, release;
  std::atomic<int> ran = 0;
  ASSERT_TRUE(passwords
                  .Submit([&] {
                    started.set_value();
                    release.get_future().wait();
                  })
                  .ok());
  started.get_future().wait();
  ASSERT_TRUE(passwords.Submit([&] { ++ran; }).ok());
  std::promise<void> last;
  ASSERT_TRUE(passwords.Submit([&] { last.set_value(); }).ok());
  EXPECT_EQ(passwords.queue_depth(), 2u);
  const absl::Status full = passwords.Submit([&] { ran += 100; });
  EXPECT_EQ(full.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(ErrorCodeOf(full), ErrorCode::kServiceUnavailable);
  EXPECT_EQ(passwords.refused(), 1u);
  release.set_value();
  last.get_future().wait();
  EXPECT_TRUE(passwords.Submit([&] { ++ran; }).ok());
  passwords.Stop();
  EXPECT_EQ(ran, 2);
}

TEST(AsyncPasswords, StopFinishesAndRefuses) {
  AsyncPasswords passwords({.threads = 2, .queue_capacity = 100});
  std::atomic<int> ran = 0;
  for (int i = 0; i < 50; ++i) ASSERT_TRUE(passwords.Submit([&] { ++ran; }).ok());
  passwords.Stop();
  EXPECT_EQ(ran, 50);
  const absl::Status late = passwords.Submit([&] { ++ran; });
  EXPECT_EQ(late.code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(ErrorCodeOf(late), ErrorCode::kServiceUnavailable);
  passwords.Stop();
  EXPECT_EQ(ran, 50);
}

}  // namespace
}  // namespace dailyfeed

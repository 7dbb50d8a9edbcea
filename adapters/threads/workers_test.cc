#include "adapters/threads/workers.h"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <future>
#include <memory>

#include "core/domain/errors.h"

namespace dailyfeed {
namespace {

// A job that runs until it is let go.
class Held {
 public:
  Workers::Job Job() {
    return [this] {
      started_.set_value();
      let_go_.get_future().wait();
    };
  }
  void WaitForStart() { started_.get_future().wait(); }
  void LetGo() { let_go_.set_value(); }

 private:
  std::promise<void> started_, let_go_;
};

TEST(Workers, RunsEveryAcceptedJob) {
  Workers workers({.threads = 3, .queue_capacity = 1000});
  std::atomic<int> ran = 0;
  std::promise<void> all;
  for (int i = 0; i < 1000; ++i) {
    ASSERT_TRUE(workers
                    .Submit([&] {
                      if (++ran == 1000) all.set_value();
                    })
                    .ok());
  }
  all.get_future().wait();
}

TEST(Workers, RefusesWhenFullAndAcceptsAgain) {
  Workers workers({.threads = 1, .queue_capacity = 2});
  Held held;
  std::atomic<int> ran = 0;
  ASSERT_TRUE(workers.Submit(held.Job()).ok());
  held.WaitForStart();
  ASSERT_TRUE(workers.Submit([&] { ++ran; }).ok());
  std::promise<void> last;
  ASSERT_TRUE(workers.Submit([&] { last.set_value(); }).ok());
  EXPECT_EQ(workers.queue_depth(), 2u);
  const absl::Status full = workers.Submit([&] { ran += 100; });
  EXPECT_EQ(full.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(ErrorCodeOf(full), ErrorCode::kServiceUnavailable);
  EXPECT_EQ(workers.refused(), 1u);
  held.LetGo();
  last.get_future().wait();
  std::promise<void> more;
  EXPECT_TRUE(workers.Submit([&] { more.set_value(); }).ok());
  more.get_future().wait();
  EXPECT_EQ(ran, 1);
}

// The end of a process waits for what runs, not for what waits.
TEST(Workers, StopDestroysWhatWaitsAndRefuses) {
  Workers workers({.threads = 1, .queue_capacity = 100});
  Held held;
  std::atomic<int> ran = 0;
  ASSERT_TRUE(workers.Submit(held.Job()).ok());
  held.WaitForStart();
  const auto waits = std::make_shared<int>(0);
  for (int i = 0; i < 50; ++i) ASSERT_TRUE(workers.Submit([&ran, waits] { ++ran; }, i).ok());
  EXPECT_EQ(waits.use_count(), 51);
  workers.Close();
  EXPECT_EQ(waits.use_count(), 1) << "while the first job runs";
  const absl::Status late = workers.Submit([&] { ++ran; });
  EXPECT_EQ(late.code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(ErrorCodeOf(late), ErrorCode::kServiceUnavailable);
  held.LetGo();
  workers.Stop();
  workers.Stop();
  EXPECT_EQ(ran, 0);
}

TEST(Workers, OwnersTakeTurns) {
  Workers workers({.threads = 1, .queue_capacity = 100});
  Held held;
  ASSERT_TRUE(workers.Submit(held.Job(), 1).ok());
  held.WaitForStart();
  std::string order;
  std::promise<void> last;
  const auto submit = [&](uint64_t owner, char name) {
    ASSERT_TRUE(workers
                    .Submit(
                        [&, name] {
                          order += name;
                          if (order.size() == 6) last.set_value();
                        },
                        owner)
                    .ok());
  };
  for (const char name : {'a', 'b', 'c'}) submit(1, name);
  for (const char name : {'x', 'y'}) submit(2, name);
  submit(Workers::kNobody, 'n');
  held.LetGo();
  last.get_future().wait();
  EXPECT_EQ(order, "axnbyc");
}

TEST(Workers, OneOwnerNeverHasEveryThread) {
  Workers workers({.threads = 2, .queue_capacity = 100});
  Held first, second;
  ASSERT_TRUE(workers.Submit(first.Job(), 1).ok());
  first.WaitForStart();
  ASSERT_TRUE(workers.Submit(second.Job(), 1).ok());
  // A thread is free for another owner, however long the first one's jobs take.
  for (uint64_t owner : {2, 3, 2}) {
    std::promise<void> ran;
    ASSERT_TRUE(workers.Submit([&] { ran.set_value(); }, owner).ok());
    ran.get_future().wait();
  }
  EXPECT_EQ(workers.queue_depth(), 1u);
  first.LetGo();
  second.WaitForStart();
  second.LetGo();
}

TEST(Workers, AnOwnerHasABoundedNumberOfJobs) {
  Workers workers({.threads = 1, .queue_capacity = 100, .owner_jobs_max = 2});
  Held held;
  ASSERT_TRUE(workers.Submit(held.Job(), 1).ok());
  held.WaitForStart();
  std::promise<void> done;
  ASSERT_TRUE(workers.Submit([&] { done.set_value(); }, 1).ok());
  const absl::Status third = workers.Submit([] {}, 1);
  EXPECT_EQ(third.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(ErrorCodeOf(third), ErrorCode::kServiceUnavailable);
  EXPECT_TRUE(workers.Submit([] {}, 2).ok());
  for (int i = 0; i < 9; ++i) EXPECT_TRUE(workers.Submit([] {}).ok()) << "nobody's";
  held.LetGo();
  done.get_future().wait();
  std::promise<void> again;
  // Its job ends a moment after `done` is set.
  while (!workers.Submit([&] { again.set_value(); }, 1).ok()) std::this_thread::yield();
  again.get_future().wait();
}

TEST(Workers, AreAsNiceAsTheyAreToldAndNobodyElse) {
  std::promise<int> nice;
  Workers workers({.threads = 1, .niceness = 7});
  ASSERT_TRUE(workers.Submit([&] { nice.set_value(getpriority(PRIO_PROCESS, 0)); }).ok());
  const int mine = getpriority(PRIO_PROCESS, 0);
  const int theirs = nice.get_future().get();
  // Only root may be less nice than it was.
  if (mine <= 7) {
    EXPECT_EQ(theirs, 7);
  }
  EXPECT_EQ(getpriority(PRIO_PROCESS, 0), mine);
}

}  // namespace
}  // namespace dailyfeed

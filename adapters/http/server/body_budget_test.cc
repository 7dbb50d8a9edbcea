#include "adapters/http/server/body_budget.h"

#include <gtest/gtest.h>

#include <deque>
#include <random>
#include <thread>
#include <vector>

namespace dailyfeed::http {
namespace {

constexpr BodyBudget::Limits kLimits = {
    .bytes_max = 8000, .small_bytes_max = 100, .bytes_per_address_max = 3000};

TEST(BodyBudgetTest, LargeBodiesLeaveAnEighthToSmallOnes) {
  BodyBudget budget(kLimits);
  std::deque<BodyBudget::Claim> uploads;
  for (int i = 0; i < 7; ++i) EXPECT_TRUE(uploads.emplace_back(&budget).GrowTo(1000));
  BodyBudget::Claim one_more(&budget);
  EXPECT_FALSE(one_more.GrowTo(101));
  std::deque<BodyBudget::Claim> logins;
  for (int i = 0; i < 10; ++i) EXPECT_TRUE(logins.emplace_back(&budget).GrowTo(100));
  EXPECT_FALSE(logins.emplace_back(&budget).GrowTo(1));
  uploads.pop_front();
  EXPECT_TRUE(logins.back().GrowTo(1));
  EXPECT_TRUE(one_more.GrowTo(900));
}

TEST(BodyBudgetTest, OneAddressHasALimitForItsLargeBodiesOnly) {
  BodyBudget budget(kLimits);
  BodyBudget::Claim first(&budget), second(&budget), other(&budget), small(&budget),
      unknown(&budget);
  for (BodyBudget::Claim* claim : {&first, &second, &small}) claim->set_address_group("a");
  other.set_address_group("b");
  EXPECT_TRUE(first.GrowTo(3000));
  EXPECT_FALSE(second.GrowTo(101));
  EXPECT_TRUE(small.GrowTo(100));
  EXPECT_TRUE(other.GrowTo(2000));
  EXPECT_TRUE(unknown.GrowTo(2000));
  first.Release();
  first.Release();
  EXPECT_TRUE(second.GrowTo(3000));
}

TEST(BodyBudgetTest, ABodyThatBecomesLargeCountsWhole) {
  BodyBudget budget(kLimits);
  BodyBudget::Claim growing(&budget), second(&budget);
  growing.set_address_group("a");
  second.set_address_group("a");
  EXPECT_TRUE(growing.GrowTo(90));
  EXPECT_TRUE(second.GrowTo(2950));
  EXPECT_FALSE(growing.GrowTo(150));
  second.Release();
  EXPECT_TRUE(growing.GrowTo(3000));
}

TEST(BodyBudgetTest, NothingIsLostOverManyThreads) {
  BodyBudget budget(kLimits);
  std::vector<std::thread> threads;
  for (unsigned t = 0; t < 4; ++t) {
    threads.emplace_back([&budget, t] {
      std::mt19937 random(t);
      for (int i = 0; i < 2000; ++i) {
        BodyBudget::Claim claim(&budget);
        claim.set_address_group(random() % 2 == 0 ? "a" : "");
        for (size_t bytes = 50; bytes < 4000 && claim.GrowTo(bytes);) bytes += random() % 500;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  BodyBudget::Claim large(&budget), small(&budget);
  EXPECT_TRUE(large.GrowTo(7000));
  std::deque<BodyBudget::Claim> rest;
  for (int i = 0; i < 10; ++i) EXPECT_TRUE(rest.emplace_back(&budget).GrowTo(100));
}

}  // namespace
}  // namespace dailyfeed::http

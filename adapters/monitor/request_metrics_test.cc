#include "adapters/monitor/request_metrics.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <thread>

namespace dailyfeed::monitor {
namespace {

http::RequestRecord Record(std::string method, std::string route, int status,
                           absl::Duration duration = absl::Microseconds(200)) {
  http::RequestRecord record;
  record.method = std::move(method);
  record.route = std::move(route);
  record.status = status;
  record.duration = duration;
  record.bytes_in = 10;
  record.bytes_out = 100;
  return record;
}

TEST(RequestMetricsTest, CountsByMethodRouteAndStatus) {
  RequestMetrics metrics;
  metrics.Record(Record("GET", "/a", 200));
  metrics.Record(Record("GET", "/a", 200, absl::Milliseconds(2)));
  metrics.Record(Record("GET", "/a", 404));
  metrics.Record(Record("POST", "/a", 200));
  metrics.Record(Record("GET", "", 400));
  metrics.Record(Record("BREW", "/a", 405, absl::Seconds(20)));
  auto rows = metrics.Rows();
  std::sort(rows.begin(), rows.end(), [](const auto& a, const auto& b) {
    return std::tie(a.method, a.route, a.status) < std::tie(b.method, b.route, b.status);
  });
  ASSERT_EQ(rows.size(), 5u);
  EXPECT_EQ(rows[0].route, "/a");
  EXPECT_EQ(rows[0].count, 2u);
  EXPECT_EQ(rows[0].bytes_in, 20u);
  EXPECT_EQ(rows[0].bytes_out, 200u);
  EXPECT_NEAR(rows[0].seconds, 0.0022, 1e-9);
  EXPECT_EQ(rows[0].buckets[1], 1u);  // up to 250 us
  EXPECT_EQ(rows[0].buckets[4], 1u);  // up to 2.5 ms
  EXPECT_EQ(rows[1].status, 404);
  EXPECT_EQ(rows[2].route, "none");
  EXPECT_EQ(rows[3].method, "OTHER");
  EXPECT_EQ(rows[3].buckets.back(), 1u);  // above every edge
  EXPECT_EQ(rows[4].method, "POST");
}

TEST(RequestMetricsTest, CountsErrorCodes) {
  RequestMetrics metrics;
  for (int i = 0; i < 3; ++i) {
    auto record = Record("GET", "/a", 404);
    record.error_code = "POST_NOT_FOUND";
    metrics.Record(record);
  }
  const auto errors = metrics.Errors();
  ASSERT_EQ(errors.size(), 1u);
  EXPECT_EQ(errors[0].error_code, "POST_NOT_FOUND");
  EXPECT_EQ(errors[0].count, 3u);
}

TEST(RequestMetricsTest, WhatDoesNotFitIsCountedAsOther) {
  RequestMetrics metrics;
  constexpr size_t kRoutes = RequestMetrics::kRowsMax + 100;
  for (size_t i = 0; i < kRoutes; ++i) {
    metrics.Record(Record("GET", "/" + std::to_string(i), 200));
  }
  const auto rows = metrics.Rows();
  EXPECT_EQ(rows.size(), RequestMetrics::kRowsMax + 1);
  uint64_t other = 0, all = 0;
  for (const auto& row : rows) {
    all += row.count;
    if (row.route == "other") other = row.count;
  }
  EXPECT_EQ(other, 100u);
  EXPECT_EQ(all, kRoutes);
}

TEST(RequestMetricsTest, ManyThreadsLoseNothing) {
  RequestMetrics metrics;
  constexpr int kThreads = 4, kEach = 5000, kRoutes = 37;
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < kEach; ++i) {
        metrics.Record(Record("GET", "/" + std::to_string(i % kRoutes), 200));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  const auto rows = metrics.Rows();
  EXPECT_EQ(rows.size(), static_cast<size_t>(kRoutes));
  uint64_t all = 0;
  for (const auto& row : rows) all += row.count;
  EXPECT_EQ(all, static_cast<uint64_t>(kThreads * kEach));
}

}  // namespace
}  // namespace dailyfeed::monitor

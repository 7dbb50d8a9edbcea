// Counts and latencies of answered requests, by method, route and status.
//
//   RequestMetrics metrics;
//   server_options.on_request = [&](const auto& record) { metrics.Record(record); };
//
// Recording is a look-up in a table without locks and a few additions: a route
// is allocated once, at its first request. The number of rows is bounded, what
// does not fit is counted under the route "other".
//
// Threads: everything from any thread.
#ifndef DAILYFEED_ADAPTERS_MONITOR_REQUEST_METRICS_H_
#define DAILYFEED_ADAPTERS_MONITOR_REQUEST_METRICS_H_

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/http/server/server.h"

namespace dailyfeed::monitor {

class RequestMetrics {
 public:
  // Upper edges of the latency buckets in seconds; one more bucket is above.
  static constexpr std::array<double, 16> kBucketSeconds = {
      0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025,
      0.05,   0.1,     0.25,   0.5,   1,      2.5,   5,    10};
  static constexpr size_t kRowsMax = 512;

  struct Row {
    std::string method;  // "OTHER" for what HTTP does not define
    std::string route;   // "none": refused before there was a route
    int status = 0;
    uint64_t count = 0;
    uint64_t bytes_in = 0;
    uint64_t bytes_out = 0;
    double seconds = 0;  // of all together
    std::array<uint64_t, kBucketSeconds.size() + 1> buckets = {};
  };
  struct ErrorRow {
    std::string error_code;
    uint64_t count = 0;
  };

  RequestMetrics();
  ~RequestMetrics();
  RequestMetrics(const RequestMetrics&) = delete;
  RequestMetrics& operator=(const RequestMetrics&) = delete;

  void Record(const http::RequestRecord& record);

  // In no particular order.
  std::vector<Row> Rows() const;
  std::vector<ErrorRow> Errors() const;

 private:
  struct Series;

  // Rows by key. A row, once made, stays.
  class Table {
   public:
    explicit Table(std::string_view overflow_route);
    ~Table();
    Series& Find(std::string_view method, std::string_view route, int status);
    // Every row that counted something.
    std::vector<const Series*> Used() const;

   private:
    // Twice the rows: probing stays short. A power of two.
    static constexpr size_t kSlots = 2 * kRowsMax;

    Series& Make(size_t slot, std::string_view method, std::string_view route, int status);

    std::array<std::atomic<Series*>, kSlots> slots_ = {};
    std::mutex mutex_;  // of making rows
    size_t rows_ = 0;
    std::unique_ptr<Series> overflow_;
  };

  Table requests_;
  Table errors_;  // the error code stands for the route
};

}  // namespace dailyfeed::monitor

#endif  // DAILYFEED_ADAPTERS_MONITOR_REQUEST_METRICS_H_

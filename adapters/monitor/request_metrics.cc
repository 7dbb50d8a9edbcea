#include "adapters/monitor/request_metrics.h"

#include <algorithm>
#include <functional>

namespace dailyfeed::monitor {
namespace {

constexpr std::array<std::string_view, 9> kMethods = {
    "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "CONNECT", "TRACE"};
constexpr std::string_view kOtherMethod = "OTHER";
constexpr std::string_view kNoRoute = "none";
constexpr std::string_view kOtherRoute = "other";

std::string_view KnownMethod(std::string_view method) {
  const auto known = std::find(kMethods.begin(), kMethods.end(), method);
  return known == kMethods.end() ? kOtherMethod : *known;
}

size_t HashOf(std::string_view method, std::string_view route, int status) {
  constexpr size_t kMultiplier = 0x9e3779b97f4a7c15u;
  size_t hash = std::hash<std::string_view>()(route);
  hash = (hash ^ std::hash<std::string_view>()(method)) * kMultiplier;
  return (hash ^ static_cast<size_t>(status)) * kMultiplier >> 32;
}

void Add(std::atomic<uint64_t>& counter, uint64_t n) {
  counter.fetch_add(n, std::memory_order_relaxed);
}

}  // namespace

struct RequestMetrics::Series {
  std::string method;
  std::string route;
  int status = 0;
  std::atomic<uint64_t> count{0}, bytes_in{0}, bytes_out{0}, nanoseconds{0};
  std::array<std::atomic<uint64_t>, kBucketSeconds.size() + 1> buckets = {};
};

RequestMetrics::Table::Table(std::string_view overflow_route)
    : overflow_(std::make_unique<Series>()) {
  overflow_->method = kOtherMethod;
  overflow_->route = overflow_route;
}

RequestMetrics::Table::~Table() {
  for (auto& slot : slots_) delete slot.load(std::memory_order_relaxed);
}

RequestMetrics::Series& RequestMetrics::Table::Find(std::string_view method, std::string_view route,
                                                    int status) {
  const size_t first = HashOf(method, route, status) % kSlots;
  for (size_t i = 0; i < kSlots; ++i) {
    const size_t slot = (first + i) % kSlots;
    Series* const series = slots_[slot].load(std::memory_order_acquire);
    if (series == nullptr) return Make(slot, method, route, status);
    if (series->status == status && series->route == route && series->method == method) {
      return *series;
    }
  }
  return *overflow_;
}

RequestMetrics::Series& RequestMetrics::Table::Make(size_t slot, std::string_view method,
                                                    std::string_view route, int status) {
  {
    std::lock_guard lock(mutex_);
    if (rows_ >= kRowsMax) return *overflow_;
    if (slots_[slot].load(std::memory_order_relaxed) == nullptr) {
      auto series = std::make_unique<Series>();
      series->method = method;
      series->route = route;
      series->status = status;
      ++rows_;
      Series& made = *series;
      slots_[slot].store(series.release(), std::memory_order_release);
      return made;
    }
  }
  // Somebody took the slot meanwhile, perhaps for the same key.
  return Find(method, route, status);
}

std::vector<const RequestMetrics::Series*> RequestMetrics::Table::Used() const {
  std::vector<const Series*> used;
  for (const auto& slot : slots_) {
    const Series* const series = slot.load(std::memory_order_acquire);
    if (series != nullptr) used.push_back(series);
  }
  if (overflow_->count.load(std::memory_order_relaxed) > 0) used.push_back(overflow_.get());
  return used;
}

RequestMetrics::RequestMetrics() : requests_(kOtherRoute), errors_(kOtherRoute) {}
RequestMetrics::~RequestMetrics() = default;

void RequestMetrics::Record(const http::RequestRecord& record) {
  const std::string_view route = record.route.empty() ? kNoRoute : std::string_view(record.route);
  Series& series = requests_.Find(KnownMethod(record.method), route, record.status);
  const int64_t nanoseconds = std::max<int64_t>(0, absl::ToInt64Nanoseconds(record.duration));
  const double seconds = static_cast<double>(nanoseconds) / 1e9;
  const auto edge = std::lower_bound(kBucketSeconds.begin(), kBucketSeconds.end(), seconds);
  Add(series.buckets[static_cast<size_t>(edge - kBucketSeconds.begin())], 1);
  Add(series.count, 1);
  Add(series.bytes_in, record.bytes_in);
  Add(series.bytes_out, record.bytes_out);
  Add(series.nanoseconds, static_cast<uint64_t>(nanoseconds));
  if (!record.error_code.empty()) Add(errors_.Find({}, record.error_code, 0).count, 1);
}

std::vector<RequestMetrics::Row> RequestMetrics::Rows() const {
  std::vector<Row> rows;
  for (const Series* series : requests_.Used()) {
    Row row;
    row.method = series->method;
    row.route = series->route;
    row.status = series->status;
    // The count is the sum of the buckets, also in the middle of a Record.
    for (size_t i = 0; i < row.buckets.size(); ++i) {
      row.buckets[i] = series->buckets[i].load(std::memory_order_relaxed);
      row.count += row.buckets[i];
    }
    row.bytes_in = series->bytes_in.load(std::memory_order_relaxed);
    row.bytes_out = series->bytes_out.load(std::memory_order_relaxed);
    row.seconds = static_cast<double>(series->nanoseconds.load(std::memory_order_relaxed)) / 1e9;
    rows.push_back(std::move(row));
  }
  return rows;
}

std::vector<RequestMetrics::ErrorRow> RequestMetrics::Errors() const {
  std::vector<ErrorRow> rows;
  for (const Series* series : errors_.Used()) {
    rows.push_back({series->route, series->count.load(std::memory_order_relaxed)});
  }
  return rows;
}

}  // namespace dailyfeed::monitor

// Latencies in logarithmic buckets: 64 to the power of two, so a percentile is
// off by at most 1.6 %.
//
// Threads: one; Merge joins what several threads recorded.
#ifndef DAILYFEED_TOOLS_BENCH_HISTOGRAM_H_
#define DAILYFEED_TOOLS_BENCH_HISTOGRAM_H_

#include <array>
#include <bit>
#include <cstdint>

#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "tools/bench/bench.h"

namespace dailyfeed::bench {

class Histogram {
 public:
  void Record(uint64_t nanoseconds) {
    ++buckets_[Index(nanoseconds)];
    ++count_;
  }
  void RecordSince(absl::Time start) {
    Record(static_cast<uint64_t>(absl::ToInt64Nanoseconds(absl::Now() - start)));
  }
  void Merge(const Histogram& other) {
    for (size_t i = 0; i < buckets_.size(); ++i) buckets_[i] += other.buckets_[i];
    count_ += other.count_;
  }
  uint64_t count() const { return count_; }

  // The value below which `fraction` (0..1) of the recorded ones lie, in ns.
  double Quantile(double fraction) const {
    const uint64_t rank = static_cast<uint64_t>(fraction * static_cast<double>(count_));
    uint64_t seen = 0;
    for (size_t i = 0; i < buckets_.size(); ++i) {
      seen += buckets_[i];
      if (seen > rank) return UpperEdge(i);
    }
    return 0;
  }
  Percentiles Summary() const {
    return {Quantile(0.5) / 1e3, Quantile(0.99) / 1e3, Quantile(0.999) / 1e3};
  }

 private:
  static constexpr int kSubBits = 6;
  static constexpr uint64_t kSub = uint64_t{1} << kSubBits;

  static size_t Index(uint64_t value) {
    if (value < kSub) return value;
    const int shift = std::bit_width(value) - 1 - kSubBits;
    return (static_cast<size_t>(shift) + 1) * kSub + ((value >> shift) - kSub);
  }
  static double UpperEdge(size_t index) {
    if (index < kSub) return static_cast<double>(index);
    const size_t shift = index / kSub - 1;
    return static_cast<double>((kSub + index % kSub + 1) << shift);
  }

  std::array<uint64_t, (64 - kSubBits + 1)* kSub> buckets_ = {};
  uint64_t count_ = 0;
};

}  // namespace dailyfeed::bench

#endif  // DAILYFEED_TOOLS_BENCH_HISTOGRAM_H_

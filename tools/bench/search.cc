// bench search: full-text search beside a vectorised scan of all texts in memory,
// which is the raw limit and the truth about every answer, and beside engines that
// others would embed.
#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "absl/time/clock.h"
#include "core/base/status_macros.h"
#include "tools/bench/benches.h"
#include "tools/bench/child.h"
#include "tools/bench/histogram.h"
#include "tools/bench/search_data.h"

namespace dailyfeed::bench {
namespace {

constexpr double kMedianGoalUs = 200;
constexpr double kP99GoalUs = 3000;
constexpr double kSlowestGoalUs = 10'000;
constexpr double kTimesBelowScan = 20;
constexpr double kTimesBelowScanLong = 5;
constexpr double kDeepPageGoal = 3;
constexpr uint64_t kDeepPage = 10'000;
constexpr size_t kWarmQueries = 50;
constexpr size_t kSlowQueries = 64;

class QueryBench {
 public:
  explicit QueryBench(SearchData* data) : data_(*data) {}

  absl::Status Run() {
    RETURN_IF_ERROR(Warm());
    RETURN_IF_ERROR(MeasureClasses());
    NoteSlowest();
    return MeasureDeepPage();
  }

 private:
  Queries& queries() { return data_.feed().queries(); }

  // A server that has answered other queries of the same kinds.
  absl::Status Warm() {
    for (const QueryClass kind : kQueryClasses) {
      for (const std::string& text : data_.corpus().Queries(kind, kWarmQueries)) {
        RETURN_IF_ERROR(queries().SearchPosts(0, data_.RequestOf(kind, text)).status());
      }
    }
    return absl::OkStatus();
  }

  absl::Status MeasureClasses() {
    const size_t count = data_.options().quick ? 20 : 50;
    for (const QueryClass kind : kQueryClasses) {
      Histogram ours;
      Histogram scans;
      for (const std::string& text : data_.corpus().Queries(kind, count)) {
        RETURN_IF_ERROR(MeasureQuery(kind, text, &ours, &scans));
      }
      all_.Merge(ours);
      const Percentiles summary = ours.Summary();
      const Percentiles of_scan = scans.Summary();
      const double times = kind == QueryClass::kLongWord ? kTimesBelowScanLong : kTimesBelowScan;
      data_.reporter().Report(
          {.bench = "search",
           .name = fmt::format("{}: p50", NameOf(kind)),
           .value = summary.p50_us,
           .unit = "us",
           .peer = IsQ(kind) ? "scan of documents in memory" : "vectorised scan in memory",
           .peer_value = of_scan.p50_us,
           .goal = fmt::format("at most 1/{:.0f} of the scan", times),
           .met = summary.p50_us * times <= of_scan.p50_us,
           .percentiles = summary});
    }
    ReportAll();
    return absl::OkStatus();
  }

  void ReportAll() {
    const Percentiles summary = all_.Summary();
    const auto report = [&](std::string name, double value, double goal) {
      data_.reporter().Report({.bench = "search",
                               .name = std::move(name),
                               .value = value,
                               .unit = "us",
                               .goal = fmt::format("at most {:.0f} us", goal),
                               .met = value <= goal,
                               .percentiles = summary});
    };
    report("all queries: p50", summary.p50_us, kMedianGoalUs);
    report("all queries: p99", summary.p99_us, kP99GoalUs);
    report("the slowest query", slowest_, kSlowestGoalUs);
    data_.reporter().Report({.bench = "search",
                             .name = "the slowest query beside its scan",
                             .value = worst_ratio_,
                             .unit = "of the scan's time",
                             .goal = "at most 1",
                             .met = worst_ratio_ <= 1});
  }

  // In turns with the scan, whose answer must be the same.
  absl::Status MeasureQuery(QueryClass kind, const std::string& text, Histogram* ours,
                            Histogram* scans) {
    absl::Time start = absl::Now();
    ASSIGN_OR_RETURN(const ScanAnswer truth, data_.Truth(kind, text, kSearchPageSize));
    const absl::Duration scanned = absl::Now() - start;
    scans->Record(static_cast<uint64_t>(absl::ToInt64Nanoseconds(scanned)));
    start = absl::Now();
    const auto found = queries().SearchPosts(0, data_.RequestOf(kind, text));
    const absl::Duration spent = absl::Now() - start;
    RETURN_IF_ERROR(found.status());
    ours->Record(static_cast<uint64_t>(absl::ToInt64Nanoseconds(spent)));
    slowest_ = std::max(slowest_, absl::ToDoubleMicroseconds(spent));
    worst_ratio_ = std::max(worst_ratio_, absl::FDivDuration(spent, scanned));
    if (!IsQ(kind)) times_.emplace_back(spent, text);
    std::vector<uint64_t> ids;
    for (const PostView& view : found->rows) ids.push_back(view.body->id);
    if (found->total == truth.total && ids == truth.ids) return absl::OkStatus();
    return absl::InternalError(
        fmt::format("\"{}\": {} hits, and a scan finds {}", text, found->total, truth.total));
  }

  void NoteSlowest() {
    std::sort(times_.rbegin(), times_.rend());
    times_.resize(std::min(times_.size(), kSlowQueries));
    for (const auto& [spent, text] : times_) data_.slow_keywords.push_back(text);
  }

  absl::Status MeasureDeepPage() {
    Histogram first;
    Histogram deep;
    for (const std::string& text : data_.corpus().Queries(QueryClass::kOneSyllable, 50)) {
      SearchRequest request = data_.RequestOf(QueryClass::kOneSyllable, text);
      absl::Time start = absl::Now();
      const auto top = queries().SearchPosts(0, request);
      first.RecordSince(start);
      RETURN_IF_ERROR(top.status());
      request.page = std::min(kDeepPage, top->total / kSearchPageSize);
      start = absl::Now();
      RETURN_IF_ERROR(queries().SearchPosts(0, request).status());
      deep.RecordSince(start);
    }
    const Percentiles of_first = first.Summary();
    const Percentiles of_deep = deep.Summary();
    data_.reporter().Report({.bench = "search",
                             .name = "a page far down of one syllable: p50",
                             .value = of_deep.p50_us,
                             .unit = "us",
                             .peer = "its first page",
                             .peer_value = of_first.p50_us,
                             .goal = "at most 3 times",
                             .met = of_deep.p50_us <= kDeepPageGoal * of_first.p50_us,
                             .percentiles = of_deep});
    return absl::OkStatus();
  }

  SearchData& data_;
  Histogram all_;
  double slowest_ = 0;
  double worst_ratio_ = 0;
  std::vector<std::pair<absl::Duration, std::string>> times_;
};

}  // namespace

absl::Status MeasureQueries(SearchData& data) { return QueryBench(&data).Run(); }

absl::Status RunSearch(const BenchOptions& options, BenchReporter& reporter) {
  return RunInChild([&](Figures&) -> absl::Status {
           ASSIGN_OR_RETURN(const std::unique_ptr<Dailyfeed> feed,
                            OpenFeed(options.work_directory + "/data"));
           SearchData data(feed.get(), options, reporter);
           RETURN_IF_ERROR(data.Load());
           RETURN_IF_ERROR(WaitUntilQuiet());
           RETURN_IF_ERROR(MeasureQueries(data));
           RETURN_IF_ERROR(MeasureSearchOverHttp(data));
           RETURN_IF_ERROR(MeasureSearchBesideWrites(data));
           return MeasurePeers(data);
         })
      .status();
}

}  // namespace dailyfeed::bench

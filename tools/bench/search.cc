// bench search: full-text search beside a vectorised scan of all texts in memory,
// which is the raw limit and the truth about every answer.
#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "absl/time/clock.h"
#include "core/base/status_macros.h"
#include "projections/search/text/search_query.h"
#include "tools/bench/benches.h"
#include "tools/bench/child.h"
#include "tools/bench/command_pump.h"
#include "tools/bench/dataset.h"
#include "tools/bench/histogram.h"
#include "tools/bench/search_corpus.h"
#include "tools/bench/search_scan.h"

namespace dailyfeed::bench {
namespace {

constexpr size_t kWindow = 4096;
constexpr uint64_t kMembers = 1000;
constexpr uint32_t kPageSize = 10;
constexpr uint64_t kChangedOneIn = 50;  // edited; and as many deleted
constexpr double kMedianGoalUs = 200;
constexpr double kP99GoalUs = 3000;
constexpr double kSlowestGoalUs = 10'000;
constexpr double kTimesBelowScan = 20;
constexpr double kTimesBelowScanLong = 5;
constexpr double kDeepPageGoal = 3;
constexpr uint64_t kDeepPage = 10'000;
constexpr size_t kWarmQueries = 50;

// The same posts for the feed and for the scan.
class SearchBench {
 public:
  SearchBench(Dailyfeed* feed, const BenchOptions& options, BenchReporter& reporter)
      : feed_(feed), options_(options), reporter_(reporter), corpus_(options.seed) {}

  absl::Status Run() {
    RETURN_IF_ERROR(Load());
    RETURN_IF_ERROR(WaitUntilQuiet());
    RETURN_IF_ERROR(Warm());
    RETURN_IF_ERROR(MeasureClasses());
    return MeasureDeepPage();
  }

 private:
  uint64_t posts() const {
    if (options_.posts > 0) return options_.posts;
    return options_.quick ? 100'000 : 1'000'000;
  }

  absl::Status Load() {
    Dataset members(feed_, {.members = kMembers, .seed = options_.seed});
    RETURN_IF_ERROR(members.AddMembers(reporter_));
    reporter_.Progress(fmt::format("{} posts", posts()));
    std::vector<std::string> texts;
    std::vector<PostId> ids;
    texts.reserve(posts());
    ids.reserve(posts());
    const absl::Time start = absl::Now();
    CommandPump pump(feed_, kWindow);
    for (uint64_t i = 0; i < posts(); ++i) {
      texts.push_back(corpus_.Post());
      pump.Send({.command = PublishPost{.content = texts.back()},
                 .actor = members.members()[i % kMembers]},
                [&ids](uint64_t id) { ids.push_back(id); });
    }
    RETURN_IF_ERROR(pump.Finish());
    for (uint64_t i = 0; i < posts(); i += kChangedOneIn) {
      texts[i] = corpus_.Post();
      pump.Send({.command = EditPost{.post_id = ids[i], .content = texts[i]},
                 .actor = members.members()[i % kMembers]});
      if (i + 1 == posts()) break;
      texts[i + 1].clear();
      pump.Send({.command = DeletePost{.post_id = ids[i + 1]},
                 .actor = members.members()[(i + 1) % kMembers]});
    }
    RETURN_IF_ERROR(pump.Finish());
    const double seconds = absl::ToDoubleSeconds(absl::Now() - start);
    for (uint64_t i = 0; i < posts(); ++i) {
      if (!texts[i].empty()) scan_.Add(ids[i], texts[i]);
    }
    reporter_.Report(
        {.bench = "search",
         .name = fmt::format("posting {} texts of {:.0f} bytes", posts(),
                             static_cast<double>(scan_.bytes()) / static_cast<double>(posts())),
         .value = static_cast<double>(posts()) / seconds,
         .unit = "posts/s"});
    return absl::OkStatus();
  }

  // A server that has answered other queries of the same kinds.
  absl::Status Warm() {
    for (const QueryClass kind : kQueryClasses) {
      for (const std::string& text : corpus_.Queries(kind, kWarmQueries)) {
        RETURN_IF_ERROR(
            feed_->queries().SearchPosts(0, {.text = text, .size = kPageSize}).status());
      }
    }
    return absl::OkStatus();
  }

  absl::Status MeasureClasses() {
    const size_t count = options_.quick ? 20 : 50;
    Histogram all;
    double slowest = 0;
    double worst_ratio = 0;
    for (const QueryClass kind : kQueryClasses) {
      Histogram ours;
      Histogram scans;
      for (const std::string& text : corpus_.Queries(kind, count)) {
        RETURN_IF_ERROR(MeasureQuery(text, &ours, &scans, &slowest, &worst_ratio));
      }
      all.Merge(ours);
      const Percentiles summary = ours.Summary();
      const Percentiles of_scan = scans.Summary();
      const double times = kind == QueryClass::kLongWord ? kTimesBelowScanLong : kTimesBelowScan;
      reporter_.Report({.bench = "search",
                        .name = fmt::format("{}: p50", NameOf(kind)),
                        .value = summary.p50_us,
                        .unit = "us",
                        .peer = "vectorised scan in memory",
                        .peer_value = of_scan.p50_us,
                        .goal = fmt::format("at most 1/{:.0f} of the scan", times),
                        .met = summary.p50_us * times <= of_scan.p50_us,
                        .percentiles = summary});
    }
    const Percentiles summary = all.Summary();
    const auto report = [&](std::string name, double value, double goal) {
      reporter_.Report({.bench = "search",
                        .name = std::move(name),
                        .value = value,
                        .unit = "us",
                        .goal = fmt::format("at most {:.0f} us", goal),
                        .met = value <= goal,
                        .percentiles = summary});
    };
    report("all queries: p50", summary.p50_us, kMedianGoalUs);
    report("all queries: p99", summary.p99_us, kP99GoalUs);
    report("the slowest query", slowest, kSlowestGoalUs);
    reporter_.Report({.bench = "search",
                      .name = "the slowest query beside its scan",
                      .value = worst_ratio,
                      .unit = "of the scan's time",
                      .goal = "at most 1",
                      .met = worst_ratio <= 1});
    return absl::OkStatus();
  }

  // In turns with the scan, whose answer must be the same.
  absl::Status MeasureQuery(const std::string& text, Histogram* ours, Histogram* scans,
                            double* slowest, double* worst_ratio) {
    const auto keyword = search::ParseKeyword(text);
    RETURN_IF_ERROR(keyword.status());
    absl::Time start = absl::Now();
    const ScanAnswer truth = scan_.Find(*keyword, kPageSize);
    const absl::Duration scanned = absl::Now() - start;
    scans->Record(static_cast<uint64_t>(absl::ToInt64Nanoseconds(scanned)));
    start = absl::Now();
    const auto found = feed_->queries().SearchPosts(0, {.text = text, .size = kPageSize});
    const absl::Duration spent = absl::Now() - start;
    RETURN_IF_ERROR(found.status());
    ours->Record(static_cast<uint64_t>(absl::ToInt64Nanoseconds(spent)));
    *slowest = std::max(*slowest, absl::ToDoubleMicroseconds(spent));
    *worst_ratio = std::max(*worst_ratio, absl::FDivDuration(spent, scanned));
    std::vector<uint64_t> ids;
    for (const PostView& view : found->rows) ids.push_back(view.body->id);
    if (found->total == truth.total && ids == truth.ids) return absl::OkStatus();
    return absl::InternalError(
        fmt::format("\"{}\": {} hits, and a scan finds {}", text, found->total, truth.total));
  }

  absl::Status MeasureDeepPage() {
    Histogram first;
    Histogram deep;
    uint64_t page = kDeepPage;
    for (const std::string& text : corpus_.Queries(QueryClass::kOneSyllable, 50)) {
      absl::Time start = absl::Now();
      const auto top = feed_->queries().SearchPosts(0, {.text = text, .size = kPageSize});
      first.RecordSince(start);
      RETURN_IF_ERROR(top.status());
      page = std::min(kDeepPage, top->total / kPageSize);
      start = absl::Now();
      RETURN_IF_ERROR(feed_->queries()
                          .SearchPosts(0, {.text = text, .page = page, .size = kPageSize})
                          .status());
      deep.RecordSince(start);
    }
    const Percentiles of_first = first.Summary();
    const Percentiles of_deep = deep.Summary();
    reporter_.Report({.bench = "search",
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

  Dailyfeed* const feed_;
  const BenchOptions& options_;
  BenchReporter& reporter_;
  SearchCorpus corpus_;
  TextScan scan_;
};

}  // namespace

absl::Status RunSearch(const BenchOptions& options, BenchReporter& reporter) {
  return RunInChild([&](Figures&) -> absl::Status {
           ASSIGN_OR_RETURN(const std::unique_ptr<Dailyfeed> feed,
                            OpenFeed(options.work_directory + "/data"));
           return SearchBench(feed.get(), options, reporter).Run();
         })
      .status();
}

}  // namespace dailyfeed::bench

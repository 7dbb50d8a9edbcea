// bench feed: the first page of the follow feed, in-process, on a community of
// 100,000 members, and again with ten times the posts; and the memory that
// serving it takes.
//
// Every stage is a process of its own, so that what is measured is a server
// that was just opened and warmed up, not the one that loaded the data. The two
// sizes are compared in turns: what else the machine does meanwhile hits both.
#include <fmt/format.h>

#include <filesystem>
#include <memory>
#include <random>
#include <system_error>

#include "absl/time/clock.h"
#include "core/base/status_macros.h"
#include "tools/bench/benches.h"
#include "tools/bench/child.h"
#include "tools/bench/dataset.h"
#include "tools/bench/feed_redis.h"
#include "tools/bench/histogram.h"
#include "tools/bench/raw_rocksdb.h"

namespace dailyfeed::bench {
namespace {

constexpr uint32_t kPageSize = 20;
constexpr double kMemoryMax = 1024.0 * 1024 * 1024;

absl::Status BuildStage(const std::string& directory, const DatasetOptions& size,
                        BenchReporter& reporter) {
  ASSIGN_OR_RETURN(std::unique_ptr<Dailyfeed> feed, OpenFeed(directory));
  Dataset dataset(feed.get(), size);
  return dataset.Build(reporter);
}

// What a page costs without read models in memory: its rows by one MultiGet
// from RocksDB, 20 each of posts, counts, authors and likes.
class RawPages {
 public:
  static absl::StatusOr<std::unique_ptr<RawPages>> Create(const std::string& directory,
                                                          const DatasetOptions& size) {
    constexpr size_t kPostBytes = 400, kCountsBytes = 12, kMemberBytes = 120;
    ASSIGN_OR_RETURN(std::unique_ptr<RawRocksDb> db, RawRocksDb::Create(directory));
    RETURN_IF_ERROR(db->Fill('p', size.posts, kPostBytes));
    RETURN_IF_ERROR(db->Fill('c', size.posts, kCountsBytes));
    RETURN_IF_ERROR(db->Fill('m', size.members, kMemberBytes));
    RETURN_IF_ERROR(db->Fill('l', size.likes / 10, 0));
    return std::unique_ptr<RawPages>(new RawPages(std::move(db), size));
  }

  absl::Status Read(std::mt19937_64& random) {
    keys_.clear();
    for (uint32_t i = 0; i < kPageSize; ++i) {
      const uint64_t post = random() % size_.posts;
      keys_.push_back({'p', post});
      keys_.push_back({'c', post});
      keys_.push_back({'m', random() % size_.members});
      keys_.push_back({'l', size_.likes + post});  // almost no page is liked
    }
    return db_->MultiGet(keys_).status();
  }

 private:
  RawPages(std::unique_ptr<RawRocksDb> db, const DatasetOptions& size)
      : db_(std::move(db)), size_(size) {}
  std::unique_ptr<RawRocksDb> db_;
  const DatasetOptions size_;
  std::vector<RawRocksDb::Key> keys_;
};

// Members are 1..members: the first ids of an empty log.
absl::Status ReadPages(Dailyfeed& feed, uint64_t members, uint64_t pages, uint64_t seed,
                       RawPages* raw, Histogram* ours, Histogram* peer, uint64_t* rows) {
  constexpr uint64_t kTurn = 1000;
  std::mt19937_64 random(seed);
  for (uint64_t page = 0; page < pages; ++page) {
    const MemberId viewer = 1 + random() % members;
    const absl::Time start = absl::Now();
    auto slice = feed.queries().FollowFeed(viewer, {.page = 0, .size = kPageSize});
    ours->RecordSince(start);
    RETURN_IF_ERROR(slice.status());
    *rows += slice->rows.size();
    if (raw == nullptr || page % kTurn != 0) continue;
    for (uint64_t i = 0; i < kTurn / 4; ++i) {
      const absl::Time raw_start = absl::Now();
      RETURN_IF_ERROR(raw->Read(random));
      peer->RecordSince(raw_start);
    }
  }
  return absl::OkStatus();
}

// Memory is read before the raw peer is made: it is dailyfeed's alone.
absl::Status ServeStage(const std::string& directory, const std::string& raw_directory,
                        const DatasetOptions& size, const BenchOptions& options, Figures& figures) {
  ASSIGN_OR_RETURN(std::unique_ptr<Dailyfeed> feed, OpenFeed(directory));
  const uint64_t pages = options.quick ? 20'000 : 200'000;
  Histogram cold, ours, peer;
  uint64_t rows = 0;
  RETURN_IF_ERROR(
      ReadPages(*feed, size.members, pages, options.seed + 1, nullptr, &cold, nullptr, &rows));
  figures["peak_memory"] = static_cast<double>(PeakMemoryBytes());
  ASSIGN_OR_RETURN(std::unique_ptr<RawPages> raw, RawPages::Create(raw_directory, size));
  RETURN_IF_ERROR(
      ReadPages(*feed, size.members, pages, options.seed + 2, raw.get(), &ours, &peer, &rows));
  KeepPercentiles("ours", ours, figures);
  KeepPercentiles("cold", cold, figures);
  KeepPercentiles("peer", peer, figures);
  figures["rows_per_page"] = static_cast<double>(rows) / (2.0 * static_cast<double>(pages));
  return absl::OkStatus();
}

// A second directory with the same community, to grow.
absl::Status Copy(const std::string& from, const std::string& to) {
  std::error_code error;
  std::filesystem::copy(from, to, std::filesystem::copy_options::recursive, error);
  if (error) return absl::InternalError(fmt::format("copying {}: {}", from, error.message()));
  return absl::OkStatus();
}

absl::Status GrowStage(const std::string& directory, const DatasetOptions& size,
                       const BenchOptions& options, BenchReporter& reporter) {
  ASSIGN_OR_RETURN(std::unique_ptr<Dailyfeed> feed, OpenFeed(directory));
  Dataset dataset(feed.get(), {.members = size.members, .seed = options.seed + 7});
  dataset.UseMembers(size.members);
  return dataset.AddPosts(size.posts * 9, reporter);
}

absl::Status CompareStage(const std::string& small_directory, const std::string& large_directory,
                          const DatasetOptions& size, const BenchOptions& options,
                          Figures& figures) {
  struct Side {
    std::unique_ptr<Dailyfeed> feed;
    Histogram warm_up, latency;
    uint64_t rows = 0;
  } small, large;
  ASSIGN_OR_RETURN(small.feed, OpenFeed(small_directory));
  ASSIGN_OR_RETURN(large.feed, OpenFeed(large_directory));
  const uint64_t pages = options.quick ? 20'000 : 200'000;
  for (Side* side : {&small, &large}) {
    RETURN_IF_ERROR(ReadPages(*side->feed, size.members, pages, options.seed + 1, nullptr,
                              &side->warm_up, nullptr, &side->rows));
  }
  constexpr uint64_t kTurn = 500;
  for (uint64_t turn = 0; turn < pages / kTurn; ++turn) {
    for (Side* side : {&small, &large}) {
      RETURN_IF_ERROR(ReadPages(*side->feed, size.members, kTurn, options.seed + 2 + turn, nullptr,
                                &side->latency, nullptr, &side->rows));
    }
  }
  KeepPercentiles("small", small.latency, figures);
  KeepPercentiles("large", large.latency, figures);
  return absl::OkStatus();
}

void ReportPages(const std::string& name, Figures& figures, BenchReporter& reporter) {
  const double p50 = figures["ours_p50"], p99 = figures["ours_p99"];
  const std::string peer = "one MultiGet of the page's 80 rows from RocksDB";
  reporter.Report({.bench = "feed",
                   .name = "first page p50, " + name,
                   .value = p50,
                   .unit = "us",
                   .peer = peer,
                   .peer_value = figures["peer_p50"],
                   .goal = "under 60 us",
                   .met = p50 < 60,
                   .percentiles = TakePercentiles("ours", figures)});
  reporter.Report({.bench = "feed",
                   .name = "first page p99, " + name,
                   .value = p99,
                   .unit = "us",
                   .peer = peer,
                   .peer_value = figures["peer_p99"],
                   .goal = "under 1000 us",
                   .met = p99 < 1000,
                   .percentiles = TakePercentiles("ours", figures)});
  reporter.Report({.bench = "feed",
                   .name = "first page just after opening, " + name,
                   .value = figures["cold_p50"],
                   .unit = "us",
                   .percentiles = TakePercentiles("cold", figures)});
}

}  // namespace

absl::Status RunFeed(const BenchOptions& options, BenchReporter& reporter) {
  const std::string data = options.work_directory + "/data";
  const DatasetOptions size = FeedDataset(options);
  RETURN_IF_ERROR(RunInChild([&](Figures&) { return BuildStage(data, size, reporter); }).status());
  reporter.Progress("reading pages");
  ASSIGN_OR_RETURN(Figures small, RunInChild([&](Figures& figures) {
                     return ServeStage(data, options.work_directory + "/raw", size, options,
                                       figures);
                   }));
  ReportPages(fmt::format("{} posts", size.posts), small, reporter);
  reporter.Report({.bench = "feed",
                   .name = "peak memory while serving",
                   .value = small["peak_memory"],
                   .unit = "bytes",
                   .peer = "1 GiB",
                   .peer_value = kMemoryMax,
                   .goal = "under 1 GiB",
                   .met = small["peak_memory"] < kMemoryMax});
  reporter.Progress("reading pages from Redis");
  RETURN_IF_ERROR(RunInChild([&](Figures&) -> absl::Status {
                    ASSIGN_OR_RETURN(std::unique_ptr<Dailyfeed> feed, OpenFeed(data));
                    return CompareWithRedis(*feed, options.work_directory, size.members, options,
                                            reporter);
                  }).status());
  const std::string grown = options.work_directory + "/grown";
  RETURN_IF_ERROR(Copy(data, grown));
  RETURN_IF_ERROR(
      RunInChild([&](Figures&) { return GrowStage(grown, size, options, reporter); }).status());
  reporter.Progress("reading pages of both in turns");
  ASSIGN_OR_RETURN(Figures both, RunInChild([&](Figures& figures) {
                     return CompareStage(data, grown, size, options, figures);
                   }));
  const double growth = both["large_p99"] / both["small_p99"];
  reporter.Report({.bench = "feed",
                   .name = fmt::format("first page p99, {} posts", size.posts * 10),
                   .value = both["large_p99"],
                   .unit = "us",
                   .peer = "the same with a tenth of the posts",
                   .peer_value = both["small_p99"],
                   .goal = "at most 1.3x",
                   .met = growth <= 1.3,
                   .percentiles = TakePercentiles("large", both)});
  return absl::OkStatus();
}

}  // namespace dailyfeed::bench

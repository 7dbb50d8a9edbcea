// bench ranking: the first page of the most popular posts of 10 thousand and of
// 10 million posts, and how many ranked posts move a second while one post is
// liked a thousand times a second.
//
// The two sizes are opened in one process and read in turns: what else the
// machine does meanwhile hits both.
#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <random>
#include <thread>

#include "absl/time/clock.h"
#include "core/base/status_macros.h"
#include "tools/bench/benches.h"
#include "tools/bench/child.h"
#include "tools/bench/command_pump.h"
#include "tools/bench/dataset.h"
#include "tools/bench/histogram.h"
#include "tools/bench/raw_rocksdb.h"

namespace dailyfeed::bench {
namespace {

constexpr uint32_t kPageSize = 20;
constexpr double kGrowthMax = 1.3;
constexpr double kHotLikesPerSecond = 1000;
constexpr int kSubmitters = 64;

struct Sizes {
  uint64_t members, small_posts, large_posts, likes;
};

Sizes SizesOf(const BenchOptions& options) {
  if (options.quick) return {2'000, 1'000, 100'000, 20'000};
  return {20'000, 10'000, 10'000'000, 1'000'000};
}

absl::Status BuildStage(const std::string& directory, const Sizes& sizes, uint64_t posts,
                        const BenchOptions& options, BenchReporter& reporter) {
  ASSIGN_OR_RETURN(std::unique_ptr<Dailyfeed> feed, OpenFeed(directory));
  Dataset dataset(feed.get(), {.members = sizes.members,
                               .follows = sizes.members,
                               .posts = posts,
                               .likes = std::min(sizes.likes, 5 * posts),
                               .seed = options.seed});
  return dataset.Build(reporter);
}

absl::Status ReadPage(Dailyfeed& feed, MemberId viewer, Histogram* latency) {
  const absl::Time start = absl::Now();
  const auto slice =
      feed.queries().MostPopular(viewer, RankingWindow::kAllTime, {.page = 0, .size = kPageSize});
  latency->RecordSince(start);
  RETURN_IF_ERROR(slice.status());
  if (slice->rows.size() != kPageSize) return absl::InternalError("a page is not full");
  return absl::OkStatus();
}

absl::Status ReadPages(Dailyfeed& feed, uint64_t members, uint64_t pages, std::mt19937_64& random,
                       Histogram* latency) {
  for (uint64_t page = 0; page < pages; ++page) {
    RETURN_IF_ERROR(ReadPage(feed, 1 + random() % members, latency));
  }
  return absl::OkStatus();
}

// A page for each member: else a hundredth of what is measured would be first
// looks at what a member likes, and p99 would tell of nothing else.
absl::Status WarmUp(Dailyfeed& feed, uint64_t members) {
  Histogram ignored;
  for (MemberId viewer = 1; viewer <= members; ++viewer) {
    RETURN_IF_ERROR(ReadPage(feed, viewer, &ignored));
  }
  return absl::OkStatus();
}

absl::Status CompareStage(const std::string& small_directory, const std::string& large_directory,
                          const Sizes& sizes, const BenchOptions& options, Figures& figures) {
  struct Side {
    std::unique_ptr<Dailyfeed> feed;
    Histogram latency;
  } small, large;
  ASSIGN_OR_RETURN(small.feed, OpenFeed(small_directory));
  ASSIGN_OR_RETURN(large.feed, OpenFeed(large_directory));
  std::mt19937_64 random(options.seed);
  const uint64_t pages = options.quick ? 20'000 : 200'000;
  for (Side* side : {&small, &large}) {
    RETURN_IF_ERROR(WarmUp(*side->feed, sizes.members));
  }
  constexpr uint64_t kTurn = 500;
  for (uint64_t turn = 0; turn < pages / kTurn; ++turn) {
    for (Side* side : {&small, &large}) {
      RETURN_IF_ERROR(ReadPages(*side->feed, sizes.members, kTurn, random, &side->latency));
    }
  }
  KeepPercentiles("small", small.latency, figures);
  KeepPercentiles("large", large.latency, figures);
  return absl::OkStatus();
}

// One post liked at a steady rate: by each member in turn, then unliked by
// each, and so on. Every one of them moves it in the ranked lists.
class HotPost {
 public:
  HotPost(Dailyfeed* feed, PostId post, uint64_t members)
      : feed_(feed), post_(post), members_(members) {}

  void Start() {
    stop_ = false;  // nobody else looks yet
    thread_ = std::thread([this] { Run(); });
  }
  // Likes a second, as they came about.
  double Stop() {
    {
      std::lock_guard<std::mutex> lock(mutex_);
      stop_ = true;
    }
    stopped_.notify_one();
    thread_.join();
    return rate_;
  }

 private:
  void Run() {
    CommandPump pump(feed_, 4096);
    const absl::Time start = absl::Now();
    uint64_t sent = 0;
    std::unique_lock<std::mutex> lock(mutex_);
    do {
      const double due = absl::ToDoubleSeconds(absl::Now() - start) * kHotLikesPerSecond;
      for (; static_cast<double>(sent) < due; ++sent) Send(pump);
    } while (!stopped_.wait_for(lock, std::chrono::milliseconds(1), [this] { return stop_; }));
    pump.Finish().IgnoreError();
    rate_ = static_cast<double>(sent) / absl::ToDoubleSeconds(absl::Now() - start);
  }

  void Send(CommandPump& pump) {
    const MemberId member = 1 + next_ % members_;
    const bool like = next_ / members_ % 2 == 0;
    ++next_;
    if (like) {
      pump.Send({.command = LikePost{.post_id = post_}, .actor = member});
    } else {
      pump.Send({.command = UnlikePost{.post_id = post_}, .actor = member});
    }
  }

  Dailyfeed* const feed_;
  const PostId post_;
  const uint64_t members_;
  uint64_t next_ = 0;
  double rate_ = 0;
  std::mutex mutex_;
  std::condition_variable stopped_;
  bool stop_ = false;
  std::thread thread_;
};

// Likes of one post after the other, so that each command moves another post.
class SpreadLikes {
 public:
  SpreadLikes(Dailyfeed* feed, PostId first, uint64_t posts, uint64_t members)
      : feed_(feed), first_(first), posts_(posts), members_(members) {}

  absl::StatusOr<double> Run(absl::Duration duration) {
    const absl::Time start = absl::Now();
    answered_ = 0;
    CommandPump pump(feed_, kSubmitters);
    while (absl::Now() - start < duration) {
      const PostId post = first_ + next_ % posts_;
      const MemberId member = 1 + next_ / posts_ % members_;
      ++next_;
      pump.Send({.command = LikePost{.post_id = post}, .actor = member},
                [this](uint64_t) { ++answered_; });
    }
    RETURN_IF_ERROR(pump.Finish());
    return static_cast<double>(answered_) / absl::ToDoubleSeconds(absl::Now() - start);
  }

 private:
  Dailyfeed* const feed_;
  const PostId first_;
  const uint64_t posts_, members_;
  uint64_t next_ = 0;
  std::atomic<uint64_t> answered_ = 0;
};

absl::StatusOr<PostId> FirstNewPost(Dailyfeed& feed, uint64_t posts) {
  PostId first = 0;
  CommandPump pump(&feed, 4096);
  for (uint64_t i = 0; i < posts; ++i) {
    pump.Send({.command = PublishPost{.content = "ranked"}, .actor = 1}, [&first](uint64_t post) {
      if (first == 0) first = post;
    });
  }
  RETURN_IF_ERROR(pump.Finish());
  return first;
}

// Pages and updates of the large community, with and without the hot post.
absl::Status StormStage(const std::string& directory, const std::string& raw_directory,
                        const Sizes& sizes, const BenchOptions& options, Figures& figures) {
  constexpr size_t kEventBytes = 120;  // about what a like takes in the log
  constexpr uint64_t kNewPosts = 5000;
  ASSIGN_OR_RETURN(std::unique_ptr<Dailyfeed> feed, OpenFeed(directory));
  ASSIGN_OR_RETURN(std::unique_ptr<RawRocksDb> raw, RawRocksDb::Create(raw_directory));
  ASSIGN_OR_RETURN(const PostId first, FirstNewPost(*feed, kNewPosts + 1));
  HotPost hot(feed.get(), first + kNewPosts, sizes.members);
  SpreadLikes likes(feed.get(), first, kNewPosts, sizes.members);
  std::mt19937_64 random(options.seed);
  Histogram quiet, storm;
  RETURN_IF_ERROR(WarmUp(*feed, sizes.members));
  const int rounds = options.quick ? 2 : 5;
  const absl::Duration round = absl::Milliseconds(options.quick ? 500 : 2000);
  const uint64_t pages = options.quick ? 10'000 : 40'000;
  double updates = 0, peer = 0, rate = 0;
  for (int i = 0; i < rounds; ++i) {
    RETURN_IF_ERROR(ReadPages(*feed, sizes.members, pages, random, &quiet));
    hot.Start();
    const absl::Status read = ReadPages(*feed, sizes.members, pages, random, &storm);
    const absl::StatusOr<double> measured = likes.Run(round);
    rate += hot.Stop() / rounds;
    RETURN_IF_ERROR(read);
    RETURN_IF_ERROR(measured.status());
    updates += *measured / rounds;
    ASSIGN_OR_RETURN(const RawRocksDb::Puts puts, raw->SyncedPuts(kSubmitters, kEventBytes, round));
    peer += puts.per_second / rounds;
  }
  KeepPercentiles("quiet", quiet, figures);
  KeepPercentiles("storm", storm, figures);
  figures["updates"] = updates;
  figures["peer"] = peer;
  figures["hot"] = rate;
  return absl::OkStatus();
}

void ReportPages(const Sizes& sizes, Figures& pages, Figures& storm, BenchReporter& reporter) {
  const double growth = pages["large_p99"] / pages["small_p99"];
  reporter.Report({.bench = "ranking",
                   .name = fmt::format("most popular, first page p99, {} posts", sizes.large_posts),
                   .value = pages["large_p99"],
                   .unit = "us",
                   .peer = fmt::format("the same of {} posts", sizes.small_posts),
                   .peer_value = pages["small_p99"],
                   .goal = fmt::format("at most {:g}x", kGrowthMax),
                   .met = growth <= kGrowthMax,
                   .percentiles = TakePercentiles("large", pages)});
  reporter.Report({.bench = "ranking",
                   .name = fmt::format("the same while one post gets {:.0f} likes/s", storm["hot"]),
                   .value = storm["storm_p99"],
                   .unit = "us",
                   .peer = "the same without",
                   .peer_value = storm["quiet_p99"],
                   .percentiles = TakePercentiles("storm", storm)});
  reporter.Report({.bench = "ranking",
                   .name = fmt::format("ranked posts moved meanwhile, {} submitters", kSubmitters),
                   .value = storm["updates"],
                   .unit = "updates/s",
                   .peer = fmt::format("RocksDB synced puts, {} threads", kSubmitters),
                   .peer_value = storm["peer"]});
}

}  // namespace

absl::Status RunRanking(const BenchOptions& options, BenchReporter& reporter) {
  const Sizes sizes = SizesOf(options);
  const std::string small = options.work_directory + "/small",
                    large = options.work_directory + "/large";
  RETURN_IF_ERROR(RunInChild([&](Figures&) {
                    return BuildStage(small, sizes, sizes.small_posts, options, reporter);
                  }).status());
  RETURN_IF_ERROR(RunInChild([&](Figures&) {
                    return BuildStage(large, sizes, sizes.large_posts, options, reporter);
                  }).status());
  reporter.Progress("reading pages of both in turns");
  ASSIGN_OR_RETURN(Figures pages, RunInChild([&](Figures& figures) {
                     return CompareStage(small, large, sizes, options, figures);
                   }));
  reporter.Progress("reading and liking while one post is liked all the time");
  ASSIGN_OR_RETURN(Figures storm, RunInChild([&](Figures& figures) {
                     return StormStage(large, options.work_directory + "/raw", sizes, options,
                                       figures);
                   }));
  ReportPages(sizes, pages, storm, reporter);
  return absl::OkStatus();
}

}  // namespace dailyfeed::bench

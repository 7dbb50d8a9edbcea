// bench fanout: how fast posts reach followers, and what it costs to post when
// a million follow. Beside what a fan-out on write would have to write.
//
// A post reaches all followers with the one row that it writes, and with the
// windows in memory of those who read (docs/decisions/0007). A delivery is a
// pair of post and follower whose feed shows it; it counts when the post is
// acknowledged, and samples are read to see that it is true. The last case is
// what windows gain and cost, at several thresholds.
#include <fmt/format.h>

#include <memory>
#include <random>
#include <vector>

#include "absl/time/clock.h"
#include "core/base/status_macros.h"
#include "tools/bench/benches.h"
#include "tools/bench/child.h"
#include "tools/bench/command_pump.h"
#include "tools/bench/dataset.h"
#include "tools/bench/fanout_windows.h"
#include "tools/bench/histogram.h"
#include "tools/bench/raw_rocksdb.h"

namespace dailyfeed::bench {
namespace {

constexpr size_t kWindow = 1024;
constexpr uint64_t kOrdinaryFollowers = 100;
constexpr uint64_t kAuthors = 200;
constexpr double kDeliveriesGoal = 0.5;
constexpr double kCelebrityGoal = 2;

struct Size {
  uint64_t celebrity_followers;
  uint64_t posts;        // a round, by ordinary authors
  uint64_t timed_posts;  // of the celebrity, and as many of ordinary authors
  int rounds;
};

Size SizeOf(const BenchOptions& options) {
  if (options.quick) {
    return {.celebrity_followers = 20'000, .posts = 5'000, .timed_posts = 200, .rounds = 3};
  }
  return {.celebrity_followers = 1'000'000, .posts = 50'000, .timed_posts = 2'000, .rounds = 5};
}

// Member 1 is the celebrity, 2..1+kAuthors are ordinary authors, the others
// follow: all of them the celebrity, the first ones ordinary authors.
class Community {
 public:
  Community(Dailyfeed* feed, const Size& size) : feed_(feed), size_(size) {}

  uint64_t members() const { return 1 + kAuthors + size_.celebrity_followers; }
  static MemberId celebrity() { return 1; }
  static MemberId Author(uint64_t number) { return 2 + number % kAuthors; }
  MemberId Follower(uint64_t number) const {
    return 2 + kAuthors + number % size_.celebrity_followers;
  }

  absl::Status Build(const BenchOptions& options, BenchReporter& reporter) {
    Dataset dataset(feed_, {.members = members(), .seed = options.seed});
    RETURN_IF_ERROR(dataset.AddMembers(reporter));
    reporter.Progress(fmt::format("{} follow one", size_.celebrity_followers));
    CommandPump pump(feed_, 4 * kWindow);
    for (uint64_t i = 0; i < size_.celebrity_followers; ++i) {
      pump.Send({.command = FollowMember{.followee_id = celebrity()}, .actor = Follower(i)});
    }
    for (uint64_t author = 0; author < kAuthors; ++author) {
      for (const uint64_t follower : FollowersOf(author)) {
        pump.Send({.command = FollowMember{.followee_id = Author(author)}, .actor = follower});
      }
    }
    return pump.Finish();
  }

  std::vector<uint64_t> FollowersOf(uint64_t author) const {
    std::vector<uint64_t> followers;
    for (uint64_t i = 0; i < kOrdinaryFollowers; ++i) {
      followers.push_back(Follower(author * kOrdinaryFollowers + i));
    }
    return followers;
  }

 private:
  Dailyfeed* const feed_;
  const Size size_;
};

// The post is the first of the reader's feed.
absl::Status ExpectNewest(Dailyfeed& feed, MemberId reader, PostId post) {
  ASSIGN_OR_RETURN(const Slice<PostView> page, feed.queries().FollowFeed(reader, {.size = 1}));
  if (page.rows.size() == 1 && page.rows[0].body->id == post) return absl::OkStatus();
  return absl::InternalError(
      fmt::format("post {} is not on top of member {}'s feed", post, reader));
}

absl::Status MeasureDeliveries(Dailyfeed& feed, const Community& community, const Size& size,
                               RawRocksDb& raw, BenchReporter& reporter) {
  absl::Duration ours, peer;
  uint64_t post_number = 0;
  for (int round = 0; round < size.rounds; ++round) {
    std::vector<PostId> newest(kAuthors);
    absl::Time start = absl::Now();
    CommandPump pump(&feed, kWindow);
    for (uint64_t i = 0; i < size.posts; ++i) {
      pump.Send(
          {.command = PublishPost{.content = "오늘도 좋은 하루!"}, .actor = Community::Author(i)},
          [&newest, i](uint64_t post) { newest[i % kAuthors] = post; });
    }
    RETURN_IF_ERROR(pump.Finish());
    ours += absl::Now() - start;
    for (uint64_t author = 0; author < kAuthors; ++author) {
      RETURN_IF_ERROR(
          ExpectNewest(feed, community.FollowersOf(author)[author % 100], newest[author]));
    }
    start = absl::Now();
    for (uint64_t i = 0; i < size.posts; ++i) {
      RETURN_IF_ERROR(raw.Deliver(++post_number, community.FollowersOf(i % kAuthors)));
    }
    peer += absl::Now() - start;
  }
  const double deliveries = static_cast<double>(size.posts * kOrdinaryFollowers) * size.rounds;
  const double value = deliveries / absl::ToDoubleSeconds(ours);
  const double peer_value = deliveries / absl::ToDoubleSeconds(peer);
  reporter.Report({.bench = "fanout",
                   .name = fmt::format("deliveries, {} followers an author", kOrdinaryFollowers),
                   .value = value,
                   .unit = "deliveries/s",
                   .peer = "RocksDB batches of a row for each follower, unsynced",
                   .peer_value = peer_value,
                   .goal = "at least 0.5x",
                   .met = value / peer_value >= kDeliveriesGoal});
  return absl::OkStatus();
}

absl::Status MeasureCelebrity(Dailyfeed& feed, const Community& community, const Size& size,
                              const BenchOptions& options, BenchReporter& reporter) {
  Histogram celebrity, ordinary;
  std::mt19937_64 random(options.seed + 1);
  for (uint64_t i = 0; i < size.timed_posts; ++i) {
    for (const bool famous : {true, false}) {
      const uint64_t author = random() % kAuthors;
      const absl::Time start = absl::Now();
      ASSIGN_OR_RETURN(const CommandResult posted,
                       feed.Execute(famous ? Community::celebrity() : Community::Author(author),
                                    PublishPost{.content = "안녕하세요"}));
      (famous ? celebrity : ordinary).RecordSince(start);
      const MemberId reader =
          famous ? community.Follower(random()) : community.FollowersOf(author)[random() % 100];
      RETURN_IF_ERROR(ExpectNewest(feed, reader, posted.subject_id));
    }
  }
  const Percentiles of_celebrity = celebrity.Summary(), of_ordinary = ordinary.Summary();
  const double ratio = of_celebrity.p50_us / of_ordinary.p50_us;
  reporter.Report(
      {.bench = "fanout",
       .name = fmt::format("posting to {} followers, durable and seen", size.celebrity_followers),
       .value = of_celebrity.p50_us,
       .unit = "us",
       .peer = fmt::format("posting to {} followers", kOrdinaryFollowers),
       .peer_value = of_ordinary.p50_us,
       .goal = "at most 2x",
       .met = ratio <= kCelebrityGoal,
       .percentiles = of_celebrity});
  return absl::OkStatus();
}

}  // namespace

absl::Status RunFanout(const BenchOptions& options, BenchReporter& reporter) {
  const Size size = SizeOf(options);
  RETURN_IF_ERROR(RunInChild([&](Figures&) -> absl::Status {
                    ASSIGN_OR_RETURN(const std::unique_ptr<Dailyfeed> feed,
                                     OpenFeed(options.work_directory + "/data"));
                    Community community(feed.get(), size);
                    RETURN_IF_ERROR(community.Build(options, reporter));
                    ASSIGN_OR_RETURN(const std::unique_ptr<RawRocksDb> raw,
                                     RawRocksDb::Create(options.work_directory + "/raw"));
                    RETURN_IF_ERROR(MeasureDeliveries(*feed, community, size, *raw, reporter));
                    return MeasureCelebrity(*feed, community, size, options, reporter);
                  }).status());
  return MeasureWindows(options.work_directory, options, reporter);
}

}  // namespace dailyfeed::bench

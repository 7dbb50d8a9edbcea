#include "tools/bench/fanout_windows.h"

#include <fmt/format.h>

#include <cmath>
#include <limits>
#include <memory>
#include <random>
#include <vector>

#include "absl/time/clock.h"
#include "core/base/status_macros.h"
#include "tools/bench/child.h"
#include "tools/bench/command_pump.h"
#include "tools/bench/dataset.h"
#include "tools/bench/histogram.h"

namespace dailyfeed::bench {
namespace {

constexpr uint64_t kEverybody = std::numeric_limits<uint64_t>::max();
constexpr uint64_t kReadsAPost = 20;
constexpr uint64_t kPostsAtOnce = 50;
constexpr uint64_t kPostsBetweenReads = 100;

struct Size {
  uint64_t members;
  uint64_t followings;  // of a member, on average
  uint64_t readers;     // who come again and again
  uint64_t reads;       // in a round
  uint64_t posts;       // at once, in a round
  int rounds;
};

Size SizeOf(const BenchOptions& options) {
  if (options.quick) {
    return {.members = 5'000,
            .followings = 80,
            .readers = 1'000,
            .reads = 10'000,
            .posts = 4'000,
            .rounds = 4};
  }
  return {.members = 20'000,
          .followings = 150,
          .readers = 4'000,
          .reads = 50'000,
          .posts = 10'000,
          .rounds = 5};
}

// One setting: what it costs to read and to post with it.
struct Setting {
  uint64_t followers_max;
  Histogram reads;
  absl::Duration posting;
  std::string Name() const {
    return followers_max == kEverybody ? "every author"
                                       : fmt::format("authors of up to {}", followers_max);
  }
};

absl::Status ReadAll(Dailyfeed& feed, uint64_t readers) {
  for (MemberId reader = 1; reader <= readers; ++reader) {
    RETURN_IF_ERROR(feed.queries().FollowFeed(reader, {}).status());
  }
  return absl::OkStatus();
}

// Popular members post more; the most popular ones have the first ids.
MemberId AnyAuthor(std::mt19937_64& random, const Size& size) {
  const double u = std::uniform_real_distribution<double>(0, 1)(random);
  return 1 + static_cast<uint64_t>(u * u * u * static_cast<double>(size.members - 1));
}

absl::Status Round(const std::string& data, const Size& size, uint64_t seed, Setting* setting) {
  Options open;
  open.data_directory = data;
  open.caches.home_feed_followers_max = setting->followers_max;
  ASSIGN_OR_RETURN(const std::unique_ptr<Dailyfeed> feed, Dailyfeed::Open(open));
  // The second time fills the windows.
  for (int i = 0; i < 3; ++i) RETURN_IF_ERROR(ReadAll(*feed, size.readers));
  std::mt19937_64 random(seed);
  for (uint64_t i = 0; i < size.reads; ++i) {
    if (i % kReadsAPost == 0) {
      RETURN_IF_ERROR(
          feed->Execute(AnyAuthor(random, size), PublishPost{.content = "안녕하세요"}).status());
    }
    const MemberId reader = 1 + random() % size.readers;
    const absl::Time start = absl::Now();
    RETURN_IF_ERROR(feed->queries().FollowFeed(reader, {}).status());
    setting->reads.RecordSince(start);
  }
  // A few at a time, so that windows do not go because nobody reads them.
  for (uint64_t posted = 0; posted < size.posts; posted += kPostsAtOnce) {
    if (posted % kPostsBetweenReads == 0) RETURN_IF_ERROR(ReadAll(*feed, size.readers));
    const absl::Time start = absl::Now();
    CommandPump pump(feed.get(), kPostsAtOnce);
    for (uint64_t i = 0; i < kPostsAtOnce; ++i) {
      pump.Send({.command = PublishPost{.content = "오늘도 좋은 하루!"},
                 .actor = AnyAuthor(random, size)});
    }
    RETURN_IF_ERROR(pump.Finish());
    setting->posting += absl::Now() - start;
  }
  return absl::OkStatus();
}

void Report(const Setting& setting, const Setting& merged, const Size& size,
            BenchReporter& reporter) {
  const Percentiles ours = setting.reads.Summary(), peer = merged.reads.Summary();
  reporter.Report({.bench = "fanout",
                   .name = fmt::format("first page, windows for {}", setting.Name()),
                   .value = ours.p50_us,
                   .unit = "us",
                   .peer = "merged on read only",
                   .peer_value = peer.p50_us,
                   .percentiles = ours});
  const double posts = static_cast<double>(size.posts) * size.rounds;
  const double rate = posts / absl::ToDoubleSeconds(setting.posting);
  const double merged_rate = posts / absl::ToDoubleSeconds(merged.posting);
  reporter.Report({.bench = "fanout",
                   .name = fmt::format("posting, windows for {}", setting.Name()),
                   .value = rate,
                   .unit = "posts/s",
                   .peer = "merged on read only",
                   .peer_value = merged_rate});
}

}  // namespace

absl::Status MeasureWindows(const std::string& directory, const BenchOptions& options,
                            BenchReporter& reporter) {
  const Size size = SizeOf(options);
  const std::string data = directory + "/windows";
  RETURN_IF_ERROR(RunInChild([&](Figures&) -> absl::Status {
                    ASSIGN_OR_RETURN(const std::unique_ptr<Dailyfeed> feed, OpenFeed(data));
                    Dataset dataset(feed.get(), {.members = size.members,
                                                 .follows = size.members * size.followings,
                                                 .posts = size.members * 5,
                                                 .likes = size.members,
                                                 .seed = options.seed});
                    return dataset.Build(reporter);
                  }).status());
  reporter.Progress("first pages and posts at several thresholds, in turns");
  return RunInChild([&](Figures&) -> absl::Status {
           std::vector<Setting> settings;
           for (const uint64_t followers_max : {uint64_t{0}, uint64_t{30}, uint64_t{100},
                                                uint64_t{300}, uint64_t{1000}, kEverybody}) {
             settings.push_back({.followers_max = followers_max});
           }
           for (int round = 0; round < size.rounds; ++round) {
             const uint64_t seed = options.seed + static_cast<uint64_t>(round);
             for (Setting& setting : settings) RETURN_IF_ERROR(Round(data, size, seed, &setting));
           }
           for (size_t i = 1; i < settings.size(); ++i) {
             Report(settings[i], settings[0], size, reporter);
           }
           return absl::OkStatus();
         })
      .status();
}

}  // namespace dailyfeed::bench

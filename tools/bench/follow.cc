// bench follow: following and unfollowing, durable; the first page of a very
// long list of followers; and what it takes to withdraw somebody whom they all
// follow.
#include <fmt/format.h>

#include <memory>
#include <vector>

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

constexpr size_t kWindow = 1024;
constexpr int kPeerThreads = 64;
constexpr size_t kFollowRowBytes = 79;  // as bench append's peer
constexpr uint32_t kPageSize = 20;
constexpr double kPageGoalUs = 1000;
constexpr MemberId kFollowed = 1;

absl::Status FollowAll(Dailyfeed& feed, const std::vector<MemberId>& members, MemberId followee) {
  CommandPump pump(&feed, kWindow);
  for (const MemberId member : members) {
    if (member == followee) continue;
    pump.Send({.command = FollowMember{.followee_id = followee}, .actor = member});
  }
  return pump.Finish();
}

absl::Status UnfollowAll(Dailyfeed& feed, const std::vector<MemberId>& members, MemberId followee) {
  CommandPump pump(&feed, kWindow);
  for (const MemberId member : members) {
    if (member == followee) continue;
    pump.Send({.command = UnfollowMember{.followee_id = followee}, .actor = member});
  }
  return pump.Finish();
}

absl::Status MeasureWrites(Dailyfeed& feed, const std::vector<MemberId>& members, RawRocksDb& raw,
                           const BenchOptions& options, BenchReporter& reporter) {
  const int rounds = options.quick ? 2 : 5;
  const std::vector<MemberId> followers(
      members.begin(), members.begin() + std::min<ptrdiff_t>(20'000, std::ssize(members)));
  absl::Duration spent;
  double peer = 0;
  for (int round = 0; round < rounds; ++round) {
    const absl::Time start = absl::Now();
    RETURN_IF_ERROR(FollowAll(feed, followers, members.back()));
    RETURN_IF_ERROR(UnfollowAll(feed, followers, members.back()));
    spent += absl::Now() - start;
    ASSIGN_OR_RETURN(const RawRocksDb::Puts puts,
                     raw.SyncedPuts(kPeerThreads, kFollowRowBytes, absl::Milliseconds(500)));
    peer += puts.per_second / rounds;
  }
  const double value =
      2.0 * static_cast<double>(followers.size()) * rounds / absl::ToDoubleSeconds(spent);
  reporter.Report({.bench = "follow",
                   .name = fmt::format("follows and unfollows, {} at a time", kWindow),
                   .value = value,
                   .unit = "commands/s",
                   .peer = fmt::format("RocksDB synced puts of {} bytes, {} threads",
                                       kFollowRowBytes, kPeerThreads),
                   .peer_value = peer});
  return absl::OkStatus();
}

absl::Status MeasurePage(Dailyfeed& feed, uint64_t followers, RawRocksDb& raw,
                         const BenchOptions& options, BenchReporter& reporter) {
  const uint64_t pages = options.quick ? 2'000 : 20'000;
  RETURN_IF_ERROR(raw.Fill('m', followers, 120));
  Histogram ours, peer;
  for (uint64_t page = 0; page < pages; ++page) {
    absl::Time start = absl::Now();
    const auto slice = feed.queries().Followers(kFollowed, {.size = kPageSize});
    ours.RecordSince(start);
    RETURN_IF_ERROR(slice.status());
    if (slice->rows.size() != kPageSize) return absl::InternalError("a page is not full");
    std::vector<RawRocksDb::Key> keys;
    for (uint64_t i = 0; i < kPageSize; ++i) keys.push_back({'m', (page * 7919 + i) % followers});
    start = absl::Now();
    RETURN_IF_ERROR(raw.MultiGet(keys).status());
    peer.RecordSince(start);
  }
  const Percentiles of_ours = ours.Summary(), of_peer = peer.Summary();
  reporter.Report({.bench = "follow",
                   .name = fmt::format("first page p99 of {} followers", followers),
                   .value = of_ours.p99_us,
                   .unit = "us",
                   .peer = "one MultiGet of 20 rows from RocksDB",
                   .peer_value = of_peer.p99_us,
                   .goal = "under 1000 us",
                   .met = of_ours.p99_us < kPageGoalUs,
                   .percentiles = of_ours});
  return absl::OkStatus();
}

absl::Status MeasureWithdrawal(Dailyfeed& feed, uint64_t followers, BenchReporter& reporter) {
  const absl::Time start = absl::Now();
  RETURN_IF_ERROR(feed.Execute(kFollowed, WithdrawMember{}).status());
  const double seconds = absl::ToDoubleSeconds(absl::Now() - start);
  reporter.Report({.bench = "follow",
                   .name = fmt::format("withdrawal of a member with {} followers", followers),
                   .value = seconds,
                   .unit = "s"});
  return absl::OkStatus();
}

}  // namespace

absl::Status RunFollow(const BenchOptions& options, BenchReporter& reporter) {
  const uint64_t followers = options.quick ? 20'000 : 1'000'000;
  return RunInChild([&](Figures&) -> absl::Status {
           ASSIGN_OR_RETURN(const std::unique_ptr<Dailyfeed> feed,
                            OpenFeed(options.work_directory + "/data"));
           Dataset dataset(feed.get(), {.members = followers + 1, .seed = options.seed});
           RETURN_IF_ERROR(dataset.AddMembers(reporter));
           reporter.Progress(fmt::format("{} follow one", followers));
           RETURN_IF_ERROR(FollowAll(*feed, dataset.members(), kFollowed));
           ASSIGN_OR_RETURN(const std::unique_ptr<RawRocksDb> raw,
                            RawRocksDb::Create(options.work_directory + "/raw"));
           RETURN_IF_ERROR(MeasureWrites(*feed, dataset.members(), *raw, options, reporter));
           RETURN_IF_ERROR(MeasurePage(*feed, followers, *raw, options, reporter));
           return MeasureWithdrawal(*feed, followers, reporter);
         })
      .status();
}

}  // namespace dailyfeed::bench

// bench append: durable one-event commands a second through the whole command
// path, beside raw RocksDB synced single puts of the same bytes.
//
// A submitter is a chain: the answer to its command sends its next one, as the
// gateway's connections do. RocksDB knows no such thing, so its submitters are
// threads. The two run in turns.
#include <fmt/format.h>

#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>

#include "absl/time/clock.h"
#include "core/base/status_macros.h"
#include "tools/bench/benches.h"
#include "tools/bench/dataset.h"
#include "tools/bench/histogram.h"
#include "tools/bench/raw_rocksdb.h"

namespace dailyfeed::bench {
namespace {

constexpr uint64_t kMembers = 2048;

struct Load {
  double per_second = 0;
  Histogram latency;
};

// Likes, each by another member or on another post: one event a command.
class LikeLoad {
 public:
  LikeLoad(Dailyfeed* feed, const Dataset& dataset) : feed_(feed), dataset_(dataset) {}

  absl::StatusOr<Load> Run(int submitters, absl::Duration duration) {
    load_ = {};
    error_ = absl::OkStatus();
    running_ = submitters;
    const absl::Time start = absl::Now();
    end_ns_ = absl::ToUnixNanos(start + duration);
    for (int i = 0; i < submitters; ++i) Send();
    std::unique_lock<std::mutex> lock(mutex_);
    finished_.wait(lock, [&] { return running_ == 0; });
    RETURN_IF_ERROR(error_);
    load_.per_second =
        static_cast<double>(load_.latency.count()) / absl::ToDoubleSeconds(absl::Now() - start);
    return load_;
  }

 private:
  void Send() {
    const uint64_t number = next_.fetch_add(1, std::memory_order_relaxed);
    const uint64_t post = number / kMembers % dataset_.posts().size();
    const int64_t sent = absl::GetCurrentTimeNanos();
    feed_->Submit(
        {.command = LikePost{.post_id = dataset_.posts()[post]},
         .actor = dataset_.members()[number % kMembers]},
        [this, sent](absl::StatusOr<CommandResult> result) { Answered(sent, result.status()); });
  }

  // On the runtime's thread, or on the sender's when the command was refused.
  void Answered(int64_t sent, const absl::Status& status) {
    const int64_t now = absl::GetCurrentTimeNanos();
    {
      std::lock_guard<std::mutex> lock(mutex_);
      load_.latency.Record(static_cast<uint64_t>(now - sent));
      if (!status.ok()) error_ = status;
      if (!status.ok() || now >= end_ns_) {
        if (--running_ == 0) finished_.notify_one();
        return;
      }
    }
    Send();
  }

  Dailyfeed* const feed_;
  const Dataset& dataset_;
  std::atomic<uint64_t> next_ = 0;
  int64_t end_ns_ = 0;
  std::mutex mutex_;
  std::condition_variable finished_;
  int running_ = 0;
  absl::Status error_;
  Load load_;
};

absl::StatusOr<size_t> LastEventBytes(const EventLog& log) {
  size_t bytes = 0;
  RETURN_IF_ERROR(log.Read(log.Head(), [&](const v1::Event& event) {
    bytes = event.ByteSizeLong();
    return false;
  }));
  return bytes;
}

struct Case {
  int submitters;
  int raw_threads;
  double goal_ratio;  // 0: for information
};

// In turns: a slow moment of the machine hits both.
absl::Status RunCase(const Case& wanted, const BenchOptions& options, LikeLoad& load,
                     RawRocksDb& raw, size_t bytes, BenchReporter& reporter) {
  const int rounds = options.quick ? 2 : 5;
  const absl::Duration round = absl::Milliseconds(options.quick ? 500 : 2000);
  Histogram latency;
  double ours = 0, peer = 0;
  for (int i = 0; i < rounds; ++i) {
    ASSIGN_OR_RETURN(Load measured, load.Run(wanted.submitters, round));
    ASSIGN_OR_RETURN(RawRocksDb::Puts puts, raw.SyncedPuts(wanted.raw_threads, bytes, round));
    latency.Merge(measured.latency);
    ours += measured.per_second / rounds;
    peer += puts.per_second / rounds;
  }
  const double ratio = ours / peer;
  reporter.Report(
      {.bench = "append",
       .name = fmt::format("{} submitters", wanted.submitters),
       .value = ours,
       .unit = "commands/s",
       .peer =
           fmt::format("RocksDB synced puts of {} bytes, {} threads", bytes, wanted.raw_threads),
       .peer_value = peer,
       .goal = wanted.goal_ratio == 0 ? "" : fmt::format("at least {:g}x", wanted.goal_ratio),
       .met = ratio >= wanted.goal_ratio,
       .percentiles = latency.Summary()});
  return absl::OkStatus();
}

absl::Status Measure(const BenchOptions& options, const std::string& directory,
                     BenchReporter& reporter) {
  ASSIGN_OR_RETURN(std::unique_ptr<Dailyfeed> feed, OpenFeed(directory + "/data"));
  Dataset dataset(feed.get(), {.members = kMembers,
                               .follows = kMembers,
                               .posts = options.quick ? 2000u : 8000u,
                               .likes = 0,
                               .seed = options.seed});
  RETURN_IF_ERROR(dataset.Build(reporter));
  LikeLoad load(feed.get(), dataset);
  RETURN_IF_ERROR(load.Run(64, absl::Milliseconds(500)).status());  // warm
  ASSIGN_OR_RETURN(size_t bytes, LastEventBytes(feed->log()));
  ASSIGN_OR_RETURN(std::unique_ptr<RawRocksDb> raw, RawRocksDb::Create(directory + "/raw"));
  for (const Case& wanted : {Case{1, 1, 0}, Case{64, 64, 2}, Case{1024, 64, 4}}) {
    RETURN_IF_ERROR(RunCase(wanted, options, load, *raw, bytes, reporter));
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status RunAppend(const BenchOptions& options, BenchReporter& reporter) {
  return Measure(options, options.work_directory, reporter);
}

}  // namespace dailyfeed::bench

// bench recover: from the start of `serve` after kill -9 to its first answer that
// it is ready, on a log of 10 million events, beside what RocksDB alone takes to
// open the same files.
//
// A directory recovers from a kill only once: each round starts from the files
// that the one kill under load left behind, the two sides in turns.
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <vector>

#include "absl/time/clock.h"
#include "core/base/status_macros.h"
#include "tools/bench/benches.h"
#include "tools/bench/child.h"
#include "tools/bench/dataset.h"
#include "tools/bench/raw_rocksdb.h"
#include "tools/bench/serve_process.h"

namespace dailyfeed::bench {
namespace {

namespace fs = std::filesystem;

constexpr double kSecondsMax = 5;
// Where RocksDB's own files are in a data directory.
constexpr const char* kDatabases[] = {"/log/rocksdb", "/views/rocksdb"};

// Builds the log and goes on posting until it is killed.
absl::Status LoadStage(const std::string& directory, const BenchOptions& options,
                       BenchReporter& reporter, const std::function<void()>& ready) {
  ASSIGN_OR_RETURN(std::unique_ptr<Dailyfeed> feed, OpenFeed(directory));
  const uint64_t divisor = options.quick ? 50 : 1;
  Dataset dataset(feed.get(), {.members = 50'000 / divisor,
                               .follows = 2'000'000 / divisor,
                               .posts = 2'950'000 / divisor,
                               .likes = 5'000'000 / divisor,
                               .seed = options.seed});
  RETURN_IF_ERROR(dataset.Build(reporter));
  ready();
  for (;;) RETURN_IF_ERROR(dataset.AddPosts(100'000, reporter));
}

// Files that never change are linked.
void CopyKilled(const fs::path& from, const fs::path& to) {
  fs::create_directories(to);
  for (const fs::directory_entry& entry : fs::directory_iterator(from)) {
    const fs::path target = to / entry.path().filename();
    if (entry.is_directory()) {
      CopyKilled(entry.path(), target);
    } else if (entry.path().extension() == ".sst") {
      fs::create_hard_link(entry.path(), target);
    } else {
      fs::copy_file(entry.path(), target);
    }
  }
}

absl::Status CountStage(const std::string& directory, Figures& figures) {
  ASSIGN_OR_RETURN(std::unique_ptr<Dailyfeed> feed, OpenFeed(directory));
  figures["events"] = static_cast<double>(feed->log().Head());
  return absl::OkStatus();
}

absl::Status RawStage(const std::string& directory, Figures& figures) {
  double& seconds = figures["seconds"];
  for (const std::string part : kDatabases) {
    ASSIGN_OR_RETURN(absl::Duration elapsed, TimeRawOpen(directory + part));
    seconds += absl::ToDoubleSeconds(elapsed);
  }
  return absl::OkStatus();
}

double Median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

}  // namespace

absl::Status RunRecover(const BenchOptions& options, BenchReporter& reporter) {
  const std::string data = options.work_directory + "/data";
  constexpr int kKillAfterMs = 700;
  RETURN_IF_ERROR(RunInChildAndKill(
                      [&](Figures&, const std::function<void()>& ready) {
                        return LoadStage(data, options, reporter, ready);
                      },
                      kKillAfterMs)
                      .status());
  const int rounds = options.quick ? 3 : 7;
  std::vector<double> ours, raw;
  const std::string copy = options.work_directory + "/copy";
  for (int round = 0; round < rounds; ++round) {
    CopyKilled(data, copy);
    ASSIGN_OR_RETURN(absl::Duration ready,
                     TimeToReady(copy, options.work_directory + "/serve.log"));
    ours.push_back(absl::ToDoubleSeconds(ready));
    fs::remove_all(copy);
    CopyKilled(data, copy);
    ASSIGN_OR_RETURN(Figures opened,
                     RunInChild([&](Figures& figures) { return RawStage(copy, figures); }));
    raw.push_back(opened["seconds"]);
    fs::remove_all(copy);
  }
  ASSIGN_OR_RETURN(Figures counted,
                   RunInChild([&](Figures& figures) { return CountStage(data, figures); }));
  const double seconds = Median(ours);
  reporter.Report({.bench = "recover",
                   .name = fmt::format("serve after kill -9 to ready, {:.0f} events, median of {}",
                                       counted["events"], rounds),
                   .value = seconds,
                   .unit = "s",
                   .peer = "RocksDB opening the same log and views",
                   .peer_value = Median(raw),
                   .goal = "under 5 s",
                   .met = seconds < kSecondsMax});
  return absl::OkStatus();
}

}  // namespace dailyfeed::bench

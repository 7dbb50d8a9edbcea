// bench recover: from start to ready after kill -9, on a log of 10 million
// events, beside what RocksDB alone takes to open the same files.
#include <fmt/format.h>

#include <filesystem>
#include <memory>

#include "absl/time/clock.h"
#include "core/domain/status_macros.h"
#include "tools/bench/benches.h"
#include "tools/bench/child.h"
#include "tools/bench/dataset.h"
#include "tools/bench/raw_rocksdb.h"
#include "tools/bench/scratch.h"

namespace dailyfeed::bench {
namespace {

namespace fs = std::filesystem;

constexpr double kSecondsMax = 5;
// Where RocksDB's own files are in a data directory.
constexpr const char* kDatabases[] = {"/log/rocksdb", "/views/rocksdb"};

absl::StatusOr<std::unique_ptr<Dailyfeed>> Open(const std::string& directory) {
  Options options;
  options.data_directory = directory;
  return Dailyfeed::Open(options);
}

// Builds the log and goes on posting until it is killed.
absl::Status LoadStage(const std::string& directory, const BenchOptions& options,
                       BenchReporter& reporter, const std::function<void()>& ready) {
  ASSIGN_OR_RETURN(std::unique_ptr<Dailyfeed> feed, Open(directory));
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

// RocksDB recovers a directory only once: the peer gets its own copy, files
// that never change linked.
void CopyKilled(const fs::path& from, const fs::path& to) {
  fs::create_directories(to);
  for (const fs::directory_entry& entry : fs::directory_iterator(from)) {
    if (entry.is_directory()) continue;
    const fs::path target = to / entry.path().filename();
    if (entry.path().extension() == ".sst") {
      fs::create_hard_link(entry.path(), target);
    } else {
      fs::copy_file(entry.path(), target);
    }
  }
}

absl::Status OpenStage(const std::string& directory, Figures& figures) {
  const absl::Time start = absl::Now();
  ASSIGN_OR_RETURN(std::unique_ptr<Dailyfeed> feed, Open(directory));
  figures["seconds"] = absl::ToDoubleSeconds(absl::Now() - start);
  figures["events"] = static_cast<double>(feed->log().Head());
  if (!feed->runtime().Ready()) return absl::InternalError("opened, but not ready");
  return absl::OkStatus();
}

absl::Status RawStage(const std::string& directory, Figures& figures) {
  double seconds = 0;
  for (const std::string part : kDatabases) {
    ASSIGN_OR_RETURN(absl::Duration elapsed, TimeRawOpen(directory + part));
    seconds += absl::ToDoubleSeconds(elapsed);
  }
  figures["seconds"] = seconds;
  return absl::OkStatus();
}

}  // namespace

absl::Status RunRecover(const BenchOptions& options, BenchReporter& reporter) {
  const Scratch scratch(options.work_directory, "recover");
  const std::string data = scratch.path() + "/data";
  constexpr int kKillAfterMs = 700;
  RETURN_IF_ERROR(RunInChildAndKill(
                      [&](Figures&, const std::function<void()>& ready) {
                        return LoadStage(data, options, reporter, ready);
                      },
                      kKillAfterMs)
                      .status());
  const std::string copy = scratch.path() + "/raw";
  for (const std::string part : kDatabases) CopyKilled(data + part, copy + part);
  ASSIGN_OR_RETURN(Figures ours,
                   RunInChild([&](Figures& figures) { return OpenStage(data, figures); }));
  ASSIGN_OR_RETURN(Figures raw,
                   RunInChild([&](Figures& figures) { return RawStage(copy, figures); }));
  reporter.Report({.bench = "recover",
                   .name = fmt::format("kill -9 to ready, {:.0f} events", ours["events"]),
                   .value = ours["seconds"],
                   .unit = "s",
                   .peer = "RocksDB opening the same log and views",
                   .peer_value = raw["seconds"],
                   .ratio = ours["seconds"] / raw["seconds"],
                   .goal = "under 5 s",
                   .met = ours["seconds"] < kSecondsMax});
  return absl::OkStatus();
}

}  // namespace dailyfeed::bench

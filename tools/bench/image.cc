// bench image: uploads a second, from the bytes of a form to a picture that the
// log names and whose files are synced, beside libvips alone making the same
// two PNG files in memory.
//
// Both work on the same pictures with as many threads, in turns. Every upload of
// a round is another picture in a fresh directory: nothing is found there.
#include <fmt/format.h>

#include <atomic>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/time/clock.h"
#include "adapters/embedded/dailyfeed.h"
#include "adapters/http/text/multipart.h"
#include "core/base/status_macros.h"
#include "tools/bench/benches.h"
#include "tools/bench/histogram.h"
#include "tools/bench/raw_vips.h"

namespace dailyfeed::bench {
namespace {

constexpr std::string_view kContentType = "multipart/form-data; boundary=bench";

struct Load {
  double per_second = 0;
  Histogram latency;
};

std::string FormOf(std::string_view file) {
  return fmt::format(
      "--bench\r\nContent-Disposition: form-data; name=\"image\"; filename=\"a.jpg\"\r\n"
      "Content-Type: image/jpeg\r\n\r\n{}\r\n--bench--\r\n",
      file);
}

// Calls `work` with 0 to `count` - 1 on `threads` threads.
absl::StatusOr<Load> RunOn(int threads, size_t count,
                           absl::FunctionRef<absl::Status(size_t)> work) {
  std::atomic<size_t> next = 0;
  std::mutex mutex;
  Load load;
  absl::Status error;
  const absl::Time start = absl::Now();
  std::vector<std::thread> workers;
  for (int i = 0; i < threads; ++i) {
    workers.emplace_back([&] {
      Histogram latency;
      absl::Status failed;
      for (size_t at = next++; at < count && failed.ok(); at = next++) {
        const int64_t begin = absl::GetCurrentTimeNanos();
        failed = work(at);
        latency.Record(static_cast<uint64_t>(absl::GetCurrentTimeNanos() - begin));
      }
      std::lock_guard lock(mutex);
      load.latency.Merge(latency);
      if (error.ok()) error = failed;
    });
  }
  for (std::thread& worker : workers) worker.join();
  RETURN_IF_ERROR(error);
  load.per_second = static_cast<double>(count) / absl::ToDoubleSeconds(absl::Now() - start);
  return load;
}

absl::Status UploadOne(Dailyfeed& feed, MemberId member, std::string_view form) {
  std::vector<http::MultipartPart> parts;
  const std::optional<std::string> boundary = http::MultipartBoundary(kContentType);
  if (!http::ParseMultipart(form, *boundary, &parts)) return absl::InternalError("no form");
  ASSIGN_OR_RETURN(AddPicture command, feed.PreparePicture(http::FindPart(parts, "image")->body));
  return feed.Execute(member, std::move(command)).status();
}

absl::StatusOr<Load> Upload(const std::string& directory, int threads,
                            const std::vector<std::string>& forms) {
  Options options;
  options.data_directory = directory;
  ASSIGN_OR_RETURN(const std::unique_ptr<Dailyfeed> feed, Dailyfeed::Open(options));
  ASSIGN_OR_RETURN(const MemberId member, feed->SignUp({.email = "kim@example.com",
                                                        .password = "Secret1!x",
                                                        .member_name = "Kim Minji",
                                                        .handle = "kim",
                                                        .gender = "OTHER",
                                                        .country_code = "KR"}));
  return RunOn(threads, forms.size(),
               [&](size_t at) { return UploadOne(*feed, member, forms[at]); });
}

struct Case {
  int width, height;
  size_t pictures;
};

absl::Status RunCase(const Case& wanted, const BenchOptions& options, const std::string& directory,
                     BenchReporter& reporter) {
  const int threads = std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
  const int rounds = options.quick ? 2 : 5;
  const size_t count = options.quick ? wanted.pictures / 4 : wanted.pictures;
  std::vector<std::string> files, forms;
  for (size_t i = 0; i < count; ++i) {
    ASSIGN_OR_RETURN(std::string file,
                     MakePhotograph(wanted.width, wanted.height,
                                    static_cast<uint32_t>(options.seed * 1000 + i)));
    forms.push_back(FormOf(file));
    files.push_back(std::move(file));
  }
  const auto fit = [&](size_t at) { return FitWithVips(files[at]).status(); };
  RETURN_IF_ERROR(RunOn(threads, std::min<size_t>(count, 8), fit).status());  // warm
  Histogram latency;
  double ours = 0, peer = 0;
  for (int round = 0; round < rounds; ++round) {
    reporter.Progress(
        fmt::format("{} x {}, round {} of {}", wanted.width, wanted.height, round + 1, rounds));
    const std::string place =
        fmt::format("{}/{}x{}-{}", directory, wanted.width, wanted.height, round);
    ASSIGN_OR_RETURN(const Load uploads, Upload(place, threads, forms));
    ASSIGN_OR_RETURN(const Load fits, RunOn(threads, count, fit));
    latency.Merge(uploads.latency);
    ours += uploads.per_second / rounds;
    peer += fits.per_second / rounds;
  }
  const double ratio = ours / peer;
  reporter.Report({.bench = "image",
                   .name = fmt::format("JPEG of {} x {}, {} KiB", wanted.width, wanted.height,
                                       files[0].size() >> 10),
                   .value = ours,
                   .unit = "uploads/s",
                   .peer = fmt::format("libvips alone, {} threads", threads),
                   .peer_value = peer,
                   .goal = "at least 0.8x",
                   .met = ratio >= 0.8,
                   .percentiles = latency.Summary()});
  return absl::OkStatus();
}

}  // namespace

absl::Status RunImage(const BenchOptions& options, BenchReporter& reporter) {
  for (const Case& wanted : {Case{640, 480, 400}, Case{1600, 1200, 200}, Case{4000, 3000, 40}}) {
    RETURN_IF_ERROR(RunCase(wanted, options, options.work_directory, reporter));
  }
  return absl::OkStatus();
}

}  // namespace dailyfeed::bench

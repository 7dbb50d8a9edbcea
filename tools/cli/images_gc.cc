#include <fmt/format.h>

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <memory>
#include <string>
#include <vector>

#include "absl/flags/flag.h"
#include "adapters/embedded/dailyfeed.h"
#include "core/base/status_macros.h"
#include "tools/cli/common_flags.h"
#include "tools/cli/standard_output.h"
#include "tools/cli/subcommands.h"

ABSL_FLAG(bool, dry_run, false, "Say what would be done, and do nothing.");
ABSL_FLAG(absl::Duration, grace, absl::Hours(1), "Files younger than this stay.");
ABSL_FLAG(std::string, pictures_dir, "",
          "The directory of pictures, when it is not pictures in the data directory.");

namespace dailyfeed::cli {
namespace {

namespace json = boost::json;

void Print(const PictureSweep& sweep, bool dry_run) {
  if (absl::GetFlag(FLAGS_json)) {
    PrintLine(json::serialize(json::object{{"files", sweep.files},
                                           {"bytes", sweep.bytes},
                                           {"orphans", sweep.orphans},
                                           {"orphanBytes", sweep.orphan_bytes},
                                           {"leftOvers", sweep.left_overs},
                                           {"young", sweep.young},
                                           {"dryRun", dry_run}}));
    return;
  }
  const char* const removed = dry_run ? "would be removed" : "removed";
  PrintText(fmt::format("files       {} ({} bytes)\n", sweep.files, sweep.bytes));
  PrintText(
      fmt::format("orphans     {} ({} bytes) {}\n", sweep.orphans, sweep.orphan_bytes, removed));
  PrintText(fmt::format("left-overs  {} {}\n", sweep.left_overs, removed));
  PrintText(fmt::format("young       {} kept: of no picture, but within the grace\n", sweep.young));
}

absl::StatusOr<PictureSweep> Collect(const PictureSweepOptions& sweep) {
  Options options;
  ASSIGN_OR_RETURN(options.data_directory, RequiredDataDirectory());
  RETURN_IF_ERROR(CheckIsDataDirectory(options.data_directory));
  options.time_zone = absl::GetFlag(FLAGS_time_zone);
  options.pictures.directory = absl::GetFlag(FLAGS_pictures_dir);
  options.pictures.adopt_directory = false;  // it may be another feed's
  if (sweep.grace < absl::ZeroDuration()) {
    return absl::InvalidArgumentError("--grace is a time of 0 or more");
  }
  ASSIGN_OR_RETURN(const std::unique_ptr<Dailyfeed> feed, Dailyfeed::Open(options));
  return feed->SweepPictures(sweep);
}

int Run(const std::vector<std::string>&) {
  const PictureSweepOptions options = {.grace = absl::GetFlag(FLAGS_grace),
                                       .dry_run = absl::GetFlag(FLAGS_dry_run)};
  const absl::StatusOr<PictureSweep> sweep = Collect(options);
  if (!sweep.ok()) return Fail("images gc", sweep.status());
  Print(*sweep, options.dry_run);
  return kExitOk;
}

}  // namespace

Subcommand ImagesGcSubcommand() {
  return {
      .name = "images gc",
      .summary = "remove the files of pictures that nobody has any more",
      .synopsis = "--data-dir=DIR [--dry-run] [--grace=1h] [--pictures-dir=DIR] [--json]",
      .text =
          "Uploads that a crash cut off leave files that no picture uses, and left-overs of\n"
          "writes that never ended. A server looks for them by itself (pictures.sweep_interval);\n"
          "this does it now. No server may have the directory open. A directory that belongs to\n"
          "another feed, or has files but was never served by any, is refused.\n"
          "\n"
          "  dailyfeed images gc --data-dir=feed --dry-run\n",
      .flags = {"data-dir", "dry-run", "grace", "pictures-dir", "json", "time-zone"},
      .run = &Run,
  };
}

}  // namespace dailyfeed::cli

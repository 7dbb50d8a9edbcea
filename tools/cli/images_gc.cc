#include <fmt/format.h>

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <string>

#include "absl/flags/flag.h"
#include "adapters/embedded/dailyfeed.h"
#include "core/base/status_macros.h"
#include "tools/cli/operator_commands.h"

ABSL_FLAG(bool, dry_run, false, "Say what would be done, and do nothing.");
ABSL_FLAG(absl::Duration, grace, absl::Hours(1), "Files younger than this stay.");

namespace dailyfeed::cli {
namespace {

namespace json = boost::json;

std::string JsonOf(const PictureSweep& sweep, bool dry_run) {
  return json::serialize(json::object{{"files", sweep.files},
                                      {"bytes", sweep.bytes},
                                      {"orphans", sweep.orphans},
                                      {"orphanBytes", sweep.orphan_bytes},
                                      {"leftOvers", sweep.left_overs},
                                      {"young", sweep.young},
                                      {"dryRun", dry_run}}) +
         "\n";
}

std::string TextOf(const PictureSweep& sweep, bool dry_run) {
  const char* const removed = dry_run ? "would be removed" : "removed";
  return fmt::format(
      "files       {} ({} bytes)\norphans     {} ({} bytes) {}\nleft-overs  {} {}\n"
      "young       {} kept: of no picture, but within the grace\n",
      sweep.files, sweep.bytes, sweep.orphans, sweep.orphan_bytes, removed, sweep.left_overs,
      removed, sweep.young);
}

absl::StatusOr<int> Collect(OperatorTarget& target, const CommandArguments& arguments,
                            control::ControlOutput& output) {
  PictureSweepOptions options;
  ASSIGN_OR_RETURN(options.grace, arguments.Get<absl::Duration>("grace"));
  ASSIGN_OR_RETURN(options.dry_run, arguments.Get<bool>("dry-run"));
  ASSIGN_OR_RETURN(const bool as_json, arguments.Get<bool>("json"));
  if (options.grace < absl::ZeroDuration()) {
    return absl::InvalidArgumentError("--grace is a time of 0 or more");
  }
  ASSIGN_OR_RETURN(Dailyfeed * feed, target.Feed(arguments));
  ASSIGN_OR_RETURN(const PictureSweep sweep, feed->SweepPictures(options));
  output.Write(as_json ? JsonOf(sweep, options.dry_run) : TextOf(sweep, options.dry_run));
  return kExitOk;
}

}  // namespace

OperatorCommand ImagesGcCommand() {
  return {
      .subcommand =
          {
              .name = "images gc",
              .summary = "remove the files of pictures that nobody has any more",
              .synopsis = "--data-dir=DIR [--dry-run] [--grace=1h] [--pictures-dir=DIR] [--json]",
              .text = "Uploads that a crash cut off leave files that no picture uses, and "
                      "left-overs of\n"
                      "writes that never ended. A server looks for them by itself "
                      "(pictures.sweep_interval);\n"
                      "this does it now. A directory that belongs to another feed, or has files "
                      "but was never\n"
                      "served by any, is refused.\n"
                      "\n"
                      "  dailyfeed images gc --data-dir=feed --dry-run\n",
              .flags = {"data-dir", "dry-run", "grace", "pictures-dir", "json", "time-zone"},
          },
      .path_flags = {"pictures-dir"},
      .run = &Collect};
}

}  // namespace dailyfeed::cli

#include <fmt/format.h>

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <string>
#include <vector>

#include "absl/flags/flag.h"
#include "core/base/status_macros.h"
#include "projections/runtime/runtime.h"
#include "tools/cli/operator_commands.h"

ABSL_FLAG(std::string, projection, "", "The read model that parked the key.");
ABSL_FLAG(std::string, key, "", "The parked key, as `views stat` names it.");
ABSL_FLAG(bool, all, false, "Every parked key of every read model.");

namespace dailyfeed::cli {
namespace {

namespace json = boost::json;

struct Wanted {
  std::string projection;
  std::string key;
};

absl::StatusOr<std::vector<Wanted>> WantedKeys(const Runtime& runtime,
                                               const CommandArguments& arguments) {
  ASSIGN_OR_RETURN(const bool all, arguments.Get<bool>("all"));
  Wanted one;
  ASSIGN_OR_RETURN(one.projection, arguments.Get<std::string>("projection"));
  ASSIGN_OR_RETURN(one.key, arguments.Get<std::string>("key"));
  if (all != (one.projection.empty() && one.key.empty()) ||
      one.projection.empty() != one.key.empty()) {
    return absl::InvalidArgumentError("Say either --projection=NAME --key=KEY or --all.");
  }
  if (!all) return std::vector<Wanted>{one};
  std::vector<Wanted> wanted;
  ASSIGN_OR_RETURN(const std::vector<ParkedKey> parked, runtime.Parked());
  // Generations of one read model may have parked the same key.
  for (const ParkedKey& key : parked) {
    const bool again = !wanted.empty() && wanted.back().projection == key.projection &&
                       wanted.back().key == key.key;
    if (!again) wanted.push_back({key.projection, key.key});
  }
  return wanted;
}

absl::StatusOr<int> Unpark(OperatorTarget& target, const CommandArguments& arguments,
                           control::ControlOutput& output) {
  ASSIGN_OR_RETURN(const bool as_json, arguments.Get<bool>("json"));
  ASSIGN_OR_RETURN(Dailyfeed * feed, target.Feed(arguments));
  ASSIGN_OR_RETURN(const std::vector<Wanted> wanted, WantedKeys(feed->runtime(), arguments));
  int code = kExitOk;
  for (const Wanted& each : wanted) {
    const absl::Status done = feed->runtime().Unpark(each.projection, each.key);
    if (!done.ok()) code = kExitFailed;
    const std::string reason(done.message());
    const std::string line =
        as_json     ? json::serialize(json::object{{"projection", each.projection},
                                               {"key", each.key},
                                               {"unparked", done.ok()},
                                               {"reason", reason}})
        : done.ok() ? fmt::format("unparked {} of {}", each.key, each.projection)
                    : fmt::format("still parked {} of {}: {}", each.key, each.projection, reason);
    if (!output.Write(line + "\n")) break;
  }
  return code;
}

}  // namespace

OperatorCommand UnparkCommand() {
  return {
      .subcommand =
          {
              .name = "unpark",
              .summary = "try the events of parked keys again",
              .synopsis = "--data-dir=DIR (--projection=NAME --key=KEY | --all) [--json]",
              .text = "A read model parks a key when an event of it cannot be applied; `views "
                      "stat` lists\n"
                      "them. This applies the events that wait, in order, and lets the key go when "
                      "all of\n"
                      "them could be applied: after a repair of the program, or to see the reason "
                      "again.\n"
                      "Exit code 1 when a key stays parked.\n"
                      "\n"
                      "  dailyfeed unpark --data-dir=feed --projection=posts --key=post/41\n"
                      "  dailyfeed unpark --data-dir=feed --all\n",
              .flags = {"data-dir", "projection", "key", "all", "json", "time-zone",
                        "pictures-dir"},
          },
      .path_flags = {"pictures-dir"},
      .run = &Unpark};
}

}  // namespace dailyfeed::cli

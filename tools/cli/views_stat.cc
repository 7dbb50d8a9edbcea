#include <fmt/format.h>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <string>
#include <utility>
#include <vector>

#include "core/base/status_macros.h"
#include "projections/runtime/stored_generations.h"
#include "tools/cli/operator_commands.h"

namespace dailyfeed::cli {
namespace {

namespace json = boost::json;

struct Statistics {
  Position head = 0;
  std::vector<StoredGeneration> generations;
};

absl::StatusOr<Statistics> Collect(OperatorTarget& target) {
  Statistics statistics;
  ASSIGN_OR_RETURN(const EventLog* log, target.Log());
  ASSIGN_OR_RETURN(const Store* views, target.Views());
  ASSIGN_OR_RETURN(statistics.generations, ReadStoredGenerations(*views->NewSnapshot()));
  // Read after the rows, so that no checkpoint is ahead of it.
  statistics.head = log->Head();
  return statistics;
}

std::string TextOf(const Statistics& statistics) {
  std::string text;
  text +=
      fmt::format("head {}\n\n{:<12} {:>10} {:>8} {:<9} {:>12} {:>8} {:>7}\n", statistics.head,
                  "projection", "generation", "version", "state", "checkpoint", "lag", "parked");
  for (const StoredGeneration& each : statistics.generations) {
    text += fmt::format("{:<12} {:>10} {:>8} {:<9} {:>12} {:>8} {:>7}\n", each.projection,
                        each.generation, each.version, each.state, each.checkpoint,
                        statistics.head - each.checkpoint, each.parked.size());
  }
  for (const StoredGeneration& each : statistics.generations) {
    for (const ParkedKey& key : each.parked) {
      text +=
          fmt::format("\nparked  {} of {} {}: {} events from position {}: {}\n", key.key,
                      key.projection, key.generation, key.events, key.first_position, key.reason);
    }
  }
  return text;
}

std::string JsonOf(const Statistics& statistics) {
  std::string text;
  for (const StoredGeneration& each : statistics.generations) {
    json::array parked;
    for (const ParkedKey& key : each.parked) {
      parked.push_back(json::object{{"key", key.key},
                                    {"events", key.events},
                                    {"firstPosition", key.first_position},
                                    {"reason", key.reason}});
    }
    text += json::serialize(json::object{{"projection", each.projection},
                                         {"generation", each.generation},
                                         {"version", each.version},
                                         {"state", std::string(each.state)},
                                         {"checkpoint", each.checkpoint},
                                         {"lag", statistics.head - each.checkpoint},
                                         {"parked", std::move(parked)}}) +
            "\n";
  }
  return text;
}

absl::StatusOr<int> Stat(OperatorTarget& target, const CommandArguments& arguments,
                         control::ControlOutput& output) {
  ASSIGN_OR_RETURN(const bool as_json, arguments.Get<bool>("json"));
  ASSIGN_OR_RETURN(const Statistics statistics, Collect(target));
  output.Write(as_json ? JsonOf(statistics) : TextOf(statistics));
  return kExitOk;
}

}  // namespace

OperatorCommand ViewsStatCommand() {
  return {.subcommand =
              {
                  .name = "views stat",
                  .summary = "generations of the read models, their checkpoints, parked keys",
                  .synopsis = "--data-dir=DIR [--json]",
                  .text = "Prints every generation of every projection with its checkpoint and how "
                          "far it is\n"
                          "behind the log, and each key that is parked because an event of it "
                          "could not be\n"
                          "applied: from which position on, how many events wait, and why. Changes "
                          "nothing.\n"
                          "\n"
                          "  dailyfeed views stat --data-dir=feed\n",
                  .flags = {"data-dir", "json"},
              },
          .run = &Stat};
}

}  // namespace dailyfeed::cli

#include <fmt/format.h>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "absl/flags/flag.h"
#include "adapters/rocksdb/store/rocks_store.h"
#include "core/base/status_macros.h"
#include "projections/runtime/stored_generations.h"
#include "tools/cli/common_flags.h"
#include "tools/cli/standard_output.h"
#include "tools/cli/subcommands.h"

namespace dailyfeed::cli {
namespace {

namespace fs = std::filesystem;
namespace json = boost::json;

struct Statistics {
  Position head = 0;
  std::vector<StoredGeneration> generations;
};

absl::StatusOr<Statistics> Collect() {
  Statistics statistics;
  ASSIGN_OR_RETURN(const auto log, OpenLogForReading());
  statistics.head = log->Head();
  ASSIGN_OR_RETURN(const std::string directory, RequiredDataDirectory());
  RocksStoreOptions options;
  options.read_only = true;
  ASSIGN_OR_RETURN(const auto views,
                   OpenRocksStore((fs::path(directory) / "views").string(), options));
  ASSIGN_OR_RETURN(statistics.generations, ReadStoredGenerations(*views));
  return statistics;
}

void PrintForPeople(const Statistics& statistics) {
  PrintText(fmt::format("head {}\n\n{:<12} {:>10} {:>8} {:<9} {:>12} {:>8} {:>7}\n",
                        statistics.head, "projection", "generation", "version", "state",
                        "checkpoint", "lag", "parked"));
  for (const StoredGeneration& each : statistics.generations) {
    PrintText(fmt::format("{:<12} {:>10} {:>8} {:<9} {:>12} {:>8} {:>7}\n", each.projection,
                          each.generation, each.version, each.state, each.checkpoint,
                          statistics.head - each.checkpoint, each.parked.size()));
  }
  for (const StoredGeneration& each : statistics.generations) {
    for (const ParkedKey& key : each.parked) {
      PrintText(fmt::format("\nparked  {} of {} {}: {} events from position {}: {}\n", key.key,
                            key.projection, key.generation, key.events, key.first_position,
                            key.reason));
    }
  }
}

void PrintAsJson(const Statistics& statistics) {
  for (const StoredGeneration& each : statistics.generations) {
    json::array parked;
    for (const ParkedKey& key : each.parked) {
      parked.push_back(json::object{{"key", key.key},
                                    {"events", key.events},
                                    {"firstPosition", key.first_position},
                                    {"reason", key.reason}});
    }
    PrintLine(json::serialize(json::object{{"projection", each.projection},
                                           {"generation", each.generation},
                                           {"version", each.version},
                                           {"state", std::string(each.state)},
                                           {"checkpoint", each.checkpoint},
                                           {"lag", statistics.head - each.checkpoint},
                                           {"parked", std::move(parked)}}));
  }
}

int Run(const std::vector<std::string>&) {
  const absl::StatusOr<Statistics> statistics = Collect();
  if (!statistics.ok()) return Fail("views stat", statistics.status());
  absl::GetFlag(FLAGS_json) ? PrintAsJson(*statistics) : PrintForPeople(*statistics);
  return kExitOk;
}

}  // namespace

Subcommand ViewsStatSubcommand() {
  return {
      .name = "views stat",
      .summary = "generations of the read models, their checkpoints, parked keys",
      .synopsis = "--data-dir=DIR [--json]",
      .text =
          "Prints every generation of every projection with its checkpoint and how far it is\n"
          "behind the log, and each key that is parked because an event of it could not be\n"
          "applied: from which position on, how many events wait, and why. Changes nothing.\n"
          "No server may have the directory open; a running one has the counts in its metrics.\n"
          "\n"
          "  dailyfeed views stat --data-dir=feed\n",
      .flags = {"data-dir", "json"},
      .run = &Run,
  };
}

}  // namespace dailyfeed::cli

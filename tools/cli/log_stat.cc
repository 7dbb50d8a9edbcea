#include <fmt/format.h>

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/flags/flag.h"
#include "adapters/rocksdb/log/rocks_event_log.h"
#include "core/base/status_macros.h"
#include "core/domain/decider.h"
#include "tools/cli/common_flags.h"
#include "tools/cli/standard_output.h"
#include "tools/cli/subcommands.h"

namespace dailyfeed::cli {
namespace {

namespace fs = std::filesystem;
namespace json = boost::json;

struct Statistics {
  Position head = 0;
  uint64_t streams = 0;
  std::string time_zone;
  std::map<std::string, uint64_t> types;
  std::vector<EventLog::DayCount> days;
  std::vector<std::pair<std::string, uint64_t>> bytes;  // by folder
};

absl::StatusOr<Statistics> Collect(const EventLog& log, const std::string& directory) {
  Statistics statistics;
  statistics.head = log.Head();
  statistics.time_zone = TimeZoneOf(log);
  RETURN_IF_ERROR(log.Read(1, [&statistics](const v1::Event& event) {
    if (event.stream_version() == 1) ++statistics.streams;
    ++statistics.types[std::string(EventTypeName(event.payload()))];
    return true;
  }));
  ASSIGN_OR_RETURN(statistics.days, log.Days());
  std::error_code error;
  for (const char* folder : {"log", "views", "secrets"}) {
    uint64_t bytes = 0;
    for (fs::recursive_directory_iterator it(fs::path(directory) / folder, error), end;
         !error && it != end; it.increment(error)) {
      const uint64_t size = it->is_regular_file(error) ? it->file_size(error) : 0;
      if (!error) bytes += size;
    }
    error.clear();
    statistics.bytes.emplace_back(folder, bytes);
  }
  return statistics;
}

void PrintForPeople(const Statistics& statistics) {
  PrintText(fmt::format("head      {}\nstreams   {}\ntime zone {}\n", statistics.head,
                        statistics.streams, statistics.time_zone));
  for (const auto& [folder, bytes] : statistics.bytes) {
    PrintText(
        fmt::format("{:<9} {:.1f} MiB\n", folder + "/", static_cast<double>(bytes) / (1 << 20)));
  }
  std::vector<std::pair<uint64_t, std::string>> types;
  for (const auto& [type, count] : statistics.types) types.emplace_back(count, type);
  std::sort(types.rbegin(), types.rend());
  PrintText(fmt::format("\n{:<18} {:>12}\n", "type", "events"));
  for (const auto& [count, type] : types) PrintText(fmt::format("{:<18} {:>12}\n", type, count));
  PrintText(fmt::format("\n{:<18} {:>12} {:>12} {:>12}\n", "day", "events", "first", "last"));
  for (const auto& day : statistics.days) {
    PrintText(
        fmt::format("{:<18} {:>12} {:>12} {:>12}\n", day.day, day.events, day.first, day.last));
  }
}

void PrintAsJson(const Statistics& statistics) {
  json::object types, bytes;
  json::array days;
  for (const auto& [type, count] : statistics.types) types[type] = count;
  for (const auto& [folder, size] : statistics.bytes) bytes[folder] = size;
  for (const auto& day : statistics.days) {
    days.push_back(json::object{
        {"day", day.day}, {"events", day.events}, {"first", day.first}, {"last", day.last}});
  }
  PrintLine(json::serialize(json::object{{"head", statistics.head},
                                         {"streams", statistics.streams},
                                         {"timeZone", statistics.time_zone},
                                         {"types", std::move(types)},
                                         {"days", std::move(days)},
                                         {"bytes", std::move(bytes)}}));
}

absl::Status Stat() {
  ASSIGN_OR_RETURN(const auto log, OpenLogForReading());
  ASSIGN_OR_RETURN(const Statistics statistics, Collect(*log, absl::GetFlag(FLAGS_data_dir)));
  if (absl::GetFlag(FLAGS_json)) {
    PrintAsJson(statistics);
  } else {
    PrintForPeople(statistics);
  }
  return absl::OkStatus();
}

int Run(const std::vector<std::string>&) {
  const absl::Status status = Stat();
  return status.ok() ? kExitOk : Fail("log stat", status);
}

}  // namespace

Subcommand LogStatSubcommand() {
  return {
      .name = "log stat",
      .summary = "count events by type and day, streams, bytes on disk",
      .synopsis = "--data-dir=DIR [--json]",
      .text =
          "Reads the whole log and counts. No server may have the directory open.\n"
          "\n"
          "  dailyfeed log stat --data-dir=feed\n"
          "  dailyfeed log stat --data-dir=feed --json | jq .types\n",
      .flags = {"data-dir", "json"},
      .run = &Run,
  };
}

}  // namespace dailyfeed::cli

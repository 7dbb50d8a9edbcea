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

#include "adapters/rocksdb/log/rocks_event_log.h"
#include "core/base/status_macros.h"
#include "core/domain/decider.h"
#include "core/ports/day.h"
#include "tools/cli/operator_commands.h"

namespace dailyfeed::cli {
namespace {

namespace fs = std::filesystem;
namespace json = boost::json;

// Between two questions whether anybody waits for the answer.
constexpr uint64_t kEventsBetweenQuestions = 1024;

struct Statistics {
  Position head = 0;
  uint64_t streams = 0;
  std::string time_zone;
  std::map<std::string, uint64_t> types;
  std::map<Day, EventLog::DayCount> days;
  std::vector<std::pair<std::string, uint64_t>> bytes;  // by folder
};

uint64_t BytesIn(const fs::path& folder) {
  std::error_code error;
  uint64_t bytes = 0;
  for (fs::recursive_directory_iterator it(folder, error), end; !error && it != end;
       it.increment(error)) {
    // A running server removes files meanwhile.
    std::error_code gone;
    const uint64_t size = it->is_regular_file(gone) ? it->file_size(gone) : 0;
    if (!gone) bytes += size;
  }
  return bytes;
}

// Everything of one read: what a running server appends meanwhile is left out.
absl::StatusOr<Statistics> Collect(const EventLog& log, const std::string& directory,
                                   control::ControlOutput* output) {
  Statistics statistics;
  statistics.head = log.Head();
  statistics.time_zone = TimeZoneOf(log);
  ASSIGN_OR_RETURN(const DayZone zone, DayZone::Load(statistics.time_zone));
  RETURN_IF_ERROR(log.Read(1, [&](const v1::Event& event) {
    if (event.position() > statistics.head) return false;
    if (event.position() % kEventsBetweenQuestions == 0 && !output->Wanted()) return false;
    if (event.stream_version() == 1) ++statistics.streams;
    ++statistics.types[std::string(EventTypeName(event.payload()))];
    const Day day = zone.DayOf(event.occurred_at_ns());
    EventLog::DayCount& count = statistics.days[day];
    if (count.events++ == 0) count.first = event.position();
    count.day = day;
    count.last = event.position();
    return true;
  }));
  for (const char* folder : {"log", "views", "secrets"}) {
    statistics.bytes.emplace_back(folder, BytesIn(fs::path(directory) / folder));
  }
  return statistics;
}

std::string TextOf(const Statistics& statistics) {
  std::string text = fmt::format("head      {}\nstreams   {}\ntime zone {}\n", statistics.head,
                                 statistics.streams, statistics.time_zone);
  for (const auto& [folder, bytes] : statistics.bytes) {
    text += fmt::format("{:<9} {:.1f} MiB\n", folder + "/", static_cast<double>(bytes) / (1 << 20));
  }
  std::vector<std::pair<uint64_t, std::string>> types;
  for (const auto& [type, count] : statistics.types) types.emplace_back(count, type);
  std::sort(types.rbegin(), types.rend());
  text += fmt::format("\n{:<18} {:>12}\n", "type", "events");
  for (const auto& [count, type] : types) text += fmt::format("{:<18} {:>12}\n", type, count);
  text += fmt::format("\n{:<18} {:>12} {:>12} {:>12}\n", "day", "events", "first", "last");
  for (const auto& [day, count] : statistics.days) {
    text +=
        fmt::format("{:<18} {:>12} {:>12} {:>12}\n", day, count.events, count.first, count.last);
  }
  return text;
}

std::string JsonOf(const Statistics& statistics) {
  json::object types, bytes;
  json::array days;
  for (const auto& [type, count] : statistics.types) types[type] = count;
  for (const auto& [folder, size] : statistics.bytes) bytes[folder] = size;
  for (const auto& [day, count] : statistics.days) {
    days.push_back(json::object{
        {"day", day}, {"events", count.events}, {"first", count.first}, {"last", count.last}});
  }
  return json::serialize(json::object{{"head", statistics.head},
                                      {"streams", statistics.streams},
                                      {"timeZone", statistics.time_zone},
                                      {"types", std::move(types)},
                                      {"days", std::move(days)},
                                      {"bytes", std::move(bytes)}}) +
         "\n";
}

absl::StatusOr<int> Stat(OperatorTarget& target, const CommandArguments& arguments,
                         control::ControlOutput& output) {
  ASSIGN_OR_RETURN(const bool as_json, arguments.Get<bool>("json"));
  ASSIGN_OR_RETURN(const EventLog* log, target.Log());
  ASSIGN_OR_RETURN(const Statistics statistics, Collect(*log, target.data_directory(), &output));
  output.Write(as_json ? JsonOf(statistics) : TextOf(statistics));
  return kExitOk;
}

}  // namespace

OperatorCommand LogStatCommand() {
  return {.subcommand =
              {
                  .name = "log stat",
                  .summary = "count events by type and day, streams, bytes on disk",
                  .synopsis = "--data-dir=DIR [--json]",
                  .text = "Reads the whole log and counts.\n"
                          "\n"
                          "  dailyfeed log stat --data-dir=feed\n"
                          "  dailyfeed log stat --data-dir=feed --json | jq .types\n",
                  .flags = {"data-dir", "json"},
              },
          .run = &Stat};
}

}  // namespace dailyfeed::cli

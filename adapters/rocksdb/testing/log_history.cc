#include "adapters/rocksdb/testing/log_history.h"

#include <fmt/format.h>

#include <cstdlib>
#include <functional>
#include <map>
#include <random>
#include <utility>

#include "core/base/check.h"
#include "core/ports/memory_event_log.h"

namespace dailyfeed {
namespace {

constexpr uint64_t kStreamIds = 4;
constexpr int kRowKeys = 12;
constexpr int kRecordKeys = 5;
constexpr Day kDays[] = {20261116, 20261117, 20261118};
constexpr size_t kLargeText = 80'000;

std::string RowKey(uint64_t row) { return fmt::format("row {}", row); }
std::string RecordKey(uint64_t record) { return fmt::format("record {}", record); }

// All that a read gives, as one text, an event or row a line; or its error.
using Visit = std::function<bool(const v1::Event&)>;
struct Outcome {
  absl::Status status;
  std::vector<std::string> lines;
};

Outcome Gather(const std::function<absl::Status(EventLog::Visitor)>& read) {
  Outcome outcome;
  outcome.status = read([&](const v1::Event& event) {
    outcome.lines.push_back(event.SerializeAsString());
    return true;
  });
  return outcome;
}

Outcome GatherRows(const EventLog& log) {
  Outcome outcome;
  outcome.status = log.ScanDecisionRows([&](std::string_view key, std::string_view value) {
    outcome.lines.push_back(fmt::format("{}={}", key, value));
    return true;
  });
  return outcome;
}

Outcome GatherDays(const EventLog& log) {
  Outcome outcome;
  const auto days = log.Days();
  outcome.status = days.status();
  if (!days.ok()) return outcome;
  for (const EventLog::DayCount& day : *days) {
    outcome.lines.push_back(
        fmt::format("{}: {} from {} to {}", day.day, day.events, day.first, day.last));
  }
  return outcome;
}

Outcome GatherPoints(const EventLog& log) {
  Outcome outcome;
  const auto note = [&](const absl::Status& status, std::string line) {
    outcome.status.Update(status);
    if (status.ok()) outcome.lines.push_back(std::move(line));
  };
  for (int row = 0; row < kRowKeys; ++row) {
    std::string value;
    const auto found = log.GetDecisionRow(RowKey(row), &value);
    note(found.status(), found.ok() && *found ? value : "none");
  }
  for (int record = 0; record < kRecordKeys; ++record) {
    std::string value;
    const auto found = log.GetIdempotencyRecord(RecordKey(record), 0, &value);
    note(found.status(), found.ok() && *found ? value : "none");
  }
  return outcome;
}

// What a wrong answer looks like: lines that are not a beginning of the right
// ones when the read failed, or not all of them when it did not.
std::string Difference(const std::string& what, const Outcome& found, const Outcome& expected,
                       bool errors_allowed) {
  DAILYFEED_CHECK(expected.status.ok());
  if (!found.status.ok()) {
    if (!errors_allowed || found.status.message().empty()) {
      return what + ": " + found.status.ToString();
    }
    if (what == "points") return "";  // what could be read is not told apart
  }
  const size_t lines = found.lines.size();
  if (found.status.ok() && lines != expected.lines.size()) {
    return fmt::format("{}: {} lines instead of {}", what, lines, expected.lines.size());
  }
  for (size_t i = 0; i < lines; ++i) {
    if (i >= expected.lines.size() || found.lines[i] != expected.lines[i]) {
      return fmt::format("{}: line {} differs", what, i);
    }
  }
  return "";
}

}  // namespace

std::vector<uint64_t> TestSeeds(int defaults) {
  const char* const given = std::getenv("DAILYFEED_SEED");
  if (given != nullptr) return {std::strtoull(given, nullptr, 10)};
  std::vector<uint64_t> seeds;
  for (int seed = 1; seed <= defaults; ++seed) seeds.push_back(static_cast<uint64_t>(seed));
  return seeds;
}

std::string RepeatWith(const std::string& test, uint64_t seed) {
  return fmt::format(
      "repeat with: bazel test //adapters/rocksdb:{} --config=slow --test_env=DAILYFEED_SEED={}",
      test, seed);
}

LogHistory::LogHistory(uint64_t seed, size_t batches) {
  std::mt19937_64 random(seed);
  std::map<std::pair<int, uint64_t>, StreamVersion> versions;
  Position next = 1;
  for (size_t i = 0; i < batches; ++i) {
    LogBatchBuilder batch(next);
    for (uint64_t events = random() % 6; events > 0; --events, ++next) {
      const auto kind = static_cast<v1::StreamKind>(1 + random() % 7);
      const uint64_t id = 1 + random() % kStreamIds;
      const uint64_t size = random() % 30 == 0 ? kLargeText : random() % 1500;
      batch.Add(kind, id, ++versions[{kind, id}], kDays[random() % std::size(kDays)],
                std::string(size, static_cast<char>('a' + random() % 26)));
    }
    std::map<uint64_t, bool> rows;
    for (uint64_t changes = random() % 5; changes > 0; --changes) {
      rows[random() % kRowKeys] = random() % 4 != 0;
    }
    for (const auto& [row, put] : rows) {
      if (put) {
        batch.Row(RowKey(row), fmt::format("value {} of batch {}", row, i));
      } else {
        batch.NoRow(RowKey(row));
      }
    }
    // Every batch is told from the one before it by this record.
    batch.Record(RecordKey(random() % kRecordKeys), 1, fmt::format("answer of batch {}", i));
    batches_.push_back(std::move(batch));
  }
}

std::string LogHistory::Compare(const EventLog& log, size_t count, bool errors_allowed) const {
  MemoryEventLog model;
  for (size_t i = 0; i < count; ++i) DAILYFEED_CHECK(model.Append(batch(i)).ok());
  if (log.Head() != model.Head()) {
    return fmt::format("the head is {} instead of {}", log.Head(), model.Head());
  }
  std::string difference;
  const auto compare = [&](const std::string& what, const auto& gather) {
    if (!difference.empty()) return;
    difference =
        Difference(what, gather(log), gather(static_cast<const EventLog&>(model)), errors_allowed);
  };
  compare("events", [](const EventLog& each) {
    return Gather([&](EventLog::Visitor visit) { return each.Read(1, visit); });
  });
  for (int kind = 1; kind <= 7; ++kind) {
    for (uint64_t id = 1; id <= kStreamIds; ++id) {
      compare(fmt::format("stream {} {}", kind, id), [&](const EventLog& each) {
        return Gather([&](EventLog::Visitor visit) {
          return each.ReadStream(static_cast<v1::StreamKind>(kind), id, 1, visit);
        });
      });
    }
  }
  for (const Day day : kDays) {
    compare(fmt::format("day {}", day), [&](const EventLog& each) {
      return Gather([&](EventLog::Visitor visit) { return each.ReadDay(day, visit); });
    });
  }
  compare("days", GatherDays);
  compare("rows", GatherRows);
  compare("points", GatherPoints);
  return difference;
}

int LogHistory::Find(const EventLog& log, size_t least, size_t most, std::string* why) const {
  why->clear();
  for (size_t count = least; count <= most; ++count) {
    const std::string difference = Compare(log, count);
    if (difference.empty()) return static_cast<int>(count);
    *why += fmt::format("not {} batches: {}\n", count, difference);
  }
  return -1;
}

}  // namespace dailyfeed

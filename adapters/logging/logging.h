// Structured logs: one JSON object a line on stderr.
//
//   logging::Log(logging::Level::kWarning, "views are stale", {{"projection", "posts"}});
//   {"time":"2026-11-21T05:00:00.123456Z","level":"warning","message":"views are stale",...}
//
// A thread of its own writes the queued lines, so that no caller waits for the
// reader of stderr. The queue holds SetQueueLinesMax lines; beyond that lines are
// dropped and counted, and the count is logged when there is room.
// Never log bodies, tokens, cookies or passwords.
//
// Threads: everything from any thread.
#ifndef DAILYFEED_ADAPTERS_LOGGING_LOGGING_H_
#define DAILYFEED_ADAPTERS_LOGGING_LOGGING_H_

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

#include "absl/time/time.h"

namespace dailyfeed::logging {

enum class Level { kInfo, kWarning, kError };

inline constexpr size_t kQueueLinesMaxDefault = 8192;
inline constexpr absl::Duration kFlushPatienceDefault = absl::Seconds(2);

// A name of ours and a value that may be any bytes; or a number.
struct Field {
  Field(std::string_view name, std::string_view value) : name(name), text(value) {}
  Field(std::string_view name, const char* value) : name(name), text(value) {}
  Field(std::string_view name, const std::string& value) : name(name), text(value) {}
  Field(std::string_view name, int64_t value) : name(name), number(value), is_number(true) {}
  Field(std::string_view name, uint64_t value) : Field(name, static_cast<int64_t>(value)) {}
  Field(std::string_view name, int value) : Field(name, static_cast<int64_t>(value)) {}

  std::string_view name;
  std::string_view text;
  int64_t number = 0;
  bool is_number = false;
};

void Log(Level level, std::string_view message, std::initializer_list<Field> fields = {});

// How many lines wait at most for the reader of stderr, from now on; at first
// kQueueLinesMaxDefault.
void SetQueueLinesMax(size_t lines);

// Lines dropped since the process started.
uint64_t DroppedLines();

// Waits until everything logged so far is written, and no longer than
// `patience`: a full pipe that nobody reads must not keep a process from its
// end. False: lines are still waiting. Before a process ends.
bool Flush(absl::Duration patience = kFlushPatienceDefault);

// The line Log writes, without its line break. `time_ns` since the epoch.
std::string FormatLine(int64_t time_ns, Level level, std::string_view message,
                       std::initializer_list<Field> fields);

}  // namespace dailyfeed::logging

#endif  // DAILYFEED_ADAPTERS_LOGGING_LOGGING_H_

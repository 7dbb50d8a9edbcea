#include "adapters/logging/logging.h"

#include <fmt/format.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <vector>

#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "core/base/text.h"

namespace dailyfeed::logging {
namespace {

std::string_view LevelName(Level level) {
  switch (level) {
    case Level::kInfo:
      return "info";
    case Level::kWarning:
      return "warning";
    case Level::kError:
      return "error";
  }
  return "error";
}

class Writer {
 public:
  Writer() : thread_([this] { Run(); }) {}

  void Add(std::string line) {
    std::lock_guard<std::mutex> lock(mutex_);
    if (lines_.size() >= lines_max_) {
      dropped_.fetch_add(1, std::memory_order_relaxed);
      return;
    }
    lines_.push_back(std::move(line));
    if (lines_.size() == 1) arrived_.notify_one();
  }

  void SetLinesMax(size_t lines) {
    std::lock_guard<std::mutex> lock(mutex_);
    lines_max_ = lines;
  }

  bool Flush(std::chrono::nanoseconds patience) {
    std::unique_lock<std::mutex> lock(mutex_);
    const auto written = [&] { return lines_.empty() && !writing_; };
    if (patience < std::chrono::hours(1)) return written_.wait_for(lock, patience, written);
    written_.wait(lock, written);
    return true;
  }

  uint64_t dropped() const { return dropped_.load(std::memory_order_relaxed); }

 private:
  void Run() {
    uint64_t reported = 0;
    std::unique_lock<std::mutex> lock(mutex_);
    for (;;) {
      arrived_.wait(lock, [&] { return !lines_.empty(); });
      std::vector<std::string> batch;
      batch.swap(lines_);
      writing_ = true;
      lock.unlock();
      std::string text;
      for (const std::string& line : batch) text.append(line).push_back('\n');
      if (const uint64_t dropped = this->dropped(); dropped != reported) {
        text += FormatLine(absl::GetCurrentTimeNanos(), Level::kWarning, "log lines were dropped",
                           {{"lines", dropped - reported}});
        text.push_back('\n');
        reported = dropped;
      }
      WriteAll(text);
      lock.lock();
      writing_ = false;
      if (lines_.empty()) written_.notify_all();
    }
  }

  static void WriteAll(std::string_view text) {
    while (!text.empty()) {
      const ssize_t n = write(STDERR_FILENO, text.data(), text.size());
      if (n < 0 && errno == EINTR) continue;
      if (n <= 0) return;  // stderr is closed, and there is no other place for a complaint
      text.remove_prefix(static_cast<size_t>(n));
    }
  }

  std::mutex mutex_;
  std::condition_variable arrived_, written_;
  std::vector<std::string> lines_;
  size_t lines_max_ = kQueueLinesMaxDefault;
  bool writing_ = false;
  std::atomic<uint64_t> dropped_ = 0;
  std::thread thread_;
};

// Never destroyed: destructors of static objects may log.
Writer& TheWriter() {
  static Writer& writer = *new Writer;
  return writer;
}

}  // namespace

std::string FormatLine(int64_t time_ns, Level level, std::string_view message,
                       std::initializer_list<Field> fields) {
  std::string line = fmt::format(
      R"({{"time":"{}","level":"{}","message":)",
      absl::FormatTime("%Y-%m-%dT%H:%M:%E6SZ", absl::FromUnixNanos(time_ns), absl::UTCTimeZone()),
      LevelName(level));
  AppendJsonQuoted(message, &line);
  for (const Field& field : fields) {
    line += ",";
    AppendJsonQuoted(field.name, &line);
    line += ":";
    if (field.is_number) {
      line += std::to_string(field.number);
    } else {
      AppendJsonQuoted(field.text, &line);
    }
  }
  line += "}";
  return line;
}

void Log(Level level, std::string_view message, std::initializer_list<Field> fields) {
  TheWriter().Add(FormatLine(absl::GetCurrentTimeNanos(), level, message, fields));
}

void SetQueueLinesMax(size_t lines) { TheWriter().SetLinesMax(lines); }

uint64_t DroppedLines() { return TheWriter().dropped(); }

bool Flush(absl::Duration patience) {
  return TheWriter().Flush(absl::ToChronoNanoseconds(patience));
}

}  // namespace dailyfeed::logging

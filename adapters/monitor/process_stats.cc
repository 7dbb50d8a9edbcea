#include "adapters/monitor/process_stats.h"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <system_error>

#include "fmt/format.h"

namespace dailyfeed::monitor {
namespace {

// Fields of /proc/PID/stat, counted as in proc(5) from 1; those behind the name.
constexpr size_t kState = 3;
constexpr size_t kUserTicks = 14;
constexpr size_t kSystemTicks = 15;
constexpr size_t kThreads = 20;
constexpr size_t kStartTicks = 22;
constexpr size_t kVirtualBytes = 23;
constexpr size_t kResidentPages = 24;

struct StatLine {
  std::string name;
  std::vector<std::string> fields;  // from kState on

  std::string Text(size_t field) const {
    return field - kState < fields.size() ? fields[field - kState] : std::string();
  }
  double Number(size_t field) const {
    const std::string text = Text(field);
    uint64_t number = 0;
    std::from_chars(text.data(), text.data() + text.size(), number);
    return static_cast<double>(number);
  }
};

StatLine ReadStatLine(const std::string& path) {
  std::ifstream file(path);
  std::string text;
  std::getline(file, text);
  StatLine line;
  // The name stands in parentheses and may contain some itself.
  const size_t open = text.find('('), close = text.rfind(')');
  if (open == std::string::npos || close == std::string::npos) return line;
  line.name = text.substr(open + 1, close - open - 1);
  std::istringstream rest(text.substr(close + 1));
  for (std::string field; rest >> field;) line.fields.push_back(field);
  return line;
}

double BootTimeSeconds() {
  std::ifstream file("/proc/stat");
  for (std::string word; file >> word;) {
    double seconds = 0;
    if (word == "btime" && file >> seconds) return seconds;
  }
  return 0;
}

uint64_t CountEntries(const char* directory) {
  std::error_code error;
  uint64_t entries = 0;
  for (auto it = std::filesystem::directory_iterator(directory, error);
       !error && it != std::filesystem::directory_iterator(); it.increment(error)) {
    ++entries;
  }
  return entries;
}

double TicksPerSecond() { return static_cast<double>(::sysconf(_SC_CLK_TCK)); }

}  // namespace

ProcessStats ReadProcessStats() {
  const StatLine line = ReadStatLine("/proc/self/stat");
  ProcessStats stats;
  stats.resident_bytes =
      static_cast<uint64_t>(line.Number(kResidentPages)) * static_cast<uint64_t>(::getpagesize());
  stats.virtual_bytes = static_cast<uint64_t>(line.Number(kVirtualBytes));
  stats.threads = static_cast<uint64_t>(line.Number(kThreads));
  stats.cpu_seconds = (line.Number(kUserTicks) + line.Number(kSystemTicks)) / TicksPerSecond();
  stats.start_time_seconds = BootTimeSeconds() + line.Number(kStartTicks) / TicksPerSecond();
  const uint64_t files = CountEntries("/proc/self/fd");
  stats.open_files = files > 0 ? files - 1 : 0;  // without the one that lists them
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) == 0) stats.open_files_max = limit.rlim_cur;
  return stats;
}

std::vector<ThreadStats> ReadThreadStats() {
  std::vector<ThreadStats> threads;
  std::error_code error;
  for (auto it = std::filesystem::directory_iterator("/proc/self/task", error);
       !error && it != std::filesystem::directory_iterator(); it.increment(error)) {
    const std::string id = it->path().filename();
    const StatLine line = ReadStatLine(fmt::format("/proc/self/task/{}/stat", id));
    if (line.fields.empty()) continue;  // it ended just now
    ThreadStats thread;
    std::from_chars(id.data(), id.data() + id.size(), thread.id);
    thread.name = line.name;
    thread.state = line.Text(kState)[0];
    thread.cpu_seconds = (line.Number(kUserTicks) + line.Number(kSystemTicks)) / TicksPerSecond();
    threads.push_back(std::move(thread));
  }
  std::sort(threads.begin(), threads.end(),
            [](const ThreadStats& a, const ThreadStats& b) { return a.id < b.id; });
  return threads;
}

}  // namespace dailyfeed::monitor

#include "tools/bench/child.h"

#include <fmt/format.h>
#include <signal.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cstdio>
#include <fstream>
#include <sstream>
#include <utility>

#include "absl/time/clock.h"
#include "absl/time/time.h"

namespace dailyfeed::bench {
namespace {

// Of all threads of this process.
absl::Duration ProcessorTime() {
  timespec time{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return absl::DurationFromTimespec(time);
}

// One line a figure: "name value"; then "ok" or "error <message>".
std::string Encode(const Figures& figures, const absl::Status& status) {
  std::string text;
  for (const auto& [name, value] : figures) text += fmt::format("{} {:.17g}\n", name, value);
  return text + (status.ok() ? "ok\n" : fmt::format("error {}\n", status.ToString()));
}

void WriteAll(int fd, const std::string& text) {
  size_t written = 0;
  while (written < text.size()) {
    const ssize_t n = write(fd, text.data() + written, text.size() - written);
    if (n <= 0) return;  // the parent is gone; so are the readers of the figures
    written += static_cast<size_t>(n);
  }
}

std::string ReadAll(int fd) {
  std::string text;
  char buffer[4096];
  for (ssize_t n; (n = read(fd, buffer, sizeof(buffer))) > 0;) text.append(buffer, n);
  return text;
}

absl::StatusOr<Figures> Decode(const std::string& text) {
  Figures figures;
  std::istringstream lines(text);
  std::string name;
  while (lines >> name) {
    if (name == "ok") return figures;
    if (name == "error") {
      std::string message;
      std::getline(lines, message);
      return absl::InternalError(message);
    }
    lines >> figures[name];
  }
  return absl::AbortedError("the process of a benchmark stage died");
}

struct Child {
  pid_t pid = -1;
  int results = -1;
};

absl::StatusOr<Child> Fork(const std::function<void(int results)>& body) {
  int ends[2];
  if (pipe(ends) != 0) return absl::InternalError("pipe failed");
  std::fflush(nullptr);
  const pid_t pid = fork();
  if (pid < 0) return absl::InternalError("fork failed");
  if (pid == 0) {
    close(ends[0]);
    body(ends[1]);
    close(ends[1]);
    // No destructors of the parent's objects in the child.
    _exit(0);
  }
  close(ends[1]);
  return Child{pid, ends[0]};
}

}  // namespace

void KeepPercentiles(const std::string& name, const Histogram& latency, Figures& figures) {
  const Percentiles percentiles = latency.Summary();
  figures[name + "_p50"] = percentiles.p50_us;
  figures[name + "_p99"] = percentiles.p99_us;
  figures[name + "_p999"] = percentiles.p999_us;
}

Percentiles TakePercentiles(const std::string& name, Figures& figures) {
  return {figures[name + "_p50"], figures[name + "_p99"], figures[name + "_p999"]};
}

absl::StatusOr<Figures> RunInChild(const Stage& stage) {
  absl::StatusOr<Child> child = Fork([&](int results) {
    Figures figures;
    const absl::Status status = stage(figures);
    WriteAll(results, Encode(figures, status));
  });
  if (!child.ok()) return child.status();
  const std::string text = ReadAll(child->results);
  close(child->results);
  waitpid(child->pid, nullptr, 0);
  return Decode(text);
}

absl::StatusOr<Figures> RunInChildAndKill(
    const std::function<absl::Status(Figures& figures, const std::function<void()>& ready)>& stage,
    int delay_ms) {
  absl::StatusOr<Child> child = Fork([&](int results) {
    Figures figures;
    const absl::Status status =
        stage(figures, [&] { WriteAll(results, Encode(figures, absl::OkStatus())); });
    WriteAll(results, Encode(figures, status));
  });
  if (!child.ok()) return child.status();
  std::string text;
  char buffer[4096];
  while (text.find("ok\n") == std::string::npos && text.find("error ") == std::string::npos) {
    const ssize_t n = read(child->results, buffer, sizeof(buffer));
    if (n <= 0) break;
    text.append(buffer, static_cast<size_t>(n));
  }
  usleep(static_cast<useconds_t>(delay_ms) * 1000);
  kill(child->pid, SIGKILL);
  close(child->results);
  waitpid(child->pid, nullptr, 0);
  return Decode(text);
}

absl::Status WaitUntilQuiet() {
  constexpr absl::Duration kStep = absl::Seconds(1);
  constexpr absl::Duration kHardlyUsed = absl::Milliseconds(20);
  constexpr int kStepsMax = 300;
  absl::Duration used = ProcessorTime();
  for (int step = 0; step < kStepsMax; ++step) {
    absl::SleepFor(kStep);
    const absl::Duration before = std::exchange(used, ProcessorTime());
    if (used - before < kHardlyUsed) return absl::OkStatus();
  }
  return absl::UnavailableError("the process does not come to rest");
}

uint64_t PeakMemoryBytes() {
  std::ifstream status("/proc/self/status");
  std::string line;
  while (std::getline(status, line)) {
    uint64_t kib = 0;
    if (std::sscanf(line.c_str(), "VmHWM: %lu kB", &kib) == 1) return kib * 1024;
  }
  return 0;
}

void ResetPeakMemory() {
  // proc(5): 5 resets the peak resident set size.
  std::ofstream("/proc/self/clear_refs") << "5";
}

}  // namespace dailyfeed::bench

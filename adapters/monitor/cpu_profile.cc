#include "adapters/monitor/cpu_profile.h"

#include <execinfo.h>
#include <signal.h>
#include <sys/time.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <map>
#include <memory>
#include <thread>
#include <unordered_map>

#include "absl/debugging/symbolize.h"
#include "fmt/format.h"

namespace dailyfeed::monitor {
namespace {

constexpr size_t kSamplesMax = 16384;
constexpr int kFramesMax = 48;
// The handler itself and the frame the kernel makes for it.
constexpr int kOwnFrames = 2;
constexpr int kMicrosecondsPerSecond = 1'000'000;

struct Sample {
  // Frames, once the sample is complete.
  std::atomic<int> depth{0};
  std::array<void*, kFramesMax> frames;
};

struct Samples {
  std::atomic<size_t> taken{0};
  std::array<Sample, kSamplesMax> samples;
};

// What the handler writes to; null: nothing is being profiled.
std::atomic<Samples*> current{nullptr};
std::atomic<int> handlers_running{0};
std::atomic<bool> busy{false};

// On any thread, at any instruction: no allocation, no lock. backtrace() is
// such, after its first call has loaded the unwinder.
void OnSigprof(int) {
  const int saved_errno = errno;
  handlers_running.fetch_add(1, std::memory_order_seq_cst);
  if (Samples* samples = current.load(std::memory_order_seq_cst); samples != nullptr) {
    const size_t index = samples->taken.fetch_add(1, std::memory_order_relaxed);
    if (index < kSamplesMax) {
      Sample& sample = samples->samples[index];
      const int depth = ::backtrace(sample.frames.data(), kFramesMax);
      sample.depth.store(depth, std::memory_order_release);
    }
  }
  handlers_running.fetch_sub(1, std::memory_order_seq_cst);
  errno = saved_errno;
}

bool SetTimer(int hz) {
  const itimerval timer = {{0, hz == 0 ? 0 : kMicrosecondsPerSecond / hz},
                           {0, hz == 0 ? 0 : kMicrosecondsPerSecond / hz}};
  return ::setitimer(ITIMER_PROF, &timer, nullptr) == 0;
}

// Names of code addresses, each looked up once.
class Symbols {
 public:
  const std::string& Name(void* address) {
    auto [it, added] = names_.try_emplace(address);
    if (!added) return it->second;
    char name[512];
    if (absl::Symbolize(address, name, sizeof(name))) {
      it->second = name;
      // Both mean something in the folded form.
      std::replace(it->second.begin(), it->second.end(), ';', ':');
      std::replace(it->second.begin(), it->second.end(), ' ', '_');
    } else {
      it->second = fmt::format("{}", address);
    }
    return it->second;
  }

 private:
  std::unordered_map<void*, std::string> names_;
};

std::string Fold(const Samples& samples) {
  Symbols symbols;
  std::map<std::string, uint64_t> counts;
  const size_t taken = samples.taken.load();
  for (size_t i = 0; i < std::min(taken, kSamplesMax); ++i) {
    const Sample& sample = samples.samples[i];
    std::string stack;
    for (int f = sample.depth.load(std::memory_order_acquire) - 1; f >= kOwnFrames; --f) {
      if (!stack.empty()) stack += ';';
      // A return address may be the next function's first byte.
      const ptrdiff_t back = f == kOwnFrames ? 0 : 1;
      stack += symbols.Name(static_cast<char*>(sample.frames[f]) - back);
    }
    if (!stack.empty()) ++counts[stack];
  }
  std::string folded;
  for (const auto& [stack, count] : counts) folded += fmt::format("{} {}\n", stack, count);
  if (taken > kSamplesMax) folded += fmt::format("samples_not_kept {}\n", taken - kSamplesMax);
  return folded;
}

}  // namespace

absl::StatusOr<std::string> CollectCpuProfile(const std::function<void()>& wait) {
  if (busy.exchange(true)) return absl::FailedPreconditionError("a profile is being taken");
  const auto samples = std::make_unique<Samples>();
  absl::InitializeSymbolizer(nullptr);
  void* warm_up[1];
  ::backtrace(warm_up, 1);

  struct sigaction action = {};
  action.sa_handler = OnSigprof;
  action.sa_flags = SA_RESTART;
  ::sigfillset(&action.sa_mask);
  // The handler stays: a signal that is still under way must find it.
  ::sigaction(SIGPROF, &action, nullptr);
  current.store(samples.get(), std::memory_order_seq_cst);
  const bool timer = SetTimer(kCpuProfileHz);
  if (timer) wait();
  SetTimer(0);
  current.store(nullptr, std::memory_order_seq_cst);
  while (handlers_running.load(std::memory_order_seq_cst) > 0) std::this_thread::yield();

  absl::StatusOr<std::string> folded = absl::UnavailableError("no profiling timer");
  if (timer) folded = Fold(*samples);
  busy.store(false);
  return folded;
}

}  // namespace dailyfeed::monitor

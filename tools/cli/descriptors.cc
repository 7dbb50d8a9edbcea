#include "tools/cli/descriptors.h"

#include <fmt/format.h>
#include <sys/resource.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <system_error>
#include <thread>

namespace dailyfeed::cli {
namespace {

// epoll, timer and event of each I/O thread; the listening socket.
constexpr uint64_t kOfThread = 3;
constexpr uint64_t kListening = 1;
// With fewer connections a server is of no use.
constexpr uint64_t kConnectionsLeast = 16;
// One of so many descriptors for connections goes to those that are told 503.
constexpr uint64_t kPartForRefusals = 8;

}  // namespace

absl::StatusOr<uint64_t> RaiseDescriptorLimit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
    limit.rlim_cur = limit.rlim_max;
    if (setrlimit(RLIMIT_NOFILE, &limit) == 0) return limit.rlim_cur;
  }
  return absl::InternalError(
      fmt::format("cannot raise the limit of file descriptors: {}", std::strerror(errno)));
}

uint64_t OpenDescriptors() {
  std::error_code error;
  uint64_t open = 0;
  for (auto entry = std::filesystem::directory_iterator("/proc/self/fd", error);
       !error && entry != std::filesystem::directory_iterator(); entry.increment(error)) {
    ++open;
  }
  return open - std::min<uint64_t>(open, 1);  // the one that reads the directory
}

absl::Status FitConnections(const DescriptorBudget& budget, http::ServerOptions* options) {
  const uint64_t threads =
      options->threads > 0 ? options->threads : std::max(1u, std::thread::hardware_concurrency());
  const uint64_t taken =
      budget.open + budget.reserve + budget.monitor + kOfThread * threads + kListening;
  const uint64_t left = budget.limit - std::min(budget.limit, taken);
  const uint64_t refusals =
      std::min<uint64_t>(options->refusals_at_once_max, left / kPartForRefusals);
  const uint64_t connections = std::min<uint64_t>(options->connections_max, left - refusals);
  if (connections < std::min<uint64_t>(kConnectionsLeast, options->connections_max)) {
    return absl::FailedPreconditionError(fmt::format(
        "the limit of {} file descriptors is too low: {} are open, {} are kept for the stores "
        "(stores.descriptors_reserve) and {} for the monitor, and fewer than {} would be left for "
        "connections. Raise the limit: `ulimit -n 4096`, or LimitNOFILE= of the systemd unit.",
        budget.limit, budget.open, budget.reserve, budget.monitor, kConnectionsLeast));
  }
  options->connections_max = connections;
  options->refusals_at_once_max = refusals;
  return absl::OkStatus();
}

}  // namespace dailyfeed::cli

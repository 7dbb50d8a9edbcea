#include "adapters/embedded/health.h"

#include <string_view>
#include <utility>

#include "fmt/format.h"

namespace dailyfeed {
namespace {

void AddReason(std::string_view reason, std::string detail, Health* health) {
  if (health->reason.empty()) health->reason = reason;
  health->details.push_back(std::move(detail));
}

}  // namespace

FeedState StateOf(Dailyfeed& feed) {
  return {.log = feed.log().WriteStatus(),
          .runtime = feed.runtime().Health(),
          .engine = feed.engine().WriteStatus(),
          .secrets = feed.identity().Health(),
          .disk = feed.DiskStatus(),
          .caught_up = feed.runtime().Ready()};
}

Health HealthOf(const FeedState& state) {
  Health health;
  if (!state.log.ok()) {
    AddReason("the log cannot be written",
              fmt::format("the log takes no writes: {}", std::string(state.log.message())),
              &health);
  }
  if (!state.runtime.ok()) {
    AddReason(
        "the read models cannot be written",
        fmt::format("the read models take no writes: {}", std::string(state.runtime.message())),
        &health);
  }
  // The engine fails with each of them, and then has nothing of its own to say.
  if (health.details.empty() && !state.engine.ok()) {
    AddReason("commands cannot be decided",
              fmt::format("the engine takes no commands: {}", std::string(state.engine.message())),
              &health);
  }
  health.accepts_writes = health.details.empty() && state.disk.ok();
  if (!state.secrets.ok()) {
    AddReason("sessions and passwords cannot be written",
              fmt::format("the secrets take no writes: {}", std::string(state.secrets.message())),
              &health);
  }
  health.alive = health.details.empty();
  if (!state.disk.ok()) {
    health.warnings.push_back(
        fmt::format("commands are refused: {}", std::string(state.disk.message())));
  }
  // A runtime that failed does not catch up any more.
  if (state.runtime.ok() && !state.caught_up) {
    AddReason("the read models are catching up with the log",
              "the read models have not caught up with the log", &health);
  }
  health.ready = health.details.empty();
  return health;
}

Health HealthOf(Dailyfeed& feed) { return HealthOf(StateOf(feed)); }

}  // namespace dailyfeed

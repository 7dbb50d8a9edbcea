#include "adapters/embedded/check_options.h"

#include <fmt/format.h>

#include <limits>
#include <string_view>

#include "core/domain/status_macros.h"

namespace dailyfeed {
namespace {

constexpr uint64_t kNoMax = std::numeric_limits<uint64_t>::max();
constexpr uint64_t kTextMax = 1u << 20;  // an event of one text stays far below a batch
constexpr uint64_t kDepthMax = 64;       // every comment event carries its ancestors
constexpr uint64_t kPictureBytesMax = 1u << 30;
constexpr uint64_t kPixelsMax = 1'000'000'000;  // 8 GB while it is decoded
constexpr uint64_t kSideMax = 4096;
constexpr uint64_t kWalAheadMax = 64u << 20;  // zeros made in memory
constexpr uint64_t kThreadsMax = 256;
constexpr uint64_t kHomeFeedRowsMax = 10'000;
constexpr absl::Duration kDurationMax = absl::Hours(24 * 366 * 10);

struct SizeBounds {
  std::string_view name;
  uint64_t value;
  uint64_t least;
  uint64_t most;
};

struct DurationBounds {
  std::string_view name;
  absl::Duration value;
  absl::Duration least;
};

absl::Status Check(const SizeBounds& bounds) {
  if (bounds.value >= bounds.least && bounds.value <= bounds.most) return absl::OkStatus();
  if (bounds.most == kNoMax) {
    return absl::InvalidArgumentError(
        fmt::format("{} is {}, it must be at least {}", bounds.name, bounds.value, bounds.least));
  }
  return absl::InvalidArgumentError(fmt::format("{} is {}, it must be between {} and {}",
                                                bounds.name, bounds.value, bounds.least,
                                                bounds.most));
}

absl::Status Check(const DurationBounds& bounds) {
  if (bounds.value >= bounds.least && bounds.value <= kDurationMax) return absl::OkStatus();
  return absl::InvalidArgumentError(fmt::format(
      "{} is {}, it must be between {} and {}", bounds.name, absl::FormatDuration(bounds.value),
      absl::FormatDuration(bounds.least), absl::FormatDuration(kDurationMax)));
}

}  // namespace

absl::Status CheckOptions(const Options& options) {
  const EngineOptions& engine = options.engine;
  const DomainLimits& limits = engine.limits;
  const PictureProcessorOptions& pictures = options.pictures.processor;
  const SizeBounds kSizes[] = {
      {"engine.queue_capacity", engine.queue_capacity, 1, kNoMax},
      {"engine.batch_commands_max", engine.batch_commands_max, 1, kNoMax},
      {"engine.batch_bytes_max", engine.batch_bytes_max, 1, kNoMax},
      {"engine.row_cache_entries", engine.row_cache_entries, 2, kNoMax},
      {"engine.limits.post_title_max", limits.post_title_max, 1, kTextMax},
      {"engine.limits.post_content_max", limits.post_content_max, 1, kTextMax},
      {"engine.limits.comment_content_max", limits.comment_content_max, 1, kTextMax},
      {"engine.limits.comment_depth_max", limits.comment_depth_max, 0, kDepthMax},
      {"engine.limits.followings_max", limits.followings_max, 1, kNoMax},
      {"runtime.pending_batches_max", options.runtime.pending_batches_max, 1, kNoMax},
      {"runtime.catch_up_batch_events", options.runtime.catch_up_batch_events, 1, kNoMax},
      {"caches.home_feed_rows_max", options.caches.home_feed_rows_max, 0, kHomeFeedRowsMax},
      {"live.watches_max", options.live.watches_max, 1, kNoMax},
      {"live.watches_per_member_max", options.live.watches_per_member_max, 1, kNoMax},
      {"live.events_waiting_max", options.live.events_waiting_max, 1, kNoMax},
      {"live.slice_events", options.live.slice_events, 1, kNoMax},
      {"log.event_memtable_bytes", options.log.event_memtable_bytes, 1, kNoMax},
      {"log.wal_bytes_max", options.log.wal_bytes_max, 1, kNoMax},
      {"log.wal_ahead_bytes", options.log.wal_ahead_bytes, 1, kWalAheadMax},
      {"views.memtable_bytes", options.views.memtable_bytes, 1, kNoMax},
      {"identity.sessions_listed_max", options.identity.sessions_listed_max, 1, kNoMax},
      {"secrets.memtable_bytes", options.secrets.memtable_bytes, 1, kNoMax},
      {"withdrawals_waiting_max", options.withdrawals_waiting_max, 1, kNoMax},
      {"pictures.file_bytes_max", pictures.file_bytes_max, 1, kPictureBytesMax},
      {"pictures.pixels_max", pictures.pixels_max, 1, kPixelsMax},
      {"pictures.box_pixels", pictures.box_pixels, 1, kSideMax},
      {"pictures.thumbnail_pixels", pictures.thumbnail_pixels, 1, kSideMax},
      {"pictures.threads", static_cast<uint64_t>(pictures.threads), 1, kThreadsMax},
  };
  for (const SizeBounds& bounds : kSizes) RETURN_IF_ERROR(Check(bounds));
  const DurationBounds kDurations[] = {
      {"engine.relaxed_delay", engine.relaxed_delay, absl::ZeroDuration()},
      {"engine.idempotency_retention", engine.idempotency_retention, absl::Nanoseconds(1)},
      {"maintenance_interval", options.maintenance_interval, absl::Milliseconds(1)},
      {"live.tick", options.live.tick, absl::Milliseconds(1)},
      {"pictures.sweep_interval", options.pictures.sweep_interval, absl::Seconds(1)},
      {"pictures.sweep_grace", options.pictures.sweep_grace, absl::ZeroDuration()},
  };
  for (const DurationBounds& bounds : kDurations) RETURN_IF_ERROR(Check(bounds));
  if (options.data_directory.empty()) {
    return absl::InvalidArgumentError("data_directory is empty");
  }
  if (options.log.read_only || options.views.read_only || options.secrets.read_only) {
    return absl::InvalidArgumentError(
        "read_only is for tools beside nobody's writer, not for this");
  }
  return absl::OkStatus();
}

}  // namespace dailyfeed

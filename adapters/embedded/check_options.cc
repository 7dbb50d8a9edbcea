#include "adapters/embedded/check_options.h"

#include <fmt/format.h>

#include <string_view>

#include "adapters/embedded/option_bounds.h"
#include "core/base/status_macros.h"

namespace dailyfeed {
namespace {

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

absl::Status Check(const SizeBounds& size) {
  if (size.value >= size.least && size.value <= size.most) return absl::OkStatus();
  return absl::InvalidArgumentError(fmt::format("{} is {}, it must be between {} and {}", size.name,
                                                size.value, size.least, size.most));
}

absl::Status Check(const DurationBounds& duration) {
  if (duration.value >= duration.least && duration.value <= bounds::kDurationMax) {
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(fmt::format(
      "{} is {}, it must be between {} and {}", duration.name, absl::FormatDuration(duration.value),
      absl::FormatDuration(duration.least), absl::FormatDuration(bounds::kDurationMax)));
}

}  // namespace

absl::Status CheckOptions(const Options& options) {
  const EngineOptions& engine = options.engine;
  const DomainLimits& limits = engine.limits;
  const CacheOptions& caches = options.caches;
  const PictureProcessorOptions& pictures = options.pictures.processor;
  const SizeBounds kSizes[] = {
      {"engine.queue_capacity", engine.queue_capacity, 1, bounds::kWaitingMax},
      {"engine.batch_commands_max", engine.batch_commands_max, 1, bounds::kWaitingMax},
      {"engine.batch_bytes_max", engine.batch_bytes_max, 1, bounds::kBatchBytesMax},
      {"engine.stored_answers_bytes_max", engine.stored_answers_bytes_max, 0,
       bounds::kBatchBytesMax},
      {"engine.row_cache_entries", engine.row_cache_entries, 2, bounds::kRowsMax},
      {"engine.limits.post_title_max", limits.post_title_max, 1, bounds::kTextMax},
      {"engine.limits.post_content_max", limits.post_content_max, 1, bounds::kTextMax},
      {"engine.limits.comment_content_max", limits.comment_content_max, 1, bounds::kTextMax},
      {"engine.limits.comment_depth_max", limits.comment_depth_max, 0, bounds::kDepthMax},
      {"engine.limits.followings_max", limits.followings_max, 1, bounds::kFollowingsMax},
      {"runtime.pending_batches_max", options.runtime.pending_batches_max, 1, bounds::kBatchesMax},
      {"runtime.catch_up_batch_events", options.runtime.catch_up_batch_events, 1,
       bounds::kWaitingMax},
      {"caches.home_feed_rows_max", caches.home_feed_rows_max, 0, bounds::kHomeFeedRowsMax},
      {"live.watches_max", options.live.watches_max, 1, bounds::kWaitingMax},
      {"live.watches_per_member_max", options.live.watches_per_member_max, 1, bounds::kWaitingMax},
      {"live.waiting_bytes_max", options.live.waiting_bytes_max, 0, bounds::kCacheBytesMax},
      {"live.resume_events_max", options.live.resume_events_max, 0, bounds::kEventsWaitingMax},
      {"live.slice_events", options.live.slice_events, 1, bounds::kWaitingMax},
      {"log.event_memtable_bytes", options.log.event_memtable_bytes, 1, bounds::kMemtableBytesMax},
      {"log.wal_bytes_max", options.log.wal_bytes_max, 1, bounds::kWalBytesMax},
      {"log.block_cache_bytes", options.log.block_cache_bytes, 0, bounds::kCacheBytesMax},
      {"views.block_cache_bytes", options.views.block_cache_bytes, 0, bounds::kCacheBytesMax},
      {"secrets.block_cache_bytes", options.secrets.block_cache_bytes, 0, bounds::kCacheBytesMax},
      {"runtime.row_cache_bytes", options.runtime.row_cache_bytes, 0, bounds::kCacheBytesMax},
      {"caches.post_bytes_max", caches.post_bytes_max, 0, bounds::kCacheBytesMax},
      {"caches.member_bytes_max", caches.member_bytes_max, 0, bounds::kCacheBytesMax},
      {"caches.author_heads_bytes_max", caches.author_heads_bytes_max, 0, bounds::kCacheBytesMax},
      {"caches.activity_heads_bytes_max", caches.activity_heads_bytes_max, 0,
       bounds::kCacheBytesMax},
      {"caches.followings_bytes_max", caches.followings_bytes_max, 0, bounds::kCacheBytesMax},
      {"caches.likes_bytes_max", caches.likes_bytes_max, 0, bounds::kCacheBytesMax},
      {"caches.rankings_bytes_max", caches.rankings_bytes_max, 0, bounds::kCacheBytesMax},
      {"caches.ranking_rows_max", caches.ranking_rows_max, 0, bounds::kRankingRowsMax},
      {"caches.home_feeds_bytes_max", caches.home_feeds_bytes_max, 0, bounds::kCacheBytesMax},
      {"caches.home_feed_followers_max", caches.home_feed_followers_max, 0, bounds::kFollowersMax},
      {"caches.deep_pages_max", caches.deep_pages_max, 1, bounds::kDeepPagesMax},
      {"caches.member_names_bytes_max", caches.member_names_bytes_max, 0, bounds::kCacheBytesMax},
      {"caches.tags_bytes_max", caches.tags_bytes_max, 0, bounds::kCacheBytesMax},
      {"search.loose_documents_max", options.search.loose_documents_max, 1,
       bounds::kLooseDocumentsMax},
      {"search.loose_bytes_max", options.search.loose_bytes_max, 1, bounds::kBatchBytesMax},
      {"search.segment_text_bytes_max", options.search.segment_text_bytes_max, 1,
       bounds::kBatchBytesMax},
      {"search.cache_bytes_max", options.search.cache_bytes_max, 0, bounds::kCacheBytesMax},
      {"search.query_work_max", options.search.query_work_max, 1, bounds::kQueryWorkMax},
      {"popularity.view_weight", options.popularity.view_weight, 0, bounds::kWeightMax},
      {"popularity.like_weight", options.popularity.like_weight, 0, bounds::kWeightMax},
      {"log.wal_ahead_bytes", options.log.wal_ahead_bytes, 1, bounds::kWalAheadBytesMax},
      {"views.memtable_bytes", options.views.memtable_bytes, 1, bounds::kMemtableBytesMax},
      {"identity.sessions_listed_max", options.identity.sessions_listed_max, 1,
       bounds::kWaitingMax},
      {"secrets.memtable_bytes", options.secrets.memtable_bytes, 1, bounds::kMemtableBytesMax},
      {"withdrawals_waiting_max", options.withdrawals_waiting_max, 1, bounds::kWaitingMax},
      {"withdrawals_unerased_max", options.withdrawals_unerased_max, 1, bounds::kWaitingMax},
      {"orphans_waiting_max", options.orphans_waiting_max, 1, bounds::kWaitingMax},
      {"disk.reserve_bytes", options.disk.reserve_bytes, 0, bounds::kCacheBytesMax},
      {"pictures.file_bytes_max", pictures.file_bytes_max, 1, bounds::kPictureBytesMax},
      {"pictures.pixels_max", pictures.pixels_max, 1, bounds::kPixelsMax},
      {"pictures.side_pixels_max", pictures.side_pixels_max, 1, bounds::kPictureSideMax},
      {"pictures.memory_bytes_max", pictures.memory_bytes_max, bounds::kPictureMemoryMin,
       bounds::kCacheBytesMax},
      {"pictures.box_pixels", pictures.box_pixels, 1, bounds::kSideMax},
      {"pictures.thumbnail_pixels", pictures.thumbnail_pixels, 1, bounds::kSideMax},
      {"pictures.threads", static_cast<uint64_t>(pictures.threads), 1, bounds::kThreadsMax},
  };
  for (const SizeBounds& size : kSizes) RETURN_IF_ERROR(Check(size));
  const DurationBounds kDurations[] = {
      {"engine.background_delay", engine.background_delay, absl::ZeroDuration()},
      {"engine.idempotency_retention", engine.idempotency_retention, absl::Nanoseconds(1)},
      {"maintenance_interval", options.maintenance_interval, absl::Milliseconds(1)},
      {"live.tick", options.live.tick, absl::Milliseconds(1)},
      {"pictures.decode_timeout", pictures.decode_timeout, absl::Nanoseconds(1)},
      {"disk.check_interval", options.disk.check_interval, absl::Milliseconds(1)},
      {"pictures.sweep_interval", options.pictures.sweep_interval, absl::Seconds(1)},
      {"pictures.sweep_grace", options.pictures.sweep_grace, absl::ZeroDuration()},
  };
  for (const DurationBounds& duration : kDurations) RETURN_IF_ERROR(Check(duration));
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

// View counts that are exact at once although a view is not waited for.
//
// A view is an event that rides in a later batch. Until it is applied, the
// count the read model holds is behind what readers were told. For every post
// with views under way this keeps the count from before the first of them and
// how many were given out since, so each reader is told a number of their own.
//
//   const uint64_t epoch = views.EpochOf(post);
//   applied = <count of the read model, read after EpochOf>
//   std::optional<uint64_t> count = views.Begin(post, applied, epoch);
//   // nullopt: `applied` may be too old; start again
//   engine.Submit(ViewPost, [&](result) { views.End(post, result.ok()); });
//
// Memory: one small entry per post with views under way; the queue of the
// engine bounds them.
//
// Threads: everything from any thread.
#ifndef DAILYFEED_ADAPTERS_EMBEDDED_PENDING_VIEWS_H_
#define DAILYFEED_ADAPTERS_EMBEDDED_PENDING_VIEWS_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>

#include "absl/container/flat_hash_map.h"
#include "core/domain/types.h"

namespace dailyfeed {

class PendingViews {
 public:
  // To be asked for before the read model is.
  uint64_t EpochOf(PostId post) const;

  // Counts one view more and answers with the count that includes it. nullopt:
  // views ended since EpochOf, so `applied` proves nothing.
  std::optional<uint64_t> Begin(PostId post, uint64_t applied, uint64_t epoch);

  // The count as readers know it, without a view more. nullopt as above.
  std::optional<uint64_t> Count(PostId post, uint64_t applied, uint64_t epoch) const;

  // A view that Begin counted is applied, or was refused and counts no more.
  void End(PostId post, bool applied);

  // At least what readers were told of views that are under way now.
  uint64_t AtLeast(PostId post, uint64_t applied) const;

 private:
  static constexpr size_t kShards = 64;

  struct Entry {
    uint64_t base = 0;     // applied before the first of these views
    uint64_t issued = 0;   // given out since
    uint64_t pending = 0;  // of them not ended
  };
  struct alignas(64) Shard {
    mutable std::mutex mutex;
    uint64_t epoch = 0;  // entries that went away
    absl::flat_hash_map<PostId, Entry> entries;
  };

  Shard& ShardOf(PostId post) { return shards_[post % kShards]; }
  const Shard& ShardOf(PostId post) const { return shards_[post % kShards]; }

  std::array<Shard, kShards> shards_;
};

}  // namespace dailyfeed

#endif  // DAILYFEED_ADAPTERS_EMBEDDED_PENDING_VIEWS_H_

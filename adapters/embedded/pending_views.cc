#include "adapters/embedded/pending_views.h"

#include <algorithm>

#include "core/base/check.h"

namespace dailyfeed {

uint64_t PendingViews::EpochOf(PostId post) const {
  const Shard& shard = ShardOf(post);
  std::lock_guard lock(shard.mutex);
  return shard.epoch;
}

std::optional<uint64_t> PendingViews::Begin(PostId post, uint64_t applied, uint64_t epoch) {
  Shard& shard = ShardOf(post);
  std::lock_guard lock(shard.mutex);
  auto it = shard.entries.find(post);
  if (it == shard.entries.end()) {
    // No view of this post is under way. If none of the shard ended since the
    // read model was asked, `applied` has them all.
    if (shard.epoch != epoch) return std::nullopt;
    it = shard.entries.emplace(post, Entry{.base = applied}).first;
  }
  Entry& entry = it->second;
  ++entry.issued;
  ++entry.pending;
  return entry.base + entry.issued;
}

std::optional<uint64_t> PendingViews::Count(PostId post, uint64_t applied, uint64_t epoch) const {
  const Shard& shard = ShardOf(post);
  std::lock_guard lock(shard.mutex);
  const auto it = shard.entries.find(post);
  if (it != shard.entries.end()) return it->second.base + it->second.issued;
  if (shard.epoch != epoch) return std::nullopt;
  return applied;
}

void PendingViews::End(PostId post, bool applied) {
  Shard& shard = ShardOf(post);
  std::lock_guard lock(shard.mutex);
  const auto it = shard.entries.find(post);
  DAILYFEED_CHECK(it != shard.entries.end() && it->second.pending > 0);
  Entry& entry = it->second;
  if (!applied) --entry.issued;
  if (--entry.pending > 0) return;
  shard.entries.erase(it);
  ++shard.epoch;
}

uint64_t PendingViews::AtLeast(PostId post, uint64_t applied) const {
  const Shard& shard = ShardOf(post);
  std::lock_guard lock(shard.mutex);
  const auto it = shard.entries.find(post);
  if (it == shard.entries.end()) return applied;
  return std::max(applied, it->second.base + it->second.issued);
}

}  // namespace dailyfeed

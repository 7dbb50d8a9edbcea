#include "adapters/identity/sessions/revocations.h"

#include <mutex>

#include "absl/hash/hash.h"
#include "absl/strings/string_view.h"

namespace dailyfeed {
namespace {

absl::string_view Absl(std::string_view text) { return {text.data(), text.size()}; }

size_t HashOf(std::string_view session_id) {
  return absl::Hash<absl::string_view>()(Absl(session_id));
}

}  // namespace

void Revocations::Add(std::string_view session_id) {
  const size_t hash = HashOf(session_id);
  Shard& shard = shards_[hash % kShards];
  std::unique_lock lock(shard.mutex);
  if (!shard.session_ids.emplace(session_id).second) return;
  groups_[hash % kGroups].fetch_add(1, std::memory_order_release);
  size_.fetch_add(1, std::memory_order_relaxed);
}

void Revocations::Remove(std::string_view session_id) {
  const size_t hash = HashOf(session_id);
  Shard& shard = shards_[hash % kShards];
  std::unique_lock lock(shard.mutex);
  if (shard.session_ids.erase(Absl(session_id)) == 0) return;
  groups_[hash % kGroups].fetch_sub(1, std::memory_order_relaxed);
  size_.fetch_sub(1, std::memory_order_relaxed);
}

bool Revocations::Contains(std::string_view session_id) const {
  const size_t hash = HashOf(session_id);
  if (groups_[hash % kGroups].load(std::memory_order_acquire) == 0) return false;
  const Shard& shard = shards_[hash % kShards];
  std::shared_lock lock(shard.mutex);
  return shard.session_ids.contains(Absl(session_id));
}

}  // namespace dailyfeed

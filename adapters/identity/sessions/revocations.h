// Which sessions were ended while access tokens of theirs could still be used.
//
// Every request asks, hardly any session is in here: one counter for each
// group of sessions tells most of those who ask that nobody of their group was
// ended, without a lock and without writing to memory that others read. Only
// behind a counter that is not zero a table is looked into.
//
//   Revocations revocations;
//   revocations.Add(session_id);
//   if (revocations.Contains(session_id)) ...
//
// Threads: everything from any thread. Whoever asks after Add returned finds
// the session.
#ifndef DAILYFEED_ADAPTERS_IDENTITY_SESSIONS_REVOCATIONS_H_
#define DAILYFEED_ADAPTERS_IDENTITY_SESSIONS_REVOCATIONS_H_

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <shared_mutex>
#include <string>
#include <string_view>

#include "absl/container/flat_hash_set.h"

namespace dailyfeed {

class Revocations {
 public:
  void Add(std::string_view session_id);
  // Nothing for one that is not there.
  void Remove(std::string_view session_id);
  bool Contains(std::string_view session_id) const;
  size_t size() const { return size_.load(std::memory_order_relaxed); }

 private:
  static constexpr size_t kGroups = 1 << 14;  // 64 KiB of counters
  static constexpr size_t kShards = 64;

  struct Shard {
    mutable std::shared_mutex mutex;
    absl::flat_hash_set<std::string> session_ids;
  };

  std::array<std::atomic<uint32_t>, kGroups> groups_{};
  std::array<Shard, kShards> shards_;
  std::atomic<size_t> size_ = 0;
};

}  // namespace dailyfeed

#endif  // DAILYFEED_ADAPTERS_IDENTITY_SESSIONS_REVOCATIONS_H_

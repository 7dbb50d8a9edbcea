// Recently used rows of decision state, so that the committer seldom asks the
// log. Not for edges (IsEdgeKey). Only the committer changes rows, so the cache is always right.
//
// Bounded by entries in two generations: when the young one is full it becomes
// the old one and the old one is dropped. A row in use moves back to the young
// one, so what is hot stays and what is not goes without any bookkeeping.
//
// Threads: one.
#ifndef DAILYFEED_CORE_ENGINE_ROW_CACHE_H_
#define DAILYFEED_CORE_ENGINE_ROW_CACHE_H_

#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "absl/container/flat_hash_map.h"

namespace dailyfeed {

class RowCache {
 public:
  // nullopt as a value: known to be absent.
  using Row = std::optional<std::string>;

  // Holds at most twice `generation_entries` rows.
  explicit RowCache(size_t generation_entries) : generation_entries_(generation_entries) {}

  // nullptr: not known. Valid until the next call.
  const Row* Find(std::string_view key) {
    const absl::string_view lookup(key.data(), key.size());
    if (auto found = young_.find(lookup); found != young_.end()) return &found->second;
    auto found = old_.find(lookup);
    if (found == old_.end()) return nullptr;
    Row row = std::move(found->second);
    old_.erase(found);
    return Insert(std::string(key), std::move(row));
  }

  const Row* Insert(std::string key, Row row) {
    if (young_.size() >= generation_entries_) {
      old_ = std::move(young_);
      young_.clear();
    }
    auto at = young_.insert_or_assign(std::move(key), std::move(row)).first;
    return &at->second;
  }

  size_t size() const { return young_.size() + old_.size(); }

 private:
  const size_t generation_entries_;
  absl::flat_hash_map<std::string, Row> young_;
  absl::flat_hash_map<std::string, Row> old_;
};

}  // namespace dailyfeed

#endif  // DAILYFEED_CORE_ENGINE_ROW_CACHE_H_

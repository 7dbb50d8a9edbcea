// The tags of all live posts in memory, brought up to date with the rows that
// count them.
//
//   TagDirectory tags("g", {.bytes_max = 32u << 20});
//   runtime->Observe(search_projection, &tags);
//   tags.Now()->MostUsed(typed, 5);
//
// The rows: prefix, then the tag (loose, without `#`) -> varint count.
//
// Bounded: tags of more than kTagBytesMax bytes are not held. When the others take
// more than TagDirectoryOptions::bytes_max, those that are used least are dropped
// until they take less than three quarters, and tags that are used as little are
// held no more until the next load.
//
// Threads: Now from any, the rest from the runtime's.
#ifndef DAILYFEED_PROJECTIONS_SEARCH_SUGGESTIONS_TAG_DIRECTORY_H_
#define DAILYFEED_PROJECTIONS_SEARCH_SUGGESTIONS_TAG_DIRECTORY_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "projections/runtime/observer.h"
#include "projections/search/suggestions/tag_counts.h"

namespace dailyfeed::search {

struct TagDirectoryOptions {
  size_t bytes_max = 32u << 20;
};

class TagDirectory final : public ProjectionObserver {
 public:
  static constexpr size_t kTagBytesMax = 200;

  TagDirectory(std::string row_prefix, const TagDirectoryOptions& options);

  // Never null. As of the last write; perhaps newer than a view that was pinned
  // before, which nothing of a suggestion tells.
  std::shared_ptr<const TagCounts> Now() const;

  absl::Status OnLoad(const ProjectionReader& rows) override;
  void OnRows(const WrittenRows& rows) override;
  void OnReset(uint64_t) override {}  // OnLoad came before

 private:
  // Row by row, in order. `value`: nullptr for one that was deleted.
  void Collect(std::string_view key, const std::string_view* value);
  void TakeCollected();

  const std::string row_prefix_;
  const size_t bytes_max_;
  std::vector<TagCount> collected_;
  uint64_t least_count_ = 1;  // tags that are used less are not held

  mutable std::mutex mutex_;
  std::shared_ptr<const TagCounts> now_ = std::make_shared<const TagCounts>();
};

}  // namespace dailyfeed::search

#endif  // DAILYFEED_PROJECTIONS_SEARCH_SUGGESTIONS_TAG_DIRECTORY_H_

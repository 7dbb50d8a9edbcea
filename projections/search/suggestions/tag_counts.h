// Tags and how many live posts have each, in the order of their bytes, as of one
// moment.
//
//   TagCounts tags;
//   tags = tags.With({{{.tag = "점심", .count = 3}}});
//   tags.MostUsed(typed, 5);   // {{"점심", 3}} when 점 was typed
//
// Immutable: a change makes another version, which shares the chunks that stayed;
// it copies those that changed and a pointer for each of the others. Threads: from
// any.
#ifndef DAILYFEED_PROJECTIONS_SEARCH_SUGGESTIONS_TAG_COUNTS_H_
#define DAILYFEED_PROJECTIONS_SEARCH_SUGGESTIONS_TAG_COUNTS_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/functional/function_ref.h"
#include "projections/search/suggestions/typed_prefix.h"

namespace dailyfeed::search {

struct TagCount {
  std::string tag;     // without `#`, loose
  uint64_t count = 0;  // in a change, 0: it is gone
  bool operator==(const TagCount&) const = default;
};

class TagCounts {
 public:
  // `changes` in the order of the tags, each once; counts from now on.
  TagCounts With(std::span<const TagCount> changes) const;

  // The tags in [lower, upper), in order; an empty `upper`: to the end. The views
  // are valid as long as this.
  void Visit(std::string_view lower, std::string_view upper,
             absl::FunctionRef<void(std::string_view tag, uint64_t count)> visit) const;

  // Up to `max` of the tags that may come of what was typed, the most used first,
  // then in the order of their bytes.
  std::vector<TagCount> MostUsed(const TypedPrefix& typed, size_t max) const;

  uint64_t tags() const { return tags_; }
  size_t Bytes() const;

 private:
  static constexpr size_t kChunkTags = 256;  // twice as many are divided

  struct Chunk {
    std::vector<TagCount> tags;
    size_t bytes = 0;
  };
  using ChunkPtr = std::shared_ptr<const Chunk>;

  static void AddChunks(std::vector<TagCount> tags, TagCounts* to);

  std::vector<ChunkPtr> chunks_;  // none is empty
  uint64_t tags_ = 0;
  size_t bytes_ = 0;  // of the chunks
};

}  // namespace dailyfeed::search

#endif  // DAILYFEED_PROJECTIONS_SEARCH_SUGGESTIONS_TAG_COUNTS_H_

// The hits of a scan, level by level: how well a text answers is only looked at when
// a page comes to that level. Most hits of a common word lie behind the first page.
//
//   LooseHits hits(query, index.loose);
//   page.total += hits.count();
//   for (size_t level = 0; level < kLevels; ++level) hits.Take(level, visit);
//
// Threads: one.
#ifndef DAILYFEED_PROJECTIONS_SEARCH_INDEX_LOOSE_HITS_H_
#define DAILYFEED_PROJECTIONS_SEARCH_INDEX_LOOSE_HITS_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "absl/functional/function_ref.h"
#include "projections/search/index/loose_set.h"
#include "projections/search/index/text_query.h"

namespace dailyfeed::search {

class LooseHits {
 public:
  // Both must outlive it.
  LooseHits(const TextQuery& query, const LooseView& view);

  size_t count() const { return count_; }
  // Those of a level, which is not below the one that was taken before.
  void Take(size_t level, absl::FunctionRef<void(const LooseDocument&)> visit);

 private:
  static constexpr uint8_t kUnknown = UINT8_MAX;
  struct Hit {
    const LooseDocument* document = nullptr;
    uint8_t place = kUnknown;
  };
  bool IsAt(Hit* hit, size_t place, WordFit fit) const;

  const TextQuery& query_;
  std::array<std::vector<Hit>, kLengthClasses> left_;  // by length class
  size_t count_ = 0;
};

}  // namespace dailyfeed::search

#endif  // DAILYFEED_PROJECTIONS_SEARCH_INDEX_LOOSE_HITS_H_

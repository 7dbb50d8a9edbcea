// The index in memory: which segments there are, which of their documents are void,
// and the loose documents. Follows the live rows of the search projection; each
// read view holds the moment that belongs to its rows.
//
//   runtime.Observe(search_id, &memory);
//   const std::shared_ptr<const ReadView> view = runtime.Pin();
//   const SearchMoment* moment = SearchMemory::Of(*view, search_id);   // valid as long as the view
//   Search(query, moment->index(IndexTag::kPosts), view->rows(search_id), window);
//
// Threads: see ProjectionObserver; stats() from any.
#ifndef DAILYFEED_PROJECTIONS_SEARCH_SEARCH_MEMORY_H_
#define DAILYFEED_PROJECTIONS_SEARCH_SEARCH_MEMORY_H_

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>

#include "absl/status/status.h"
#include "projections/runtime/observer.h"
#include "projections/runtime/read_view.h"
#include "projections/search/index/loose_set.h"
#include "projections/search/index/search.h"
#include "projections/search/index/segment_set.h"
#include "projections/search/search_rows.h"

namespace dailyfeed::search {

struct SearchMoment {
  std::array<IndexView, 2> indexes;
  // DATA_LOSS: rows of the index are damaged. No query is answered then.
  absl::Status health;

  const IndexView& index(IndexTag tag) const { return indexes[tag == IndexTag::kPosts ? 0 : 1]; }
};

class SearchMemory final : public ProjectionObserver {
 public:
  struct Stats {
    uint64_t loose_documents = 0;
    uint64_t segments = 0;
    uint64_t void_documents = 0;
    uint64_t memory_bytes = 0;
  };

  // The moment that a view holds; nullptr: the view has ended or is of before Start.
  static const SearchMoment* Of(const ReadView& view, ProjectionId search);

  absl::Status OnLoad(const ProjectionReader& rows) override;
  void OnRows(const WrittenRows& rows) override;
  void OnReset(uint64_t /*epoch*/) override {}
  std::shared_ptr<const void> Memory() const override;

  Stats stats() const;

 private:
  struct Index {
    explicit Index(IndexTag index_tag) : tag(index_tag), segments(index_tag) {}
    IndexTag tag;
    SegmentSet segments;
    LooseSet loose;
    // Each is nullptr, or old, when something changed.
    std::shared_ptr<const SegmentView> view;
    bool loose_changed = true;
  };

  absl::Status Load(const ProjectionReader& rows, Index* index);
  absl::Status Follow(const WrittenRows& rows, Index* index);
  void Publish();

  std::array<Index, 2> indexes_ = {Index(IndexTag::kPosts), Index(IndexTag::kComments)};
  absl::Status health_;
  std::shared_ptr<const SearchMoment> moment_;  // nullptr: before OnLoad
  std::atomic<uint64_t> loose_documents_{0};
  std::atomic<uint64_t> segments_{0};
  std::atomic<uint64_t> void_documents_{0};
  std::atomic<uint64_t> memory_bytes_{0};
};

}  // namespace dailyfeed::search

#endif  // DAILYFEED_PROJECTIONS_SEARCH_SEARCH_MEMORY_H_

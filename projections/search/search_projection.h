// Full-text search over live posts and comments: the read model.
//
// The fold writes a text as it is, folded; upkeep (search_upkeep.h) seals texts
// into segments of an index, beside the batches. In between a text is loose: it
// stands in memory and every query scans it. So a post is found by the first
// search after it was acknowledged.
//
//   SearchProjection search(options);
//   const ProjectionId id = runtime.Register(&search);
//   SearchMemory memory;
//   runtime.Observe(id, &memory);
#ifndef DAILYFEED_PROJECTIONS_SEARCH_SEARCH_PROJECTION_H_
#define DAILYFEED_PROJECTIONS_SEARCH_SEARCH_PROJECTION_H_

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "projections/runtime/projection.h"
#include "projections/search/index/document.h"
#include "projections/search/search_options.h"
#include "projections/search/search_rows.h"
#include "projections/search/search_units.h"
#include "projections/search/search_upkeep.h"

namespace dailyfeed::search {

class SearchProjection final : public Projection {
 public:
  static constexpr std::string_view kName = "search";

  explicit SearchProjection(const SearchOptions& options = {})
      : options_(options), upkeep_(options) {}

  std::string_view name() const override { return kName; }
  uint32_t version() const override { return 1; }
  // The version of Unicode: with another one texts are folded in another way.
  std::string settings() const override;
  std::unique_ptr<Projection> As(uint32_t version, std::string_view settings) const override;
  std::span<const v1::Payload::KindCase> kinds() const override { return kKinds; }
  // DATA_LOSS for an event that contradicts the rows (an edit of a post that is not
  // there).
  absl::Status Apply(const v1::Event& event, ProjectionRows& rows) override;
  // Everything that concerns one post keeps its order.
  std::string ParkingKey(const v1::Event& event) const override;
  Upkeep* upkeep() override { return &upkeep_; }
  const UnitLaw* units() const override { return &units_; }

 private:
  static constexpr v1::Payload::KindCase kKinds[] = {
      v1::Payload::kPostPublished, v1::Payload::kPostEdited,    v1::Payload::kPostDeleted,
      v1::Payload::kCommentAdded,  v1::Payload::kCommentEdited, v1::Payload::kCommentDeleted};

  absl::Status ApplyCommentAdded(const v1::Event& event, ProjectionRows& rows);
  absl::Status ApplyPostDeleted(const v1::Event& event, ProjectionRows& rows);
  absl::Status ApplyCommentDeleted(const v1::Event& event, ProjectionRows& rows);
  absl::Status Add(const v1::Event& event, IndexTag index, uint64_t id, MemberId author,
                   std::string_view content, ProjectionRows& rows);
  absl::Status Edit(const v1::Event& event, IndexTag index, uint64_t id, std::string_view content,
                    ProjectionRows& rows);
  absl::Status Delete(const v1::Event& event, IndexTag index, uint64_t id, ProjectionRows& rows);
  absl::Status DeleteComments(const v1::Event& event, const KeyRange& range, ProjectionRows& rows);

  const SearchOptions options_;
  SearchUpkeep upkeep_;
  const SearchUnits units_;
};

}  // namespace dailyfeed::search

#endif  // DAILYFEED_PROJECTIONS_SEARCH_SEARCH_PROJECTION_H_

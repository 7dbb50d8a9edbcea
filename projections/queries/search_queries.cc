// The questions of full-text search.
#include <span>
#include <utility>
#include <vector>

#include "core/base/status_macros.h"
#include "projections/queries/queries.h"
#include "projections/queries/queries_parts.h"

namespace dailyfeed {
namespace {

// Index and read models are of one moment, so each hit has a row; but where one of
// them has parked an event that the others have.
template <typename Row>
void DropParked(Found<Row>& found) {
  std::erase_if(found.rows, [](const Row& row) { return row.body == nullptr; });
}

}  // namespace

absl::StatusOr<FoundPosts> Queries::SearchPosts(MemberId viewer,
                                                const SearchRequest& request) const {
  const auto at = parts_->runtime->Pin();
  ASSIGN_OR_RETURN(TextSearcher::Hits hits,
                   parts_->texts.Find(*at, search::IndexTag::kPosts, request));
  FoundPosts found;
  found.total = hits.total;
  found.needles = std::move(hits.needles);
  found.rows.resize(hits.keys.size());
  RETURN_IF_ERROR(parts_->post_cards.Load(*at, hits.keys, found.rows));
  DropParked(found);
  RETURN_IF_ERROR(parts_->Decorate(*at, viewer, found.rows));
  return found;
}

absl::StatusOr<FoundComments> Queries::SearchComments(MemberId viewer,
                                                      const SearchRequest& request) const {
  const auto at = parts_->runtime->Pin();
  ASSIGN_OR_RETURN(TextSearcher::Hits hits,
                   parts_->texts.Find(*at, search::IndexTag::kComments, request));
  FoundComments found;
  found.total = hits.total;
  found.needles = std::move(hits.needles);
  found.rows.resize(hits.keys.size());
  RETURN_IF_ERROR(CommentReader(at->rows(parts_->comments)).Load(viewer, hits.keys, found.rows));
  DropParked(found);
  RETURN_IF_ERROR(CheckTotalReplies(found.rows));
  RETURN_IF_ERROR(LoadAuthors(*at, parts_->member_cards, std::span<CommentView>(found.rows)));
  return found;
}

SearchStats Queries::Search() const { return parts_->texts.stats(); }

}  // namespace dailyfeed

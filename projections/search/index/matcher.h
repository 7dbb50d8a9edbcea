// Which documents of a segment contain a needle: exactly, and mostly without
// reading a text.
//
//   Matcher matcher(&reader, Form::kSearched);
//   ASSIGN_OR_RETURN(OrdinalSet hits, matcher.Match(U"치찌"));
//   ASSIGN_OR_RETURN(OrdinalSet words, matcher.MatchWithin(U" 치찌", hits));
//
// Documents and needles are in the searched form (document.h). A needle of one or
// two code points has a posting list of its own. For a longer one, the lists of its
// grams are intersected; then the positions in the documents that are left decide.
//
// Threads: one.
#ifndef DAILYFEED_PROJECTIONS_SEARCH_INDEX_MATCHER_H_
#define DAILYFEED_PROJECTIONS_SEARCH_INDEX_MATCHER_H_

#include <optional>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "projections/search/index/ordinal_set.h"
#include "projections/search/index/segment.h"

namespace dailyfeed::search {

class Matcher {
 public:
  // `reader` must outlive the matcher. Of documents without grams of that form none
  // is found.
  Matcher(SegmentReader* reader, Form form) : reader_(reader), form_(form) {}

  // The needle is not empty.
  absl::StatusOr<OrdinalSet> Match(std::u32string_view needle);
  // Those of the candidates that have it.
  absl::StatusOr<OrdinalSet> MatchWithin(std::u32string_view needle, const OrdinalSet& candidates);
  // The documents with a gram, of whatever form.
  absl::StatusOr<SegmentReader::Documents> With(Gram gram);
  // No more documents than these have the needle; cheap.
  absl::StatusOr<uint32_t> MostWith(std::u32string_view needle);

  // Posting lists intersected and documents whose positions were compared, since
  // the matcher was made: what a query costs.
  uint64_t work() const { return work_; }

 private:
  absl::StatusOr<OrdinalSet> Intersect(std::u32string_view needle, const OrdinalSet* candidates);
  // Keeps the documents with a gram. False: none is left.
  absl::StatusOr<bool> Keep(Gram gram, std::optional<OrdinalSet>* hits);
  absl::StatusOr<bool> KeepBorders(std::u32string_view phrase, std::optional<OrdinalSet>* hits);
  absl::StatusOr<bool> KeepFiltered(std::u32string_view needle, std::optional<OrdinalSet>* hits);
  absl::Status KeepAdjacent(const std::vector<PlacedGram>& cover, OrdinalSet* candidates);

  SegmentReader* const reader_;
  const Form form_;
  uint64_t work_ = 0;
};

}  // namespace dailyfeed::search

#endif  // DAILYFEED_PROJECTIONS_SEARCH_INDEX_MATCHER_H_

// The units of the search projection (projections/runtime/units.h): a post with its
// comments, "post/41". How many posts have a tag is a sum.
//
// The content is what is found, not where it stands: each live document with its
// text, whether it is loose or in a segment, the tree of comments, and the tags. A
// difference of texts is written as an edit is: the text is loose and what segments
// have of the document is void.
//
//   const SearchUnits units;
//   EXPECT_EQ(units.UnitOf(comment_edited), "post/41");
//
// Threads: any; has no state.
#ifndef DAILYFEED_PROJECTIONS_SEARCH_SEARCH_UNITS_H_
#define DAILYFEED_PROJECTIONS_SEARCH_SEARCH_UNITS_H_

#include <optional>
#include <string>
#include <string_view>

#include "projections/runtime/units.h"

namespace dailyfeed::search {

class SearchUnits final : public UnitLaw {
 public:
  std::string UnitOf(const v1::Event& event) const override;
  size_t SumParts(std::string_view key) const override;
  std::optional<std::string> ContentOf(std::string_view key, std::string_view value) const override;
  // Empty for the document of a comment, whose post its rows do not name.
  absl::StatusOr<std::string> OwnerOf(std::string_view key, std::string_view value,
                                      ReadRow read) const override;
  // The text of a document that is sealed is not known.
  absl::StatusOr<LiveRow> ReadLive(std::string_view unit, std::string_view key,
                                   ReadRow read) const override;
  absl::Status Write(const RowDifference& difference, const v1::Event& cause,
                     ProjectionRows& rows) const override;
  // Texts that are sealed as if they were loose.
  absl::Status VisitContent(
      const ProjectionReader& rows, const KeyRange& range,
      absl::FunctionRef<bool(std::string_view key, std::string_view content)> visit) const override;
};

}  // namespace dailyfeed::search

#endif  // DAILYFEED_PROJECTIONS_SEARCH_SEARCH_UNITS_H_

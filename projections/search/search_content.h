// The texts of an index in the order of their ids, wherever they stand: loose, or in
// a segment. For checks of what search knows, not for queries.
//
//   RETURN_IF_ERROR(VisitTexts(rows, IndexTag::kPosts, {}, [&](std::string_view key,
//                                                              std::string_view content) {
//     sum.Add(key, content);   // as SearchUnits::ContentOf of the loose row
//     return true;
//   }));
//
// Memory: the manifests, and one row of texts for each segment. Threads: any, one
// call each.
#ifndef DAILYFEED_PROJECTIONS_SEARCH_SEARCH_CONTENT_H_
#define DAILYFEED_PROJECTIONS_SEARCH_SEARCH_CONTENT_H_

#include <string_view>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "core/ports/store.h"
#include "projections/runtime/projection.h"
#include "projections/search/search_rows.h"

namespace dailyfeed::search {

// Those whose key of a loose row is in `range`, until `visit` returns false. DATA_LOSS:
// a segment is damaged.
absl::Status VisitTexts(const ProjectionReader& rows, IndexTag index, const KeyRange& range,
                        absl::FunctionRef<bool(std::string_view key, std::string_view)> visit);

}  // namespace dailyfeed::search

#endif  // DAILYFEED_PROJECTIONS_SEARCH_SEARCH_CONTENT_H_

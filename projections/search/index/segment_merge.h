// Makes one segment of several, as if it had been built from their documents that
// still count, and without looking at their texts but for the frequent triples:
// posting lists are put behind or between each other. So a merge costs about what
// copying costs, and has some lists in memory and no text.
//
//   std::vector<MergeSource> sources = {{.segment = &old, .targets = {0, kLeftOut, 1}}, ...};
//   ASSIGN_OR_RETURN(std::optional<SegmentInfo> merged,
//                    MergeSegments(IndexTag::kPosts, {.number = 9, .first = 1, .last = 600,
//                                  .position = moment}, sources, rows, cancelled, put));
//
// The rows are byte for byte those that a SegmentBuilder writes.
//
// Threads: one.
#ifndef DAILYFEED_PROJECTIONS_SEARCH_INDEX_SEGMENT_MERGE_H_
#define DAILYFEED_PROJECTIONS_SEARCH_INDEX_SEGMENT_MERGE_H_

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "projections/runtime/projection.h"
#include "projections/search/index/segment.h"
#include "projections/search/index/segment_rows.h"

namespace dailyfeed::search {

inline constexpr uint32_t kLeftOut = UINT32_MAX;

struct MergeSource {
  const Segment* segment = nullptr;
  // By ordinal: the document's ordinal in the merged segment, or kLeftOut. They
  // rise; no two sources have the same one.
  std::vector<uint32_t> targets;
};

// `target` says number, kind, ids and position; of a list also how many documents.
// nullopt: no document is left, and nothing was written. DATA_LOSS names a damaged
// source; CANCELLED: `cancelled` said so.
absl::StatusOr<std::optional<SegmentInfo>> MergeSegments(
    IndexTag tag, const SegmentInfo& target, std::span<const MergeSource> sources,
    const ProjectionReader& rows, absl::FunctionRef<bool()> cancelled,
    absl::FunctionRef<absl::Status(std::string_view key, std::string_view value)> put);

}  // namespace dailyfeed::search

#endif  // DAILYFEED_PROJECTIONS_SEARCH_INDEX_SEGMENT_MERGE_H_

// Seals loose texts into segments, and merges segments.
//
// One piece of work does one of these, the first that is due, for posts and then
// for comments:
//
//   clear   deletes the rows of segments that are gone, or that were half written
//           when the program ended
//   seal    loose documents become a range segment, or a list segment when their ids
//           are behind a range already: those that were edited later
//   merge   neighbouring ranges become one, with the newest version of each document
//           and without void ones; list segments become one
//
// A piece sees the rows of one moment, at position P. What it makes is true up to
// P: whatever changed later is loose, or void by an 'x' row of a later position, and
// stays on top.
//
// The policy keeps segments few and copies a posting list some four times: ranges are
// merged when four of about the same size follow each other, or when a group that fills
// a segment is complete. docs/decisions/0032 has the reasons.
//
// Threads: everything from any; has no state.
#ifndef DAILYFEED_PROJECTIONS_SEARCH_SEARCH_UPKEEP_H_
#define DAILYFEED_PROJECTIONS_SEARCH_SEARCH_UPKEEP_H_

#include <optional>
#include <span>
#include <vector>

#include "projections/runtime/upkeep.h"
#include "projections/search/index/segment_rows.h"
#include "projections/search/search_options.h"

namespace dailyfeed::search {

class SearchUpkeep final : public Upkeep {
 public:
  explicit SearchUpkeep(const SearchOptions& options) : options_(options) {}

  absl::StatusOr<Need> Needs(ProjectionRows& rows) override;
  absl::StatusOr<Commit> Work(UpkeepRows& work) override;

 private:
  const SearchOptions options_;
};

// Which segments of one index to merge; empty: none. `segments` in any order. The
// numbers are of ranges that follow each other, or of lists.
std::vector<uint64_t> SegmentsToMerge(std::span<const SegmentInfo> segments,
                                      const SearchOptions& options);

}  // namespace dailyfeed::search

#endif  // DAILYFEED_PROJECTIONS_SEARCH_SEARCH_UPKEEP_H_

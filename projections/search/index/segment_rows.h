// The rows of a segment: the posting lists and texts of up to 262,144 documents.
// docs/reference/search-format.md has the bytes.
//
// A segment is never changed. A range segment stands for every document from
// `first` to `last`; a list segment for those it names (documents that were edited
// after their range was made). A document's ordinal is its distance from `first`,
// or its place in the list.
//
//   SegmentInfo                 the manifest row; while it is there, the segment is
//   kPage, kPageIndex           grams in ascending order, with short posting lists
//   kOrdinals, kPositions       long posting lists
//   kTexts                      the documents, 64 a row
//   kCreated, kCreatedIndex     creation times, 1,024 ordinals a row; the first of each
//   the ids of a list segment   beside the manifest row
#ifndef DAILYFEED_PROJECTIONS_SEARCH_INDEX_SEGMENT_ROWS_H_
#define DAILYFEED_PROJECTIONS_SEARCH_INDEX_SEGMENT_ROWS_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "core/domain/types.h"
#include "core/ports/store.h"

namespace dailyfeed::search {

inline constexpr size_t kSegmentOrdinalsMax = 262'144;
inline constexpr size_t kTextsPerRow = 64;
inline constexpr size_t kCreatedPerRow = 1024;
inline constexpr size_t kPageBytes = 4096;        // a page ends with the gram that fills it
inline constexpr size_t kInlineBytesMax = 512;    // longer lists have rows of their own
inline constexpr size_t kPositionsPerRun = 16;    // documents of a list a run
inline constexpr size_t kPositionsPerRow = 2048;  // and a row

struct SegmentInfo {
  uint64_t number = 0;
  bool listed = false;
  uint64_t first = 0;  // ids, both included
  uint64_t last = 0;
  // Every change of a text up to here is in it: a document that changed later is
  // void here.
  Position position = 0;
  uint64_t documents = 0;
  uint64_t pages = 0;
  uint64_t text_bytes = 0;
  uint64_t bytes = 0;  // of all its rows
  TimestampNs created_min = 0;
  TimestampNs created_max = 0;
  // Creation times never fall as ids rise.
  bool ordered = true;

  // How many ordinals it has; those of missing documents included.
  size_t ordinals() const { return listed ? documents : last - first + 1; }
  bool operator==(const SegmentInfo&) const = default;
};

std::string EncodeSegmentInfo(const SegmentInfo& info);
// DATA_LOSS names the segment.
absl::StatusOr<SegmentInfo> DecodeSegmentInfo(uint64_t number, std::string_view row);

// The ids of a list segment, ascending: a row beside its manifest.
std::string EncodeIds(const SegmentInfo& info, const std::vector<uint64_t>& ids);
// DATA_LOSS names the segment.
absl::StatusOr<std::vector<uint64_t>> DecodeIds(const SegmentInfo& info, std::string_view row);

enum class SegmentRow : char {
  kPageIndex = 'i',
  kPage = 'g',
  kOrdinals = 'o',
  kPositions = 'p',
  kTexts = 't',
  kCreated = 'c',
  kCreatedIndex = 'f',
};

// Which index of a projection: posts and comments have one each. Its segments
// stand under this byte.
enum class IndexTag : char { kPosts = 'p', kComments = 'c' };

// A row of a segment. `number` tells rows of one kind apart; positions of a list
// have their part, others 0.
std::string SegmentKey(IndexTag tag, uint64_t segment, SegmentRow row, uint32_t number,
                       uint32_t part = 0);
// Every row of segments from `first` to the one before `behind`.
KeyRange SegmentsRange(IndexTag tag, uint64_t first, uint64_t behind);

}  // namespace dailyfeed::search

#endif  // DAILYFEED_PROJECTIONS_SEARCH_INDEX_SEGMENT_ROWS_H_

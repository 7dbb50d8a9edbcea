// The rows of the search projection. Posts and comments have an index each, named
// by the byte `index`: 'p' or 'c' (index/segment_rows.h).
//
//   written by the fold, a function of the log:
//   'd' index id              -> document: varint author, zigzag created; tags of a
//                                post, each once
//   'w' index id              -> text that is not in a segment yet: varint position of
//                                the change, varint author, zigzag created, text
//   'x' index id              -> varint position: what segments of an earlier position
//                                have of the document is void
//   'r' post ancestor... id   -> (empty): comments of a post, each behind its ancestors
//   'g' tag                   -> varint: live posts with the tag; never 0
//   't' index                 -> tally: varint documents, varint bytes of 'w' rows
//
//   written by upkeep, depending on when it ran:
//   'm' index segment         -> manifest of a segment
//   'l' index segment         -> ids of a list segment
//   'n' index                 -> varint: the next segment's number
//   'z' index segment         -> (empty): rows of a segment that is gone, to be deleted
//   'u' index                 -> (empty): there is more upkeep to do
//   0xf0 ...                  -> rows of segments
//
// A position here is the moment of a change (ProjectionRows::MomentOf), which is the
// position of its event unless the event was parked.
//
// 'w' rows go when their text is sealed in a segment, 'x' rows when no segment of an
// earlier position is left. So 'w', 'x' and 't' say the same whenever upkeep ran and
// are not equal byte by byte; 'd', 'r' and 'g' are.
#ifndef DAILYFEED_PROJECTIONS_SEARCH_SEARCH_ROWS_H_
#define DAILYFEED_PROJECTIONS_SEARCH_SEARCH_ROWS_H_

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "core/domain/types.h"
#include "core/ports/store.h"
#include "projections/runtime/projection.h"
#include "projections/search/index/document.h"
#include "projections/search/index/segment_rows.h"

namespace dailyfeed::search {

inline constexpr IndexTag kIndexTags[] = {IndexTag::kPosts, IndexTag::kComments};

// What stands in front of a number in the key of a row.
enum class RowTag : char {
  kDocument = 'd',
  kLoose = 'w',
  kVoid = 'x',
  kManifest = 'm',
  kIds = 'l',
  kGarbage = 'z',
};
std::string NumberedKey(RowTag row, IndexTag index, uint64_t number);
// Every row of the kind from `first` to `last`, both included.
KeyRange NumberedRange(RowTag row, IndexTag index, uint64_t first = 0, uint64_t last = UINT64_MAX);
// The number in such a key.
absl::StatusOr<uint64_t> NumberOf(std::string_view key);

std::string TallyKey(IndexTag index);
std::string NextSegmentKey(IndexTag index);
std::string MoreKey(IndexTag index);

std::string TagKey(std::string_view tag);
KeyRange TagRange();
std::string_view TagOfKey(std::string_view key);

std::string CommentKey(PostId post, std::span<const CommentId> ancestors, CommentId comment);
// The rows of every comment of the post, or of a comment and those below it.
KeyRange CommentsOf(PostId post);
KeyRange CommentsUnder(PostId post, std::span<const CommentId> ancestors, CommentId comment);
absl::StatusOr<CommentId> CommentOfKey(std::string_view key);

struct DocumentRow {
  MemberId author = 0;
  TimestampNs created_at = 0;
  std::vector<std::string> tags;
};
std::string EncodeDocument(const DocumentRow& row);
absl::StatusOr<DocumentRow> DecodeDocument(std::string_view row);

// `position` is that of the change; the document's id stands in the key.
struct LooseRow {
  Position position = 0;
  Document document;
};
std::string EncodeLoose(const LooseRow& row);
absl::StatusOr<LooseRow> DecodeLoose(uint64_t id, std::string_view row);

// One number: positions, counts, segment numbers.
std::string EncodeNumber(uint64_t number);
absl::StatusOr<uint64_t> DecodeNumber(std::string_view row, std::string_view what);

// What waits to be sealed.
struct Tally {
  uint64_t documents = 0;
  uint64_t bytes = 0;
};
std::string EncodeTally(const Tally& tally);
absl::StatusOr<Tally> DecodeTally(std::string_view row);

// The text of a document that is there or comes: it waits to be sealed. `moment` is
// that of the change.
absl::Status PutLoose(Position moment, IndexTag index, Document document, ProjectionRows& rows);

}  // namespace dailyfeed::search

#endif  // DAILYFEED_PROJECTIONS_SEARCH_SEARCH_ROWS_H_

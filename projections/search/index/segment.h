// One segment, to read.
//
//   auto segment = std::make_shared<const Segment>(IndexTag::kPosts, info, ids);
//   SegmentReader reader(*segment, rows);                   // for one query
//   ASSIGN_OR_RETURN(const PostingList* list, reader.Find(One(U'a')));
//   if (list != nullptr) { ASSIGN_OR_RETURN(Bitmap documents, reader.Ordinals(*list)); }
//
// Every read checks what it reads: damage is DATA_LOSS and names the segment.
// Threads: a Segment from any thread; a SegmentReader from one.
#ifndef DAILYFEED_PROJECTIONS_SEARCH_INDEX_SEGMENT_H_
#define DAILYFEED_PROJECTIONS_SEARCH_INDEX_SEGMENT_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "projections/runtime/projection.h"
#include "projections/search/index/bitmap.h"
#include "projections/search/index/document.h"
#include "projections/search/index/gram.h"
#include "projections/search/index/segment_cache.h"
#include "projections/search/index/segment_rows.h"

namespace dailyfeed::search {

class Segment {
 public:
  // `ids` of a list segment, ascending; else empty.
  Segment(IndexTag tag, const SegmentInfo& info, std::vector<uint64_t> ids);
  ~Segment();

  const SegmentInfo& info() const { return info_; }
  // Names its rows in a SegmentCache; no two segments of the process have the same.
  uint32_t serial() const { return serial_; }
  IndexTag tag() const { return tag_; }
  uint64_t IdOf(uint32_t ordinal) const {
    return info_.listed ? ids_[ordinal] : info_.first + ordinal;
  }
  // nullopt: the segment does not stand for the id.
  std::optional<uint32_t> OrdinalOf(uint64_t id) const;
  const std::vector<uint64_t>& ids() const { return ids_; }
  size_t memory_bytes() const;

  // The first gram of each page. Read with the first use, kept from then on.
  absl::StatusOr<const std::vector<Gram>*> PageIndex(const ProjectionReader& rows) const;

 private:
  const IndexTag tag_;
  const SegmentInfo info_;
  const std::vector<uint64_t> ids_;
  const uint32_t serial_;
  mutable std::mutex mutex_;
  mutable std::vector<Gram> page_index_;                         // under mutex_ until read
  mutable std::atomic<const std::vector<Gram>*> read_{nullptr};  // &page_index_ then
};

// Where a posting list stands. Its views are valid as long as the reader.
struct PostingList {
  Gram gram = 0;
  uint32_t documents = 0;
  std::optional<uint32_t> ordinals_row;   // else inline
  std::optional<uint32_t> positions_row;  // else inline
  std::string_view ordinals;
  std::string_view positions;
};

class SegmentReader {
 public:
  // All must outlive the reader. `cache` may be nullptr.
  SegmentReader(const Segment& segment, const ProjectionReader& rows,
                SegmentCache* cache = nullptr);

  const Segment& segment() const { return segment_; }

  // nullptr: no document has the gram. Valid as long as the reader.
  absl::StatusOr<const PostingList*> Find(Gram gram);
  // Those of a few long lists are kept, for the next time.
  absl::StatusOr<Bitmap> Ordinals(const PostingList& list);

  // The document of an ordinal; NOT_FOUND when it has none.
  absl::StatusOr<Document> DocumentAt(uint32_t ordinal);
  // Every document, in ascending order, until `visit` returns false.
  absl::Status VisitDocuments(absl::FunctionRef<bool(uint32_t ordinal, Document)> visit);
  // The creation times of these documents, in ascending order of their ordinals.
  absl::Status VisitCreated(const Bitmap& wanted,
                            absl::FunctionRef<void(uint32_t ordinal, TimestampNs)> visit);
  // Every posting list, in ascending order of the grams: for checks.
  absl::Status VisitLists(absl::FunctionRef<absl::Status(const PostingList&)> visit);

  using Row = std::shared_ptr<const SegmentRowData>;
  absl::StatusOr<Row> ReadRow(SegmentRow row, uint32_t number, uint32_t part = 0);
  absl::Status Damaged(std::string_view what) const;

 private:
  // From the store, past the cache.
  absl::StatusOr<std::string> FetchRow(SegmentRow row, uint32_t number, uint32_t part) const;
  absl::StatusOr<SegmentRowData> IndexPage(std::string bytes) const;
  absl::StatusOr<Bitmap> ReadOrdinals(const PostingList& list);
  absl::StatusOr<PostingList> Parse(Gram gram, uint64_t head, class ByteReader* page) const;
  absl::Status ParseTexts(uint32_t number, std::string_view row,
                          absl::FunctionRef<bool(uint32_t ordinal, Document)> visit) const;

  const Segment& segment_;
  const ProjectionReader& rows_;
  SegmentCache* const cache_;
  absl::flat_hash_map<uint32_t, Row> pages_;
  absl::flat_hash_map<Gram, std::unique_ptr<const PostingList>> lists_;
  absl::flat_hash_map<Gram, Bitmap> ordinals_;
  std::optional<std::pair<uint32_t, std::string>> texts_;  // the row read last
};

// The positions of one posting list, document by document.
class PositionReader {
 public:
  // `documents` are the ordinals of the list. All must outlive this.
  PositionReader(SegmentReader* reader, const PostingList& list, const Bitmap& documents);

  // Where the gram stands in a document of the list, ascending. Ordinals must rise
  // from call to call. Valid until the next call.
  absl::StatusOr<std::span<const uint32_t>> At(uint32_t ordinal);

 private:
  uint32_t RankOf(uint32_t ordinal) const;
  absl::Status GoTo(uint32_t rank);

  SegmentReader* const reader_;
  const PostingList& list_;
  const Bitmap& documents_;
  std::vector<uint32_t> ranks_;  // of the first bit of every eighth word
  SegmentReader::Row row_;       // of positions, when they are not inline
  std::optional<uint32_t> part_;
  std::string_view rest_;  // from the document `next_rank_` on
  uint32_t next_rank_ = 0;
  std::vector<uint32_t> positions_;
};

}  // namespace dailyfeed::search

#endif  // DAILYFEED_PROJECTIONS_SEARCH_INDEX_SEGMENT_H_

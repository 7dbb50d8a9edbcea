// One segment, to read.
//
//   auto segment = std::make_shared<const Segment>(IndexTag::kPosts, info, ids);
//   SegmentReader reader(*segment, rows);                   // for one query
//   ASSIGN_OR_RETURN(const PostingList* list, reader.Find(One(U'a')));
//   if (list != nullptr) { ASSIGN_OR_RETURN(auto documents, reader.Ordinals(*list)); }
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
#include "projections/search/index/document.h"
#include "projections/search/index/gram.h"
#include "projections/search/index/ordinal_set.h"
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
  // The first document of each row of creation times, likewise.
  struct FirstCreated {
    uint32_t ordinal = 0;
    TimestampNs created_at = 0;
  };
  absl::StatusOr<const std::vector<FirstCreated>*> CreatedIndex(const ProjectionReader& rows) const;

 private:
  // What is read once. Threads: any.
  template <typename Value>
  class ReadOnce {
   public:
    const std::vector<Value>* get() const { return read_.load(std::memory_order_acquire); }
    const std::vector<Value>* Keep(std::vector<Value> values);

   private:
    std::mutex mutex_;
    std::vector<Value> values_;                             // under mutex_ until read
    std::atomic<const std::vector<Value>*> read_{nullptr};  // &values_ then
  };

  const IndexTag tag_;
  const SegmentInfo info_;
  const std::vector<uint64_t> ids_;
  const uint32_t serial_;
  mutable ReadOnce<Gram> page_index_;
  mutable ReadOnce<FirstCreated> created_index_;
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

  absl::StatusOr<const std::vector<Gram>*> PageIndex() const { return segment_.PageIndex(rows_); }
  // nullptr: no document has the gram. Valid as long as the reader.
  absl::StatusOr<const PostingList*> Find(Gram gram);
  // The documents of a list.
  using Documents = std::shared_ptr<const OrdinalSet>;
  absl::StatusOr<Documents> Ordinals(const PostingList& list);
  // The list as a whole: both parts are replaced.
  absl::Status ReadAll(const PostingList& list, std::vector<uint32_t>* ordinals,
                       std::string* positions);

  // The document of an ordinal; NOT_FOUND when it has none.
  absl::StatusOr<Document> DocumentAt(uint32_t ordinal);
  // Every document, in ascending order, until `visit` returns false.
  absl::Status VisitDocuments(absl::FunctionRef<bool(uint32_t ordinal, Document)> visit);
  // Those of one row of texts; a row without a document is not there.
  size_t text_rows() const;
  absl::Status VisitTexts(size_t row, absl::FunctionRef<bool(uint32_t ordinal, Document)> visit);
  absl::StatusOr<const std::vector<Segment::FirstCreated>*> CreatedIndex() const {
    return segment_.CreatedIndex(rows_);
  }
  // The creation times of the documents of one row, in ascending order.
  absl::Status VisitCreatedRow(uint32_t number,
                               absl::FunctionRef<void(uint32_t ordinal, TimestampNs)> visit);
  // Those of these documents.
  absl::Status VisitCreated(const OrdinalSet& wanted,
                            absl::FunctionRef<void(uint32_t ordinal, TimestampNs)> visit);
  // Of an ordered segment: the first document created at `bound` or later; behind the
  // last when there is none.
  absl::StatusOr<uint32_t> FirstCreatedFrom(TimestampNs bound);
  // Every posting list, in ascending order of the grams: for checks.
  absl::Status VisitLists(absl::FunctionRef<absl::Status(const PostingList&)> visit);

  using Row = std::shared_ptr<const SegmentRowData>;
  absl::StatusOr<Row> ReadRow(SegmentRow row, uint32_t number, uint32_t part = 0);
  // The list at the beginning of the rest of a page, behind the gram `before`.
  absl::StatusOr<PostingList> NextList(Gram before, class ByteReader* page) const;
  absl::Status Damaged(std::string_view what) const;

 private:
  // From the store, past the cache.
  absl::StatusOr<std::string> FetchRow(SegmentRow row, uint32_t number, uint32_t part) const;
  absl::StatusOr<std::optional<std::string>> FindRow(SegmentRow row, uint32_t number,
                                                     uint32_t part) const;
  absl::StatusOr<SegmentRowData> IndexPage(std::string bytes) const;
  absl::StatusOr<OrdinalSet> ParseOrdinals(std::string_view row) const;
  absl::StatusOr<std::vector<TimestampNs>> ParseCreated(uint32_t number,
                                                        std::string_view row) const;
  absl::StatusOr<std::vector<uint32_t>> ParseDistances(std::string_view distances) const;
  absl::StatusOr<PostingList> Parse(Gram gram, uint64_t head, class ByteReader* page) const;
  absl::Status ParseTexts(uint32_t number, std::string_view row,
                          absl::FunctionRef<bool(uint32_t ordinal, Document)> visit) const;

  const Segment& segment_;
  const ProjectionReader& rows_;
  SegmentCache* const cache_;
  absl::flat_hash_map<uint32_t, Row> pages_;
  absl::flat_hash_map<Gram, std::unique_ptr<const PostingList>> lists_;
  std::optional<std::pair<uint32_t, std::string>> texts_;  // the row read last
};

// The posting lists of a segment, in ascending order of their grams.
//
//   ListCursor lists(&reader);
//   RETURN_IF_ERROR(lists.Next());
//   while (lists.list() != nullptr) { Use(*lists.list()); RETURN_IF_ERROR(lists.Next()); }
class ListCursor {
 public:
  // `reader` must outlive the cursor.
  explicit ListCursor(SegmentReader* reader) : reader_(reader) {}

  // To the first list, then to the next.
  absl::Status Next();
  // nullptr: behind the last. Valid until Next.
  const PostingList* list() const { return list_.has_value() ? &*list_ : nullptr; }

 private:
  SegmentReader* const reader_;
  uint32_t next_page_ = 0;
  SegmentReader::Row page_;
  std::string_view rest_;  // of the page
  Gram first_ = 0;         // of the page
  std::optional<PostingList> list_;
};

// The positions of one posting list, document by document.
class PositionReader {
 public:
  // `documents` are the ordinals of the list. All must outlive this.
  PositionReader(SegmentReader* reader, const PostingList& list, const OrdinalSet& documents);

  // Where the gram stands in a document of the list, ascending. Ordinals must rise
  // from call to call. Valid until the next call.
  absl::StatusOr<std::span<const uint32_t>> At(uint32_t ordinal);

 private:
  uint32_t RankOf(uint32_t ordinal);
  absl::Status GoTo(uint32_t rank);

  SegmentReader* const reader_;
  const PostingList& list_;
  const OrdinalSet& documents_;
  std::vector<uint32_t> ranks_;  // of the first bit of every eighth word
  size_t last_in_list_ = 0;      // where the last one stands, when they are a list
  SegmentReader::Row row_;       // of positions, when they are not inline
  std::optional<uint32_t> part_;
  std::string_view rest_;  // from the document `next_rank_` on
  uint32_t next_rank_ = 0;
  std::vector<uint32_t> positions_;
};

}  // namespace dailyfeed::search

#endif  // DAILYFEED_PROJECTIONS_SEARCH_INDEX_SEGMENT_H_

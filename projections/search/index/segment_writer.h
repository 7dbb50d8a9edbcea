// Writes the rows of one segment: posting lists in ascending order of their grams,
// documents in ascending order of their ordinals, the two independent of each other.
//
//   SegmentWriter writer(IndexTag::kPosts, /*number=*/7, /*ordinals=*/1000, put);
//   RETURN_IF_ERROR(writer.AddList(One(U'a'), postings));
//   RETURN_IF_ERROR(writer.AddDocument(0, document));
//   RETURN_IF_ERROR(writer.Finish(&info));
//
// The same lists and documents give the same bytes, whoever brings them.
// docs/reference/search-format.md has the bytes.
//
// Threads: one.
#ifndef DAILYFEED_PROJECTIONS_SEARCH_INDEX_SEGMENT_WRITER_H_
#define DAILYFEED_PROJECTIONS_SEARCH_INDEX_SEGMENT_WRITER_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "projections/search/index/document.h"
#include "projections/search/index/gram.h"
#include "projections/search/index/segment_rows.h"

namespace dailyfeed::search {

// Behind a position: another one of the same document follows.
inline constexpr uint64_t kMorePositions = 1;

// A posting list.
struct Postings {
  std::vector<uint32_t> ordinals;  // ascending
  // When the gram has positions: those of each document, encoded, and where in
  // `positions` they begin.
  std::string positions;
  std::vector<uint32_t> starts;

  void Clear();
};

class SegmentWriter {
 public:
  using Put = absl::FunctionRef<absl::Status(std::string_view key, std::string_view value)>;
  // `put` must outlive the writer; an error of it ends the segment.
  SegmentWriter(IndexTag tag, uint64_t number, size_t ordinals, Put put)
      : tag_(tag), number_(number), ordinals_(ordinals), put_(put) {}

  absl::Status AddList(Gram gram, const Postings& postings);
  absl::Status AddDocument(uint32_t ordinal, const Document& document);
  // The last rows; then what the manifest says of them all: documents, pages, bytes,
  // bytes of texts, creation times.
  absl::Status Finish(SegmentInfo* info);

 private:
  absl::Status PutRow(SegmentRow row, uint32_t number, uint32_t part, std::string_view value);
  absl::Status EndPage();
  void AppendInline(std::string_view bytes);
  absl::Status PutOrdinals(const std::vector<uint32_t>& ordinals);
  absl::Status PutPositions(const Postings& postings);
  absl::Status EndTexts();
  absl::Status EndCreated();

  const IndexTag tag_;
  const uint64_t number_;
  const size_t ordinals_;
  const Put put_;
  uint64_t bytes_ = 0;
  // Lists.
  std::string page_;
  Gram last_gram_ = 0;
  std::string first_grams_;
  uint64_t pages_ = 0;
  uint32_t ordinal_rows_ = 0;
  uint32_t position_rows_ = 0;
  std::string distances_;  // of the list at hand
  // Documents.
  uint32_t last_ordinal_ = 0;
  std::string texts_;
  std::string created_;
  std::string created_index_;
  TimestampNs last_created_ = 0;
  TimestampNs last_created_of_row_ = 0;
  SegmentInfo counted_;
};

}  // namespace dailyfeed::search

#endif  // DAILYFEED_PROJECTIONS_SEARCH_INDEX_SEGMENT_WRITER_H_

#include "projections/search/index/segment_writer.h"

#include <algorithm>

#include "core/base/check.h"
#include "core/base/status_macros.h"
#include "projections/search/index/bitmap.h"
#include "projections/search/index/bytes.h"
#include "projections/search/index/row_digest.h"

namespace dailyfeed::search {

void Postings::Clear() {
  ordinals.clear();
  positions.clear();
  starts.clear();
}

absl::Status SegmentWriter::PutRow(SegmentRow row, uint32_t number, uint32_t part,
                                   std::string_view value) {
  const std::string key = SegmentKey(tag_, number_, row, number, part);
  const std::string sealed = Sealed(key, value);
  bytes_ += key.size() + sealed.size();
  return put_(key, sealed);
}

// ---- Posting lists.

absl::Status SegmentWriter::AddList(Gram gram, const Postings& postings) {
  DAILYFEED_CHECK(!postings.ordinals.empty());
  if (page_.size() >= kPageBytes) RETURN_IF_ERROR(EndPage());
  if (page_.empty()) AppendVarint(gram, &first_grams_);
  distances_.clear();
  uint32_t before = 0;
  for (const uint32_t ordinal : postings.ordinals) {
    AppendVarint(ordinal - before, &distances_);
    before = ordinal;
  }
  const bool has_positions = HasPositions(gram);
  const bool long_ordinals = distances_.size() > kInlineBytesMax;
  const bool long_positions = has_positions && postings.positions.size() > kInlineBytesMax;
  AppendVarint(gram - last_gram_, &page_);
  last_gram_ = gram;
  AppendVarint((uint64_t{postings.ordinals.size()} << 2) | (long_ordinals ? 2 : 0) |
                   (long_positions ? 1 : 0),
               &page_);
  if (long_ordinals) {
    RETURN_IF_ERROR(PutOrdinals(postings.ordinals));
  } else {
    AppendInline(distances_);
  }
  if (!has_positions) return absl::OkStatus();
  if (long_positions) return PutPositions(postings);
  AppendInline(postings.positions);
  return absl::OkStatus();
}

absl::Status SegmentWriter::EndPage() {
  RETURN_IF_ERROR(PutRow(SegmentRow::kPage, static_cast<uint32_t>(pages_), 0, page_));
  ++pages_;
  page_.clear();
  last_gram_ = 0;
  return absl::OkStatus();
}

void SegmentWriter::AppendInline(std::string_view bytes) {
  AppendVarint(bytes.size(), &page_);
  page_.append(bytes);
}

// As bits where that is smaller.
absl::Status SegmentWriter::PutOrdinals(const std::vector<uint32_t>& ordinals) {
  AppendVarint(ordinal_rows_, &page_);
  std::string row;
  const size_t bitmap_bytes = (ordinals_ + 63) / 64 * 8;
  if (distances_.size() < bitmap_bytes) {
    row.push_back(0);
    row.append(distances_);
  } else {
    Bitmap bitmap(ordinals_);
    for (const uint32_t ordinal : ordinals) bitmap.Set(ordinal);
    row.push_back(1);
    for (const uint64_t word : bitmap.words()) {
      AppendFixed32(static_cast<uint32_t>(word), &row);
      AppendFixed32(static_cast<uint32_t>(word >> 32), &row);
    }
  }
  return PutRow(SegmentRow::kOrdinals, ordinal_rows_++, 0, row);
}

// Rows of runs; the offsets of the runs come first.
absl::Status SegmentWriter::PutPositions(const Postings& postings) {
  AppendVarint(position_rows_, &page_);
  const std::vector<uint32_t>& starts = postings.starts;
  std::string row;
  for (size_t from = 0, part = 0; from < starts.size(); from += kPositionsPerRow, ++part) {
    const size_t behind = std::min(starts.size(), from + kPositionsPerRow);
    const size_t end = behind == starts.size() ? postings.positions.size() : starts[behind];
    row.clear();
    for (size_t run = from; run < behind; run += kPositionsPerRun) {
      AppendFixed32(starts[run] - starts[from], &row);
    }
    row.append(postings.positions, starts[from], end - starts[from]);
    RETURN_IF_ERROR(
        PutRow(SegmentRow::kPositions, position_rows_, static_cast<uint32_t>(part), row));
  }
  ++position_rows_;
  return absl::OkStatus();
}

// ---- Documents, grouped by ordinal, so that the row of an ordinal is known.

absl::Status SegmentWriter::AddDocument(uint32_t ordinal, const Document& document) {
  DAILYFEED_CHECK(ordinal < ordinals_);
  const bool first = counted_.documents == 0;
  DAILYFEED_CHECK(first || ordinal > last_ordinal_);
  if (!first && ordinal / kTextsPerRow != last_ordinal_ / kTextsPerRow) {
    RETURN_IF_ERROR(EndTexts());
  }
  if (!first && ordinal / kCreatedPerRow != last_ordinal_ / kCreatedPerRow) {
    RETURN_IF_ERROR(EndCreated());
  }
  const TimestampNs created = document.created_at;
  if (created_.empty()) {
    AppendVarint(ordinal, &created_index_);
    AppendVarint(ZigZag(created), &created_index_);
  }
  AppendVarint(ordinal % kTextsPerRow, &texts_);
  AppendVarint(ZigZag(created), &texts_);
  AppendVarint(document.author, &texts_);
  AppendVarint(document.text.size(), &texts_);
  texts_.append(document.text);
  AppendVarint(ordinal % kCreatedPerRow, &created_);
  AppendVarint(ZigZag(created - last_created_of_row_), &created_);
  last_created_of_row_ = created;
  counted_.ordered = counted_.ordered && (first || created >= last_created_);
  counted_.created_min = first ? created : std::min(counted_.created_min, created);
  counted_.created_max = first ? created : std::max(counted_.created_max, created);
  last_created_ = created;
  last_ordinal_ = ordinal;
  counted_.text_bytes += document.text.size();
  ++counted_.documents;
  return absl::OkStatus();
}

absl::Status SegmentWriter::EndTexts() {
  const auto number = static_cast<uint32_t>(last_ordinal_ / kTextsPerRow);
  RETURN_IF_ERROR(PutRow(SegmentRow::kTexts, number, 0, texts_));
  texts_.clear();
  return absl::OkStatus();
}

absl::Status SegmentWriter::EndCreated() {
  const auto number = static_cast<uint32_t>(last_ordinal_ / kCreatedPerRow);
  RETURN_IF_ERROR(PutRow(SegmentRow::kCreated, number, 0, created_));
  created_.clear();
  last_created_of_row_ = 0;
  return absl::OkStatus();
}

absl::Status SegmentWriter::Finish(SegmentInfo* info) {
  DAILYFEED_CHECK(counted_.documents > 0);
  RETURN_IF_ERROR(EndPage());
  RETURN_IF_ERROR(PutRow(SegmentRow::kPageIndex, 0, 0, first_grams_));
  RETURN_IF_ERROR(EndTexts());
  RETURN_IF_ERROR(EndCreated());
  RETURN_IF_ERROR(PutRow(SegmentRow::kCreatedIndex, 0, 0, created_index_));
  info->documents = counted_.documents;
  info->pages = pages_;
  info->text_bytes = counted_.text_bytes;
  info->bytes = bytes_;
  info->created_min = counted_.created_min;
  info->created_max = counted_.created_max;
  info->ordered = counted_.ordered;
  return absl::OkStatus();
}

}  // namespace dailyfeed::search

#include "projections/search/search_content.h"

#include <fmt/format.h>

#include <algorithm>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/base/status_macros.h"
#include "projections/search/index/segment.h"
#include "projections/search/index/segment_set.h"

namespace dailyfeed::search {
namespace {

absl::Status ForEach(const ProjectionReader& rows, const KeyRange& range,
                     absl::FunctionRef<absl::Status(uint64_t, std::string_view)> visit) {
  const std::unique_ptr<StoreIterator> at = rows.NewIterator(range);
  for (; at->Valid(); at->Next()) {
    ASSIGN_OR_RETURN(const uint64_t number, NumberOf(at->key()));
    RETURN_IF_ERROR(visit(number, at->value()));
  }
  return at->status();
}

absl::StatusOr<std::shared_ptr<const SegmentView>> ReadSegments(const ProjectionReader& rows,
                                                                IndexTag index) {
  SegmentSet segments(index);
  std::map<uint64_t, std::string> ids;
  RETURN_IF_ERROR(
      ForEach(rows, NumberedRange(RowTag::kIds, index), [&](uint64_t number, std::string_view row) {
        ids[number] = row;
        return absl::OkStatus();
      }));
  RETURN_IF_ERROR(ForEach(
      rows, NumberedRange(RowTag::kManifest, index),
      [&](uint64_t number, std::string_view row) -> absl::Status {
        ASSIGN_OR_RETURN(const SegmentInfo info, DecodeSegmentInfo(number, row));
        std::vector<uint64_t> listed;
        if (info.listed) {
          ASSIGN_OR_RETURN(listed, DecodeIds(info, ids[number]));
        }
        if (segments.Add(info, std::move(listed))) return absl::OkStatus();
        return absl::DataLossError(fmt::format("search segment {} overlaps another", number));
      }));
  RETURN_IF_ERROR(ForEach(rows, NumberedRange(RowTag::kVoid, index),
                          [&](uint64_t id, std::string_view row) -> absl::Status {
                            ASSIGN_OR_RETURN(const uint64_t position,
                                             DecodeNumber(row, "void document"));
                            segments.Void(id, position);
                            return absl::OkStatus();
                          }));
  return segments.View();
}

// The documents of a segment that count, in ascending order, from `first` on.
class SegmentCursor {
 public:
  SegmentCursor(const SegmentPart& part, const ProjectionReader& rows, uint64_t first)
      : part_(part), reader_(*part_.segment, rows) {
    const Segment& segment = *part_.segment;
    while (row_ < reader_.text_rows() && LastIdOf(segment, row_) < first) ++row_;
  }

  // nullptr: behind the last.
  absl::StatusOr<const Document*> Peek() {
    while (documents_.empty() && row_ < reader_.text_rows()) {
      RETURN_IF_ERROR(reader_.VisitTexts(row_++, [&](uint32_t ordinal, Document document) {
        const bool counts = part_.void_documents == nullptr || !part_.void_documents->Has(ordinal);
        if (counts) documents_.push_back(std::move(document));
        return true;
      }));
    }
    return documents_.empty() ? nullptr : &documents_.front();
  }
  void Next() { documents_.pop_front(); }

 private:
  static uint64_t LastIdOf(const Segment& segment, size_t row) {
    const size_t last = std::min((row + 1) * kTextsPerRow, segment.info().ordinals()) - 1;
    return segment.IdOf(static_cast<uint32_t>(last));
  }

  const SegmentPart part_;
  SegmentReader reader_;
  size_t row_ = 0;  // the next one to be read
  std::deque<Document> documents_;
};

// As the content of a loose row: without the moment of its change.
std::string ContentOf(Document document) {
  return EncodeLoose({.position = 0, .document = std::move(document)});
}

}  // namespace

absl::Status VisitTexts(const ProjectionReader& rows, IndexTag index, const KeyRange& range,
                        absl::FunctionRef<bool(std::string_view, std::string_view)> visit) {
  KeyRange loose_range = NumberedRange(RowTag::kLoose, index);
  const std::string beginning = loose_range.lower;
  if (range.lower >= loose_range.upper) return absl::OkStatus();
  if (!range.upper.empty() && range.upper <= beginning) return absl::OkStatus();
  uint64_t first = 0;
  if (range.lower > beginning) {
    loose_range.lower = range.lower;
    const absl::StatusOr<uint64_t> id = NumberOf(range.lower.substr(0, beginning.size()));
    if (id.ok()) first = *id;
  }
  ASSIGN_OR_RETURN(const std::shared_ptr<const SegmentView> view, ReadSegments(rows, index));
  std::vector<std::unique_ptr<SegmentCursor>> cursors;
  for (const auto* parts : {&view->ranges, &view->lists}) {
    for (const SegmentPart& part : *parts) {
      cursors.push_back(std::make_unique<SegmentCursor>(part, rows, first));
    }
  }
  const std::unique_ptr<StoreIterator> loose = rows.NewIterator(loose_range);
  std::optional<std::string> last_key;
  while (true) {
    const Document* next = nullptr;
    SegmentCursor* of = nullptr;
    for (const auto& cursor : cursors) {
      ASSIGN_OR_RETURN(const Document* document, cursor->Peek());
      if (document == nullptr || (next != nullptr && next->id <= document->id)) continue;
      next = document;
      of = cursor.get();
    }
    if (next == nullptr && !loose->Valid()) break;
    std::string key;
    std::string content;
    if (next != nullptr) key = NumberedKey(RowTag::kLoose, index, next->id);
    if (loose->Valid() && (next == nullptr || loose->key() <= key)) {
      // Of a text that is loose no segment counts; if one did, the loose one is newer.
      key = std::string(loose->key());
      content = std::string(loose->value());
      ASSIGN_OR_RETURN(const uint64_t id, NumberOf(key));
      absl::StatusOr<LooseRow> row = DecodeLoose(id, content);
      if (row.ok()) content = ContentOf(std::move(row->document));
      loose->Next();
    } else {
      content = ContentOf(*next);
      of->Next();
    }
    if (!range.upper.empty() && key >= range.upper) return absl::OkStatus();
    if (key < range.lower || key == last_key) continue;
    if (!visit(key, content)) return absl::OkStatus();
    last_key = std::move(key);
  }
  return loose->status();
}

}  // namespace dailyfeed::search

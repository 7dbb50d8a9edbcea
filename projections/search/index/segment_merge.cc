#include "projections/search/index/segment_merge.h"

#include <algorithm>
#include <deque>
#include <memory>
#include <numeric>
#include <string>
#include <utility>

#include "core/base/status_macros.h"
#include "projections/search/index/bytes.h"
#include "projections/search/index/frequent_triples.h"
#include "projections/search/index/segment_writer.h"

namespace dailyfeed::search {
namespace {

// A merge asks so often whether it was cancelled.
constexpr uint64_t kListsPerLook = 1024;

// The documents of a source that are merged, in ascending order.
class DocumentCursor {
 public:
  DocumentCursor(SegmentReader* reader, const MergeSource& source)
      : reader_(reader), source_(source) {}

  absl::Status Next() {
    if (!read_.empty()) read_.pop_front();
    while (read_.empty() && next_row_ < reader_->text_rows()) {
      RETURN_IF_ERROR(reader_->VisitTexts(next_row_, [&](uint32_t ordinal, Document document) {
        const uint32_t target = source_.targets[ordinal];
        if (target != kLeftOut) read_.emplace_back(target, std::move(document));
        return true;
      }));
      ++next_row_;
    }
    return absl::OkStatus();
  }
  bool done() const { return read_.empty(); }
  uint32_t target() const { return read_.front().first; }
  const Document& document() const { return read_.front().second; }

 private:
  SegmentReader* const reader_;
  const MergeSource& source_;
  size_t next_row_ = 0;
  std::deque<std::pair<uint32_t, Document>> read_;
};

class Merger {
 public:
  Merger(IndexTag tag, const SegmentInfo& target, std::span<const MergeSource> sources,
         const ProjectionReader& rows, absl::FunctionRef<bool()> cancelled, SegmentWriter::Put put)
      : target_(target),
        sources_(sources),
        cancelled_(cancelled),
        writer_(tag, target.number, target.ordinals(), put) {
    for (const MergeSource& source : sources) {
      readers_.push_back(std::make_unique<SegmentReader>(*source.segment, rows));
      lists_.emplace_back(readers_.back().get());
    }
  }

  absl::StatusOr<std::optional<SegmentInfo>> Run() {
    for (ListCursor& lists : lists_) RETURN_IF_ERROR(lists.Next());
    std::optional<Gram> gram = NextGram();
    for (; gram.has_value() && (*gram & kTripleBit) == 0; gram = NextGram()) {
      RETURN_IF_ERROR(MergeList(*gram));
    }
    if (documents_ == 0) return std::nullopt;
    // Now the frequent pairs are known.
    RETURN_IF_ERROR(MergeDocuments());
    if (merged_documents_ != documents_) {
      return readers_.front()->Damaged("it has other lengths than documents");
    }
    auto wide = wide_triples_.lists().begin();
    const auto end = wide_triples_.lists().end();
    for (; gram.has_value(); gram = NextGram()) {
      for (; wide != end && wide->first < *gram; ++wide) RETURN_IF_ERROR(PutWideTriple(*wide));
      RETURN_IF_ERROR(MergeList(*gram));
    }
    for (; wide != end; ++wide) RETURN_IF_ERROR(PutWideTriple(*wide));
    SegmentInfo merged = target_;
    RETURN_IF_ERROR(writer_.Finish(&merged));
    return merged;
  }

 private:
  // The lowest gram of all sources that is to be merged.
  std::optional<Gram> NextGram() const {
    std::optional<Gram> lowest;
    for (const ListCursor& lists : lists_) {
      if (lists.list() == nullptr) continue;
      if (!lowest.has_value() || lists.list()->gram < *lowest) lowest = lists.list()->gram;
    }
    return lowest;
  }

  // Frequent triples are of a segment, so those of the sources say nothing here.
  absl::Status MergeList(Gram gram) {
    if (++looks_ % kListsPerLook == 0 && cancelled_()) return Cancelled();
    const bool wanted = !IsWideTriple(gram);
    const bool has_positions = HasPositions(gram);
    merged_.Clear();
    for (size_t i = 0; i < sources_.size(); ++i) {
      const PostingList* const list = lists_[i].list();
      if (list == nullptr || list->gram != gram) continue;
      if (wanted) RETURN_IF_ERROR(Append(i, *list, has_positions));
      RETURN_IF_ERROR(lists_[i].Next());
    }
    if (merged_.ordinals.empty()) return absl::OkStatus();
    if (!std::is_sorted(merged_.ordinals.begin(), merged_.ordinals.end())) Sort(has_positions);
    Count(gram);
    return writer_.AddList(gram, merged_);
  }

  absl::Status Append(size_t source, const PostingList& list, bool has_positions) {
    RETURN_IF_ERROR(readers_[source]->ReadAll(list, &ordinals_, &positions_));
    const std::vector<uint32_t>& targets = sources_[source].targets;
    ByteReader positions(positions_);
    for (const uint32_t ordinal : ordinals_) {
      const size_t from = positions_.size() - positions.remaining();
      if (has_positions) {
        while ((positions.Varint() & kMorePositions) != 0) {
        }
      }
      const uint32_t target = targets[ordinal];
      if (target == kLeftOut) continue;
      merged_.ordinals.push_back(target);
      if (!has_positions) continue;
      const size_t behind = positions_.size() - positions.remaining();
      merged_.starts.push_back(static_cast<uint32_t>(merged_.positions.size()));
      merged_.positions.append(positions_, from, behind - from);
    }
    if (positions.failed() || !positions.AtEnd()) {
      return readers_[source]->Damaged("the positions of a list");
    }
    return absl::OkStatus();
  }

  // Documents of one source stand between those of another.
  void Sort(bool has_positions) {
    std::vector<uint32_t> order(merged_.ordinals.size());
    std::iota(order.begin(), order.end(), 0);
    std::sort(order.begin(), order.end(),
              [&](uint32_t a, uint32_t b) { return merged_.ordinals[a] < merged_.ordinals[b]; });
    Postings sorted;
    for (const uint32_t at : order) {
      sorted.ordinals.push_back(merged_.ordinals[at]);
      if (!has_positions) continue;
      const size_t from = merged_.starts[at];
      const size_t behind =
          at + 1 == merged_.starts.size() ? merged_.positions.size() : merged_.starts[at + 1];
      sorted.starts.push_back(static_cast<uint32_t>(sorted.positions.size()));
      sorted.positions.append(merged_.positions, from, behind - from);
    }
    merged_ = std::move(sorted);
  }

  // Every document has one length. Pairs come before lengths, so all their counts are
  // kept until the number of documents is known.
  void Count(Gram gram) {
    const auto kind = static_cast<GramClass>(gram >> kClassShift);
    if ((gram & kTripleBit) != 0) return;
    if (kind == GramClass::kLength) documents_ += merged_.ordinals.size();
    if (kind == GramClass::kPair && HasPositions(gram)) {
      pairs_.emplace_back(gram, merged_.ordinals.size());
    }
  }

  absl::Status MergeDocuments() {
    for (const auto& [pair, count] : pairs_) {
      if (IsFrequent(count, documents_)) wide_triples_.AddPair(pair);
    }
    std::vector<DocumentCursor> cursors;
    for (size_t i = 0; i < sources_.size(); ++i) {
      cursors.emplace_back(readers_[i].get(), sources_[i]);
      RETURN_IF_ERROR(cursors.back().Next());
    }
    while (true) {
      DocumentCursor* next = nullptr;
      for (DocumentCursor& cursor : cursors) {
        if (cursor.done()) continue;
        if (next == nullptr || cursor.target() < next->target()) next = &cursor;
      }
      if (next == nullptr) return absl::OkStatus();
      if (++looks_ % kListsPerLook == 0 && cancelled_()) return Cancelled();
      ++merged_documents_;
      RETURN_IF_ERROR(writer_.AddDocument(next->target(), next->document()));
      wide_triples_.AddDocument(next->target(), next->document());
      RETURN_IF_ERROR(next->Next());
    }
  }

  absl::Status PutWideTriple(const std::pair<const Gram, std::vector<uint32_t>>& list) {
    merged_.Clear();
    merged_.ordinals = list.second;
    return writer_.AddList(list.first, merged_);
  }

  static absl::Status Cancelled() { return absl::CancelledError("the merge was cancelled"); }

  const SegmentInfo& target_;
  const std::span<const MergeSource> sources_;
  const absl::FunctionRef<bool()> cancelled_;
  SegmentWriter writer_;
  std::vector<std::unique_ptr<SegmentReader>> readers_;
  std::vector<ListCursor> lists_;
  uint64_t looks_ = 0;
  uint64_t documents_ = 0;  // by their lengths
  uint64_t merged_documents_ = 0;
  std::vector<std::pair<Gram, uint64_t>> pairs_;
  FrequentTripleLists wide_triples_;
  // Of the gram at hand.
  Postings merged_;
  std::vector<uint32_t> ordinals_;
  std::string positions_;
};

}  // namespace

absl::StatusOr<std::optional<SegmentInfo>> MergeSegments(IndexTag tag, const SegmentInfo& target,
                                                         std::span<const MergeSource> sources,
                                                         const ProjectionReader& rows,
                                                         absl::FunctionRef<bool()> cancelled,
                                                         SegmentWriter::Put put) {
  return Merger(tag, target, sources, rows, cancelled, put).Run();
}

}  // namespace dailyfeed::search

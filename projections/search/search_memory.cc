#include "projections/search/search_memory.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <utility>
#include <vector>

#include "core/base/status_macros.h"

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

// The changed rows of a kind; a deleted row has no value.
absl::Status ForEachChange(
    const WrittenRows& rows, const KeyRange& range,
    absl::FunctionRef<absl::Status(uint64_t number, const std::string* row)> visit) {
  absl::Status status;
  rows.Visit(range.lower, range.upper, [&](std::string_view key, const std::string* row) {
    if (!status.ok()) return;
    const absl::StatusOr<uint64_t> number = NumberOf(key);
    status = number.ok() ? visit(*number, row) : number.status();
  });
  return status;
}

absl::Status AddSegment(const SegmentInfo& info, std::vector<uint64_t> ids, SegmentSet* segments) {
  if (segments->Add(info, std::move(ids))) return absl::OkStatus();
  return absl::DataLossError(fmt::format("search segment {} overlaps another", info.number));
}

absl::Status PutVoid(uint64_t id, std::string_view row, SegmentSet* segments) {
  ASSIGN_OR_RETURN(const uint64_t position, DecodeNumber(row, "void document"));
  segments->Void(id, position);
  return absl::OkStatus();
}

absl::Status PutLoose(uint64_t id, std::string_view row, LooseSet* loose) {
  ASSIGN_OR_RETURN(const LooseRow decoded, DecodeLoose(id, row));
  loose->Put(decoded.document);
  return absl::OkStatus();
}

}  // namespace

const SearchMoment* SearchMemory::Of(const ReadView& view, ProjectionId search) {
  return static_cast<const SearchMoment*>(view.memory(search).get());
}

absl::Status SearchMemory::OnLoad(const ProjectionReader& rows) {
  health_ = absl::OkStatus();
  for (Index& index : indexes_) {
    index.segments = SegmentSet(index.tag);
    index.loose.Clear();
    index.view = nullptr;
    index.loose_changed = true;
    // Damage ends searching and not the feed.
    const absl::Status loaded = Load(rows, &index);
    if (absl::IsUnavailable(loaded)) return loaded;
    if (health_.ok()) health_ = loaded;
  }
  Publish();
  return absl::OkStatus();
}

absl::Status SearchMemory::Load(const ProjectionReader& rows, Index* index) {
  std::map<uint64_t, std::string> id_rows;
  RETURN_IF_ERROR(ForEach(rows, NumberedRange(RowTag::kIds, index->tag),
                          [&](uint64_t number, std::string_view row) {
                            id_rows[number] = row;
                            return absl::OkStatus();
                          }));
  RETURN_IF_ERROR(ForEach(rows, NumberedRange(RowTag::kManifest, index->tag),
                          [&](uint64_t number, std::string_view row) -> absl::Status {
                            ASSIGN_OR_RETURN(const SegmentInfo info,
                                             DecodeSegmentInfo(number, row));
                            std::vector<uint64_t> listed;
                            if (info.listed) {
                              ASSIGN_OR_RETURN(listed, DecodeIds(info, id_rows[number]));
                            }
                            return AddSegment(info, std::move(listed), &index->segments);
                          }));
  RETURN_IF_ERROR(ForEach(
      rows, NumberedRange(RowTag::kVoid, index->tag),
      [&](uint64_t id, std::string_view row) { return PutVoid(id, row, &index->segments); }));
  return ForEach(
      rows, NumberedRange(RowTag::kLoose, index->tag),
      [&](uint64_t id, std::string_view row) { return PutLoose(id, row, &index->loose); });
}

void SearchMemory::OnRows(const WrittenRows& rows) {
  for (Index& index : indexes_) {
    const absl::Status followed = Follow(rows, &index);
    if (health_.ok()) health_ = followed;
  }
  Publish();
}

absl::Status SearchMemory::Follow(const WrittenRows& rows, Index* index) {
  SegmentSet& segments = index->segments;
  std::vector<SegmentInfo> added;
  bool changed = false;
  // Segments that are gone make room for those that take their place.
  RETURN_IF_ERROR(ForEachChange(rows, NumberedRange(RowTag::kManifest, index->tag),
                                [&](uint64_t number, const std::string* row) -> absl::Status {
                                  changed = true;
                                  if (row == nullptr) {
                                    segments.Remove(number);
                                    return absl::OkStatus();
                                  }
                                  ASSIGN_OR_RETURN(const SegmentInfo info,
                                                   DecodeSegmentInfo(number, *row));
                                  added.push_back(info);
                                  return absl::OkStatus();
                                }));
  std::map<uint64_t, std::string> id_rows;
  if (!added.empty()) {
    RETURN_IF_ERROR(ForEachChange(rows, NumberedRange(RowTag::kIds, index->tag),
                                  [&](uint64_t number, const std::string* row) {
                                    if (row != nullptr) id_rows[number] = *row;
                                    return absl::OkStatus();
                                  }));
  }
  for (const SegmentInfo& info : added) {
    std::vector<uint64_t> ids;
    if (info.listed) {
      ASSIGN_OR_RETURN(ids, DecodeIds(info, id_rows[info.number]));
    }
    RETURN_IF_ERROR(AddSegment(info, std::move(ids), &segments));
  }
  RETURN_IF_ERROR(ForEachChange(rows, NumberedRange(RowTag::kVoid, index->tag),
                                [&](uint64_t id, const std::string* row) {
                                  changed = true;
                                  if (row != nullptr) return PutVoid(id, *row, &segments);
                                  segments.Forget(id);
                                  return absl::OkStatus();
                                }));
  RETURN_IF_ERROR(ForEachChange(rows, NumberedRange(RowTag::kLoose, index->tag),
                                [&](uint64_t id, const std::string* row) {
                                  index->loose_changed = true;
                                  if (row != nullptr) return PutLoose(id, *row, &index->loose);
                                  index->loose.Remove(id);
                                  return absl::OkStatus();
                                }));
  if (changed) index->view = nullptr;
  return absl::OkStatus();
}

void SearchMemory::Publish() {
  const bool changed = std::any_of(indexes_.begin(), indexes_.end(), [](const Index& index) {
    return index.view == nullptr || index.loose_changed;
  });
  if (!changed && moment_ != nullptr && moment_->health == health_) return;
  auto moment = std::make_shared<SearchMoment>();
  uint64_t loose = 0;
  uint64_t bytes = 0;
  uint64_t void_documents = 0;
  uint64_t segments = 0;
  for (size_t i = 0; i < indexes_.size(); ++i) {
    Index& index = indexes_[i];
    index.loose_changed = false;
    if (index.view == nullptr) index.view = index.segments.View();
    moment->indexes[i] = {.segments = index.view, .loose = index.loose.View()};
    loose += index.loose.documents();
    bytes += index.loose.memory_bytes() + index.segments.memory_bytes();
    void_documents += index.segments.void_documents();
    segments += index.segments.size();
  }
  moment->health = health_;
  moment_ = std::move(moment);
  loose_documents_ = loose;
  segments_ = segments;
  void_documents_ = void_documents;
  memory_bytes_ = bytes;
}

std::shared_ptr<const void> SearchMemory::Memory() const { return moment_; }

SearchMemory::Stats SearchMemory::stats() const {
  return {.loose_documents = loose_documents_,
          .segments = segments_,
          .void_documents = void_documents_,
          .memory_bytes = memory_bytes_};
}

}  // namespace dailyfeed::search

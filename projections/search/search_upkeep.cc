#include "projections/search/search_upkeep.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <string>
#include <utility>

#include "core/base/status_macros.h"
#include "projections/codec/row_codec.h"
#include "projections/search/index/segment_builder.h"
#include "projections/search/index/segment_merge.h"
#include "projections/search/index/segment_set.h"
#include "projections/search/search_rows.h"

namespace dailyfeed::search {
namespace {

// Events wait when so many times the loose documents of a seal are there.
constexpr uint64_t kOverdueSeals = 4;

// What upkeep knows of one index at the moment of the piece.
struct IndexState {
  IndexTag tag;
  std::vector<SegmentInfo> segments;
  std::vector<uint64_t> garbage;
  uint64_t next = 1;  // the number of the next segment
  Tally tally;
};

absl::Status ForEach(const ProjectionReader& rows, const KeyRange& range,
                     absl::FunctionRef<absl::Status(uint64_t, std::string_view)> visit) {
  const std::unique_ptr<StoreIterator> at = rows.NewIterator(range);
  for (; at->Valid(); at->Next()) {
    ASSIGN_OR_RETURN(const uint64_t number, NumberOf(at->key()));
    RETURN_IF_ERROR(visit(number, at->value()));
  }
  return at->status();
}

absl::StatusOr<IndexState> ReadState(IndexTag tag, const ProjectionReader& rows) {
  IndexState state = {.tag = tag};
  RETURN_IF_ERROR(ForEach(rows, NumberedRange(RowTag::kManifest, tag),
                          [&](uint64_t number, std::string_view row) -> absl::Status {
                            ASSIGN_OR_RETURN(const SegmentInfo info,
                                             DecodeSegmentInfo(number, row));
                            state.segments.push_back(info);
                            return absl::OkStatus();
                          }));
  RETURN_IF_ERROR(
      ForEach(rows, NumberedRange(RowTag::kGarbage, tag), [&](uint64_t number, std::string_view) {
        state.garbage.push_back(number);
        return absl::OkStatus();
      }));
  std::string bytes;
  ASSIGN_OR_RETURN(bool there, rows.Get(NextSegmentKey(tag), &bytes));
  if (there) {
    ASSIGN_OR_RETURN(state.next, DecodeNumber(bytes, "next segment"));
  }
  ASSIGN_OR_RETURN(there, rows.Get(TallyKey(tag), &bytes));
  if (there) {
    ASSIGN_OR_RETURN(state.tally, DecodeTally(bytes));
  }
  return state;
}

absl::StatusOr<Tally> ReadTally(IndexTag tag, ProjectionRows& rows) {
  std::string bytes;
  ASSIGN_OR_RETURN(const bool there, rows.Get(TallyKey(tag), &bytes));
  if (!there) return Tally();
  return DecodeTally(bytes);
}

// A segment that a piece has written.
struct Written {
  SegmentInfo info;
  std::vector<uint64_t> ids;  // of a list
};

absl::StatusOr<Written> Write(SegmentBuilder* builder, const IndexState& state, uint64_t number,
                              std::vector<uint64_t> ids, UpkeepRows& work) {
  ASSIGN_OR_RETURN(const SegmentInfo info,
                   builder->Write(state.tag, number, work.moment(),
                                  [&](std::string_view key, std::string_view value) {
                                    return work.Put(key, value);
                                  }));
  return Written{.info = info, .ids = std::move(ids)};
}

// The part of every commit that is the same: manifests, the next number, whether
// there is more to do.
absl::Status PutSegments(const IndexState& state, const std::vector<Written>& written,
                         const std::vector<uint64_t>& gone, const SearchOptions& options,
                         ProjectionRows& rows) {
  std::vector<SegmentInfo> left;
  for (const SegmentInfo& segment : state.segments) {
    if (std::find(gone.begin(), gone.end(), segment.number) == gone.end()) left.push_back(segment);
  }
  for (const uint64_t number : gone) {
    rows.Delete(NumberedKey(RowTag::kManifest, state.tag, number));
    rows.Delete(NumberedKey(RowTag::kIds, state.tag, number));
    rows.Put(NumberedKey(RowTag::kGarbage, state.tag, number), {});
  }
  for (const Written& segment : written) {
    const uint64_t number = segment.info.number;
    rows.Put(NumberedKey(RowTag::kManifest, state.tag, number), EncodeSegmentInfo(segment.info));
    if (segment.info.listed) {
      rows.Put(NumberedKey(RowTag::kIds, state.tag, number), EncodeIds(segment.info, segment.ids));
    }
    left.push_back(segment.info);
  }
  rows.Put(NextSegmentKey(state.tag), EncodeNumber(state.next + written.size()));
  if (gone.empty() && SegmentsToMerge(left, options).empty()) {
    rows.Delete(MoreKey(state.tag));
  } else {
    rows.Put(MoreKey(state.tag), {});
  }
  return absl::OkStatus();
}

// Deletes what says that former segments are void where a new one is true.
absl::Status DeleteVoids(IndexTag tag, const SegmentInfo& info, ProjectionRows& rows) {
  absl::Status status;
  const KeyRange range = NumberedRange(RowTag::kVoid, tag, info.first, info.last);
  RETURN_IF_ERROR(
      rows.Scan(range.lower, range.upper, [&](std::string_view key, std::string_view row) {
        const absl::StatusOr<uint64_t> position = DecodeNumber(row, "void document");
        status = position.status();
        if (status.ok() && *position <= info.position) rows.Delete(std::string(key));
        return status.ok();
      }));
  return status;
}

absl::Status DeleteVoid(IndexTag tag, uint64_t id, Position sealed, ProjectionRows& rows) {
  const std::string key = NumberedKey(RowTag::kVoid, tag, id);
  std::string row;
  ASSIGN_OR_RETURN(const bool there, rows.Get(key, &row));
  if (!there) return absl::OkStatus();
  ASSIGN_OR_RETURN(const uint64_t position, DecodeNumber(row, "void document"));
  if (position <= sealed) rows.Delete(key);
  return absl::OkStatus();
}

// ---- Clear.

// A segment is written completely before it gets a manifest, so what stands under
// a number that was never given out was left by a piece that did not end.
absl::StatusOr<bool> ClearLeftOver(const IndexState& state, UpkeepRows& work) {
  const KeyRange range = SegmentsRange(state.tag, state.next, UINT64_MAX);
  const std::unique_ptr<StoreIterator> at = work.rows().NewIterator(range);
  RETURN_IF_ERROR(at->status());
  if (!at->Valid()) return false;
  RETURN_IF_ERROR(work.DeleteRange(range.lower, range.upper));
  return true;
}

absl::StatusOr<Upkeep::Commit> Clear(IndexState state, const SearchOptions& options,
                                     UpkeepRows& work) {
  for (const uint64_t number : state.garbage) {
    const KeyRange range = SegmentsRange(state.tag, number, number + 1);
    RETURN_IF_ERROR(work.DeleteRange(range.lower, range.upper));
  }
  return Upkeep::Commit([state = std::move(state), options](ProjectionRows& rows) {
    for (const uint64_t number : state.garbage) {
      rows.Delete(NumberedKey(RowTag::kGarbage, state.tag, number));
    }
    return PutSegments(state, {}, {}, options, rows);
  });
}

// ---- Seal.

// What a seal takes, with the positions of the changes that it has.
struct Sealed {
  std::vector<std::pair<uint64_t, Position>> documents;
  Tally left;  // loose documents that it does not take
};

absl::StatusOr<Upkeep::Commit> Seal(IndexState state, const SearchOptions& options,
                                    UpkeepRows& work) {
  uint64_t covered = 0;
  for (const SegmentInfo& segment : state.segments) {
    if (!segment.listed) covered = std::max(covered, segment.last);
  }
  SegmentBuilder range(SegmentBuilder::Kind::kRange);
  SegmentBuilder list(SegmentBuilder::Kind::kListed);
  std::vector<uint64_t> ids;
  uint64_t first = 0;
  Sealed sealed;
  const auto take = [&](uint64_t id, std::string_view row) -> absl::Status {
    ASSIGN_OR_RETURN(LooseRow loose, DecodeLoose(id, row));
    const bool is_new = id > covered;
    if (is_new && range.documents() == 0) first = id;
    SegmentBuilder& builder = is_new ? range : list;
    const bool fits = (is_new ? id - first : list.documents()) < kSegmentOrdinalsMax &&
                      builder.text_bytes() < options.segment_text_bytes_max;
    if (!fits) {
      ++sealed.left.documents;
      sealed.left.bytes += loose.document.text.size();
      return absl::OkStatus();
    }
    sealed.documents.emplace_back(id, loose.position);
    if (!is_new) ids.push_back(id);
    builder.Add(std::move(loose.document));
    return absl::OkStatus();
  };
  RETURN_IF_ERROR(ForEach(work.rows(), NumberedRange(RowTag::kLoose, state.tag), take));
  std::vector<Written> written;
  if (range.documents() > 0) {
    ASSIGN_OR_RETURN(Written segment, Write(&range, state, state.next, {}, work));
    written.push_back(std::move(segment));
  }
  if (list.documents() > 0) {
    ASSIGN_OR_RETURN(Written segment,
                     Write(&list, state, state.next + written.size(), std::move(ids), work));
    written.push_back(std::move(segment));
  }
  return Upkeep::Commit([state = std::move(state), written = std::move(written),
                         sealed = std::move(sealed), options,
                         position = work.moment()](ProjectionRows& rows) -> absl::Status {
    for (const auto& [id, changed] : sealed.documents) {
      const std::string key = NumberedKey(RowTag::kLoose, state.tag, id);
      std::string row;
      ASSIGN_OR_RETURN(const bool there, rows.Get(key, &row));
      if (!there) continue;
      ASSIGN_OR_RETURN(const LooseRow loose, DecodeLoose(id, row));
      if (loose.position == changed) rows.Delete(key);
    }
    for (const Written& segment : written) {
      if (!segment.info.listed) RETURN_IF_ERROR(DeleteVoids(state.tag, segment.info, rows));
      for (const uint64_t id : segment.ids) {
        RETURN_IF_ERROR(DeleteVoid(state.tag, id, position, rows));
      }
    }
    // What came since the moment of the piece, and what the seal did not take.
    ASSIGN_OR_RETURN(Tally tally, ReadTally(state.tag, rows));
    tally.documents = tally.documents - state.tally.documents + sealed.left.documents;
    tally.bytes = tally.bytes - state.tally.bytes + sealed.left.bytes;
    rows.Put(TallyKey(state.tag), EncodeTally(tally));
    return PutSegments(state, written, {}, options, rows);
  });
}

// ---- Merge.

// The segments as they count at the moment of the piece.
absl::StatusOr<std::shared_ptr<const SegmentView>> ViewOf(const IndexState& state, uint64_t first,
                                                          uint64_t last,
                                                          const ProjectionReader& rows) {
  SegmentSet set(state.tag);
  for (const SegmentInfo& info : state.segments) {
    if (info.first > last || info.last < first) continue;
    std::vector<uint64_t> ids;
    if (info.listed) {
      std::string row;
      ASSIGN_OR_RETURN(const bool there,
                       rows.Get(NumberedKey(RowTag::kIds, state.tag, info.number), &row));
      if (!there)
        return absl::DataLossError(fmt::format("search segment {} has no ids", info.number));
      ASSIGN_OR_RETURN(ids, DecodeIds(info, row));
    }
    if (!set.Add(info, std::move(ids))) {
      return absl::DataLossError(fmt::format("search segment {} overlaps another", info.number));
    }
  }
  RETURN_IF_ERROR(ForEach(rows, NumberedRange(RowTag::kVoid, state.tag, first, last),
                          [&](uint64_t id, std::string_view row) -> absl::Status {
                            ASSIGN_OR_RETURN(const uint64_t position,
                                             DecodeNumber(row, "void document"));
                            set.Void(id, position);
                            return absl::OkStatus();
                          }));
  return set.View();
}

bool Counts(const SegmentPart& part, uint32_t ordinal) {
  return part.void_documents == nullptr || !part.void_documents->Has(ordinal);
}

// The ids of merged lists that count.
std::vector<uint64_t> IdsThatCount(std::span<const SegmentPart> lists) {
  std::vector<uint64_t> ids;
  for (const SegmentPart& part : lists) {
    const std::vector<uint64_t>& all = part.segment->ids();
    for (size_t i = 0; i < all.size(); ++i) {
      if (Counts(part, static_cast<uint32_t>(i))) ids.push_back(all[i]);
    }
  }
  std::sort(ids.begin(), ids.end());
  return ids;
}

// Where the documents of a segment go that count and are in the merged one.
MergeSource SourceOf(const SegmentPart& part, const SegmentInfo& target,
                     const std::vector<uint64_t>& ids) {
  const size_t ordinals = part.segment->info().ordinals();
  MergeSource source = {.segment = part.segment.get(), .targets = {}};
  source.targets.reserve(ordinals);
  for (uint32_t ordinal = 0; ordinal < ordinals; ++ordinal) {
    const uint64_t id = part.segment->IdOf(ordinal);
    uint32_t to = kLeftOut;
    if (id >= target.first && id <= target.last && Counts(part, ordinal)) {
      to = target.listed
               ? static_cast<uint32_t>(std::lower_bound(ids.begin(), ids.end(), id) - ids.begin())
               : static_cast<uint32_t>(id - target.first);
    }
    source.targets.push_back(to);
  }
  return source;
}

absl::StatusOr<Upkeep::Commit> Merge(IndexState state, const std::vector<uint64_t>& numbers,
                                     const SearchOptions& options, UpkeepRows& work) {
  const auto is_merged = [&](const SegmentInfo& info) {
    return std::find(numbers.begin(), numbers.end(), info.number) != numbers.end();
  };
  SegmentInfo target = {
      .number = state.next, .first = UINT64_MAX, .last = 0, .position = work.moment()};
  for (const SegmentInfo& info : state.segments) {
    if (!is_merged(info)) continue;
    target.first = std::min(target.first, info.first);
    target.last = std::max(target.last, info.last);
    target.listed = info.listed;
  }
  ASSIGN_OR_RETURN(const std::shared_ptr<const SegmentView> view,
                   ViewOf(state, target.first, target.last, work.rows()));
  std::vector<SegmentPart> parts;
  for (const SegmentPart& part : view->ranges) {
    if (is_merged(part.segment->info())) parts.push_back(part);
  }
  // A merged range takes in what lists have of it.
  for (const SegmentPart& part : view->lists) {
    if (!target.listed || is_merged(part.segment->info())) parts.push_back(part);
  }
  std::vector<uint64_t> ids;
  if (target.listed) {
    ids = IdsThatCount(parts);
    if (!ids.empty()) {
      target.first = ids.front();
      target.last = ids.back();
      target.documents = ids.size();
    }
  }
  std::vector<MergeSource> sources;
  if (!target.listed || !ids.empty()) {
    for (const SegmentPart& part : parts) sources.push_back(SourceOf(part, target, ids));
  }
  ASSIGN_OR_RETURN(
      const std::optional<SegmentInfo> merged,
      MergeSegments(
          state.tag, target, sources, work.rows(), [&] { return work.cancelled(); },
          [&](std::string_view key, std::string_view value) { return work.Put(key, value); }));
  std::vector<Written> written;
  if (merged.has_value()) written.push_back({.info = *merged, .ids = std::move(ids)});
  return Upkeep::Commit([state = std::move(state), written = std::move(written), numbers,
                         options](ProjectionRows& rows) -> absl::Status {
    for (const Written& segment : written) {
      if (!segment.info.listed) RETURN_IF_ERROR(DeleteVoids(state.tag, segment.info, rows));
    }
    return PutSegments(state, written, numbers, options, rows);
  });
}

}  // namespace

absl::StatusOr<Upkeep::Need> SearchUpkeep::Needs(ProjectionRows& rows) {
  Need need = Need::kNone;
  for (const IndexTag tag : kIndexTags) {
    ASSIGN_OR_RETURN(const Tally tally, ReadTally(tag, rows));
    const auto reached = [&](uint64_t times) {
      return tally.documents >= times * options_.loose_documents_max ||
             tally.bytes >= times * options_.loose_bytes_max;
    };
    if (reached(kOverdueSeals)) return Need::kOverdue;
    std::string row;
    ASSIGN_OR_RETURN(const bool more, rows.Get(MoreKey(tag), &row));
    if (more || reached(1)) need = Need::kDue;
  }
  return need;
}

absl::StatusOr<Upkeep::Commit> SearchUpkeep::Work(UpkeepRows& work) {
  for (const IndexTag tag : kIndexTags) {
    ASSIGN_OR_RETURN(IndexState state, ReadState(tag, work.rows()));
    RETURN_IF_ERROR(ClearLeftOver(state, work).status());
    const bool seal = state.tally.documents >= options_.loose_documents_max ||
                      state.tally.bytes >= options_.loose_bytes_max;
    if (seal) return Seal(std::move(state), options_, work);
    if (!state.garbage.empty()) return Clear(std::move(state), options_, work);
    const std::vector<uint64_t> numbers = SegmentsToMerge(state.segments, options_);
    if (!numbers.empty()) return Merge(std::move(state), numbers, options_, work);
  }
  return nullptr;
}

}  // namespace dailyfeed::search

#include "projections/search/search_units.h"

#include <fmt/format.h>

#include <utility>

#include "core/base/status_macros.h"
#include "projections/codec/row_codec.h"
#include "projections/posts/posts_projection.h"
#include "projections/search/search_content.h"
#include "projections/search/search_rows.h"

namespace dailyfeed::search {
namespace {

constexpr char kCommentTreeTag = 'r';
constexpr char kTagTag = 'g';

bool Is(std::string_view key, RowTag tag) { return key.starts_with(static_cast<char>(tag)); }

// Keys of documents and texts: the tag of the row, the index, the number.
std::optional<IndexTag> IndexOfKey(std::string_view key) {
  if (key.size() < 2) return std::nullopt;
  for (const IndexTag index : kIndexTags) {
    if (key[1] == static_cast<char>(index)) return index;
  }
  return std::nullopt;
}

}  // namespace

std::string SearchUnits::UnitOf(const v1::Event& event) const {
  return fmt::format("post/{}", PostOf(event.payload()));
}

size_t SearchUnits::SumParts(std::string_view key) const {
  return key.starts_with(kTagTag) ? 1 : 0;
}

std::optional<std::string> SearchUnits::ContentOf(std::string_view key,
                                                  std::string_view value) const {
  if (Is(key, RowTag::kDocument) || key.starts_with(kCommentTreeTag) || SumParts(key) > 0) {
    return std::string(value);
  }
  if (!Is(key, RowTag::kLoose)) return std::nullopt;
  absl::StatusOr<LooseRow> loose = DecodeLoose(0, value);
  if (!loose.ok()) return std::string(value);
  loose->position = 0;
  return EncodeLoose(*loose);
}

absl::StatusOr<std::string> SearchUnits::OwnerOf(std::string_view key, std::string_view /*value*/,
                                                 ReadRow /*read*/) const {
  if (SumParts(key) > 0) return std::string();
  if (key.starts_with(kCommentTreeTag)) {
    if (key.size() <= Key::kPartBytes) return absl::DataLossError("damaged key of a comment");
    return fmt::format("post/{}", KeyReader(key).Id());
  }
  if (IndexOfKey(key) != IndexTag::kPosts) return std::string();
  ASSIGN_OR_RETURN(const uint64_t post, NumberOf(key));
  return fmt::format("post/{}", post);
}

absl::StatusOr<UnitLaw::LiveRow> SearchUnits::ReadLive(std::string_view unit, std::string_view key,
                                                       ReadRow read) const {
  ASSIGN_OR_RETURN(LiveRow live, UnitLaw::ReadLive(unit, key, read));
  if (!Is(key, RowTag::kLoose) || live.content.has_value()) return live;
  std::string document(key);
  document.front() = static_cast<char>(RowTag::kDocument);
  std::string unused;
  ASSIGN_OR_RETURN(const bool sealed, read(document, &unused));
  live.known = !sealed;
  return live;
}

absl::Status SearchUnits::Write(const RowDifference& difference, const v1::Event& cause,
                                ProjectionRows& rows) const {
  const std::optional<IndexTag> index = IndexOfKey(difference.key);
  if (!Is(difference.key, RowTag::kLoose) || !index.has_value()) {
    return UnitLaw::Write(difference, cause, rows);
  }
  ASSIGN_OR_RETURN(const uint64_t id, NumberOf(difference.key));
  rows.Put(NumberedKey(RowTag::kVoid, *index, id), EncodeNumber(rows.MomentOf(cause)));
  if (!difference.after.has_value()) {
    rows.Delete(difference.key);
    return absl::OkStatus();
  }
  ASSIGN_OR_RETURN(LooseRow loose, DecodeLoose(id, *difference.after));
  return PutLoose(rows.MomentOf(cause), *index, std::move(loose.document), rows);
}

absl::Status SearchUnits::VisitContent(
    const ProjectionReader& rows, const KeyRange& range,
    absl::FunctionRef<bool(std::string_view, std::string_view)> visit) const {
  bool more = true;
  const auto visit_on = [&](std::string_view key, std::string_view content) {
    more = visit(key, content);
    return more;
  };
  // The loose rows of the first index are the first of all loose rows; what stands
  // behind those of the last is no content.
  const std::string loose = NumberedRange(RowTag::kLoose, IndexTag::kComments).lower;
  if (range.lower < loose) {
    const bool ends_before = !range.upper.empty() && range.upper < loose;
    RETURN_IF_ERROR(UnitLaw::VisitContent(
        rows, {.lower = range.lower, .upper = ends_before ? range.upper : loose}, visit_on));
  }
  if (more) RETURN_IF_ERROR(VisitTexts(rows, IndexTag::kComments, range, visit_on));
  if (more) RETURN_IF_ERROR(VisitTexts(rows, IndexTag::kPosts, range, visit_on));
  return absl::OkStatus();
}

}  // namespace dailyfeed::search

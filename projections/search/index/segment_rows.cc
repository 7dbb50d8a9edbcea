#include "projections/search/index/segment_rows.h"

#include <fmt/format.h>

#include <optional>

#include "projections/codec/row_codec.h"
#include "projections/runtime/upkeep.h"
#include "projections/search/index/bytes.h"
#include "projections/search/index/row_digest.h"

namespace dailyfeed::search {
namespace {

std::string SegmentPrefix(IndexTag tag, uint64_t segment) {
  std::string prefix(1, kBesidePrefix);
  prefix += Key(static_cast<char>(tag)).Id(segment).bytes();
  return prefix;
}

void AppendBigEndian(uint32_t value, std::string* key) {
  for (int shift = 24; shift >= 0; shift -= 8) key->push_back(static_cast<char>(value >> shift));
}

// What the digests of the rows beside each other begin with.
std::string ManifestKey(uint64_t number) { return Key('m').Id(number).bytes(); }
std::string IdsKey(uint64_t number) { return Key('l').Id(number).bytes(); }

}  // namespace

std::string EncodeSegmentInfo(const SegmentInfo& info) {
  RowWriter row;
  row.Varint(info.listed ? 1 : 0).Varint(info.first).Varint(info.last - info.first);
  row.Varint(info.position).Varint(info.documents).Varint(info.pages);
  row.Varint(info.text_bytes).Varint(info.bytes);
  row.Signed(info.created_min).Signed(info.created_max).Varint(info.ordered ? 1 : 0);
  return Sealed(ManifestKey(info.number), row.Take());
}

absl::StatusOr<SegmentInfo> DecodeSegmentInfo(uint64_t number, std::string_view row) {
  const std::optional<std::string_view> content = Unsealed(ManifestKey(number), row);
  RowReader reader(content.value_or(std::string_view()));
  SegmentInfo info;
  info.number = number;
  const uint64_t listed = reader.Varint();
  info.listed = listed == 1;
  info.first = reader.Varint();
  const uint64_t span = reader.Varint();
  info.last = info.first + span;
  info.position = reader.Varint();
  info.documents = reader.Varint();
  info.pages = reader.Varint();
  info.text_bytes = reader.Varint();
  info.bytes = reader.Varint();
  info.created_min = reader.Signed();
  info.created_max = reader.Signed();
  const uint64_t ordered = reader.Varint();
  info.ordered = ordered == 1;
  absl::Status finished = reader.Finish("segment manifest");
  const bool sound = content.has_value() && listed <= 1 && ordered <= 1 &&
                     info.last >= info.first && info.documents > 0 &&
                     info.ordinals() <= kSegmentOrdinalsMax && info.documents <= span + 1 &&
                     info.pages > 0 && info.pages <= UINT32_MAX;
  if (!finished.ok() || !sound) {
    return absl::DataLossError(fmt::format("search segment {}: its manifest is damaged", number));
  }
  return info;
}

std::string EncodeIds(const SegmentInfo& info, const std::vector<uint64_t>& ids) {
  std::string row;
  uint64_t before = 0;
  for (const uint64_t id : ids) {
    AppendVarint(id - before, &row);
    before = id;
  }
  return Sealed(IdsKey(info.number), row);
}

absl::StatusOr<std::vector<uint64_t>> DecodeIds(const SegmentInfo& info, std::string_view row) {
  std::vector<uint64_t> ids;
  const std::optional<std::string_view> content = Unsealed(IdsKey(info.number), row);
  ByteReader bytes(content.value_or(std::string_view()));
  uint64_t id = 0;
  bool rising = true;
  while (!bytes.AtEnd()) {
    const uint64_t distance = bytes.Varint();
    rising = rising && (distance > 0 || ids.empty());
    id += distance;
    ids.push_back(id);
  }
  const bool sound = rising && content.has_value() && !bytes.failed() &&
                     ids.size() == info.documents && ids.front() == info.first &&
                     ids.back() == info.last;
  if (!sound) {
    return absl::DataLossError(fmt::format("search segment {}: its ids are damaged", info.number));
  }
  return ids;
}

std::string SegmentKey(IndexTag tag, uint64_t segment, SegmentRow row, uint32_t number,
                       uint32_t part) {
  std::string key = SegmentPrefix(tag, segment);
  key.push_back(static_cast<char>(row));
  AppendBigEndian(number, &key);
  if (row == SegmentRow::kPositions) AppendBigEndian(part, &key);
  return key;
}

KeyRange SegmentsRange(IndexTag tag, uint64_t first, uint64_t behind) {
  return {.lower = SegmentPrefix(tag, first), .upper = SegmentPrefix(tag, behind)};
}

}  // namespace dailyfeed::search

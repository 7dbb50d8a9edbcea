#include "projections/testing/map_rows.h"

#include <algorithm>
#include <utility>
#include <vector>

namespace dailyfeed::testing {

absl::StatusOr<bool> MapRows::Get(std::string_view key, std::string* value) {
  if (!read_status_.ok()) return read_status_;
  const auto found = rows_.find(key);
  if (found == rows_.end()) return false;
  *value = found->second;
  return true;
}

void MapRows::Put(std::string_view key, std::string_view value) {
  rows_.insert_or_assign(std::string(key), std::string(value));
}

void MapRows::PutUnsettled(std::string_view key, std::string_view value) {
  Put(key, value);
  unsettled_.insert(std::string(key));
}

absl::Status MapRows::Settle(Projection& projection) {
  const std::set<std::string> unsettled = std::exchange(unsettled_, {});
  for (const std::string& key : unsettled) {
    if (!rows_.contains(key)) continue;
    const absl::Status settled = projection.Settle(key, *this);
    if (!settled.ok()) return settled;
  }
  return absl::OkStatus();
}

void MapRows::Delete(std::string_view key) {
  const auto found = rows_.find(key);
  if (found != rows_.end()) rows_.erase(found);
}

absl::Status MapRows::Scan(std::string_view lower, std::string_view upper,
                           absl::FunctionRef<bool(std::string_view, std::string_view)> visit) {
  if (!read_status_.ok()) return read_status_;
  const auto end = upper.empty() ? rows_.end() : rows_.lower_bound(upper);
  const std::vector<std::pair<std::string, std::string>> range(rows_.lower_bound(lower), end);
  for (const auto& [key, value] : range) {
    if (!visit(key, value)) break;
  }
  return absl::OkStatus();
}

size_t MapRows::CountTag(char tag) const {
  return std::count_if(rows_.begin(), rows_.end(),
                       [tag](const auto& row) { return row.first.front() == tag; });
}

std::vector<std::string> UnlistedKinds(Projection& projection) {
  std::vector<std::string> unlisted;
  const auto* const oneof = v1::Payload::descriptor()->oneof_decl(0);
  for (int i = 0; i < oneof->field_count(); ++i) {
    const auto* const field = oneof->field(i);
    v1::Event event;
    v1::Payload* const payload = event.mutable_payload();
    payload->GetReflection()->MutableMessage(payload, field);
    if (projection.Handles(payload->kind_case())) continue;
    MapRows rows;
    if (!projection.Apply(event, rows).ok() || !rows.rows().empty()) {
      unlisted.push_back(field->name());
    }
  }
  return unlisted;
}

}  // namespace dailyfeed::testing

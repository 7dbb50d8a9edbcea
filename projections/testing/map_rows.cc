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

}  // namespace dailyfeed::testing

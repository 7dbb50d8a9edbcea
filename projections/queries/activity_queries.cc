// The questions about activities.
#include <algorithm>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "core/base/status_macros.h"
#include "projections/activities/activity_rows.h"
#include "projections/codec/row_codec.h"
#include "projections/home/merge_newest.h"
#include "projections/queries/queries.h"
#include "projections/queries/queries_parts.h"
#include "projections/queries/slices.h"

namespace dailyfeed {
namespace {

constexpr int64_t kNsPerSecond = 1'000'000'000;
constexpr int64_t kFirstSecond = std::numeric_limits<TimestampNs>::min() / kNsPerSecond;
constexpr int64_t kLastSecond = std::numeric_limits<TimestampNs>::max() / kNsPerSecond;

// The part of a list with the times [begin, end) in seconds.
KeyRange RangeOf(MemberId member, activities::List list, const TimeSpan& span) {
  const std::string prefix = activities::ListPrefix(member, list);
  KeyRange range = {.lower = prefix, .upper = PrefixEnd(prefix)};
  constexpr Position kNewest = std::numeric_limits<Position>::max();
  if (span.end <= kLastSecond) {
    const TimestampNs end = std::max(span.end, kFirstSecond + 1) * kNsPerSecond;
    range.lower = activities::RowKey(member, list, end - 1, kNewest);
  }
  if (span.begin > kFirstSecond) {
    const TimestampNs begin = std::min(span.begin, kLastSecond) * kNsPerSecond;
    range.upper = activities::RowKey(member, list, begin - 1, kNewest);
  }
  return range;
}

// Rows of one list, the newest first, behind `after` and after leaving out `skip`.
absl::StatusOr<std::vector<ActivityRow>> ReadRows(const ProjectionReader& reader, MemberId member,
                                                  activities::List list,
                                                  std::span<const TimeSpan> spans,
                                                  const std::optional<ListKey>& after,
                                                  uint64_t skip, size_t count) {
  std::vector<ActivityRow> found;
  for (size_t i = spans.size(); i-- > 0 && found.size() < count;) {
    KeyRange range = RangeOf(member, list, spans[i]);
    if (after.has_value()) {
      // The first key behind.
      std::string behind = activities::RowKey(member, list, after->order, after->id) + '\0';
      range.lower = std::max(range.lower, std::move(behind));
      if (range.lower >= range.upper) continue;
    }
    const auto rows = reader.NewIterator(range);
    for (; rows->Valid() && found.size() < count; rows->Next()) {
      if (skip > 0) {
        --skip;
        continue;
      }
      ASSIGN_OR_RETURN(ActivityRow row, activities::DecodeRow(rows->key(), rows->value()));
      found.push_back(std::move(row));
    }
    RETURN_IF_ERROR(rows->status());
  }
  return found;
}

ListKey KeyOf(const ActivityRow& row) { return {.order = row.activity.at, .id = row.position}; }

}  // namespace

absl::StatusOr<Slice<ActivityRow>> Queries::ActivitiesOf(MemberId member,
                                                         const ActivityFilter& filter,
                                                         const PageRequest& request) const {
  const auto at = parts_->runtime->Pin();
  const ProjectionReader& reader = at->rows(parts_->activities);
  std::string unused;
  ASSIGN_OR_RETURN(const bool withdrawn, reader.Get(activities::WithdrawnKey(member), &unused));
  if (withdrawn) return Slice<ActivityRow>();
  ASSIGN_OR_RETURN(const DeepPages::Ticket ticket, parts_->deep_pages.Enter(request));
  const activities::List list =
      filter.type.has_value() ? activities::OfType(*filter.type) : activities::kAll;
  const std::span<const TimeSpan> spans =
      filter.spans.has_value() ? std::span<const TimeSpan>(*filter.spans) : std::span(&kEver, 1);
  // The rows have all there is to say.
  std::vector<ActivityRow> rows;
  const auto keys = [&](const std::optional<ListKey>& after, uint64_t skip,
                        size_t count) -> absl::StatusOr<std::vector<ListKey>> {
    ASSIGN_OR_RETURN(rows, ReadRows(reader, member, list, spans, after, skip, count));
    std::vector<ListKey> found;
    found.reserve(rows.size());
    for (const ActivityRow& row : rows) found.push_back(KeyOf(row));
    return found;
  };
  const auto load = [&](std::span<const ListKey> of) -> absl::StatusOr<std::vector<ActivityRow>> {
    rows.resize(of.size());
    return std::move(rows);
  };
  return MakeSlice<ActivityRow>(request, keys, load, [](const ActivityRow&) { return true; });
}

absl::StatusOr<Slice<ActivityRow>> Queries::FollowedActivities(MemberId viewer,
                                                               const PageRequest& request) const {
  const auto at = parts_->runtime->Pin();
  ASSIGN_OR_RETURN(const DeepPages::Ticket ticket, parts_->deep_pages.Enter(request));
  ASSIGN_OR_RETURN(const FollowedAuthorsPtr followed, parts_->followed.Load(*at, viewer));
  std::vector<MemberId> members;
  const auto keys = [&](const std::optional<ListKey>& after, uint64_t skip, size_t count) {
    members.clear();
    return MergeNewest(*at, parts_->activity_heads, *followed, after, skip, count, {}, &members);
  };
  const auto load = [&](std::span<const ListKey> of) -> absl::StatusOr<std::vector<ActivityRow>> {
    std::vector<std::string> names(of.size());
    for (size_t i = 0; i < of.size(); ++i) {
      names[i] = activities::RowKey(members[i], activities::kShown, of[i].order, of[i].id);
    }
    ASSIGN_OR_RETURN(const std::vector<StoreReader::Found> found,
                     at->rows(parts_->activities).MultiGet(names));
    std::vector<ActivityRow> rows(of.size());
    for (size_t i = 0; i < of.size(); ++i) {
      if (!found[i].found) continue;
      ASSIGN_OR_RETURN(rows[i], activities::DecodeRow(names[i], found[i].value));
    }
    return rows;
  };
  return MakeSlice<ActivityRow>(request, keys, load,
                                [](const ActivityRow& row) { return row.position != 0; });
}

absl::Status Queries::VisitActivities(
    absl::FunctionRef<bool(std::string_view key, std::string_view value)> visit) const {
  const auto at = parts_->runtime->Pin();
  return activities::VisitLive(at->rows(parts_->activities), visit);
}

}  // namespace dailyfeed

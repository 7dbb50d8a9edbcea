#include "projections/queries/activity_heads.h"

#include <optional>

#include "projections/activities/activity.h"
#include "projections/activities/activity_rows.h"

namespace dailyfeed {

std::string ActivityHeads::ListPrefix(MemberId member) const {
  return activities::ListPrefix(member, activities::kShown);
}

std::string ActivityHeads::RowKey(MemberId member, const ListKey& row) const {
  return activities::RowKey(member, activities::kShown, row.order, row.id);
}

absl::StatusOr<ListKey> ActivityHeads::Decode(std::string_view key) const {
  return activities::DecodeRowKey(key);
}

// The rows of a withdrawn member are there for a while.
absl::StatusOr<bool> ActivityHeads::IsGone(const ReadView& view, MemberId member) const {
  std::string unused;
  return view.rows(projection()).Get(activities::WithdrawnKey(member), &unused);
}

void ActivityHeads::OnEvent(const v1::Event& event) {
  if (event.payload().has_member_withdrawn()) {
    Ended(event.payload().member_withdrawn().member_id(), event.position());
    return;
  }
  const std::optional<Activity> activity = ActivityOf(event);
  if (!activity.has_value() || !activities::IsShown(activity->type)) return;
  Added(activity->member, event.position(), {.order = activity->at, .id = event.position()});
}

}  // namespace dailyfeed

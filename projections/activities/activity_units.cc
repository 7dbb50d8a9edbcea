#include "projections/activities/activity_units.h"

#include "core/base/status_macros.h"
#include "fmt/format.h"
#include "projections/activities/activity.h"
#include "projections/activities/activity_rows.h"
#include "projections/codec/row_codec.h"
#include "projections/posts/dead_rows.h"

namespace dailyfeed {
namespace {

constexpr char kActivityTag = 'a';
constexpr size_t kPrefixBytes = 1 + Key::kPartBytes;  // tag and member

bool IsNote(std::string_view key) { return key.starts_with(DeadRows::kAnyKey); }

MemberId MemberOf(const v1::Event& event) {
  const v1::Payload& payload = event.payload();
  if (payload.has_member_withdrawn()) return payload.member_withdrawn().member_id();
  if (payload.has_member_unfollowed()) return payload.member_unfollowed().follower_id();
  const std::optional<Activity> activity = ActivityOf(event);
  return activity.has_value() ? activity->member : event.actor();
}

}  // namespace

std::string ActivityUnits::UnitOf(const v1::Event& event) const {
  return fmt::format("member/{}", MemberOf(event));
}

absl::StatusOr<std::string> ActivityUnits::OwnerOf(std::string_view key, std::string_view /*value*/,
                                                   ReadRow /*read*/) const {
  if (!key.starts_with(kActivityTag)) {
    ASSIGN_OR_RETURN(const MemberId member, activities::DecodeWithdrawnKey(key));
    return fmt::format("member/{}", member);
  }
  RETURN_IF_ERROR(activities::DecodeRowKey(key).status());
  return fmt::format("member/{}", KeyReader(key).Id());
}

std::optional<std::string> ActivityUnits::ContentOf(std::string_view key,
                                                    std::string_view value) const {
  if (IsNote(key)) return std::nullopt;
  return std::string(value);
}

absl::StatusOr<bool> ActivityUnits::IsDead(std::string_view key, std::string_view /*value*/,
                                           ReadRow read) const {
  if (!key.starts_with(kActivityTag) || key.size() < kPrefixBytes) return false;
  std::string unused;
  return read(DeadRows::RangeKey(key.substr(0, kPrefixBytes)), &unused);
}

absl::Status ActivityUnits::Complete(ProjectionRows& rows) const {
  return DeadRows(&rows).SweepAll([&](std::string_view key) {
    rows.Delete(key);
    return absl::OkStatus();
  });
}

absl::Status ActivityUnits::Release(std::string_view key, ProjectionRows& rows) const {
  return DeadRows(&rows).Release(key);
}

}  // namespace dailyfeed

#include "projections/follows/follow_units.h"

#include "core/base/status_macros.h"
#include "fmt/format.h"
#include "projections/codec/row_codec.h"
#include "projections/follows/follow_rows.h"

namespace dailyfeed {
namespace {

constexpr size_t kCountsParts = 2;  // followers, followings
constexpr char kFollowersTag = 'r';

std::string MemberUnit(MemberId member) { return fmt::format("member/{}", member); }

}  // namespace

std::string FollowUnits::UnitOf(const v1::Event& event) const {
  const v1::Payload& payload = event.payload();
  return MemberUnit(payload.has_member_followed() ? payload.member_followed().follower_id()
                                                  : payload.member_unfollowed().follower_id());
}

size_t FollowUnits::SumParts(std::string_view key) const {
  return key.starts_with(follows::CountsPrefix()) ? kCountsParts : 0;
}

absl::StatusOr<std::string> FollowUnits::OwnerOf(std::string_view key, std::string_view /*value*/,
                                                 ReadRow /*read*/) const {
  if (SumParts(key) > 0) return std::string();
  if (key.starts_with(kFollowersTag)) {
    ASSIGN_OR_RETURN(const ListKey relation, follows::DecodeRelationKey(key));
    return MemberUnit(relation.id);
  }
  if (key.size() <= Key::kPartBytes) return absl::DataLossError("damaged key of a relation");
  return MemberUnit(KeyReader(key).Id());
}

}  // namespace dailyfeed

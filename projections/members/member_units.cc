#include "projections/members/member_units.h"

#include "core/base/status_macros.h"
#include "fmt/format.h"
#include "projections/codec/row_codec.h"
#include "projections/members/member_rows.h"

namespace dailyfeed {
namespace {

constexpr char kHandleTag = 'h';
constexpr char kNewestTag = 'n';

MemberId MemberOf(const v1::Payload& payload) {
  if (payload.has_member_signed_up()) return payload.member_signed_up().member_id();
  if (payload.has_profile_updated()) return payload.profile_updated().member_id();
  if (payload.has_handle_changed()) return payload.handle_changed().member_id();
  if (payload.has_member_withdrawn()) return payload.member_withdrawn().member_id();
  return payload.member_erased().member_id();
}

absl::StatusOr<MemberId> MemberOfRow(std::string_view key, std::string_view value) {
  if (key.starts_with(kHandleTag)) return members::DecodeHandle(value);
  if (key.starts_with(kNewestTag)) {
    ASSIGN_OR_RETURN(const ListKey listed, members::DecodeListKey(key));
    return listed.id;
  }
  KeyReader reader(key);
  const MemberId member = reader.Id();
  RETURN_IF_ERROR(reader.Finish("key of a member"));
  return member;
}

}  // namespace

std::string MemberUnits::UnitOf(const v1::Event& event) const {
  return fmt::format("member/{}", MemberOf(event.payload()));
}

size_t MemberUnits::SumParts(std::string_view key) const {
  return key == members::CountKey() ? 1 : 0;
}

absl::StatusOr<std::string> MemberUnits::OwnerOf(std::string_view key, std::string_view value,
                                                 ReadRow /*read*/) const {
  if (SumParts(key) > 0) return std::string();
  ASSIGN_OR_RETURN(const MemberId member, MemberOfRow(key, value));
  return fmt::format("member/{}", member);
}

}  // namespace dailyfeed

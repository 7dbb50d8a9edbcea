#include "projections/members/members_projection.h"

#include <optional>
#include <string>

#include "core/domain/status_macros.h"
#include "fmt/format.h"
#include "projections/members/member_rows.h"

namespace dailyfeed {

absl::Status MembersProjection::ApplySignedUp(const v1::Event& event, ProjectionRows& rows) {
  const v1::MemberSignedUp& signed_up = event.payload().member_signed_up();
  const MemberId id = signed_up.member_id();
  ASSIGN_OR_RETURN(const std::optional<std::string> clear,
                   personal_data_->Unseal(signed_up.subject_id(), signed_up.sealed_profile()));
  if (!clear.has_value()) return absl::OkStatus();
  v1::PersonalProfile profile;
  if (!profile.ParseFromString(*clear)) {
    return absl::DataLossError(fmt::format("the profile of member {} does not parse", id));
  }
  MemberCard card;
  card.id = id;
  card.handle = signed_up.handle();
  card.member_name = profile.member_name();
  card.display_name = profile.display_name();
  card.bio = profile.bio();
  card.location = profile.location();
  card.website_url = profile.website_url();
  card.birth_date = profile.birth_date();
  card.gender = profile.gender();
  card.timezone = profile.timezone();
  card.language_code = profile.language_code();
  card.country_code = profile.country_code();
  card.avatar_url = profile.avatar_url();
  card.cover_url = profile.cover_url();
  card.privacy_level = signed_up.privacy_level();
  card.created_at = event.occurred_at_ns();
  card.updated_at = event.occurred_at_ns();
  rows.Put(members::CardKey(id), members::EncodeCard(card));
  rows.Put(members::HandleKey(card.handle), members::EncodeHandle(id));
  return absl::OkStatus();
}

bool MembersProjection::Handles(v1::Payload::KindCase kind) const {
  switch (kind) {
    case v1::Payload::kMemberSignedUp:
    case v1::Payload::KIND_NOT_SET:  // refused, so that it is seen
      return true;
    case v1::Payload::kPostViewed:
    case v1::Payload::kPostLiked:
    case v1::Payload::kPostUnliked:
    case v1::Payload::kCommentAdded:
    case v1::Payload::kPostPublished:
    case v1::Payload::kMemberFollowed:
    case v1::Payload::kMemberUnfollowed:
    case v1::Payload::kCommentLiked:
    case v1::Payload::kCommentUnliked:
    case v1::Payload::kPostEdited:
    case v1::Payload::kPostDeleted:
    case v1::Payload::kCommentEdited:
    case v1::Payload::kCommentDeleted:
    case v1::Payload::kProfileUpdated:
    case v1::Payload::kHandleChanged:
    case v1::Payload::kMemberWithdrawn:
    case v1::Payload::kMemberErased:
    case v1::Payload::kPictureAdded:
    case v1::Payload::kPictureDeleted:
      break;
  }
  return false;
}

absl::Status MembersProjection::Apply(const v1::Event& event, ProjectionRows& rows) {
  switch (event.payload().kind_case()) {
    case v1::Payload::kMemberSignedUp:
      return ApplySignedUp(event, rows);
    case v1::Payload::kPostViewed:
    case v1::Payload::kPostLiked:
    case v1::Payload::kPostUnliked:
    case v1::Payload::kCommentAdded:
    case v1::Payload::kPostPublished:
    case v1::Payload::kMemberFollowed:
    case v1::Payload::kMemberUnfollowed:
    case v1::Payload::kCommentLiked:
    case v1::Payload::kCommentUnliked:
    case v1::Payload::kPostEdited:
    case v1::Payload::kPostDeleted:
    case v1::Payload::kCommentEdited:
    case v1::Payload::kCommentDeleted:
    case v1::Payload::kProfileUpdated:
    case v1::Payload::kHandleChanged:
    case v1::Payload::kMemberWithdrawn:
    case v1::Payload::kMemberErased:
    case v1::Payload::kPictureAdded:
    case v1::Payload::kPictureDeleted:
      return absl::OkStatus();
    case v1::Payload::KIND_NOT_SET:
      break;
  }
  return absl::UnimplementedError("an event without a payload this program knows");
}

}  // namespace dailyfeed

#include "projections/members/members_projection.h"

#include <optional>
#include <string>

#include "core/base/status_macros.h"
#include "fmt/format.h"
#include "projections/members/member_rows.h"

namespace dailyfeed {
namespace {

// nullopt: no card, because the person is gone.
absl::StatusOr<std::optional<MemberCard>> ReadCard(MemberId id, ProjectionRows& rows) {
  std::string row;
  ASSIGN_OR_RETURN(const bool found, rows.Get(members::CardKey(id), &row));
  if (!found) return std::nullopt;
  ASSIGN_OR_RETURN(MemberCard card, members::DecodeCard(id, row));
  return card;
}

// `grown`: by one, else shrunk by one.
absl::Status ChangeCount(bool grown, ProjectionRows& rows) {
  std::string row;
  ASSIGN_OR_RETURN(const bool found, rows.Get(members::CountKey(), &row));
  uint64_t count = 0;
  if (found) {
    ASSIGN_OR_RETURN(count, members::DecodeCount(row));
  }
  if (!grown && count == 0) return absl::DataLossError("a member withdraws and there is none");
  count = grown ? count + 1 : count - 1;
  if (count == 0) {
    rows.Delete(members::CountKey());
  } else {
    rows.Put(members::CountKey(), members::EncodeCount(count));
  }
  return absl::OkStatus();
}

void Merge(const v1::PersonalProfileChanges& changes, MemberCard* card) {
  if (changes.has_member_name()) card->member_name = changes.member_name();
  if (changes.has_display_name()) card->display_name = changes.display_name();
  if (changes.has_bio()) card->bio = changes.bio();
  if (changes.has_location()) card->location = changes.location();
  if (changes.has_website_url()) card->website_url = changes.website_url();
  if (changes.has_birth_date()) card->birth_date = changes.birth_date();
  if (changes.has_gender()) card->gender = changes.gender();
  if (changes.has_timezone()) card->timezone = changes.timezone();
  if (changes.has_language_code()) card->language_code = changes.language_code();
  if (changes.has_country_code()) card->country_code = changes.country_code();
  if (changes.has_avatar_url()) card->avatar_url = changes.avatar_url();
  if (changes.has_cover_url()) card->cover_url = changes.cover_url();
}

}  // namespace

// The rows are those of today but that version 3 left a count of 0 behind, which
// readers take for none.
std::unique_ptr<Projection> MembersProjection::As(uint32_t version,
                                                  std::string_view settings) const {
  if (version != kFormerVersion || !settings.empty()) return nullptr;
  return std::make_unique<MembersProjection>(personal_data_);
}

absl::Status MembersProjection::ApplySignedUp(const v1::Event& event, ProjectionRows& rows) {
  const v1::MemberSignedUp& signed_up = event.payload().member_signed_up();
  const MemberId id = signed_up.member_id();
  ASSIGN_OR_RETURN(const std::optional<std::string> clear,
                   personal_data_->Unseal(signed_up.subject_id(), signed_up.sealed_profile()));
  if (!clear.has_value()) {
    rows.Put(members::KeylessKey(id), signed_up.subject_id());
    return absl::OkStatus();
  }
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
  rows.Put(members::ListKeyOf(card.created_at, id), {});
  rows.Put(members::SubjectKey(id), signed_up.subject_id());
  return ChangeCount(/*grown=*/true, rows);
}

absl::Status MembersProjection::ApplyProfileUpdated(const v1::Event& event, ProjectionRows& rows) {
  const v1::ProfileUpdated& updated = event.payload().profile_updated();
  const MemberId id = updated.member_id();
  ASSIGN_OR_RETURN(std::optional<MemberCard> card, ReadCard(id, rows));
  if (!card.has_value()) return absl::OkStatus();
  std::string subject_id;
  ASSIGN_OR_RETURN(const bool has_subject, rows.Get(members::SubjectKey(id), &subject_id));
  if (!has_subject) {
    return absl::DataLossError(fmt::format("member {} has a card and no subject", id));
  }
  ASSIGN_OR_RETURN(const std::optional<std::string> clear,
                   personal_data_->Unseal(subject_id, updated.sealed_changes()));
  // The key was destroyed behind this event: the withdrawal comes.
  if (!clear.has_value()) return absl::OkStatus();
  v1::PersonalProfileChanges changes;
  if (!changes.ParseFromString(*clear)) {
    return absl::DataLossError(fmt::format("a profile update of member {} does not parse", id));
  }
  Merge(changes, &*card);
  if (updated.has_privacy_level()) card->privacy_level = updated.privacy_level();
  card->updated_at = event.occurred_at_ns();
  rows.Put(members::CardKey(id), members::EncodeCard(*card));
  return absl::OkStatus();
}

absl::Status MembersProjection::ApplyHandleChanged(const v1::Event& event, ProjectionRows& rows) {
  const v1::HandleChanged& changed = event.payload().handle_changed();
  ASSIGN_OR_RETURN(std::optional<MemberCard> card, ReadCard(changed.member_id(), rows));
  if (!card.has_value()) return absl::OkStatus();
  rows.Delete(members::HandleKey(card->handle));
  card->handle = changed.handle();
  card->updated_at = event.occurred_at_ns();
  rows.Put(members::CardKey(card->id), members::EncodeCard(*card));
  rows.Put(members::HandleKey(card->handle), members::EncodeHandle(card->id));
  return absl::OkStatus();
}

absl::Status MembersProjection::ApplyWithdrawn(const v1::MemberWithdrawn& withdrawn,
                                               ProjectionRows& rows) {
  const MemberId id = withdrawn.member_id();
  rows.Put(members::WithdrawalKey(id), withdrawn.subject_id());
  rows.Delete(members::KeylessKey(id));
  ASSIGN_OR_RETURN(const std::optional<MemberCard> card, ReadCard(id, rows));
  if (!card.has_value()) return absl::OkStatus();
  rows.Delete(members::CardKey(id));
  rows.Delete(members::HandleKey(card->handle));
  rows.Delete(members::ListKeyOf(card->created_at, id));
  rows.Delete(members::SubjectKey(id));
  return ChangeCount(/*grown=*/false, rows);
}

std::vector<std::string> MembersProjection::TracesOf(MemberId member) const {
  return {members::CardKey(member)};
}

absl::Status MembersProjection::Forget(MemberId member, ProjectionRows& rows) const {
  ASSIGN_OR_RETURN(const std::optional<MemberCard> card, ReadCard(member, rows));
  if (!card.has_value()) return absl::OkStatus();
  MemberCard blank;
  blank.id = member;
  blank.handle = card->handle;
  blank.privacy_level = card->privacy_level;
  blank.created_at = card->created_at;
  blank.updated_at = card->updated_at;
  rows.Put(members::CardKey(member), members::EncodeCard(blank));
  return absl::OkStatus();
}

absl::Status MembersProjection::Apply(const v1::Event& event, ProjectionRows& rows) {
  switch (event.payload().kind_case()) {
    case v1::Payload::kMemberSignedUp:
      return ApplySignedUp(event, rows);
    case v1::Payload::kProfileUpdated:
      return ApplyProfileUpdated(event, rows);
    case v1::Payload::kHandleChanged:
      return ApplyHandleChanged(event, rows);
    case v1::Payload::kMemberWithdrawn:
      return ApplyWithdrawn(event.payload().member_withdrawn(), rows);
    case v1::Payload::kMemberErased:
      rows.Delete(members::WithdrawalKey(event.payload().member_erased().member_id()));
      return absl::OkStatus();
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
    case v1::Payload::kPictureAdded:
    case v1::Payload::kPictureDeleted:
    case v1::Payload::kActivityRecorded:
      return absl::OkStatus();  // not among kinds()
    case v1::Payload::KIND_NOT_SET:
      break;
  }
  return absl::UnimplementedError("an event without a payload this program knows");
}

}  // namespace dailyfeed

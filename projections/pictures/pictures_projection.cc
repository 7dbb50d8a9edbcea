#include "projections/pictures/pictures_projection.h"

#include <string>
#include <vector>

#include "core/base/status_macros.h"
#include "projections/codec/row_codec.h"
#include "projections/pictures/picture_rows.h"

namespace dailyfeed {
namespace {

// The picture of an id; DATA_LOSS when there is none.
absl::StatusOr<PictureView> ReadPicture(std::string_view picture_id, ProjectionRows& rows) {
  std::string row;
  ASSIGN_OR_RETURN(const bool found, rows.Get(pictures::PictureKey(picture_id), &row));
  if (!found) return absl::DataLossError("a picture that is not there is deleted");
  return pictures::DecodePicture(picture_id, row);
}

void RemoveRows(const PictureView& picture, ProjectionRows& rows) {
  rows.Delete(pictures::PictureKey(picture.id));
  rows.Delete(pictures::OwnerKey(picture.owner_id, picture.number));
  rows.Delete(pictures::UseKey(picture.content_hash, picture.id));
  rows.Delete(pictures::UseKey(picture.thumbnail_hash, picture.id));
}

}  // namespace

absl::Status PicturesProjection::ApplyAdded(const v1::Event& event, ProjectionRows& rows) {
  const v1::PictureAdded& added = event.payload().picture_added();
  PictureView picture;
  picture.id = added.picture_id();
  picture.number = added.picture_number();
  picture.owner_id = added.owner_id();
  picture.content_hash = added.content_hash();
  picture.thumbnail_hash = added.thumbnail_hash();
  picture.width = added.width();
  picture.height = added.height();
  picture.bytes = added.bytes();
  picture.thumbnail_bytes = added.thumbnail_bytes();
  picture.created_at = event.occurred_at_ns();
  rows.Put(pictures::PictureKey(picture.id), pictures::EncodePicture(picture));
  rows.Put(pictures::OwnerKey(picture.owner_id, picture.number), picture.id);
  rows.Put(pictures::UseKey(picture.content_hash, picture.id), {});
  rows.Put(pictures::UseKey(picture.thumbnail_hash, picture.id), {});
  return absl::OkStatus();
}

absl::Status PicturesProjection::ApplyDeleted(const v1::PictureDeleted& deleted,
                                              ProjectionRows& rows) {
  ASSIGN_OR_RETURN(const PictureView picture, ReadPicture(deleted.picture_id(), rows));
  RemoveRows(picture, rows);
  return absl::OkStatus();
}

absl::Status PicturesProjection::ApplyWithdrawn(MemberId member, ProjectionRows& rows) {
  std::vector<std::string> ids;
  const std::string prefix = pictures::OwnerPrefix(member);
  RETURN_IF_ERROR(
      rows.Scan(prefix, PrefixEnd(prefix), [&](std::string_view, std::string_view picture_id) {
        ids.emplace_back(picture_id);
        return true;
      }));
  for (const std::string& id : ids) {
    ASSIGN_OR_RETURN(const PictureView picture, ReadPicture(id, rows));
    RemoveRows(picture, rows);
    rows.Put(pictures::EraseKey(member, picture.content_hash), {});
    rows.Put(pictures::EraseKey(member, picture.thumbnail_hash), {});
  }
  return absl::OkStatus();
}

absl::Status PicturesProjection::ApplyErased(MemberId member, ProjectionRows& rows) {
  std::vector<std::string> keys;
  const std::string prefix = pictures::ErasePrefix(member);
  RETURN_IF_ERROR(rows.Scan(prefix, PrefixEnd(prefix), [&](std::string_view key, std::string_view) {
    keys.emplace_back(key);
    return true;
  }));
  for (const std::string& key : keys) rows.Delete(key);
  return absl::OkStatus();
}

absl::Status PicturesProjection::Apply(const v1::Event& event, ProjectionRows& rows) {
  const v1::Payload& payload = event.payload();
  switch (payload.kind_case()) {
    case v1::Payload::kPictureAdded:
      return ApplyAdded(event, rows);
    case v1::Payload::kPictureDeleted:
      return ApplyDeleted(payload.picture_deleted(), rows);
    case v1::Payload::kMemberWithdrawn:
      return ApplyWithdrawn(payload.member_withdrawn().member_id(), rows);
    case v1::Payload::kMemberErased:
      return ApplyErased(payload.member_erased().member_id(), rows);
    case v1::Payload::kPostViewed:
    case v1::Payload::kPostLiked:
    case v1::Payload::kPostUnliked:
    case v1::Payload::kCommentAdded:
    case v1::Payload::kPostPublished:
    case v1::Payload::kMemberFollowed:
    case v1::Payload::kMemberUnfollowed:
    case v1::Payload::kCommentLiked:
    case v1::Payload::kCommentUnliked:
    case v1::Payload::kMemberSignedUp:
    case v1::Payload::kPostEdited:
    case v1::Payload::kPostDeleted:
    case v1::Payload::kCommentEdited:
    case v1::Payload::kCommentDeleted:
    case v1::Payload::kProfileUpdated:
    case v1::Payload::kHandleChanged:
    case v1::Payload::kActivityRecorded:
      return absl::OkStatus();  // not among kinds()
    case v1::Payload::KIND_NOT_SET:
      break;
  }
  return absl::UnimplementedError("an event without a payload this program knows");
}

}  // namespace dailyfeed

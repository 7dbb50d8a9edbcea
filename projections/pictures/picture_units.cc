#include "projections/pictures/picture_units.h"

#include "core/base/status_macros.h"
#include "fmt/format.h"
#include "projections/codec/row_codec.h"
#include "projections/pictures/picture_rows.h"

namespace dailyfeed {
namespace {

constexpr char kPictureTag = 'p';
constexpr char kUseTag = 'u';

std::string MemberUnit(MemberId member) { return fmt::format("member/{}", member); }

absl::StatusOr<std::string> OwnerOfPicture(std::string_view row) {
  ASSIGN_OR_RETURN(const PictureView picture, pictures::DecodePicture({}, row));
  return MemberUnit(picture.owner_id);
}

}  // namespace

std::string PictureUnits::UnitOf(const v1::Event& event) const {
  const v1::Payload& payload = event.payload();
  if (payload.has_picture_added()) return MemberUnit(payload.picture_added().owner_id());
  if (payload.has_picture_deleted()) return MemberUnit(payload.picture_deleted().owner_id());
  return MemberUnit(payload.has_member_withdrawn() ? payload.member_withdrawn().member_id()
                                                   : payload.member_erased().member_id());
}

absl::StatusOr<std::string> PictureUnits::OwnerOf(std::string_view key, std::string_view value,
                                                  ReadRow read) const {
  if (key.starts_with(kPictureTag)) return OwnerOfPicture(value);
  if (key.starts_with(kUseTag)) {
    ASSIGN_OR_RETURN(const std::string picture_id, pictures::DecodeUsingPicture(key));
    std::string row;
    ASSIGN_OR_RETURN(const bool there, read(pictures::PictureKey(picture_id), &row));
    if (!there) return std::string();
    return OwnerOfPicture(row);
  }
  if (key.size() <= Key::kPartBytes) return absl::DataLossError("damaged key of pictures");
  return MemberUnit(KeyReader(key).Id());
}

}  // namespace dailyfeed

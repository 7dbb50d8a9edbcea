#include "projections/pictures/picture_rows.h"

#include "core/base/status_macros.h"
#include "projections/codec/row_codec.h"

namespace dailyfeed::pictures {
namespace {

constexpr char kPicture = 'p';
constexpr char kOwner = 'o';
constexpr char kUse = 'u';
constexpr char kErase = 'x';
constexpr size_t kHashBytes = 32;
constexpr size_t kIdBytes = 16;

// The bytes of `key` from `offset` on, of a key that must be so long.
absl::StatusOr<std::string> Part(std::string_view key, size_t key_bytes, size_t offset,
                                 size_t bytes) {
  if (key.size() != key_bytes) return absl::DataLossError("a key of pictures has another size");
  return std::string(key.substr(offset, bytes));
}

}  // namespace

std::string PictureKey(std::string_view picture_id) {
  return Key(kPicture).Text(picture_id).Take();
}

std::string EncodePicture(const PictureView& picture) {
  return RowWriter()
      .Varint(picture.number)
      .Varint(picture.owner_id)
      .Text(picture.content_hash)
      .Text(picture.thumbnail_hash)
      .Varint(picture.width)
      .Varint(picture.height)
      .Varint(picture.bytes)
      .Varint(picture.thumbnail_bytes)
      .Signed(picture.created_at)
      .Take();
}

absl::StatusOr<PictureView> DecodePicture(std::string_view picture_id, std::string_view row) {
  RowReader reader(row);
  PictureView picture;
  picture.id = std::string(picture_id);
  picture.number = reader.Varint();
  picture.owner_id = reader.Varint();
  picture.content_hash = reader.Text();
  picture.thumbnail_hash = reader.Text();
  picture.width = static_cast<uint32_t>(reader.Varint());
  picture.height = static_cast<uint32_t>(reader.Varint());
  picture.bytes = reader.Varint();
  picture.thumbnail_bytes = reader.Varint();
  picture.created_at = reader.Signed();
  RETURN_IF_ERROR(reader.Finish("picture"));
  return picture;
}

std::string OwnerPrefix(MemberId owner) { return Key(kOwner).Id(owner).Take(); }

std::string OwnerKey(MemberId owner, PictureNumber number) {
  return Key(kOwner).Id(owner).IdDescending(number).Take();
}

std::string UsePrefix(std::string_view hash) { return Key(kUse).Text(hash).Take(); }

std::string UseKey(std::string_view hash, std::string_view picture_id) {
  return Key(kUse).Text(hash).Text(picture_id).Take();
}

absl::StatusOr<std::string> DecodeUsedHash(std::string_view key) {
  return Part(key, 1 + kHashBytes + kIdBytes, 1, kHashBytes);
}

absl::StatusOr<std::string> DecodeUsingPicture(std::string_view key) {
  return Part(key, 1 + kHashBytes + kIdBytes, 1 + kHashBytes, kIdBytes);
}

std::string ErasePrefix(MemberId member) { return Key(kErase).Id(member).Take(); }

std::string EraseKey(MemberId member, std::string_view hash) {
  return Key(kErase).Id(member).Text(hash).Take();
}

absl::StatusOr<std::string> DecodeErasedHash(std::string_view key) {
  return Part(key, 1 + Key::kPartBytes + kHashBytes, 1 + Key::kPartBytes, kHashBytes);
}

}  // namespace dailyfeed::pictures

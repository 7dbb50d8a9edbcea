// The rows of the pictures projection.
//
//   'p' picture id                 -> picture: every field of PictureView but the id
//   'o' owner number-desc          -> picture id: whose pictures, newest first
//   'u' hash picture id            -> (empty): a live picture uses the stored bytes
//   'x' member hash                -> (empty): bytes of a withdrawn member, to be erased
//
// Hashes are 32 bytes, picture ids 16. The rows 'x' of a member are there from
// the withdrawal to its end, so that whoever removes files finds them after a
// crash, too.
#ifndef DAILYFEED_PROJECTIONS_PICTURES_PICTURE_ROWS_H_
#define DAILYFEED_PROJECTIONS_PICTURES_PICTURE_ROWS_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "core/domain/types.h"

namespace dailyfeed {

// A live picture. Ids are the 16 bytes of a UUID, hashes the 32 of a SHA-256.
struct PictureView {
  std::string id;
  PictureNumber number = 0;
  MemberId owner_id = 0;
  std::string content_hash;
  std::string thumbnail_hash;
  uint32_t width = 0;
  uint32_t height = 0;
  uint64_t bytes = 0;  // of the stored picture
  uint64_t thumbnail_bytes = 0;
  TimestampNs created_at = 0;
};

}  // namespace dailyfeed

namespace dailyfeed::pictures {

std::string PictureKey(std::string_view picture_id);
std::string EncodePicture(const PictureView& picture);
absl::StatusOr<PictureView> DecodePicture(std::string_view picture_id, std::string_view row);

// What every key of a member's pictures starts with.
std::string OwnerPrefix(MemberId owner);
std::string OwnerKey(MemberId owner, PictureNumber number);

// What every key of the uses of some bytes starts with; without a hash, of all.
std::string UsePrefix(std::string_view hash = {});
std::string UseKey(std::string_view hash, std::string_view picture_id);
absl::StatusOr<std::string> DecodeUsedHash(std::string_view key);
// The id of the picture that uses them.
absl::StatusOr<std::string> DecodeUsingPicture(std::string_view key);

std::string ErasePrefix(MemberId member);
std::string EraseKey(MemberId member, std::string_view hash);
absl::StatusOr<std::string> DecodeErasedHash(std::string_view key);

}  // namespace dailyfeed::pictures

#endif  // DAILYFEED_PROJECTIONS_PICTURES_PICTURE_ROWS_H_

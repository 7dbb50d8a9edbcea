// What a picture file says about itself, read from its bytes without decoding
// a pixel: the format by its signature, and the size that decoding would need.
//
//   ASSIGN_OR_RETURN(const PictureHeader header, ReadPictureHeader(file));
//   if (header.pixels() > 50'000'000) return MakeError(ErrorCode::kThumbnailProcessFail);
//
// A few hundred bytes can promise billions of pixels, so this comes before any
// decoder. It believes nothing that it does not need: a header that passes here
// may still stand before damaged pixels.
//
// Pure functions. Threads: from any.
#ifndef DAILYFEED_ADAPTERS_IMAGES_FORMATS_PICTURE_HEADER_H_
#define DAILYFEED_ADAPTERS_IMAGES_FORMATS_PICTURE_HEADER_H_

#include <cstdint>
#include <optional>
#include <string_view>

#include "absl/status/statusor.h"

namespace dailyfeed {

enum class PictureFormat { kJpeg, kPng, kGif, kBmp, kWebp };

struct PictureHeader {
  PictureFormat format = PictureFormat::kJpeg;
  // Pixels as stored, before any rotation. May be 0: files say so.
  uint32_t width = 0;
  uint32_t height = 0;
  // How often a decoder goes over the pixels: the scans of a JPEG, else 1. A
  // progressive file of hostile make has thousands.
  uint32_t passes = 1;

  uint64_t pixels() const { return uint64_t{width} * height; }
};

// The format whose signature the bytes begin with; nullopt for none of them.
std::optional<PictureFormat> FormatBySignature(std::string_view file);

// kInvalidImageSignature; kCorruptedImage when the header is cut off or makes
// no sense.
absl::StatusOr<PictureHeader> ReadPictureHeader(std::string_view file);

}  // namespace dailyfeed

#endif  // DAILYFEED_ADAPTERS_IMAGES_FORMATS_PICTURE_HEADER_H_

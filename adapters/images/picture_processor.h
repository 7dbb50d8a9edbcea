// Makes of an uploaded file what is stored of it: the picture fitted into a
// box and a square thumbnail of that, both PNG without any metadata.
//
//   PictureProcessor processor({});
//   ASSIGN_OR_RETURN(const ProcessedPicture picture, processor.Process(file));
//   store.Put(picture.picture.png);
//
// The first frame counts, the orientation of the camera is applied, colours
// are brought to sRGB, transparency is kept. Decoding is libvips' work, with
// the loaders of four formats and no others; bitmaps are decoded by bmp.h. Of
// PNG and WebP it sees only what the first frame needs (png_chunks.h,
// webp_chunks.h): what else is in a file costs neither memory nor time.
//
// Memory while it works: about 8 bytes a pixel in the worst case (an
// interlaced 16-bit PNG of the most pixels allowed), a few MiB for most.
//
// Threads: from any; each call works on the calling thread and, inside libvips,
// on `threads` more.
#ifndef DAILYFEED_ADAPTERS_IMAGES_PICTURE_PROCESSOR_H_
#define DAILYFEED_ADAPTERS_IMAGES_PICTURE_PROCESSOR_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace dailyfeed {

struct PictureProcessorOptions {
  size_t file_bytes_max = 10'485'760;
  uint64_t pixels_max = 50'000'000;  // of the file, checked before decoding
  uint32_t box_pixels = 350;         // the longer side of a stored picture, at most
  uint32_t thumbnail_pixels = 150;   // both sides of its thumbnail
  int threads = 1;                   // of libvips for one picture; of the first user in a process
};

struct StoredPng {
  std::string png;
  uint32_t width = 0;
  uint32_t height = 0;
};

struct ProcessedPicture {
  StoredPng picture;
  StoredPng thumbnail;
};

class PictureProcessor {
 public:
  explicit PictureProcessor(const PictureProcessorOptions& options) : options_(options) {}

  // In this order:
  //   kEmptyImageFile, kFileTooSmall     0 bytes; fewer than 3
  //   kPayloadTooLarge                   more than file_bytes_max
  //   kInvalidImageSignature             not jpeg, png, gif, bmp or webp
  //   kCorruptedImage                    the header makes no sense
  //   kThumbnailProcessFail              more than pixels_max, or a side of 0; a
  //                                      JPEG of more than 50 scans, or of more
  //                                      than 20 times pixels_max over all scans
  //   kCorruptedImage                    cannot be decoded, or has not all of its
  //                                      pixels, or inflates to more than those
  //   kImageProcessingFail               everything else: not the file's fault
  absl::StatusOr<ProcessedPicture> Process(std::string_view file) const;

  // Loads libvips now instead of with the first picture. INTERNAL.
  absl::Status WarmUp() const;

 private:
  const PictureProcessorOptions options_;
};

}  // namespace dailyfeed

#endif  // DAILYFEED_ADAPTERS_IMAGES_PICTURE_PROCESSOR_H_

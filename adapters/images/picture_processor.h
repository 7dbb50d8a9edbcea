// Makes of an uploaded file what is stored of it: the picture fitted into a
// box and a square thumbnail of that, both PNG without any metadata.
//
//   const PictureProcessor processor({});
//   ASSIGN_OR_RETURN(const ProcessedPicture picture, processor.Process(file));
//   store.Put(ContentHash(picture.picture.png), picture.picture.png);
//
// The first frame counts, the orientation of the camera is applied, colours
// are brought to sRGB, transparency is kept. JPEG is decoded by libjpeg and
// bitmaps by code of our own; libvips decodes PNG, GIF and WebP, of which it
// sees only what the first frame needs, and scales. What else is in a file costs
// neither memory nor time.
//
// With decoder_program set, all of that happens in a child process with limits
// for memory and time (picture_decoders.h). Without, as in a host program that
// has no such program, it happens on the calling thread, and only the limits for
// bytes, pixels and sides bound it: about 10 bytes a pixel in the worst case (an
// interlaced 16-bit PNG of the most pixels allowed), a few MiB for most.
//
// Threads: from any; a call works on the calling thread or a process, and there,
// inside libvips, on `threads` more.
#ifndef DAILYFEED_ADAPTERS_IMAGES_PICTURE_PROCESSOR_H_
#define DAILYFEED_ADAPTERS_IMAGES_PICTURE_PROCESSOR_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace dailyfeed {

class PictureDecoders;

struct PictureProcessorOptions {
  size_t file_bytes_max = 10'485'760;
  uint64_t pixels_max = 50'000'000;   // of the file, checked before decoding
  uint32_t side_pixels_max = 50'000;  // of the file; rows are worked on whole
  uint32_t box_pixels = 350;          // the longer side of a stored picture, at most
  uint32_t thumbnail_pixels = 150;    // both sides of its thumbnail
  int threads = 1;                    // of libvips for one picture; of the first user in a process
  // For one picture in a process of its own.
  absl::Duration decode_timeout = absl::Seconds(30);
  uint64_t memory_bytes_max = uint64_t{1} << 30;
  // A program that calls RunPictureDecoder when its only argument is
  // "decode-picture". Empty: pictures are decoded in this process. No setting:
  // `dailyfeed serve` runs itself.
  std::string decoder_program;
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
  // Without a decoder_program it sets VIPSHOME in the environment, which other
  // threads must not read at the same time.
  explicit PictureProcessor(const PictureProcessorOptions& options);
  ~PictureProcessor();

  // In this order:
  //   kEmptyImageFile, kFileTooSmall     0 bytes; fewer than 3
  //   kPayloadTooLarge                   more than file_bytes_max
  //   kInvalidImageSignature             not jpeg, png, gif, bmp or webp
  //   kCorruptedImage                    the header makes no sense
  //   kThumbnailProcessFail              more than pixels_max, a side of 0 or of
  //                                      more than side_pixels_max; a JPEG of
  //                                      more than 50 scans, or of more than 20
  //                                      times pixels_max over all scans; decoding
  //                                      takes more than memory_bytes_max or
  //                                      decode_timeout
  //   kCorruptedImage                    cannot be decoded, or has not all of its
  //                                      pixels, or inflates to more than those
  //   kServiceUnavailable                Stop was called
  //   kImageProcessingFail               everything else: not the file's fault
  absl::StatusOr<ProcessedPicture> Process(std::string_view file) const;

  // Loads libvips now instead of with the first picture. INTERNAL.
  absl::Status WarmUp() const;

  // Refuses the pictures in work and all later ones. Pictures decoded in this
  // process are finished first.
  void Stop() const;

 private:
  absl::StatusOr<ProcessedPicture> ProcessHere(std::string_view file) const;

  const PictureProcessorOptions options_;
  const std::unique_ptr<PictureDecoders> decoders_;  // null: decoded in this process
};

}  // namespace dailyfeed

#endif  // DAILYFEED_ADAPTERS_IMAGES_PICTURE_PROCESSOR_H_

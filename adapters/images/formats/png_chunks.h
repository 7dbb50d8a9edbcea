// The chunks of a PNG file: which of them are stored, and which of them a
// decoder may see. Internal.
//
//   ASSIGN_OR_RETURN(const DecodablePng png, DecodableChunksOf(upload));
//   ... libvips decodes png.file ...
//
// A chunk may be compressed, and a decoder inflates what it is given: texts that
// nobody reads, and pixel data far beyond the last pixel. A megabyte of either
// is gigabytes. So a file of a stranger comes through here first.
//
// Pure functions. Threads: from any.
#ifndef DAILYFEED_ADAPTERS_IMAGES_FORMATS_PNG_CHUNKS_H_
#define DAILYFEED_ADAPTERS_IMAGES_FORMATS_PNG_CHUNKS_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace dailyfeed {

// The file with nothing in it but pixels: header, palette, transparency, data
// and end. Whatever else a writer thinks of adding (resolution, profiles, texts)
// is left out. nullopt when it is not a whole PNG file.
std::optional<std::string> PixelChunksOf(std::string_view png);

// What a colour profile may inflate to: those of cameras and printers have
// less than 2 MiB.
inline constexpr size_t kColourProfileBytesMax = size_t{4} << 20;
// The most that fits into a JPEG, where cameras write it.
inline constexpr size_t kExifBytesMax = 65'535;
// Pixel data may be this much longer than the header promises: encoders pad.
inline constexpr size_t kPixelBytesTolerance = size_t{64} << 10;

struct DecodablePng {
  std::string file;             // never longer than what it was made of
  uint64_t inflated_bytes = 0;  // to find out: of pixels and profile
};

// The file with what a decoder needs and nothing else that it would inflate:
// the chunks of PixelChunksOf, the small ones of colour (gAMA, cHRM, sRGB,
// sBIT), the first colour profile and the first EXIF, for the orientation,
// within the limits above. What is behind the end is left out, and so are the
// further frames of an animated PNG. Checksums and the order of the chunks are
// the decoder's to judge, and so is a file that ends too early.
//
// Inflates the pixel data once, into a small buffer, and stops at the limit.
// kCorruptedImage: no header that makes sense, a chunk that is not known and
// says that it must be, pixel data that is damaged before the last pixel or
// that inflates to more than the header promises.
absl::StatusOr<DecodablePng> DecodableChunksOf(std::string_view png);

}  // namespace dailyfeed

#endif  // DAILYFEED_ADAPTERS_IMAGES_FORMATS_PNG_CHUNKS_H_

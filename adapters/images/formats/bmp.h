// Decodes Windows and OS/2 bitmaps: 1, 2, 4, 8, 16, 24 and 32 bits a pixel,
// RLE4, RLE8 and bit fields. libvips reads them only through a loader that is
// not meant for untrusted files, so this is a decoder of our own.
//
//   std::optional<BmpHeader> header = ReadBmpHeader(file);
//   if (header && uint64_t{header->width} * header->height <= pixels_max) {
//     std::optional<Pixels> pixels = DecodeBmp(file);
//   }
//
// Strict: everything a file promises must be in it. Memory: 4 bytes a pixel at
// most, so check the size first; run-length coding makes bombs easy.
//
// Pure functions. Threads: from any.
#ifndef DAILYFEED_ADAPTERS_IMAGES_FORMATS_BMP_H_
#define DAILYFEED_ADAPTERS_IMAGES_FORMATS_BMP_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "adapters/images/formats/pixels.h"

namespace dailyfeed {

struct BmpHeader {
  enum class Coding { kPlain, kRunLength, kBitFields };

  uint32_t width = 0;  // may be 0
  uint32_t height = 0;
  bool top_down = false;
  uint32_t bits = 0;  // a pixel: 1, 2, 4, 8, 16, 24, 32
  Coding coding = Coding::kPlain;
  std::array<uint32_t, 4> masks = {};  // red, green, blue, alpha; of 16 and 32 bits
  size_t palette_at = 0;
  size_t palette_entries = 0;
  size_t palette_entry_bytes = 4;
  size_t pixels_at = 0;

  bool has_alpha() const { return masks[3] != 0; }
};

// nullopt when the header is cut off, names what no bitmap has, or something
// that this decoder does not know (a JPEG or PNG inside a bitmap).
std::optional<BmpHeader> ReadBmpHeader(std::string_view file);

// nullopt for those as well, for a side of 0, and when pixels are missing.
std::optional<Pixels> DecodeBmp(std::string_view file);

}  // namespace dailyfeed

#endif  // DAILYFEED_ADAPTERS_IMAGES_FORMATS_BMP_H_

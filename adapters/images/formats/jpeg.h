// JPEG files: their header, read from the markers alone, and their pixels,
// decoded by libjpeg. Internal.
//
//   ASSIGN_OR_RETURN(const JpegHeader header, ReadJpegHeader(file));
//   ASSIGN_OR_RETURN(const Pixels pixels, DecodeJpeg(file, /*shrink=*/8));
//
// libvips reads JPEG too, but keeps every segment of a file in a list that it
// walks to its end for each further one, so 100,000 empty segments cost half a
// minute; and it takes a file that ends too early for a whole one as soon as an
// end marker follows. Here libjpeg skips what it does not need, and says
// whether pixels were missing.
//
// Pure functions. Threads: from any.
#ifndef DAILYFEED_ADAPTERS_IMAGES_FORMATS_JPEG_H_
#define DAILYFEED_ADAPTERS_IMAGES_FORMATS_JPEG_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "adapters/images/formats/pixels.h"

namespace dailyfeed {

struct JpegHeader {
  uint32_t width = 0;  // as stored, before any rotation; may be 0
  uint32_t height = 0;
  uint32_t scans = 0;
  int orientation = 1;  // as EXIF counts, 1 to 8
  // The colour profile; empty when there is none, or when it has holes or more
  // than kColourProfileBytesMax: without it the colours are a little off.
  std::string profile;
};

// kCorruptedImage: no frame header, no scan, a component without a scan.
absl::StatusOr<JpegHeader> ReadJpegHeader(std::string_view file);

// The pixels in sRGB, grey or CMYK. `shrink` 1, 2, 4 or 8 divides the sides,
// rounded up, for little work.
//
// Memory: the result; of a file of several scans also 2 bytes a sample of the
// whole picture. kCorruptedImage: the data cannot be decoded, or pixels are
// missing. A missing end marker alone is no fault.
absl::StatusOr<Pixels> DecodeJpeg(std::string_view file, uint32_t shrink);

}  // namespace dailyfeed

#endif  // DAILYFEED_ADAPTERS_IMAGES_FORMATS_JPEG_H_

// Headers of pictures, bitmaps, JPEG, the chunks of PNG and WebP, the frames of
// GIF and EXIF against any bytes.
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "adapters/images/formats/bmp.h"
#include "adapters/images/formats/exif.h"
#include "adapters/images/formats/gif.h"
#include "adapters/images/formats/jpeg.h"
#include "adapters/images/formats/picture_header.h"
#include "adapters/images/formats/png_chunks.h"
#include "adapters/images/formats/webp_chunks.h"
#include "core/base/check.h"

namespace dailyfeed {
namespace {

// Keeps a fuzzer quick; the processor allows more.
constexpr uint64_t kPixelsMax = 1'000'000;
constexpr uint32_t kScansMax = 50;

void Bitmap(std::string_view file) {
  const std::optional<BmpHeader> header = ReadBmpHeader(file);
  if (!header || uint64_t{header->width} * header->height > kPixelsMax) return;
  const std::optional<Pixels> pixels = DecodeBmp(file);
  if (!pixels) return;
  DAILYFEED_CHECK(pixels->width == header->width && pixels->height == header->height);
  DAILYFEED_CHECK(pixels->bytes.size() ==
                  size_t{pixels->width} * pixels->height * pixels->channels);
}

void Jpeg(std::string_view file, const PictureHeader& header) {
  for (const uint32_t shrink : {1, 8}) {
    const absl::StatusOr<Pixels> pixels = DecodeJpeg(file, shrink);
    if (!pixels.ok()) continue;
    DAILYFEED_CHECK(pixels->width == (header.width + shrink - 1) / shrink);
    DAILYFEED_CHECK(pixels->height == (header.height + shrink - 1) / shrink);
    DAILYFEED_CHECK(pixels->bytes.size() ==
                    size_t{pixels->width} * pixels->height * pixels->channels);
  }
}

void Gif(std::string_view file) {
  const absl::StatusOr<GifFrame> frame = FirstFrameOfGif(file);
  if (!frame.ok()) return;
  DAILYFEED_CHECK(frame->file.size() <= file.size() + 1);
  const absl::StatusOr<GifFrame> again = FirstFrameOfGif(frame->file);
  DAILYFEED_CHECK(again.ok() && again->file == frame->file && again->covers_canvas());
}

void Chunks(std::string_view file) {
  const std::optional<std::string> kept = PixelChunksOf(file);
  if (!kept) return;
  DAILYFEED_CHECK(kept->size() <= file.size());
  DAILYFEED_CHECK(PixelChunksOf(*kept) == kept);
}

void Decodable(std::string_view file, const absl::StatusOr<PictureHeader>& header) {
  if (!header.ok() || header->pixels() > kPixelsMax) return;
  if (const absl::StatusOr<DecodablePng> png = DecodableChunksOf(file); png.ok()) {
    // At most 8 bytes a pixel, and a byte a row of each of 7 passes.
    const uint64_t pixel_bytes = header->pixels() * 8 + uint64_t{header->height} * 7;
    constexpr uint64_t kBuffer = 1 << 16;
    DAILYFEED_CHECK(png->inflated_bytes <=
                    pixel_bytes + kPixelBytesTolerance + kColourProfileBytesMax + 2 * kBuffer);
    DAILYFEED_CHECK(png->file.size() <= file.size());
    const absl::StatusOr<DecodablePng> again = DecodableChunksOf(png->file);
    DAILYFEED_CHECK(again.ok() && again->file == png->file);
  }
  if (const absl::StatusOr<std::string> webp = FirstFrameOf(file); webp.ok()) {
    DAILYFEED_CHECK(webp->size() <= file.size() + 1);
    const absl::StatusOr<std::string> again = FirstFrameOf(*webp);
    DAILYFEED_CHECK(again.ok() && *again == *webp);
  }
}

}  // namespace
}  // namespace dailyfeed

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace dailyfeed;
  const std::string_view file(reinterpret_cast<const char*>(data), size);
  const absl::StatusOr<PictureHeader> header = ReadPictureHeader(file);
  if (header.ok()) DAILYFEED_CHECK(FormatBySignature(file) == header->format);
  Bitmap(file);
  if (header.ok() && header->format == PictureFormat::kJpeg && header->pixels() <= kPixelsMax &&
      header->passes <= kScansMax) {
    Jpeg(file, *header);
  }
  Gif(file);
  const int orientation = OrientationOf(file);
  DAILYFEED_CHECK(orientation >= 1 && orientation <= 8);
  Chunks(file);
  Decodable(file, header);
  return 0;
}

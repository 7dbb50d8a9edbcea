// Headers of pictures, bitmaps and PNG chunks against any bytes.
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "adapters/images/bmp.h"
#include "adapters/images/picture_header.h"
#include "adapters/images/png_chunks.h"
#include "core/domain/check.h"

namespace dailyfeed {
namespace {

// Keeps a fuzzer quick; the processor allows more.
constexpr uint64_t kPixelsMax = 1'000'000;

void Bitmap(std::string_view file) {
  const std::optional<BmpHeader> header = ReadBmpHeader(file);
  if (!header || uint64_t{header->width} * header->height > kPixelsMax) return;
  const std::optional<BmpPixels> pixels = DecodeBmp(file);
  if (!pixels) return;
  DAILYFEED_CHECK(pixels->width == header->width && pixels->height == header->height);
  DAILYFEED_CHECK(pixels->bytes.size() ==
                  size_t{pixels->width} * pixels->height * pixels->channels);
}

void Chunks(std::string_view file) {
  const std::optional<std::string> kept = PixelChunksOf(file);
  if (!kept) return;
  DAILYFEED_CHECK(kept->size() <= file.size());
  DAILYFEED_CHECK(PixelChunksOf(*kept) == kept);
}

}  // namespace
}  // namespace dailyfeed

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace dailyfeed;
  const std::string_view file(reinterpret_cast<const char*>(data), size);
  const absl::StatusOr<PictureHeader> header = ReadPictureHeader(file);
  if (header.ok()) DAILYFEED_CHECK(FormatBySignature(file) == header->format);
  Bitmap(file);
  Chunks(file);
  return 0;
}

// Pictures for tests, made by libvips and not checked in. For tests only.
//
//   const std::string file = EncodeJpeg(Corners(640, 480), {.orientation = 6});
//   const Raster shown = Decode(processed.picture.png);
//   EXPECT_TRUE(IsNear(shown, 0, 0, kRed));
#ifndef DAILYFEED_ADAPTERS_IMAGES_TEST_PICTURES_H_
#define DAILYFEED_ADAPTERS_IMAGES_TEST_PICTURES_H_

#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace dailyfeed {

using Pixel = std::array<uint8_t, 4>;  // red, green, blue, alpha

inline constexpr Pixel kRed = {255, 0, 0, 255};
inline constexpr Pixel kGreen = {0, 255, 0, 255};
inline constexpr Pixel kBlue = {0, 0, 255, 255};
inline constexpr Pixel kWhite = {255, 255, 255, 255};
inline constexpr Pixel kClear = {0, 0, 0, 0};

struct Raster {
  int width = 0;
  int height = 0;
  int channels = 3;  // as in the file: 1, 2 (grey and alpha), 3 or 4
  std::vector<Pixel> pixels;

  Pixel& At(int x, int y) { return pixels[static_cast<size_t>(y) * width + x]; }
  const Pixel& At(int x, int y) const { return pixels[static_cast<size_t>(y) * width + x]; }
};

// One colour.
Raster Plain(int width, int height, Pixel colour);
// A quarter each, from the top left: red, green; blue, white.
Raster Corners(int width, int height);
// As hard to compress as a photograph, the same for the same seed.
Raster Noise(int width, int height, uint32_t seed);

struct EncodeOptions {
  int orientation = 0;       // of EXIF; 0: none
  bool progressive = false;  // or interlaced
  bool grey = false;
  bool cmyk = false;
  bool sixteen_bits = false;
  bool alpha = false;
  bool lossless = false;  // WebP
  std::string profile;    // of colours, built into libvips: "srgb", "p3"
  std::string comment;    // goes into EXIF and XMP
};
std::string EncodeJpeg(const Raster& raster, const EncodeOptions& options = {});
std::string EncodePng(const Raster& raster, const EncodeOptions& options = {});
// One frame or more, all of one size.
std::string EncodeGif(const std::vector<Raster>& frames);
std::string EncodeWebp(const std::vector<Raster>& frames, const EncodeOptions& options = {});
// An animated WebP with its last frame `times` times more.
std::string RepeatLastFrame(const std::string& webp, int times);
// 24 bits, uncompressed.
std::string EncodeBmp(const Raster& raster);
// Parts of PNG files: a chunk with its checksum; a zlib stream of zeros.
std::string PngChunk(std::string_view type, std::string_view data);
std::string DeflatedZeros(uint64_t bytes);
// A whole PNG of one colour that takes next to no memory to make: one bit of
// grey, or what `kind` says.
enum class HugePng { kGrey, kPaletteWithAlpha, kInterlaced16Bit };
std::string EncodeHugePng(uint32_t width, uint32_t height, HugePng kind = HugePng::kGrey);
// A JPEG with `segments` behind its start.
std::string WithSegments(const std::string& jpeg, const std::string& segments);
// A GIF whose first frame covers a part of its screen; without transparency.
std::string EncodeGifPart(const Raster& frame, int left, int top, int width, int height);

// Aborts on bytes that are no picture.
Raster Decode(std::string_view file);

// Up to what a lossy format makes of it.
::testing::AssertionResult IsNear(const Raster& raster, int x, int y, const Pixel& colour,
                                  int tolerance = 12);

}  // namespace dailyfeed

#endif  // DAILYFEED_ADAPTERS_IMAGES_TEST_PICTURES_H_

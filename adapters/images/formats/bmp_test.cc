#include "adapters/images/formats/bmp.h"

#include <gtest/gtest.h>

#include <string>

namespace dailyfeed {
namespace {

using std::string_literals::operator""s;

std::string Number(uint32_t number, int bytes) {
  std::string text;
  for (; bytes > 0; --bytes, number >>= 8) text.push_back(static_cast<char>(number));
  return text;
}

struct Bitmap {
  int32_t width = 2, height = 2;
  uint32_t bits = 24, compression = 0, colours = 0;
  std::string behind_header;  // masks and palette
  std::string pixels;
  uint32_t header_bytes = 40;
};

std::string File(const Bitmap& bitmap) {
  std::string header = Number(bitmap.header_bytes, 4) + Number(bitmap.width, 4) +
                       Number(bitmap.height, 4) + Number(1, 2) + Number(bitmap.bits, 2) +
                       Number(bitmap.compression, 4) + Number(0, 12) + Number(bitmap.colours, 4) +
                       Number(0, 4);
  header += bitmap.behind_header;
  const auto at = static_cast<uint32_t>(14 + header.size());
  return "BM" + Number(0, 8) + Number(at, 4) + header + bitmap.pixels;
}

// A digit a channel, pixels apart by spaces, rows by '/': "f00 0f0/00f fff".
std::string Shown(const std::string& file) {
  const std::optional<Pixels> pixels = DecodeBmp(file);
  if (!pixels) return "none";
  std::string text;
  for (uint32_t i = 0; i < pixels->width * pixels->height; ++i) {
    if (i > 0) text += i % pixels->width == 0 ? '/' : ' ';
    for (uint32_t channel = 0; channel < pixels->channels; ++channel) {
      text += "0123456789abcdef"[pixels->bytes[i * pixels->channels + channel] / 17];
    }
  }
  return text;
}

constexpr char kBlack[] = "\x00\x00\x00\x00";
const std::string kPalette =  // black, red, green, blue
    std::string(kBlack, 4) + "\x00\x00\xff\x00\x00\xff\x00\x00\xff\x00\x00\x00"s;

TEST(BmpTest, Rows24FromTheBottomAndFromTheTop) {
  const std::string pixels =
      "\xff\x00\x00\xff\xff\xff\x00\x00"s + "\x00\x00\xff\x00\xff\x00\x00\x00"s;
  EXPECT_EQ(Shown(File({.pixels = pixels})), "f00 0f0/00f fff");
  EXPECT_EQ(Shown(File({.height = -2, .pixels = pixels})), "00f fff/f00 0f0");
}

TEST(BmpTest, Indexed) {
  EXPECT_EQ(Shown(File({.width = 3,
                        .height = 1,
                        .bits = 1,
                        .colours = 2,
                        .behind_header = kPalette.substr(0, 8),
                        .pixels = "\xa0\0\0\0"s})),
            "f00 000 f00");
  EXPECT_EQ(Shown(File({.width = 4,
                        .height = 1,
                        .bits = 2,
                        .colours = 4,
                        .behind_header = kPalette,
                        .pixels = "\x1b\0\0\0"s})),
            "000 f00 0f0 00f");
  EXPECT_EQ(Shown(File({.width = 3,
                        .height = 1,
                        .bits = 4,
                        .colours = 4,
                        .behind_header = kPalette,
                        .pixels = "\x12\x30\0\0"s})),
            "f00 0f0 00f");
  EXPECT_EQ(Shown(File({.width = 3,
                        .height = 1,
                        .bits = 8,
                        .colours = 4,
                        .behind_header = kPalette,
                        .pixels = "\x03\x01\xff\0"s})),
            "00f f00 000")
      << "an index beyond the palette is black";
}

TEST(BmpTest, SixteenAndThirtyTwoBits) {
  EXPECT_EQ(Shown(File({.height = 1, .bits = 16, .pixels = "\x00\x7c\xe0\x03"s})), "f00 0f0");
  const std::string masks565 = Number(0xf800, 4) + Number(0x07e0, 4) + Number(0x001f, 4);
  EXPECT_EQ(Shown(File({.height = 1,
                        .bits = 16,
                        .compression = 3,
                        .behind_header = masks565,
                        .pixels = "\x00\xf8\x1f\x00"s})),
            "f00 00f");
  EXPECT_EQ(Shown(File({.height = 1, .bits = 32, .pixels = "\x00\x00\xff\x00\x00\xff\x00\x00"s})),
            "f00 0f0")
      << "the fourth byte is nothing";
  const std::string with_alpha =
      Number(0xff0000, 4) + Number(0xff00, 4) + Number(0xff, 4) + Number(0xff000000, 4);
  EXPECT_EQ(Shown(File({.height = 1,
                        .bits = 32,
                        .compression = 3,
                        .behind_header = with_alpha,
                        .pixels = "\x00\x00\xff\x88\x00\xff\x00\xff"s,
                        .header_bytes = 56})),
            "f008 0f0f");
}

TEST(BmpTest, RunLengths) {
  const Bitmap rle8 = {.width = 4,
                       .height = 2,
                       .bits = 8,
                       .compression = 1,
                       .colours = 4,
                       .behind_header = kPalette};
  const auto shown = [&](const std::string& pixels) {
    Bitmap bitmap = rle8;
    bitmap.pixels = pixels;
    return Shown(File(bitmap));
  };
  EXPECT_EQ(shown("\x04\x01\x00\x00\x04\x02\x00\x01"s), "0f0 0f0 0f0 0f0/f00 f00 f00 f00");
  EXPECT_EQ(shown("\x00\x03\x01\x02\x03\x00\x00\x01"s), "000 000 000 000/f00 0f0 00f 000")
      << "a literal, padded";
  EXPECT_EQ(shown("\x00\x02\x02\x01\x02\x03\x00\x01"s), "000 000 00f 00f/000 000 000 000")
      << "a jump";
  EXPECT_EQ(shown("\x04\x01"s), "none") << "no end";
  EXPECT_EQ(shown("\x05\x01\x00\x01"s), "none") << "beyond the row";
  EXPECT_EQ(shown("\x00\x00\x00\x00\x00\x00\x00\x01"s), "none") << "beyond the last row";
  EXPECT_EQ(shown("\x00\x02\x09\x00\x00\x01"s), "none") << "a jump out of the row";
  EXPECT_EQ(shown("\x00\x03\x01"s), "none") << "a literal cut off";
  EXPECT_EQ(Shown(File({.width = 4,
                        .height = 1,
                        .bits = 4,
                        .compression = 2,
                        .colours = 4,
                        .behind_header = kPalette,
                        .pixels = "\x03\x12\x01\x30\x00\x01"s})),
            "f00 0f0 f00 00f");
}

TEST(BmpTest, Os2) {
  const std::string file = "BM" + Number(0, 8) + Number(14 + 12 + 6, 4) + Number(12, 4) +
                           Number(2, 2) + Number(1, 2) + Number(1, 2) + Number(1, 2) +
                           "\x00\x00\x00\x00\x00\xff"s + "\x40\0\0\0"s;
  EXPECT_EQ(Shown(file), "000 f00");
}

TEST(BmpTest, EveryCutIsRefused) {
  const std::string file =
      File({.pixels = "\xff\x00\x00\xff\xff\xff\x00\x00"s + "\x00\x00\xff\x00\xff\x00\x00\x00"s});
  // The padding of the last row may be missing, nothing else.
  for (size_t size = 0; size + 2 < file.size(); ++size) {
    EXPECT_FALSE(DecodeBmp(std::string_view(file).substr(0, size))) << size;
  }
  EXPECT_TRUE(DecodeBmp(std::string_view(file).substr(0, file.size() - 2)));
}

TEST(BmpTest, RefusesWhatItDoesNotKnow) {
  const std::string pixels(64, '\0');
  EXPECT_FALSE(DecodeBmp(File({.bits = 3, .pixels = pixels})));
  EXPECT_FALSE(DecodeBmp(File({.bits = 0, .pixels = pixels})));
  EXPECT_FALSE(DecodeBmp(File({.compression = 4, .pixels = pixels}))) << "a JPEG inside";
  EXPECT_FALSE(DecodeBmp(File({.bits = 24, .compression = 1, .pixels = pixels})));
  EXPECT_FALSE(DecodeBmp(File({.width = -2, .pixels = pixels})));
  EXPECT_FALSE(DecodeBmp(File({.width = 0, .pixels = pixels})));
  EXPECT_FALSE(DecodeBmp(File({.height = 0, .pixels = pixels})));
  EXPECT_FALSE(DecodeBmp(File({.height = INT32_MIN, .pixels = pixels})));
  EXPECT_FALSE(DecodeBmp(File({.width = INT32_MAX, .height = INT32_MAX, .pixels = pixels})));
  EXPECT_FALSE(DecodeBmp(File({.pixels = pixels, .header_bytes = 13})));
  EXPECT_FALSE(DecodeBmp(File({.bits = 16,
                               .compression = 3,
                               .behind_header = Number(0xf0f0, 4) + Number(0, 8),
                               .pixels = pixels})))
      << "a mask with a hole";
}

}  // namespace
}  // namespace dailyfeed

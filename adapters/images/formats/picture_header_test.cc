#include "adapters/images/formats/picture_header.h"

#include <gtest/gtest.h>

#include <string>

#include "adapters/images/test_pictures.h"
#include "core/domain/errors.h"

namespace dailyfeed {
namespace {

TEST(PictureHeaderTest, SaysWhatEncodersWrote) {
  const Raster raster = Corners(37, 51);
  const struct {
    const char* name;
    PictureFormat format;
    std::string file;
  } cases[] = {
      {"jpeg", PictureFormat::kJpeg, EncodeJpeg(raster)},
      {"jpeg with metadata", PictureFormat::kJpeg,
       EncodeJpeg(raster, {.orientation = 6, .profile = "srgb", .comment = "\xff\xd8\xff\xc0"})},
      {"png", PictureFormat::kPng, EncodePng(raster)},
      {"gif", PictureFormat::kGif, EncodeGif({raster})},
      {"animated gif", PictureFormat::kGif, EncodeGif({raster, Plain(37, 51, kRed)})},
      {"bmp", PictureFormat::kBmp, EncodeBmp(raster)},
      {"webp", PictureFormat::kWebp, EncodeWebp({raster})},
      {"lossless webp", PictureFormat::kWebp, EncodeWebp({raster}, {.lossless = true})},
      {"extended webp", PictureFormat::kWebp, EncodeWebp({raster}, {.comment = "x"})},
      {"animated webp", PictureFormat::kWebp, EncodeWebp({raster, Plain(37, 51, kRed)})},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.name);
    const absl::StatusOr<PictureHeader> header = ReadPictureHeader(c.file);
    ASSERT_TRUE(header.ok()) << header.status();
    EXPECT_EQ(header->format, c.format);
    EXPECT_EQ(header->width, 37u);
    EXPECT_EQ(header->height, 51u);
    EXPECT_EQ(header->passes, 1u);
  }
}

TEST(PictureHeaderTest, CountsTheScansOfAJpeg) {
  const absl::StatusOr<PictureHeader> header =
      ReadPictureHeader(EncodeJpeg(Corners(64, 64), {.progressive = true}));
  ASSERT_TRUE(header.ok());
  EXPECT_GT(header->passes, 5u);
  EXPECT_LT(header->passes, 20u);
}

// Decoders pass over what is no marker and over what has no length, so scans
// must not hide behind either.
TEST(PictureHeaderTest, NoScanHidesBehindStrayBytes) {
  const std::string file = EncodeJpeg(Corners(64, 64));
  const size_t scan = file.rfind("\xff\xda");
  const auto with = [&](std::string_view stray) {
    return ReadPictureHeader(file.substr(0, scan) + std::string(stray) + file.substr(scan));
  };
  for (const std::string_view stray :
       {std::string_view("\xff\x00\xff\xfe", 2), std::string_view("\xff\x00\x7f\xff", 4),
        std::string_view("x\xff\xff\xff"), std::string_view("\xff\xd0\xff\x01")}) {
    const absl::StatusOr<PictureHeader> header = with(stray);
    ASSERT_TRUE(header.ok()) << header.status();
    EXPECT_EQ(header->passes, 1u);
  }
  for (const std::string_view empty :
       {std::string_view("\xff\xec\x00\x00", 4), std::string_view("\xff\xec\x00\x01", 4)}) {
    EXPECT_EQ(ErrorCodeOf(with(empty).status()), ErrorCode::kCorruptedImage);
  }
}

TEST(PictureHeaderTest, NeedsTheWholeHeader) {
  for (const std::string& file :
       {EncodeJpeg(Corners(8, 8)), EncodePng(Corners(8, 8)), EncodeGif({Corners(8, 8)}),
        EncodeBmp(Corners(8, 8)), EncodeWebp({Corners(8, 8)})}) {
    // The size stands behind the first dozen bytes in every format.
    for (size_t size = 12; size < 16; ++size) {
      EXPECT_EQ(ErrorCodeOf(ReadPictureHeader(std::string_view(file).substr(0, size)).status()),
                ErrorCode::kCorruptedImage)
          << size;
    }
  }
}

TEST(PictureHeaderTest, TheSignatureDecides) {
  EXPECT_EQ(FormatBySignature("\xff\xd8\xff"), PictureFormat::kJpeg);
  EXPECT_EQ(FormatBySignature("\xff\xd8"), std::nullopt);
  EXPECT_EQ(FormatBySignature("\x89PNG\r\n\x1a\n"), PictureFormat::kPng);
  EXPECT_EQ(FormatBySignature("\x89PNG\n\n\x1a\n"), std::nullopt);
  EXPECT_EQ(FormatBySignature("GIF"), PictureFormat::kGif);
  EXPECT_EQ(FormatBySignature("gif"), std::nullopt);
  EXPECT_EQ(FormatBySignature("BM"), PictureFormat::kBmp);
  EXPECT_EQ(FormatBySignature("RIFFxxxxWEBP"), PictureFormat::kWebp);
  EXPECT_EQ(FormatBySignature("RIFFxxxxWEB"), std::nullopt);
  EXPECT_EQ(FormatBySignature("RIFFxxxxWAVE"), std::nullopt);
  EXPECT_EQ(FormatBySignature(""), std::nullopt);
}

}  // namespace
}  // namespace dailyfeed

#include "adapters/images/picture_processor.h"

#include <gtest/gtest.h>

#include <thread>

#include "adapters/images/test_pictures.h"
#include "core/domain/errors.h"

namespace dailyfeed {
namespace {

const PictureProcessor& Processor() {
  static const PictureProcessor& processor = *new PictureProcessor({});
  return processor;
}

ProcessedPicture Process(std::string_view file) {
  absl::StatusOr<ProcessedPicture> processed = Processor().Process(file);
  EXPECT_TRUE(processed.ok()) << processed.status();
  return processed.ok() ? *std::move(processed) : ProcessedPicture();
}

std::optional<ErrorCode> ErrorOf(std::string_view file) {
  const absl::StatusOr<ProcessedPicture> processed = Processor().Process(file);
  if (processed.ok()) return std::nullopt;
  return ErrorCodeOf(processed.status());
}

// The middles of the quarters, from the top left.
void ExpectQuarters(const Raster& shown, const std::array<Pixel, 4>& colours) {
  const int x = shown.width / 4, y = shown.height / 4;
  EXPECT_TRUE(IsNear(shown, x, y, colours[0]));
  EXPECT_TRUE(IsNear(shown, shown.width - 1 - x, y, colours[1]));
  EXPECT_TRUE(IsNear(shown, x, shown.height - 1 - y, colours[2]));
  EXPECT_TRUE(IsNear(shown, shown.width - 1 - x, shown.height - 1 - y, colours[3]));
}
constexpr std::array<Pixel, 4> kCorners = {kRed, kGreen, kBlue, kWhite};

struct Sides {
  int width, height;
};

TEST(PictureProcessorTest, FitsIntoTheBoxAndNeverEnlarges) {
  const struct {
    Sides file, shown;
  } cases[] = {
      {{1, 1}, {1, 1}},         {{2, 3}, {2, 3}},         {{349, 350}, {349, 350}},
      {{350, 350}, {350, 350}}, {{351, 350}, {350, 349}}, {{700, 350}, {350, 175}},
      {{350, 700}, {175, 350}}, {{750, 500}, {350, 233}}, {{500, 750}, {233, 350}},
      {{1, 350}, {1, 350}},     {{1, 3000}, {1, 350}},    {{3000, 1}, {350, 1}},
      {{16000, 2}, {350, 1}},   {{700, 699}, {350, 350}}, {{600, 600}, {350, 350}},
  };
  for (const auto& c : cases) {
    const ProcessedPicture made = Process(EncodePng(Corners(c.file.width, c.file.height)));
    const Raster shown = Decode(made.picture.png);
    EXPECT_EQ(shown.width, c.shown.width) << c.file.width << " x " << c.file.height;
    EXPECT_EQ(shown.height, c.shown.height) << c.file.width << " x " << c.file.height;
    EXPECT_EQ(made.picture.width, static_cast<uint32_t>(shown.width));
    EXPECT_EQ(made.picture.height, static_cast<uint32_t>(shown.height));
    const Raster thumbnail = Decode(made.thumbnail.png);
    EXPECT_EQ(thumbnail.width, 150);
    EXPECT_EQ(thumbnail.height, 150);
    EXPECT_EQ(made.thumbnail.width, 150u);
  }
}

TEST(PictureProcessorTest, EveryFormatComesOutTheSame) {
  const Raster raster = Corners(400, 300);
  const std::pair<const char*, std::string> files[] = {
      {"jpeg", EncodeJpeg(raster)},
      {"progressive jpeg", EncodeJpeg(raster, {.progressive = true})},
      {"cmyk jpeg", EncodeJpeg(raster, {.cmyk = true})},
      {"jpeg with a profile", EncodeJpeg(raster, {.profile = "srgb"})},
      {"png", EncodePng(raster)},
      {"interlaced png", EncodePng(raster, {.progressive = true})},
      {"16 bit png", EncodePng(raster, {.sixteen_bits = true})},
      {"png with alpha", EncodePng(raster, {.alpha = true})},
      {"gif", EncodeGif({raster})},
      {"bmp", EncodeBmp(raster)},
      {"webp", EncodeWebp({raster})},
      {"lossless webp", EncodeWebp({raster}, {.lossless = true})},
      {"webp with alpha", EncodeWebp({raster}, {.alpha = true})},
  };
  for (const auto& [name, file] : files) {
    SCOPED_TRACE(name);
    const ProcessedPicture made = Process(file);
    const Raster shown = Decode(made.picture.png);
    EXPECT_EQ(shown.width, 350);
    EXPECT_EQ(shown.height, 263);
    // CMYK goes through a profile of inks, which knows no pure green.
    if (std::string_view(name) == "cmyk jpeg") continue;
    ExpectQuarters(shown, kCorners);
    ExpectQuarters(Decode(made.thumbnail.png), kCorners);
  }
}

TEST(PictureProcessorTest, GreyStaysGrey) {
  const Raster raster = Plain(400, 400, {90, 90, 90, 255});
  for (const std::string& file :
       {EncodeJpeg(raster, {.grey = true}), EncodePng(raster, {.grey = true}),
        EncodePng(raster, {.grey = true, .sixteen_bits = true})}) {
    EXPECT_TRUE(IsNear(Decode(Process(file).picture.png), 100, 100, {90, 90, 90, 255}));
  }
}

TEST(PictureProcessorTest, WideColoursAreBroughtToSrgb) {
  // The same numbers mean a stronger red in P3.
  const Raster raster = Plain(400, 400, {200, 60, 60, 255});
  const Raster shown = Decode(Process(EncodePng(raster, {.profile = "p3"})).picture.png);
  EXPECT_GT(shown.At(9, 9)[0], 205);
  EXPECT_LT(shown.At(9, 9)[1], 55);
}

TEST(PictureProcessorTest, TheThumbnailIsTheMiddle) {
  // Three bands; the outer ones are cut away.
  Raster raster = Plain(700, 350, kGreen);
  for (int y = 0; y < 350; ++y) {
    for (int x = 0; x < 170; ++x) raster.At(x, y) = kRed;
    for (int x = 530; x < 700; ++x) raster.At(x, y) = kBlue;
  }
  const Raster thumbnail = Decode(Process(EncodePng(raster)).thumbnail.png);
  for (const int at : {2, 75, 147}) EXPECT_TRUE(IsNear(thumbnail, at, at, kGreen)) << at;
}

TEST(PictureProcessorTest, TheOrientationOfTheCameraIsApplied) {
  // Which corner of the file comes to the top left, top right, bottom left,
  // bottom right (EXIF 2.3, table of orientations).
  const std::array<Pixel, 4> shown[] = {
      {kRed, kGreen, kBlue, kWhite}, {kGreen, kRed, kWhite, kBlue}, {kWhite, kBlue, kGreen, kRed},
      {kBlue, kWhite, kRed, kGreen}, {kRed, kBlue, kGreen, kWhite}, {kBlue, kRed, kWhite, kGreen},
      {kWhite, kGreen, kBlue, kRed}, {kGreen, kWhite, kRed, kBlue},
  };
  for (int orientation = 1; orientation <= 8; ++orientation) {
    SCOPED_TRACE(orientation);
    const ProcessedPicture made =
        Process(EncodeJpeg(Corners(400, 200), {.orientation = orientation}));
    const Raster picture = Decode(made.picture.png);
    EXPECT_EQ(picture.width, orientation <= 4 ? 350 : 175);
    EXPECT_EQ(picture.height, orientation <= 4 ? 175 : 350);
    ExpectQuarters(picture, shown[orientation - 1]);
    ExpectQuarters(Decode(made.thumbnail.png), shown[orientation - 1]);
  }
}

TEST(PictureProcessorTest, TransparencyIsKept) {
  Raster raster = Plain(600, 600, kClear);
  for (int y = 0; y < 600; ++y) {
    for (int x = 0; x < 300; ++x) raster.At(x, y) = kRed;
  }
  for (const std::string& file :
       {EncodePng(raster, {.alpha = true}), EncodeWebp({raster}, {.alpha = true, .lossless = true}),
        EncodeGif({raster})}) {
    const ProcessedPicture made = Process(file);
    for (const StoredPng* stored : {&made.picture, &made.thumbnail}) {
      const Raster shown = Decode(stored->png);
      EXPECT_EQ(shown.channels, 4);
      EXPECT_TRUE(IsNear(shown, shown.width / 4, 50, kRed));
      EXPECT_TRUE(IsNear(shown, shown.width * 3 / 4, 50, kClear));
    }
  }
}

TEST(PictureProcessorTest, OfAnAnimationTheFirstFrame) {
  const std::vector<Raster> frames = {Plain(500, 400, kRed), Plain(500, 400, kGreen),
                                      Plain(500, 400, kBlue)};
  for (const std::string& file : {EncodeGif(frames), EncodeWebp(frames)}) {
    const Raster shown = Decode(Process(file).picture.png);
    EXPECT_EQ(shown.width, 350);
    EXPECT_EQ(shown.height, 280);
    EXPECT_TRUE(IsNear(shown, 175, 140, kRed));
  }
}

TEST(PictureProcessorTest, NoMetadataIsLeft) {
  const std::string secret = "GPS 37.5665 126.9780";
  const EncodeOptions options = {.orientation = 6, .profile = "srgb", .comment = secret};
  const Raster raster = Corners(500, 400);
  const std::string jpeg = EncodeJpeg(raster, options);
  ASSERT_NE(jpeg.find(secret), std::string::npos);
  for (const std::string& file :
       {jpeg, EncodePng(raster, options), EncodeWebp({raster}, options)}) {
    const ProcessedPicture made = Process(file);
    for (const StoredPng* stored : {&made.picture, &made.thumbnail}) {
      EXPECT_EQ(stored->png.find(secret), std::string::npos);
      for (const char* chunk : {"eXIf", "iTXt", "tEXt", "zTXt", "iCCP", "pHYs", "tIME", "gAMA"}) {
        EXPECT_EQ(stored->png.find(chunk), std::string::npos) << chunk;
      }
    }
  }
}

TEST(PictureProcessorTest, TheSameFileGivesTheSameBytes) {
  const std::string file = EncodeJpeg(Noise(900, 700, 1));
  const ProcessedPicture once = Process(file), again = Process(file);
  EXPECT_EQ(once.picture.png, again.picture.png);
  EXPECT_EQ(once.thumbnail.png, again.thumbnail.png);
}

TEST(PictureProcessorTest, RefusesWhatIsNoPicture) {
  EXPECT_EQ(ErrorOf(""), ErrorCode::kEmptyImageFile);
  EXPECT_EQ(ErrorOf("\xff"), ErrorCode::kFileTooSmall);
  EXPECT_EQ(ErrorOf("\xff\xd8"), ErrorCode::kFileTooSmall);
  EXPECT_EQ(ErrorOf("\xff\xd8\xff"), ErrorCode::kCorruptedImage);
  EXPECT_EQ(ErrorOf("GIF"), ErrorCode::kCorruptedImage);
  EXPECT_EQ(ErrorOf("BM1"), ErrorCode::kCorruptedImage);
  EXPECT_EQ(ErrorOf("hello, world"), ErrorCode::kInvalidImageSignature);
  EXPECT_EQ(ErrorOf("%PDF-1.4\n"), ErrorCode::kInvalidImageSignature);
  EXPECT_EQ(ErrorOf("<svg xmlns='http://www.w3.org/2000/svg'/>"),
            ErrorCode::kInvalidImageSignature);
  EXPECT_EQ(ErrorOf("RIFF....WAVEfmt "), ErrorCode::kInvalidImageSignature);
  EXPECT_EQ(ErrorOf("RIFF....WEBPVP8 "), ErrorCode::kCorruptedImage);
  // A TIFF, which libvips could read, behind the signature of a JPEG.
  EXPECT_EQ(ErrorOf(std::string("\xff\xd8\xff") + "II*"), ErrorCode::kCorruptedImage);
}

TEST(PictureProcessorTest, RefusesMoreBytesThanAllowed) {
  const PictureProcessor processor({.file_bytes_max = 1000});
  const std::string file = EncodePng(Plain(10, 10, kRed));
  ASSERT_LT(file.size(), 1000u);
  EXPECT_TRUE(processor.Process(file + std::string(1000 - file.size(), 'x')).ok());
  const auto refused = processor.Process(file + std::string(1001 - file.size(), 'x'));
  EXPECT_EQ(ErrorCodeOf(refused.status()), ErrorCode::kPayloadTooLarge);
}

TEST(PictureProcessorTest, BombsAreRefusedByTheirHeader) {
  const std::string most = EncodeHugePng(10'000, 5'000);
  EXPECT_LT(most.size(), 10'000u);
  EXPECT_EQ(Process(most).picture.height, 175u);
  EXPECT_EQ(ErrorOf(EncodeHugePng(10'000, 5'001)), ErrorCode::kThumbnailProcessFail);
  // Nobody has to make these pixels to find out.
  std::string header = most;
  header.replace(16, 8, std::string("\x00\x00\xea\x60\x00\x00\xea\x60", 8));  // 60,000 x 60,000
  EXPECT_EQ(ErrorOf(header), ErrorCode::kThumbnailProcessFail);
  header.replace(16, 8, std::string("\x00\x00\x00\x00\x00\x00\x00\x01", 8));
  EXPECT_EQ(ErrorOf(header), ErrorCode::kThumbnailProcessFail);
  std::string gif = EncodeGif({Plain(4, 4, kRed)});
  gif.replace(6, 4, "\xff\xff\xff\xff");
  EXPECT_EQ(ErrorOf(gif), ErrorCode::kThumbnailProcessFail);
}

TEST(PictureProcessorTest, TheSidesAreBoundedInEveryFormat) {
  constexpr uint32_t kSideMax = 50'000;  // of rows that are worked on whole
  EXPECT_EQ(ErrorOf(EncodeHugePng(kSideMax, 5)), std::nullopt);
  EXPECT_EQ(ErrorOf(EncodeHugePng(kSideMax + 1, 5)), ErrorCode::kThumbnailProcessFail);
  EXPECT_EQ(ErrorOf(EncodeHugePng(5, kSideMax + 1)), ErrorCode::kThumbnailProcessFail);
  EXPECT_EQ(ErrorOf(EncodeHugePng(10'000'000, 5, HugePng::kPaletteWithAlpha)),
            ErrorCode::kThumbnailProcessFail);
  const PictureProcessor narrow({.side_pixels_max = 40});
  for (const Raster& raster : {Plain(41, 2, kRed), Plain(2, 41, kRed)}) {
    for (const std::string& file : {EncodeJpeg(raster), EncodePng(raster), EncodeGif({raster}),
                                    EncodeBmp(raster), EncodeWebp({raster})}) {
      EXPECT_EQ(ErrorCodeOf(narrow.Process(file).status()), ErrorCode::kThumbnailProcessFail);
      EXPECT_EQ(ErrorOf(file), std::nullopt);
    }
  }
}

// What a decoder keeps of segments must not be walked for each further one.
TEST(PictureProcessorTest, SegmentsOfAJpegCostNoMoreThanTheirBytes) {
  const std::string plain = EncodeJpeg(Corners(400, 300));
  for (const std::string& segment :
       {std::string("\xff\xe1\0\2", 4), std::string("\xff\xe2\0\2", 4),
        std::string("\xff\xfe\0\2", 4), std::string("\xff\xee\0\2", 4)}) {
    std::string segments;
    while (segments.size() < 9'000'000) segments += segment;
    EXPECT_EQ(Process(WithSegments(plain, segments)).picture.png, Process(plain).picture.png);
  }
}

TEST(PictureProcessorTest, AJpegOfThousandsOfScansIsRefused) {
  std::string file = EncodeJpeg(Corners(2000, 1000), {.progressive = true});
  EXPECT_EQ(ErrorOf(file), std::nullopt);
  // The last scan, again and again.
  const size_t scan = file.rfind("\xff\xda");
  const std::string last = file.substr(scan, file.size() - 2 - scan);
  file.resize(file.size() - 2);
  for (int i = 0; i < 600; ++i) file += last;
  file += "\xff\xd9";
  EXPECT_EQ(ErrorOf(file), ErrorCode::kThumbnailProcessFail);
}

TEST(PictureProcessorTest, NoJpegHasMoreThanFiftyScans) {
  std::string file = EncodeJpeg(Corners(64, 64), {.progressive = true});
  const size_t scan = file.rfind("\xff\xda");
  const std::string last = file.substr(scan, file.size() - 2 - scan);
  size_t scans = 0;
  for (size_t at = file.find("\xff\xda"); at != std::string::npos;
       at = file.find("\xff\xda", at + 1)) {
    ++scans;
  }
  file.resize(file.size() - 2);
  for (; scans < 50; ++scans) file += last;
  // libvips may think of them what it likes.
  EXPECT_NE(ErrorOf(file + "\xff\xd9"), ErrorCode::kThumbnailProcessFail);
  EXPECT_EQ(ErrorOf(file + last + "\xff\xd9"), ErrorCode::kThumbnailProcessFail);
}

// In front of the pixels of a PNG, behind its header.
std::string WithChunks(const std::string& png, const std::string& chunks) {
  constexpr size_t kBehindHeader = 8 + 12 + 13;
  return png.substr(0, kBehindHeader) + chunks + png.substr(kBehindHeader);
}

TEST(PictureProcessorTest, WhatAPngInflatesToIsBounded) {
  const std::string plain = EncodePng(Corners(40, 40));
  const std::string zeros = DeflatedZeros(20u << 20);
  const std::string text = PngChunk("zTXt", std::string("name\0\0", 6) + zeros);
  const std::string profile = PngChunk("iCCP", std::string("name\0\0", 6) + zeros);
  EXPECT_EQ(Process(WithChunks(plain, text + profile)).picture.png, Process(plain).picture.png);
  std::string bomb = plain.substr(0, 33);  // signature and header
  bomb += PngChunk("IDAT", zeros) + PngChunk("IEND", "");
  EXPECT_EQ(ErrorOf(bomb), ErrorCode::kCorruptedImage);
}

TEST(PictureProcessorTest, OfAnAnimatedPngTheStill) {
  const std::string plain = EncodePng(Corners(40, 40));
  const std::string frames = PngChunk("acTL", std::string("\0\0\0\2\0\0\0\0", 8)) +
                             PngChunk("fcTL", std::string(26, '\0')) + PngChunk("fdAT", "????");
  EXPECT_EQ(Process(WithChunks(plain, frames)).picture.png, Process(plain).picture.png);
}

TEST(PictureProcessorTest, AnAnimationOfManyFramesIsItsFirst) {
  const std::string few = EncodeWebp({Plain(40, 40, kRed), Plain(40, 40, kBlue)});
  EXPECT_EQ(Process(RepeatLastFrame(few, 30'000)).picture.png, Process(few).picture.png);
}

TEST(PictureProcessorTest, TheOrientationIsAppliedInEveryFormat) {
  const EncodeOptions turned = {.orientation = 6};
  // Big-endian, one directory of one entry: libvips writes none into a PNG.
  const std::string exif("MM\0*\0\0\0\x08\0\1\x01\x12\0\3\0\0\0\1\0\6\0\0\0\0\0\0", 26);
  const std::string png = EncodePng(Corners(400, 200));
  for (const std::string& file :
       {EncodeJpeg(Corners(400, 200), turned), WithChunks(png, PngChunk("eXIf", exif)),
        EncodeWebp({Corners(400, 200)}, turned)}) {
    const StoredPng picture = Process(file).picture;
    EXPECT_EQ(picture.width, 175u);
    EXPECT_EQ(picture.height, 350u);
    EXPECT_TRUE(IsNear(Decode(picture.png), 5, 5, kBlue));
  }
}

TEST(PictureProcessorTest, NothingIsMissedBehindTheLastPixel) {
  const Raster raster = Noise(60, 40, 3);
  const std::string png = EncodePng(raster), gif = EncodeGif({raster});
  for (size_t cut = 1; cut <= 10; ++cut) {
    EXPECT_EQ(Process(std::string_view(png).substr(0, png.size() - cut)).picture.png,
              Process(png).picture.png);
  }
  EXPECT_EQ(Process(std::string_view(gif).substr(0, gif.size() - 1)).picture.png,
            Process(gif).picture.png);
}

// The end marker of a JPEG says nothing about its pixels.
TEST(PictureProcessorTest, AJpegIsWholeWhenItsPixelsAreThere) {
  const Raster raster = Noise(300, 200, 3);
  for (const EncodeOptions& options :
       {EncodeOptions{}, EncodeOptions{.progressive = true}, EncodeOptions{.grey = true}}) {
    const std::string whole = EncodeJpeg(raster, options);
    const std::string unmarked = whole.substr(0, whole.size() - 2);
    EXPECT_EQ(Process(unmarked).picture.png, Process(whole).picture.png);
    EXPECT_EQ(Process(whole + "behind").picture.png, Process(whole).picture.png);
    EXPECT_EQ(ErrorOf(whole + std::string(9, '\0')), std::nullopt);
    const size_t scan = whole.find("\xff\xda");
    for (int percent = 10; percent < 100; percent += 8) {
      const std::string cut = whole.substr(0, whole.size() * percent / 100);
      if (cut.size() <= scan + 20) continue;
      EXPECT_EQ(ErrorOf(cut + "\xff\xd9"), ErrorCode::kCorruptedImage) << percent;
    }
  }
  // A whole scan of those that a progressive file has: the rest is missing.
  const std::string progressive = EncodeJpeg(raster, {.progressive = true});
  const size_t first = progressive.find("\xff\xda");
  const size_t second = progressive.find("\xff\xc4", first);
  ASSERT_NE(second, std::string::npos);
  EXPECT_EQ(ErrorOf(progressive.substr(0, second)), ErrorCode::kCorruptedImage);
}

TEST(PictureProcessorTest, WhiteInkIsWhitePaper) {
  const Raster shown =
      Decode(Process(EncodeJpeg(Plain(400, 400, kWhite), {.cmyk = true})).picture.png);
  EXPECT_TRUE(IsNear(shown, 100, 100, kWhite));
  EXPECT_FALSE(
      IsNear(Decode(Process(EncodeJpeg(Plain(400, 400, kBlue), {.cmyk = true})).picture.png), 100,
             100, kWhite, 60));
}

TEST(PictureProcessorTest, WhereTheFirstFrameIsNotTheCanvasIsTransparent) {
  const std::string gif = EncodeGifPart(Plain(100, 60, kRed), 40, 20, 200, 100);
  const Raster shown = Decode(Process(gif).picture.png);
  EXPECT_EQ(shown.width, 200);
  EXPECT_EQ(shown.height, 100);
  EXPECT_TRUE(IsNear(shown, 41, 21, kRed));
  EXPECT_TRUE(IsNear(shown, 139, 79, kRed));
  for (const auto& [x, y] : {std::pair(38, 50), {142, 50}, {90, 18}, {90, 82}, {0, 0}}) {
    EXPECT_TRUE(IsNear(shown, x, y, kClear)) << x << ", " << y;
  }
  // Beyond the screen, which grows.
  EXPECT_EQ(Process(EncodeGifPart(Plain(100, 60, kRed), 150, 0, 200, 60)).picture.width, 250u);
}

// A truncated file is refused; some ends are so near the real one that every
// pixel is there.
TEST(PictureProcessorTest, TruncatedFilesAreCorrupted) {
  const Raster raster = Noise(300, 200, 3);
  const std::pair<const char*, std::string> files[] = {
      {"jpeg", EncodeJpeg(raster)},
      {"progressive", EncodeJpeg(raster, {.progressive = true})},
      {"png", EncodePng(raster)},
      {"gif", EncodeGif({raster})},
      {"bmp", EncodeBmp(raster)},
      {"webp", EncodeWebp({raster})},
      {"lossless", EncodeWebp({raster}, {.lossless = true})},
  };
  for (const auto& [name, file] : files) {
    for (int percent = 0; percent < 98; percent += 7) {
      const size_t size = std::max<size_t>(12, file.size() * percent / 100);
      EXPECT_EQ(ErrorOf(std::string_view(file).substr(0, size)), ErrorCode::kCorruptedImage)
          << name << " cut after " << size << " of " << file.size();
    }
  }
}

// Whatever happens to the bytes, the answer is a picture or an error of the
// file, never one of ours.
TEST(PictureProcessorTest, DamagedFilesNeverFailTheProcessor) {
  const Raster raster = Noise(120, 90, 4);
  const std::vector<Raster> two = {raster, Noise(120, 90, 5)};
  uint32_t state = 20251015;
  const auto next = [&state] { return state = state * 1664525u + 1013904223u; };
  for (const std::string& whole :
       {EncodeJpeg(raster, {.orientation = 6, .profile = "srgb"}),
        EncodeJpeg(raster, {.progressive = true}), EncodePng(raster, {.profile = "p3"}),
        EncodeGif(two), EncodeBmp(raster), EncodeWebp(two), EncodeWebp({raster})}) {
    for (int round = 0; round < 20; ++round) {
      std::string file = whole;
      for (int i = 0; i < 1 + round % 8; ++i) {
        const size_t place = 12 + (next() >> 8) % (file.size() - 12);
        file[place] = static_cast<char>(next() >> 24);
      }
      const std::optional<ErrorCode> error = ErrorOf(file);
      EXPECT_TRUE(!error || error == ErrorCode::kCorruptedImage ||
                  error == ErrorCode::kThumbnailProcessFail)
          << ErrorCodeName(*error);
    }
  }
}

TEST(PictureProcessorTest, ManyThreadsAtOnce) {
  const std::string file = EncodeJpeg(Corners(1200, 900));
  const std::string expected = Process(file).picture.png;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int round = 0; round < 5; ++round) {
        const auto made = Processor().Process(file);
        ASSERT_TRUE(made.ok()) << made.status();
        EXPECT_EQ(made->picture.png, expected);
        EXPECT_EQ(ErrorOf(std::string_view(file).substr(0, 3000)), ErrorCode::kCorruptedImage);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
}

}  // namespace
}  // namespace dailyfeed

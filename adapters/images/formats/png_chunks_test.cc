#include "adapters/images/formats/png_chunks.h"

#include <gtest/gtest.h>

#include <string>

#include "adapters/images/formats/inflation.h"
#include "adapters/images/test_pictures.h"
#include "core/domain/errors.h"

namespace dailyfeed {
namespace {

constexpr size_t kBuffer = size_t{64} << 10;
constexpr size_t kBehindHeader = 8 + 12 + 13;  // signature, IHDR

DecodablePng Decodable(std::string_view file) {
  absl::StatusOr<DecodablePng> png = DecodableChunksOf(file);
  EXPECT_TRUE(png.ok()) << png.status();
  return png.ok() ? *std::move(png) : DecodablePng();
}

std::optional<ErrorCode> ErrorOf(std::string_view file) {
  return ErrorCodeOf(DecodableChunksOf(file).status());
}

std::string WithChunks(const std::string& file, const std::string& chunks) {
  return file.substr(0, kBehindHeader) + chunks + file.substr(kBehindHeader);
}

// 10 x 10 pixels of 8 bits grey, 110 bytes, with `data` for them.
std::string Small(std::string_view data, bool interlaced = false) {
  std::string header("\x00\x00\x00\x0a\x00\x00\x00\x0a\x08\x00\x00\x00\x00", 13);
  header.back() = interlaced ? '\x01' : '\x00';
  return "\x89PNG\r\n\x1a\n" + PngChunk("IHDR", header) + PngChunk("IDAT", data) +
         PngChunk("IEND", "");
}

TEST(InflationTest, StopsWithinABufferOfItsLimit) {
  const std::string zeros = DeflatedZeros(16u << 20);
  EXPECT_LT(zeros.size(), 100'000u);
  Inflation bomb(1000);
  bomb.Add(zeros);
  EXPECT_EQ(bomb.state(), Inflation::State::kTooMuch);
  EXPECT_LE(bomb.bytes(), 1000 + kBuffer);
  bomb.Add(zeros);
  EXPECT_LE(bomb.bytes(), 1000 + kBuffer);
}

TEST(InflationTest, CountsWhatComesInPieces) {
  const std::string zeros = DeflatedZeros(300'000);
  Inflation whole(300'000);
  for (const char c : zeros) {
    EXPECT_EQ(whole.state(), Inflation::State::kMore);
    whole.Add({&c, 1});
  }
  EXPECT_EQ(whole.state(), Inflation::State::kEnd);
  EXPECT_EQ(whole.bytes(), 300'000u);
  Inflation damaged(300'000);
  damaged.Add("no stream");
  EXPECT_EQ(damaged.state(), Inflation::State::kDamaged);
}

TEST(PngChunksTest, EveryPixelPasses) {
  const Raster raster = Noise(83, 61, 7);
  for (const EncodeOptions& options : {EncodeOptions{},
                                       {.progressive = true},
                                       {.grey = true},
                                       {.progressive = true, .grey = true, .sixteen_bits = true},
                                       {.sixteen_bits = true},
                                       {.alpha = true},
                                       {.profile = "p3", .comment = "here"}}) {
    const std::string file = EncodePng(raster, options);
    const DecodablePng png = Decodable(file);
    EXPECT_EQ(Decode(png.file).pixels, Decode(file).pixels);
    EXPECT_EQ(png.file.find("iTXt"), std::string::npos);
    EXPECT_EQ(png.file.find("iCCP") != std::string::npos, !options.profile.empty());
    EXPECT_EQ(Decodable(png.file).file, png.file);
  }
}

TEST(PngChunksTest, TextsAreLeftOutAndNotInflated) {
  const std::string plain = Small(DeflatedZeros(110));
  const std::string bomb = std::string("name\0\0", 6) + DeflatedZeros(8u << 20);
  std::string chunks = PngChunk("tEXt", "name");
  for (int i = 0; i < 40; ++i) chunks += PngChunk("zTXt", bomb);
  chunks += PngChunk("iTXt", std::string("name\0\1\0\0\0", 9) + DeflatedZeros(8u << 20));
  const DecodablePng png = Decodable(WithChunks(plain, chunks));
  EXPECT_EQ(png.file, plain);
  EXPECT_EQ(png.inflated_bytes, 110u);
}

TEST(PngChunksTest, AnimationsAndWhatIsBehindTheEndAreLeftOut) {
  const std::string plain = Small(DeflatedZeros(110));
  const std::string frames = PngChunk("acTL", "12345678") + PngChunk("fcTL", "frame") +
                             PngChunk("fdAT", DeflatedZeros(1u << 20));
  EXPECT_EQ(Decodable(WithChunks(plain, frames) + frames).file, plain);
}

TEST(PngChunksTest, AProfilePassesUpToALimit) {
  const std::string plain = Small(DeflatedZeros(110));
  const auto profile = [](uint64_t bytes) {
    return PngChunk("iCCP", std::string("name\0\0", 6) + DeflatedZeros(bytes));
  };
  const std::string most = WithChunks(plain, profile(kColourProfileBytesMax));
  EXPECT_EQ(Decodable(most).file, most);
  EXPECT_EQ(Decodable(WithChunks(plain, profile(kColourProfileBytesMax + 1))).file, plain);
  const DecodablePng bomb = Decodable(WithChunks(plain, profile(16u << 20) + profile(10)));
  EXPECT_EQ(bomb.file, plain);
  EXPECT_LE(bomb.inflated_bytes, 110 + kColourProfileBytesMax + kBuffer);
  EXPECT_EQ(Decodable(WithChunks(plain, profile(9) + profile(10))).file,
            WithChunks(plain, profile(9)));
  for (const std::string& damaged : {std::string("name\0\0no stream", 15), std::string("name"),
                                     std::string(90, 'x'), std::string("name\0", 5)}) {
    EXPECT_EQ(Decodable(WithChunks(plain, PngChunk("iCCP", damaged))).file, plain);
  }
}

TEST(PngChunksTest, SmallChunksPass) {
  const std::string plain = Small(DeflatedZeros(110));
  const std::string colours =
      PngChunk("gAMA", "1234") + PngChunk("sRGB", "1") + PngChunk("sBIT", "1");
  EXPECT_EQ(Decodable(WithChunks(plain, colours)).file, WithChunks(plain, colours));
  const std::string exif = PngChunk("eXIf", std::string(kExifBytesMax, 'x'));
  EXPECT_EQ(Decodable(WithChunks(plain, exif + exif)).file, WithChunks(plain, exif));
  const std::string longer = PngChunk("eXIf", std::string(kExifBytesMax + 1, 'x'));
  EXPECT_EQ(Decodable(WithChunks(plain, longer)).file, plain);
}

TEST(PngChunksTest, PixelDataBeyondTheLastPixelIsCorrupted) {
  EXPECT_EQ(ErrorOf(Small(DeflatedZeros(110 + kPixelBytesTolerance))), std::nullopt);
  EXPECT_EQ(ErrorOf(Small(DeflatedZeros(111 + kPixelBytesTolerance))), ErrorCode::kCorruptedImage);
  EXPECT_EQ(ErrorOf(Small(DeflatedZeros(16u << 20))), ErrorCode::kCorruptedImage);
  // Interlaced, 20 rows in seven passes: 2, 2, 1, 3, 2, 5, 5 of them.
  constexpr size_t kInterlaced = 100 + 20;
  EXPECT_EQ(ErrorOf(Small(DeflatedZeros(kInterlaced + kPixelBytesTolerance), true)), std::nullopt);
  EXPECT_EQ(ErrorOf(Small(DeflatedZeros(kInterlaced + 1 + kPixelBytesTolerance), true)),
            ErrorCode::kCorruptedImage);
  // In many pieces it is one stream all the same.
  const std::string data = DeflatedZeros(1u << 20);
  std::string pieces = Small(data.substr(0, 1));
  pieces.resize(pieces.size() - 12);
  for (size_t at = 1; at < data.size(); at += 100) {
    pieces += PngChunk("IDAT", std::string_view(data).substr(at, 100));
  }
  EXPECT_EQ(ErrorOf(pieces), ErrorCode::kCorruptedImage);
}

TEST(PngChunksTest, RefusesWhatIsNoPng) {
  const std::string plain = Small(DeflatedZeros(110));
  EXPECT_EQ(ErrorOf(""), ErrorCode::kCorruptedImage);
  EXPECT_EQ(ErrorOf(plain.substr(0, 20)), ErrorCode::kCorruptedImage);
  EXPECT_EQ(ErrorOf(Small("no stream")), ErrorCode::kCorruptedImage);
  EXPECT_EQ(ErrorOf(WithChunks(plain, PngChunk("NEWS", "?"))), ErrorCode::kCorruptedImage);
  EXPECT_EQ(ErrorOf(WithChunks(plain, PngChunk("a bc", "?"))), ErrorCode::kCorruptedImage);
  for (const size_t at : {24, 25, 28}) {  // depth, type of colour, interlacing
    std::string file = plain;
    file[at] = '\x63';
    EXPECT_EQ(ErrorOf(file), ErrorCode::kCorruptedImage) << at;
  }
}

}  // namespace
}  // namespace dailyfeed

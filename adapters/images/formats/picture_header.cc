#include "adapters/images/formats/picture_header.h"

#include "adapters/images/formats/bmp.h"
#include "adapters/images/formats/byte_reader.h"
#include "adapters/images/formats/gif.h"
#include "adapters/images/formats/jpeg.h"
#include "core/base/status_macros.h"
#include "core/domain/errors.h"

namespace dailyfeed {
namespace {

using std::string_view_literals::operator""sv;

constexpr std::string_view kJpegSignature = "\xff\xd8\xff"sv;
constexpr std::string_view kPngSignature = "\x89PNG\r\n\x1a\n"sv;
constexpr std::string_view kGifSignature = "GIF"sv;
constexpr std::string_view kBmpSignature = "BM"sv;
constexpr std::string_view kRiff = "RIFF"sv;
constexpr std::string_view kWebp = "WEBP"sv;
constexpr size_t kWebpNameAt = 8;

absl::Status Corrupted(std::string_view what) {
  return MakeError(ErrorCode::kCorruptedImage, what);
}

absl::StatusOr<PictureHeader> ReadJpeg(std::string_view file) {
  ASSIGN_OR_RETURN(const JpegHeader jpeg, ReadJpegHeader(file));
  return PictureHeader{.format = PictureFormat::kJpeg,
                       .width = jpeg.width,
                       .height = jpeg.height,
                       .passes = jpeg.scans};
}

absl::StatusOr<PictureHeader> ReadPng(std::string_view file) {
  constexpr uint32_t kHeaderBytes = 13;
  ByteReader reader(file);
  reader.Skip(kPngSignature.size());
  const uint32_t length = reader.BigEndian(4);
  const std::string_view type = reader.Take(4);
  PictureHeader header = {.format = PictureFormat::kPng};
  header.width = reader.BigEndian(4);
  header.height = reader.BigEndian(4);
  if (!reader.ok() || length != kHeaderBytes || type != "IHDR") {
    return Corrupted("PNG: no header chunk");
  }
  return header;
}

absl::StatusOr<PictureHeader> ReadGif(std::string_view file) {
  ASSIGN_OR_RETURN(const GifFrame frame, FirstFrameOfGif(file));
  return PictureHeader{
      .format = PictureFormat::kGif, .width = frame.canvas_width, .height = frame.canvas_height};
}

absl::StatusOr<PictureHeader> ReadWebp(std::string_view file) {
  constexpr uint32_t kLosslessMagic = 0x2f;
  constexpr uint32_t kSideMask = (1u << 14) - 1;
  ByteReader reader(file);
  reader.Skip(kWebpNameAt + kWebp.size());
  const std::string_view chunk = reader.Take(4);
  reader.Skip(4);  // its size
  PictureHeader header = {.format = PictureFormat::kWebp};
  bool known = true;
  if (chunk == "VP8 ") {
    reader.Skip(3);  // frame tag
    known = reader.Take(3) == "\x9d\x01\x2a"sv;
    header.width = reader.LittleEndian(2) & kSideMask;
    header.height = reader.LittleEndian(2) & kSideMask;
  } else if (chunk == "VP8L") {
    known = reader.LittleEndian(1) == kLosslessMagic;
    const uint32_t sides = reader.LittleEndian(4);
    header.width = (sides & kSideMask) + 1;
    header.height = ((sides >> 14) & kSideMask) + 1;
  } else if (chunk == "VP8X") {
    reader.Skip(4);  // flags
    header.width = reader.LittleEndian(3) + 1;
    header.height = reader.LittleEndian(3) + 1;
  } else {
    known = false;
  }
  if (!reader.ok() || !known) return Corrupted("WebP: no frame header");
  return header;
}

}  // namespace

std::optional<PictureFormat> FormatBySignature(std::string_view file) {
  if (file.starts_with(kJpegSignature)) return PictureFormat::kJpeg;
  if (file.starts_with(kPngSignature)) return PictureFormat::kPng;
  if (file.starts_with(kGifSignature)) return PictureFormat::kGif;
  if (file.starts_with(kBmpSignature)) return PictureFormat::kBmp;
  if (file.starts_with(kRiff) && file.size() >= kWebpNameAt + kWebp.size() &&
      file.substr(kWebpNameAt, kWebp.size()) == kWebp) {
    return PictureFormat::kWebp;
  }
  return std::nullopt;
}

absl::StatusOr<PictureHeader> ReadPictureHeader(std::string_view file) {
  const std::optional<PictureFormat> format = FormatBySignature(file);
  if (!format) return MakeError(ErrorCode::kInvalidImageSignature);
  switch (*format) {
    case PictureFormat::kJpeg:
      return ReadJpeg(file);
    case PictureFormat::kPng:
      return ReadPng(file);
    case PictureFormat::kGif:
      return ReadGif(file);
    case PictureFormat::kWebp:
      return ReadWebp(file);
    case PictureFormat::kBmp: {
      const std::optional<BmpHeader> bmp = ReadBmpHeader(file);
      if (!bmp) return Corrupted("BMP: no usable header");
      return PictureHeader{
          .format = PictureFormat::kBmp, .width = bmp->width, .height = bmp->height};
    }
  }
  return MakeError(ErrorCode::kInvalidImageSignature);
}

}  // namespace dailyfeed

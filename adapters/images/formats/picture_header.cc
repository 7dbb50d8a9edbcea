#include "adapters/images/formats/picture_header.h"

#include <algorithm>

#include "adapters/images/formats/bmp.h"
#include "adapters/images/formats/byte_reader.h"
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

// JPEG -----------------------------------------------------------------------

bool IsStandalone(uint8_t marker) { return marker == 0x01 || (marker >= 0xd0 && marker <= 0xd8); }

bool IsFrame(uint8_t marker) {
  return marker >= 0xc0 && marker <= 0xcf && marker != 0xc4 && marker != 0xc8 && marker != 0xcc;
}

// The bytes from the next marker on, its 0xff included: entropy-coded data has
// 0xff only before 0 and restart markers.
std::string_view SkipScan(std::string_view bytes) {
  for (;;) {
    const size_t at = bytes.find('\xff');
    if (at == std::string_view::npos || at + 1 == bytes.size()) return {};
    const auto next = static_cast<uint8_t>(bytes[at + 1]);
    bytes.remove_prefix(at);
    if (next != 0 && !(next >= 0xd0 && next <= 0xd7) && next != 0xff) return bytes;
    bytes.remove_prefix(next == 0xff ? 1 : 2);
  }
}

absl::StatusOr<PictureHeader> ReadJpeg(std::string_view file) {
  constexpr uint8_t kEnd = 0xd9;
  constexpr uint8_t kScan = 0xda;
  PictureHeader header = {.format = PictureFormat::kJpeg, .passes = 0};
  bool sized = false;
  std::string_view rest = file.substr(2);  // behind the start-of-image marker
  while (!rest.empty()) {
    // Decoders pass over stray bytes before a marker, so this does too.
    rest.remove_prefix(std::min(rest.find('\xff'), rest.size()));
    ByteReader reader(rest);
    uint32_t marker = reader.LittleEndian(1);
    while (reader.ok() && marker == 0xff) marker = reader.LittleEndian(1);
    if (!reader.ok() || marker == kEnd) break;
    // The 0 behind 0xff: no marker, but a byte of data, and as stray as the others.
    if (marker == 0 || IsStandalone(static_cast<uint8_t>(marker))) {
      rest = reader.rest();
      continue;
    }
    const uint32_t length = reader.BigEndian(2);
    if (!reader.ok()) break;
    // Decoders go on behind it, so scans could hide there.
    if (length < 2) return Corrupted("JPEG: a segment shorter than its own length");
    ByteReader segment(reader.Take(length - 2));
    if (!reader.ok()) break;
    rest = reader.rest();
    if (IsFrame(static_cast<uint8_t>(marker)) && !sized) {
      segment.Skip(1);  // bits a sample
      header.height = segment.BigEndian(2);
      header.width = segment.BigEndian(2);
      if (!segment.ok()) return Corrupted("JPEG: a frame header without a size");
      sized = true;
    } else if (marker == kScan) {
      if (!sized) return Corrupted("JPEG: a scan before the frame header");
      ++header.passes;
      rest = SkipScan(rest);
    }
  }
  if (!sized) return Corrupted("JPEG: no frame header");
  if (header.passes == 0) return Corrupted("JPEG: no scan");
  return header;
}

// PNG ------------------------------------------------------------------------

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

// GIF ------------------------------------------------------------------------

void SkipGifSubBlocks(ByteReader* reader) {
  for (uint32_t size = reader->LittleEndian(1); reader->ok() && size != 0;
       size = reader->LittleEndian(1)) {
    reader->Skip(size);
  }
}

// The larger of the screen and the first frame on it: a decoder makes room for
// both.
absl::StatusOr<PictureHeader> ReadGif(std::string_view file) {
  constexpr uint32_t kExtension = 0x21;
  constexpr uint32_t kImage = 0x2c;
  ByteReader reader(file);
  const std::string_view version = reader.Take(6);
  PictureHeader header = {.format = PictureFormat::kGif};
  header.width = reader.LittleEndian(2);
  header.height = reader.LittleEndian(2);
  const uint32_t flags = reader.LittleEndian(1);
  reader.Skip(2);  // background colour, aspect ratio
  if (!reader.ok() || (version != "GIF87a" && version != "GIF89a")) {
    return Corrupted("GIF: no screen descriptor");
  }
  if ((flags & 0x80) != 0) reader.Skip(size_t{3} << ((flags & 7) + 1));  // colours of all frames
  uint32_t block = reader.LittleEndian(1);
  while (reader.ok() && block == kExtension) {
    reader.Skip(1);  // its label
    SkipGifSubBlocks(&reader);
    block = reader.LittleEndian(1);
  }
  const uint32_t left = reader.LittleEndian(2);
  const uint32_t top = reader.LittleEndian(2);
  const uint32_t width = reader.LittleEndian(2);
  const uint32_t height = reader.LittleEndian(2);
  if (!reader.ok() || block != kImage) return Corrupted("GIF: no frame");
  header.width = std::max(header.width, left + width);
  header.height = std::max(header.height, top + height);
  return header;
}

// WebP -----------------------------------------------------------------------

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

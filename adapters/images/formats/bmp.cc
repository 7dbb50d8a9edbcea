#include "adapters/images/formats/bmp.h"

#include <algorithm>
#include <bit>

#include "adapters/images/formats/byte_reader.h"

namespace dailyfeed {
namespace {

constexpr size_t kFileHeaderBytes = 14;
constexpr uint32_t kOs2HeaderBytes = 12;
constexpr uint32_t kInfoHeaderBytes = 40;
constexpr uint32_t kHeaderBytesMax = 124;
// Behind the 40 bytes of the info header stand the masks, in the header or not.
constexpr uint32_t kWithMasksBytes = 52;
constexpr uint32_t kWithAlphaMaskBytes = 56;

enum Compression : uint32_t {
  kRgb = 0,
  kRle8 = 1,
  kRle4 = 2,
  kBitFields = 3,
  kAlphaBitFields = 6,
};

bool IsContiguous(uint32_t mask) {
  if (mask == 0) return true;
  const uint32_t shifted = mask >> std::countr_zero(mask);
  return (shifted & (shifted + 1)) == 0;
}

// Bits a pixel and coding that belong together.
bool SetCoding(uint32_t compression, BmpHeader* header) {
  const uint32_t bits = header->bits;
  switch (compression) {
    case kRgb:
      if (bits == 16) header->masks = {0x7c00, 0x03e0, 0x001f, 0};
      if (bits == 32) header->masks = {0x00ff0000, 0x0000ff00, 0x000000ff, 0};
      return bits == 1 || bits == 2 || bits == 4 || bits == 8 || bits == 16 || bits == 24 ||
             bits == 32;
    case kRle8:
      header->coding = BmpHeader::Coding::kRunLength;
      return bits == 8;
    case kRle4:
      header->coding = BmpHeader::Coding::kRunLength;
      return bits == 4;
    case kBitFields:
    case kAlphaBitFields:
      header->coding = BmpHeader::Coding::kBitFields;
      return bits == 16 || bits == 32;
    default:
      return false;
  }
}

bool ReadSides(uint32_t width, uint32_t height, BmpHeader* header) {
  const auto signed_width = static_cast<int32_t>(width);
  const auto signed_height = static_cast<int32_t>(height);
  if (signed_width < 0 || signed_height == INT32_MIN) return false;
  header->width = width;
  header->top_down = signed_height < 0;
  header->height = static_cast<uint32_t>(header->top_down ? -signed_height : signed_height);
  return true;
}

bool ReadMasks(uint32_t header_bytes, uint32_t compression, ByteReader* reader, BmpHeader* header) {
  for (int i = 0; i < 3; ++i) header->masks[i] = reader->LittleEndian(4);
  if (compression == kAlphaBitFields || header_bytes >= kWithAlphaMaskBytes) {
    header->masks[3] = reader->LittleEndian(4);
  }
  return reader->ok() && std::all_of(header->masks.begin(), header->masks.end(), IsContiguous);
}

// Where the masks end when they stand behind a header that has no room for them.
size_t MaskBytesBehind(uint32_t header_bytes, uint32_t compression) {
  if (header_bytes >= kWithMasksBytes) return 0;
  if (compression == kBitFields) return 12;
  return compression == kAlphaBitFields ? 16 : 0;
}

class Raster {
 public:
  explicit Raster(const BmpHeader& header) : header_(header) {
    pixels_.width = header.width;
    pixels_.height = header.height;
    pixels_.channels = header.has_alpha() ? 4 : 3;
    pixels_.bytes.resize(size_t{header.width} * header.height * pixels_.channels);
  }

  // `row` counts from the first one of the file.
  uint8_t* At(uint32_t row, uint32_t column) {
    const size_t y = header_.top_down ? row : header_.height - 1 - row;
    return pixels_.bytes.data() + (y * header_.width + column) * pixels_.channels;
  }
  Pixels Take() { return std::move(pixels_); }

 private:
  const BmpHeader& header_;
  Pixels pixels_;
};

using Colour = std::array<uint8_t, 3>;

void Put(const Colour& colour, uint8_t* pixel) { std::copy(colour.begin(), colour.end(), pixel); }

std::vector<Colour> ReadPalette(std::string_view file, const BmpHeader& header) {
  // As many as an index can name, so that none leads astray; black beyond.
  std::vector<Colour> palette(size_t{1} << header.bits);
  ByteReader reader(file.substr(header.palette_at));
  for (size_t i = 0; i < std::min(header.palette_entries, palette.size()); ++i) {
    const std::string_view entry = reader.Take(header.palette_entry_bytes);
    if (entry.size() < 3) break;
    palette[i] = {static_cast<uint8_t>(entry[2]), static_cast<uint8_t>(entry[1]),
                  static_cast<uint8_t>(entry[0])};
  }
  return palette;
}

// The bits of a mask spread over 0 to 255.
uint8_t Channel(uint32_t pixel, uint32_t mask) {
  if (mask == 0) return 0;
  const uint32_t most = mask >> std::countr_zero(mask);
  const uint64_t value = (pixel & mask) >> std::countr_zero(mask);
  return static_cast<uint8_t>((value * 255 + most / 2) / most);
}

void DecodeRow(const BmpHeader& header, const std::vector<Colour>& palette, std::string_view row,
               uint8_t* out) {
  const uint32_t channels = header.has_alpha() ? 4 : 3;
  if (header.bits <= 8) {
    const uint32_t per_byte = 8 / header.bits;
    const uint32_t mask = (1u << header.bits) - 1;
    for (uint32_t x = 0; x < header.width; ++x, out += channels) {
      const auto byte = static_cast<uint8_t>(row[x / per_byte]);
      const uint32_t shift = 8 - header.bits * (x % per_byte + 1);
      Put(palette[(byte >> shift) & mask], out);
    }
    return;
  }
  ByteReader reader(row);
  if (header.bits == 24) {
    for (uint32_t x = 0; x < header.width; ++x, out += channels) {
      const std::string_view pixel = reader.Take(3);
      Put({static_cast<uint8_t>(pixel[2]), static_cast<uint8_t>(pixel[1]),
           static_cast<uint8_t>(pixel[0])},
          out);
    }
    return;
  }
  for (uint32_t x = 0; x < header.width; ++x, out += channels) {
    const uint32_t pixel = reader.LittleEndian(header.bits / 8);
    for (uint32_t channel = 0; channel < channels; ++channel) {
      out[channel] = Channel(pixel, header.masks[channel]);
    }
  }
}

std::optional<Pixels> DecodeRows(std::string_view file, const BmpHeader& header) {
  const std::string_view body = file.substr(header.pixels_at);
  // Rows are padded to four bytes; the padding of the last one may be missing.
  const uint64_t used = (uint64_t{header.width} * header.bits + 7) / 8;
  const uint64_t stride = (used + 3) / 4 * 4;
  if (stride * (header.height - 1) + used > body.size()) return std::nullopt;
  const std::vector<Colour> palette =
      header.bits <= 8 ? ReadPalette(file, header) : std::vector<Colour>();
  Raster pixels(header);
  for (uint32_t row = 0; row < header.height; ++row) {
    DecodeRow(header, palette, body.substr(stride * row, used), pixels.At(row, 0));
  }
  return pixels.Take();
}

// Run-length coding: what it skips has the first colour of the palette.
class RunLengthDecoder {
 public:
  RunLengthDecoder(std::string_view file, const BmpHeader& header)
      : header_(header),
        palette_(ReadPalette(file, header)),
        reader_(file.substr(header.pixels_at)),
        pixels_(header) {
    for (uint32_t y = 0; y < header.height; ++y) {
      for (uint32_t x = 0; x < header.width; ++x) Put(palette_[0], pixels_.At(y, x));
    }
  }

  std::optional<Pixels> Decode() {
    for (;;) {
      const uint32_t count = reader_.LittleEndian(1);
      const uint32_t value = reader_.LittleEndian(1);
      if (!reader_.ok()) return std::nullopt;
      if (count > 0) {
        if (!Run(count, value)) return std::nullopt;
        continue;
      }
      constexpr uint32_t kEndOfRow = 0, kEndOfBitmap = 1, kDelta = 2;
      if (value == kEndOfBitmap) return pixels_.Take();
      if (value == kEndOfRow) {
        x_ = 0;
        ++y_;
      } else if (value == kDelta) {
        x_ += reader_.LittleEndian(1);
        y_ += reader_.LittleEndian(1);
      } else if (!Literal(value)) {
        return std::nullopt;
      }
      if (x_ > header_.width || y_ > header_.height) return std::nullopt;
    }
  }

 private:
  // Index `i` of pixels that are packed into bytes, two to a byte with RLE4.
  uint32_t IndexIn(uint32_t byte, uint32_t i) const {
    if (header_.bits == 8) return byte;
    return i % 2 == 0 ? byte >> 4 : byte & 0x0f;
  }

  bool PutNext(uint32_t index) {
    if (x_ >= header_.width || y_ >= header_.height) return false;
    Put(palette_[index], pixels_.At(y_, x_++));
    return true;
  }

  bool Run(uint32_t count, uint32_t value) {
    for (uint32_t i = 0; i < count; ++i) {
      if (!PutNext(IndexIn(value, i))) return false;
    }
    return true;
  }

  bool Literal(uint32_t count) {
    const uint32_t bytes = header_.bits == 8 ? count : (count + 1) / 2;
    const std::string_view packed = reader_.Take(bytes);
    reader_.Skip(bytes % 2);  // padded to two bytes
    if (!reader_.ok()) return false;
    for (uint32_t i = 0; i < count; ++i) {
      const auto byte = static_cast<uint8_t>(packed[header_.bits == 8 ? i : i / 2]);
      if (!PutNext(IndexIn(byte, i))) return false;
    }
    return true;
  }

  const BmpHeader& header_;
  const std::vector<Colour> palette_;
  ByteReader reader_;
  Raster pixels_;
  uint32_t x_ = 0;
  uint32_t y_ = 0;
};

}  // namespace

std::optional<BmpHeader> ReadBmpHeader(std::string_view file) {
  ByteReader reader(file);
  if (reader.Take(2) != "BM") return std::nullopt;
  reader.Skip(8);  // size of the file, reserved
  BmpHeader header;
  header.pixels_at = reader.LittleEndian(4);
  const uint32_t header_bytes = reader.LittleEndian(4);
  const bool os2 = header_bytes == kOs2HeaderBytes;
  if (!os2 && (header_bytes < kInfoHeaderBytes || header_bytes > kHeaderBytesMax)) {
    return std::nullopt;
  }
  const size_t side_bytes = os2 ? 2 : 4;
  const uint32_t width = reader.LittleEndian(side_bytes);
  const uint32_t height = reader.LittleEndian(side_bytes);
  reader.Skip(2);  // planes
  header.bits = reader.LittleEndian(2);
  const uint32_t compression = os2 ? kRgb : reader.LittleEndian(4);
  uint32_t colours = 0;
  if (!os2) {
    reader.Skip(12);  // bytes of pixels, resolution
    colours = reader.LittleEndian(4);
    reader.Skip(4);  // important colours
  }
  if (!reader.ok() || !ReadSides(width, height, &header) || !SetCoding(compression, &header)) {
    return std::nullopt;
  }
  // Rows of run-length coding are addressed from the bottom.
  if (header.coding == BmpHeader::Coding::kRunLength && header.top_down) return std::nullopt;
  if (header.coding == BmpHeader::Coding::kBitFields &&
      !ReadMasks(header_bytes, compression, &reader, &header)) {
    return std::nullopt;
  }
  header.palette_at = kFileHeaderBytes + header_bytes + MaskBytesBehind(header_bytes, compression);
  header.palette_entry_bytes = os2 ? 3 : 4;
  if (header.bits <= 8) {
    header.palette_entries = colours == 0 ? size_t{1} << header.bits : colours;
  }
  if (header.palette_at > file.size() || header.pixels_at > file.size() ||
      header.pixels_at < kFileHeaderBytes + header_bytes) {
    return std::nullopt;
  }
  return header;
}

std::optional<Pixels> DecodeBmp(std::string_view file) {
  const std::optional<BmpHeader> header = ReadBmpHeader(file);
  if (!header || header->width == 0 || header->height == 0) return std::nullopt;
  if (header->coding != BmpHeader::Coding::kRunLength) return DecodeRows(file, *header);
  return RunLengthDecoder(file, *header).Decode();
}

}  // namespace dailyfeed
